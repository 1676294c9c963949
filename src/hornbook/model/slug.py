"""Names made safe for keys and addresses."""

import re
import unicodedata


def slug(title: str) -> str:
    """A key for a topic or subtopic: lower case `[a-z0-9-]`, never empty.

    Spaces and underscores become `-`, accents are folded, anything else is dropped.
    """
    folded = _ascii(title).lower()
    dashed = re.sub(r"[\s_]+", "-", folded)
    kept = re.sub(r"[^a-z0-9-]", "", dashed)
    return re.sub(r"-+", "-", kept).strip("-") or "untitled"


def book_slug(author: str | None, subject: str, grade: int, year: int) -> str:
    """The stem of a book id: `{author|unknown}_{subject}_{grade}_{year}` in `[a-z0-9_-]`."""
    stem = f"{author or 'unknown'}_{subject}_{grade}_{year}"
    joined = re.sub(r"\s+", "_", _ascii(stem).lower().strip())
    return re.sub(r"[^a-z0-9_-]", "", joined)


def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return decomposed.encode("ascii", "ignore").decode("ascii")
