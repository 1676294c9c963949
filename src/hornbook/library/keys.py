"""Where every object lies. Keys are made here and nowhere else."""

EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "image/webp": "webp",
    "image/heic": "heic",
    "application/pdf": "pdf",
}


def prefix(book_id: str) -> str:
    """The folder of a book, with its trailing slash."""
    return f"books/{book_id}/"


def _versioned(stem: str, revision: int, extension: str) -> str:
    """The first revision has the plain name; a changed one gets a key of its own."""
    middle = f".v{revision}" if revision > 1 else ""
    return f"{stem}{middle}.{extension}"


def uploads(book_id: str, batch_id: str) -> str:
    """The folder of a batch's files, with its trailing slash."""
    return f"{prefix(book_id)}uploads/{batch_id}/"


def upload(book_id: str, batch_id: str, position: int, sha256: str) -> str:
    """Bytes that have no page number yet; other bytes for the same file have a key of their own."""
    return f"{uploads(book_id, batch_id)}{position}-{sha256[:16]}"


def raw(book_id: str, number: int, media_type: str, revision: int = 1) -> str:
    """The uploaded file, untouched."""
    return _versioned(f"{prefix(book_id)}raw/{number}", revision, EXTENSIONS[media_type])


def image(book_id: str, number: int, revision: int) -> str:
    """The upright page image."""
    return _versioned(f"{prefix(book_id)}{number}", revision, "png")


def compact(book_id: str, number: int, revision: int) -> str:
    """The page image for screens and models."""
    return _versioned(f"{prefix(book_id)}screen/{number}", revision, "webp")


def thumbnail(book_id: str, number: int, revision: int) -> str:
    """The page image for lists."""
    return _versioned(f"{prefix(book_id)}thumbnails/{number}", revision, "webp")


def text(book_id: str, number: int, revision: int) -> str:
    """The page's text."""
    return _versioned(f"{prefix(book_id)}{number}", revision, "txt")


def layout(book_id: str, number: int, revision: int) -> str:
    """The page's lines with boxes and confidences."""
    return _versioned(f"{prefix(book_id)}{number}", revision, "layout.json")


def metadata(book_id: str) -> str:
    """Book and page list."""
    return f"{prefix(book_id)}metadata.json"


def state(book_id: str) -> str:
    """What no other file holds, for the rebuild."""
    return f"{prefix(book_id)}state.json"


def page_guideline(book_id: str, page_num: int) -> str:
    """What the page at this place gave."""
    return f"{prefix(book_id)}pages/{page_num:03d}.page_guideline.json"


def guideline_index(book_id: str) -> str:
    """Topics and subtopics."""
    return f"{prefix(book_id)}guidelines/index.json"


def page_index(book_id: str) -> str:
    """Page to subtopic."""
    return f"{prefix(book_id)}guidelines/page_index.json"


def subtopic(book_id: str, topic_key: str, subtopic_key: str) -> str:
    """One subtopic's guideline."""
    return f"{prefix(book_id)}guidelines/topics/{topic_key}/subtopics/{subtopic_key}.latest.json"
