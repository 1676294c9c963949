"""A file becomes a page image: its kind by its bytes, its place by its name; or a clear refusal."""

import re
import struct
import unicodedata
from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from natsort import natsort_keygen, ns

from hornbook.errors import RejectedUpload, TooLarge

SHORTEST_HEAD = 16
"""Bytes needed to tell the kind of a file."""
LONGEST_NAME = 200
PDF = "application/pdf"
HEIC = "image/heic"
IMAGES = ("image/png", "image/jpeg", "image/tiff", "image/webp")
OUR_KINDS = (*IMAGES, PDF, HEIC)
"""What the book's own page and `ingest` take."""
BYTES_A_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be uploaded."""

    max_file_bytes: int = 10 * BYTES_A_MEGABYTE
    max_pdf_bytes: int = 100 * BYTES_A_MEGABYTE
    max_files: int = 1000
    """Files in one request or manifest."""
    max_pages: int = 2000
    """Pages in one book."""
    has_heic: bool = False
    """Whether the photos of phones can be read here: it takes the extra `heic`."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that is a page image as far as its first bytes tell."""

    media_type: str
    sha256: str
    frames: int
    """Pages in it: more than one for a TIFF of several frames; 0 for a PDF, not yet counted."""


def examine(name: str, body: bytes, limits: Limits, kinds: Collection[str] = IMAGES) -> PageFile:
    """What the file is; raises RejectedUpload or TooLarge with a sentence for the admin."""
    media_type = media_type_of(body)
    check_size(name, len(body), limits, is_pdf=media_type == PDF and PDF in kinds)
    if media_type is None or media_type not in kinds:
        raise RejectedUpload(f"{name} is no {_listed(kinds)}. Save it as one, then upload it.")
    if media_type == HEIC and not limits.has_heic:
        raise RejectedUpload(
            f"{name} is a HEIC photo, and HEIC photos need hornbook[heic] at the server. "
            "Save it as a JPEG, or have that installed, then upload it."
        )
    frames = tiff_frames(name, body, limits.max_pages) if media_type == "image/tiff" else 1
    return PageFile(media_type, sha256(body).hexdigest(), 0 if media_type == PDF else frames)


def check_size(name: str, size: int, limits: Limits, *, is_pdf: bool = False) -> None:
    """Refuse a file by its length alone; raises RejectedUpload or TooLarge."""
    largest = limits.max_pdf_bytes if is_pdf else limits.max_file_bytes
    if size <= 0:
        raise RejectedUpload(f"{name} is empty (0 bytes). Choose the file again.")
    if size > largest:
        kind = "PDF" if is_pdf else "file"
        raise TooLarge(
            f"{name} is too large ({_megabytes(size)}); "
            f"the limit is {_megabytes(largest)} a {kind}."
        )


def largest_of(name: str, limits: Limits) -> int:
    """How many bytes a file of this name may have on our own page, its kind being unknown."""
    return limits.max_pdf_bytes if name.lower().endswith(".pdf") else limits.max_file_bytes


def check_announced(name: str, size: int, limits: Limits) -> None:
    """Refuse a file of our own page before it is sent; raises RejectedUpload or TooLarge."""
    check_size(name, size, limits, is_pdf=name.lower().endswith(".pdf"))


def check_count(files: int, limits: Limits) -> None:
    """Refuse an upload by the number of its files; raises RejectedUpload or TooLarge."""
    if files == 0:
        raise RejectedUpload("No files were given. Choose at least one page image.")
    if files > limits.max_files:
        raise TooLarge(
            f"{files:,} files are too many; at most {limits.max_files:,} go into one upload."
        )


def check_pages(pages: int, limits: Limits) -> None:
    """Refuse to let a book grow to so many pages; raises RejectedUpload."""
    if pages > limits.max_pages:
        raise RejectedUpload(
            f"The book would have {pages:,} pages; at most {limits.max_pages:,} are possible."
        )


def check_whole(name: str, size: int, announced: int, limits: Limits) -> None:
    """Refuse a body that is not as long as announced; raises RejectedUpload or TooLarge."""
    check_announced(name, size, limits)
    if size != announced:
        raise RejectedUpload(
            f"{name} arrived with {size:,} bytes instead of {announced:,}. Send it again."
        )


def none_good(refused: Sequence[tuple[str, int]], limits: Limits) -> RejectedUpload:
    """Make the error for an upload of which each file (sentence, size) was refused."""
    first, _size = refused[0]
    message = first if len(refused) == 1 else f"None of {len(refused):,} files can be used. {first}"
    is_size = all(size > limits.max_file_bytes for _sentence, size in refused)
    return TooLarge(message) if is_size else RejectedUpload(message)


def media_type_of(head: bytes) -> str | None:
    """Return the kind of a file by its first bytes; None when it is none of ours or too short."""
    if len(head) < SHORTEST_HEAD:
        return None
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    return next((kind for start, kind in _STARTS.items() if head.startswith(start)), None)


def display_name(name: str) -> str:
    """A file name fit for display: no folders, no control characters, not too long, not empty."""
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(" " if _is_hidden(character) else character for character in last)
    folded = " ".join(visible.split())
    if len(folded) > LONGEST_NAME:
        stem, dot, extension = folded.rpartition(".")
        end = f"…{dot}{extension}" if stem and len(extension) <= 8 else "…"
        folded = folded[: LONGEST_NAME - len(end)] + end
    return folded or "unnamed"


def natural_order(names: Sequence[str]) -> list[int]:
    """The indices of `names` in natural order: page2 before page10, case ignored, ties as given."""
    key = natsort_keygen(alg=ns.IGNORECASE | ns.PATH)
    return sorted(range(len(names)), key=lambda index: key(names[index]))


def places(announced: Sequence[tuple[str, int]], files: Sequence[tuple[str, int]]) -> list[int]:
    """Where each file (name as its sender has it, size) stands among those announced.

    Of files with the same name and size, from several folders, each has a place of its own.
    """
    free: dict[tuple[str, int], deque[int]] = defaultdict(deque)
    for place, file in enumerate(announced):
        free[file].append(place)
    found = {}
    for index in natural_order([name for name, _size in files]):
        name, size = files[index]
        found[index] = free[display_name(name), size].popleft()
    return [found[index] for index in range(len(files))]


def frame_name(name: str, frame: int) -> str:
    """The file name of a page: the file's own for its first frame, then `name#2`, `name#3` …."""
    return name if frame == 0 else f"{name}#{frame + 1}"


def tiff_frames(name: str, body: bytes, most: int) -> int:
    """How many frames a TIFF's chain of directories has, at least 1.

    A chain that is cut or turns back ends there. Raises TooLarge beyond `most` frames.
    """
    layout = _TIFF_HEADS[body[:4]]
    seen: set[int] = set()
    offset = _number(body, layout.first_at, layout.offset)
    while offset and offset not in seen:
        following = _following(body, offset, layout)
        if following is None:
            break
        seen.add(offset)
        if len(seen) > most:
            raise TooLarge(f"{name} has more than {most:,} pages. Split it into smaller files.")
        offset = following
    return max(1, len(seen))


@dataclass(frozen=True, slots=True)
class _TiffLayout:
    """Where the numbers of a directory chain lie: classic or BigTIFF, little or big end first."""

    first_at: int
    offset: str
    count: str
    entry: int


_TIFF_HEADS = {
    b"II*\0": _TiffLayout(4, "<I", "<H", 12),
    b"MM\0*": _TiffLayout(4, ">I", ">H", 12),
    b"II+\0": _TiffLayout(8, "<Q", "<Q", 20),
    b"MM\0+": _TiffLayout(8, ">Q", ">Q", 20),
}


_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_STARTS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"%PDF-": PDF,
    **dict.fromkeys(_TIFF_HEADS, "image/tiff"),
}


def _following(body: bytes, offset: int, layout: _TiffLayout) -> int | None:
    """Return where the next directory lies, 0 for nowhere; None when this one is cut."""
    entries = _number(body, offset, layout.count)
    if entries is None:
        return None
    end = offset + struct.calcsize(layout.count) + entries * layout.entry
    return _number(body, end, layout.offset)


def _number(body: bytes, at: int, form: str) -> int | None:
    """The number at this place; None when the file ends before it."""
    if at + struct.calcsize(form) > len(body):
        return None
    number: int = struct.unpack_from(form, body, at)[0]
    return number


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _listed(kinds: Collection[str]) -> str:
    images = "PNG, JPEG, TIFF or WebP image"
    return f"{images} and no PDF" if PDF in kinds else images


def _megabytes(size: int) -> str:
    return f"{size / BYTES_A_MEGABYTE:.1f} MB".replace(".0 MB", " MB")
