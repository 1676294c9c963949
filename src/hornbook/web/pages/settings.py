"""What this installation runs; changed by its environment, not here."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.web.api.common import Hornbook
from hornbook.web.pages.screen import counted, render

router = APIRouter()


@router.get("/settings")
def show(request: Request, hornbook: Hornbook) -> Response:
    """Show what reads, what writes, and where everything is kept."""
    settings, workshop = hornbook.settings, hornbook.workshop
    facts = (
        ("OCR", f"{workshop.name}, {counted(workshop.workers, 'page')} at once", "HORNBOOK_OCR"),
        ("Model", "Offline extractor: quotes and arranges, calls no model", "HORNBOOK_MODEL"),
        ("Data folder", str(settings.data_dir.resolve()), "HORNBOOK_DATA_DIR"),
        ("Objects", hornbook.objects.url, "HORNBOOK_STORE_URL"),
        (
            "Database",
            hornbook.database.url.render_as_string(hide_password=True),
            "HORNBOOK_DATABASE_URL",
        ),
        ("Largest file", f"{settings.max_file_mb:g} MB", "HORNBOOK_MAX_FILE_MB"),
        ("Pages of a book", f"at most {settings.max_pages}", "HORNBOOK_MAX_PAGES"),
    )
    return render(request, "settings.html", section="Settings", facts=facts)
