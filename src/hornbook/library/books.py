"""Books: their rows, and the revision that every visible change raises."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from hornbook.errors import NotFound
from hornbook.library.tables import BookRow


def touch(session: Session, book_id: str) -> int:
    """Raise the book's revision and return the new one; raises NotFound."""
    statement = (
        update(BookRow).where(BookRow.id == book_id).values(rev=BookRow.rev + 1).returning(BookRow.rev)
    )
    rev = session.execute(statement).scalar_one_or_none()
    if rev is None:
        raise NotFound(f"There is no book {book_id!r}.")
    return rev
