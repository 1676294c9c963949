"""What a page of a book came to, worked out in the database."""

from sqlalchemy import ColumnElement, Select, String, case, cast, exists, select

from hornbook.library.tables import FindingRow, JobItemRow, JobRow, PageRow, PlacementRow
from hornbook.model.job import ItemState, JobType
from hornbook.model.page import OcrStatus, ReviewStatus


def latest_extraction(book_id: str) -> Select[str]:
    """Build the question which extraction is the active one, else the last."""
    jobs = select(JobRow.id).where(JobRow.book_id == book_id, JobRow.job_type == JobType.EXTRACTION)
    return jobs.order_by(
        JobRow.completed_at.is_not(None), JobRow.started_at.desc(), JobRow.rev.desc()
    ).limit(1)


def end(extraction: str | None) -> ColumnElement[str]:
    """Build what a page came to, each page to one thing, as of the latest extraction."""
    refused = exists().where(
        JobItemRow.job_id == extraction,
        JobItemRow.subject_id == PageRow.id,
        JobItemRow.state == ItemState.FAILED,
        JobItemRow.input == cast(PageRow.text_revision, String),
    )
    placed = exists().where(PlacementRow.page_id == PageRow.id)
    read = exists().where(FindingRow.page_id == PageRow.id)
    is_completed = PageRow.ocr_status == OcrStatus.COMPLETED
    return case(
        (PageRow.review == ReviewStatus.REJECTED, "skipped"),
        (PageRow.is_blank, "blank"),
        (refused | (PageRow.ocr_status == OcrStatus.FAILED), "failed"),
        (is_completed & placed, "used"),
        (is_completed & read, "no_content"),
        else_="open",
    )
