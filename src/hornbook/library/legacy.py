"""Books of the predecessor's bucket, which has no `state.json`: what can be made of them."""

import json
import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from hornbook.library import codec, keys
from hornbook.library.objects import Objects
from hornbook.library.tables import (
    Base,
    BookRow,
    FindingRow,
    PageRow,
    PageTextRow,
    PlacementRow,
    SubtopicRow,
    TopicRow,
)
from hornbook.model.guideline import Block, BlockKind
from hornbook.model.ids import new_id, page_id
from hornbook.model.page import OcrStatus, TextSource

WHAT_IS_MISSING = (
    "It has no state.json, so that an older system wrote it: pages, texts, approvals and "
    "guidelines are back; title, country and board are guesses; images appear when pages are "
    "read again."
)
ENGINE = "predecessor"
BOOK_ID = re.compile(r"(?P<author>.+?)_(?P<subject>.+)_(?P<grade>\d+)_(?P<year>\d{4})(_\d+)?")
MEDIA_TYPES = {extension: media for media, extension in keys.EXTENSIONS.items()} | {
    "jpeg": "image/jpeg",
    "tiff": "image/tiff",
}


def rows(objects: Objects, book_id: str, present: Collection[str], now: datetime) -> Iterator[Base]:
    """Make rows of the contract's shapes, parents first; raises ValueError without metadata."""
    if keys.metadata(book_id) not in present:
        raise ValueError("There is neither state.json nor metadata.json.")
    metadata = _load(objects, keys.metadata(book_id))
    yield _book(book_id, metadata, now)
    page_ids: dict[str, str] = {}
    for entry in metadata["pages"]:
        number = _number(entry)
        page_ids[str(entry["page_num"])] = page_id(book_id, number)
        yield from _page(objects, book_id, number, entry, present)
    if keys.guideline_index(book_id) in present:
        yield from _guidelines(objects, book_id, page_ids, present, now)


def _book(book_id: str, metadata: dict[str, Any], now: datetime) -> BookRow:
    facts = BOOK_ID.fullmatch(book_id)
    if facts is None:
        raise ValueError(f"The name {book_id} does not say subject, grade and year.")
    words = {name: facts[name].replace("_", " ").title() for name in ("author", "subject")}
    return BookRow(
        id=book_id,
        title=f"{words['subject']} {facts['grade']}",
        author=None if facts["author"] == "unknown" else words["author"],
        edition_year=int(facts["year"]),
        country="unspecified",
        board="unspecified",
        grade=int(facts["grade"]),
        subject=words["subject"],
        s3_prefix=keys.prefix(book_id),
        metadata_s3_key=keys.metadata(book_id),
        created_at=_instant(metadata.get("last_updated"), now),
        updated_at=now,
        created_by=ENGINE,
    )


def _page(
    objects: Objects,
    book_id: str,
    number: int,
    entry: dict[str, Any],
    present: Collection[str],
) -> Iterator[Base]:
    raw_key = entry.get("raw_image_s3_key") or entry["image_s3_key"]
    raw = objects.get(raw_key)
    text_key = entry.get("text_s3_key") or ""
    text = objects.get(text_key).decode() if text_key in present else None
    identity = page_id(book_id, number)
    status = entry.get("ocr_status") or (OcrStatus.PENDING if text is None else OcrStatus.COMPLETED)
    uploaded = _instant(entry["uploaded_at"], None)
    yield PageRow(
        id=identity,
        book_id=book_id,
        place=entry["page_num"],
        number=number,
        file_name=entry.get("file_name") or PurePosixPath(raw_key).name,
        sha256=sha256(raw).hexdigest(),
        size=len(raw),
        media_type=MEDIA_TYPES[PurePosixPath(raw_key).suffix.lower().lstrip(".")],
        raw_key=raw_key,
        # Its image has no rendering for screens; the next reading makes both, as revision 2.
        image_revision=0,
        images_made=1 if entry.get("image_s3_key") else 0,
        ocr_status=status,
        ocr_error=entry.get("ocr_error"),
        text_revision=0 if text is None else 1,
        is_blank=text is not None and not text.strip(),
        review=entry["status"],
        approved_at=_instant(entry.get("approved_at"), None),
        uploaded_at=uploaded,
        rev=1,
    )
    if text is not None:
        yield PageTextRow(
            page_id=identity,
            revision=1,
            source=TextSource.OCR,
            text=text,
            lines=[],
            created_at=uploaded,
        )
    yield from _finding(objects, keys.page_guideline(book_id, entry["page_num"]), identity, present)


def _finding(objects: Objects, key: str, identity: str, present: Collection[str]) -> Iterator[Base]:
    if key in present:
        yield FindingRow(
            page_id=identity,
            text_revision=1,
            summary=_load(objects, key)["summary"],
            items=[],
            headings=[],
            engine=ENGINE,
        )


def _guidelines(
    objects: Objects,
    book_id: str,
    page_ids: dict[str, str],
    present: Collection[str],
    now: datetime,
) -> Iterator[Base]:
    ids: dict[tuple[str, str], str] = {}
    for topic in _load(objects, keys.guideline_index(book_id))["topics"]:
        row = TopicRow(
            id=new_id(),
            book_id=book_id,
            key=topic["topic_key"],
            title=topic["topic_title"],
            found_title=topic["topic_title"],
            summary=topic.get("topic_summary") or "",
        )
        yield row
        for entry in topic["subtopics"]:
            key = keys.subtopic(book_id, row.key, entry["subtopic_key"])
            if key in present:
                subtopic = _subtopic(book_id, row.id, entry["status"], _load(objects, key), now)
                ids[row.key, subtopic.key] = subtopic.id
                yield subtopic
    if keys.page_index(book_id) in present:
        yield from _placements(_load(objects, keys.page_index(book_id)), page_ids, ids)


def _subtopic(
    book_id: str, topic_id: str, status: str, file: dict[str, Any], now: datetime
) -> SubtopicRow:
    return SubtopicRow(
        id=new_id(),
        book_id=book_id,
        topic_id=topic_id,
        key=file["subtopic_key"],
        title=file["subtopic_title"],
        found_title=file["subtopic_title"],
        summary=file.get("subtopic_summary") or "",
        status=status,
        blocks=codec.blocks_to_json([Block(BlockKind.HUMAN, file["guidelines"])]),
        version=file.get("version", 1),
        created_at=_instant(file.get("created_at"), now),
        updated_at=_instant(file.get("updated_at"), now),
        rev=1,
    )


def _placements(
    page_index: dict[str, Any], page_ids: dict[str, str], ids: dict[tuple[str, str], str]
) -> Iterator[Base]:
    for page_num, entry in page_index["pages"].items():
        subtopic_id = ids.get((entry["topic_key"], entry["subtopic_key"]))
        if subtopic_id and page_num in page_ids:
            yield PlacementRow(
                page_id=page_ids[page_num],
                subtopic_id=subtopic_id,
                confidence=entry.get("confidence", 0.0),
                provisional=entry.get("provisional", False),
                evidence=ENGINE,
            )


def _number(entry: dict[str, Any]) -> int:
    """Read the number the page was stored under off its keys."""
    for name in ("image_s3_key", "raw_image_s3_key"):
        stem = PurePosixPath(entry.get(name) or "").name.split(".")[0]
        if stem.isdecimal():
            return int(stem)
    return int(entry["page_num"])


def _load(objects: Objects, key: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(objects.get(key))
    return loaded


def _instant(value: str | None, default: datetime | None) -> Any:
    """Read an instant; the predecessor wrote UTC without saying so."""
    if not value:
        return default
    read = datetime.fromisoformat(value)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
