"""Identities."""

from uuid import uuid4


def new_id() -> str:
    """An identity that no other thing has."""
    return uuid4().hex


def page_id(book_id: str, number: int) -> str:
    """The identity of the page stored under `number`; it survives moves and deletions."""
    return f"{book_id}/{number}"
