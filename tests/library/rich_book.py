"""A book that has everything: every table of the library has rows of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from hornbook.library import codec, keys
from hornbook.library.tables import (
    Base,
    BookGuidelineRow,
    BookRow,
    DecisionRow,
    FindingRow,
    PageRow,
    PageTextRow,
    PlacementRow,
    StudyPlanRow,
    SubtopicEditRow,
    SubtopicRow,
    TeachingGuidelineRow,
    TopicRow,
    UploadBatchRow,
    UploadFileRow,
)
from hornbook.model.finding import Item, ItemKind
from hornbook.model.guideline import Block, BlockKind
from hornbook.model.ids import page_id
from hornbook.model.page import Box, Line, Word

NOW = datetime(2026, 2, 1, 12, 0, 0, 123456, tzinfo=UTC)
BOOK = "smith_mathematics_3_2024"


def book(book_id: str = BOOK, **more: Any) -> BookRow:
    values = {
        "id": book_id,
        "title": "Mathematics Ⅲ — números",
        "author": "Smith",
        "edition_year": 2024,
        "country": "IN",
        "board": "CBSE",
        "grade": 3,
        "subject": "Mathematics",
        "s3_prefix": keys.prefix(book_id),
        "metadata_s3_key": keys.metadata(book_id),
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": "ada",
        "rev": 7,
    }
    return BookRow(**(values | more))


def page(number: int, book_id: str = BOOK, **more: Any) -> PageRow:
    values = {
        "id": page_id(book_id, number),
        "book_id": book_id,
        "place": number,
        "number": number,
        "file_name": f"page {number}.jpg",
        "sha256": f"{number:064x}",
        "size": 1000 + number,
        "media_type": "image/jpeg",
        "raw_key": keys.raw(book_id, number, "image/jpeg"),
        "image_revision": 1,
        "images_made": 1,
        "ocr_status": "completed",
        "engine": "tesseract",
        "confidence": 91.25,
        "text_revision": 1,
        "review": "pending_review",
        "uploaded_at": NOW + timedelta(seconds=number),
        "rev": 5,
    }
    return PageRow(**(values | more))


def lines(text: str) -> list[Any]:
    word = Word(text.partition(" ")[0], Box(10, 20, 60, 40), 93.5)
    return codec.lines_to_json([Line(text, Box(10, 20, 300, 40), 93.5, 0, (word,))])


def text(of: PageRow, revision: int = 1, **more: Any) -> PageTextRow:
    words = f"Words of page {of.number}, revision {revision}: ½ é"
    values = {
        "page_id": of.id,
        "revision": revision,
        "source": "ocr",
        "text": words,
        "lines": lines(words),
        "confidence": 91.25,
        "created_at": NOW,
    }
    return PageTextRow(**(values | more))


def items(of: PageRow) -> list[Item]:
    box = Box(10, 20, 300, 40)
    return [
        Item(ItemKind.DEFINITION, f"A thing of page {of.number}", "Words of page", (box,)),
        Item(ItemKind.EXERCISE, "Do it", "Do it", ()),
    ]


def finding(of: PageRow, **more: Any) -> FindingRow:
    values = {
        "page_id": of.id,
        "text_revision": 1,
        "summary": f"What page {of.number} says",
        "items": codec.items_to_json(of.id, items(of)),
        "headings": ["1.1 Things"],
        "dropped": 1,
        "engine": "offline",
    }
    return FindingRow(**(values | more))


def topic(key: str, book_id: str = BOOK) -> TopicRow:
    return TopicRow(
        id=f"topic-{key}", book_id=book_id, key=key, title=key.title(), found_title=key, summary="S"
    )


def subtopic(of: TopicRow, key: str, pages: list[PageRow], **more: Any) -> SubtopicRow:
    blocks = [Block(BlockKind.HEADING, "Definitions")]
    blocks += [
        Block(BlockKind.ITEM, item_id)
        for each in pages
        for item_id in codec.item_ids(each.id, items(each))
    ]
    values = {
        "id": f"subtopic-{key}",
        "book_id": of.book_id,
        "topic_id": of.id,
        "key": key,
        "title": key.title(),
        "found_title": key,
        "summary": "A summary",
        "status": "final",
        "blocks": codec.blocks_to_json(blocks),
        "created_at": NOW,
        "updated_at": NOW,
        "rev": 5,
    }
    return SubtopicRow(**(values | more))


def placement(of: PageRow, into: SubtopicRow, **more: Any) -> PlacementRow:
    values = {"page_id": of.id, "subtopic_id": into.id, "confidence": 0.875, "evidence": "3.4"}
    return PlacementRow(**(values | more))


def published(of: SubtopicRow, **more: Any) -> TeachingGuidelineRow:
    values = {
        "id": f"published-{of.key}",
        "country": "IN",
        "board": "CBSE",
        "grade": 3,
        "subject": "Mathematics",
        "topic": "T",
        "subtopic": of.title,
        "guideline": "What is taught",
        "topic_key": "t",
        "subtopic_key": of.key,
        "book_id": of.book_id,
        "status": "synced",
        "review_status": "APPROVED",
        "reviewed_at": NOW,
        "reviewed_by": "ada",
        "created_at": NOW,
        "updated_at": NOW,
        "subtopic_id": of.id,
        "content_hash": "abc",
    }
    return TeachingGuidelineRow(**(values | more))


def rich_book() -> list[Base]:
    """Six pages: read, corrected by hand, blank, rejected, failed, merged; parents first."""
    pages = [
        page(1, review="approved", approved_at=NOW, approved_by="ada"),
        page(2, text_revision=2),
        page(4, place=3, confidence=None, is_blank=True),
        page(5, place=4, review="rejected"),
        page(
            6,
            place=5,
            ocr_status="failed",
            ocr_error="No words",
            ocr_error_type="terminal",
            text_revision=0,
            image_revision=0,
        ),
        page(7, place=6, image_revision=3, images_made=3, rotation=90),
    ]
    first, second, blank, rejected, _failed, merged = pages
    fractions, shapes = topic("fractions"), topic("shapes")
    adding = subtopic(fractions, "adding", [first, second], edited_at=NOW, edited_by="eve")
    sums = subtopic(fractions, "sums", [merged], merged_into=adding.id, status="stable")
    circles = subtopic(
        shapes,
        "circles",
        [],
        blocks=[{"kind": "human", "value": f"See {{page:{second.id}}}"}],
        candidate=[{"kind": "heading", "value": "New"}],
        edited_at=NOW,
        is_withheld=True,
    )
    row = published(adding)
    return [
        book(last_number=9),
        *pages,
        text(first),
        text(second),
        text(second, 2, source="human", text="Typed\nby hand", lines=[], created_by="eve"),
        text(blank, text="", lines=[], confidence=None),
        text(rejected),
        text(merged),
        *(finding(each) for each in (first, second, rejected, merged)),
        fractions,
        shapes,
        adding,
        sums,
        circles,
        SubtopicEditRow(
            subtopic_id=adding.id, version=1, blocks=[], replaced_at=NOW, replaced_by="eve"
        ),
        placement(first, adding),
        placement(second, adding, provisional=True),
        placement(merged, sums),
        *(
            DecisionRow(
                id=f"decision-{ordinal}",
                book_id=BOOK,
                ordinal=ordinal,
                kind=kind,
                target_id=target,
                value=value,
                reason="same",
                created_at=NOW,
            )
            for ordinal, (kind, target, value) in enumerate(
                [("merge", adding.id, sums.id), ("rename_topic", fractions.id, "Fractions")]
            )
        ),
        row,
        published(circles, review_status="TO_BE_REVIEWED", reviewed_at=None, subtopic_id=None),
        StudyPlanRow(
            id="plan",
            guideline_id=row.id,
            plan_json='{"todo_list": []}',
            generator_model="offline",
            reviewer_model="offline",
            generation_reasoning="It is short.",
            reviewer_feedback="Say more.",
            was_revised=True,
            status="generated",
            version=2,
            created_at=NOW,
            updated_at=NOW,
        ),
        BookGuidelineRow(
            id="guideline",
            book_id=BOOK,
            guideline_s3_key=keys.guideline_index(BOOK),
            status="final",
            review_status="APPROVED",
            created_at=NOW,
        ),
        UploadBatchRow(id="batch", book_id=BOOK, created_at=NOW, last_arrival_at=NOW),
        UploadFileRow(
            batch_id="batch", position=1, name="new.png", size=5, state="received", sha256="f" * 64
        ),
    ]


def insert(session: Session, rows: list[Base]) -> None:
    for row in rows:
        session.add(row)
        session.flush()
