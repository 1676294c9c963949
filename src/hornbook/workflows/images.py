"""The image of a page, as it is shown."""

from functools import lru_cache
from struct import unpack_from

from hornbook.errors import Invalid, MissingObject, NotFound
from hornbook.library import pages
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.model.page import Page

PNG_SIZE_AT, PNG_START = 16, 24
SIZES_KNOWN = 4096


class Images:
    """What a page looks like, in the sizes it is kept in."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects
        # What is kept under a key never changes.
        self._size_of = lru_cache(SIZES_KNOWN)(self._read_size)

    def get(self, book_id: str, page_num: int, size: str) -> tuple[bytes, str, str]:
        """Return the page image as `full`, `screen` or `thumbnail`: bytes, media type, object key.

        Raises NotFound (also while there is no image yet), Invalid, StoreUnavailable.
        """
        with self._database.read() as session:
            page = pages.get(session, book_id, page_num)
        images = {
            "full": (page.image_key, "image/png"),
            "screen": (page.compact_key, "image/webp"),
            "thumbnail": (page.thumbnail_key, "image/webp"),
        }
        if size not in images:
            raise Invalid(f"There is no size {size!r}; there are {', '.join(images)}.")
        key, media_type = images[size]
        if key is None:
            raise NotFound(f"Page {page_num} has no image yet.")
        return self._objects.get(key), media_type, key

    def size(self, page: Page) -> tuple[int, int] | None:
        """Return width and height of the page image in pixels; None while there is none.

        Raises StoreUnavailable.
        """
        if page.image_key is None:
            return None
        try:
            return self._size_of(page.image_key)
        except MissingObject:
            return None

    def _read_size(self, image_key: str) -> tuple[int, int]:
        width, height = unpack_from(
            ">II", self._objects.start_of(image_key, PNG_START), PNG_SIZE_AT
        )
        return width, height
