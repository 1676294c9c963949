"""The JSON shapes of the bucket, built from values; REST replies use the same ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from hornbook.model.guideline import Subtopic
from hornbook.model.page import Page


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which subtopic a page is the source of; merged subtopics are given as their survivor."""

    page_num: int
    topic_key: str
    subtopic_key: str
    confidence: float
    provisional: bool


def page(page: Page) -> dict[str, Any]:
    """A page as `metadata.json` and `GET /admin/books/{id}` list it."""
    return {
        "page_num": page.page_num,
        "raw_image_s3_key": page.raw_key,
        "image_s3_key": page.image_key,
        "text_s3_key": page.text_key,
        "status": page.review.value,
        "approved_at": instant(page.approved_at),
        "ocr_status": page.ocr_status.value,
        "ocr_error": page.ocr_error,
        "uploaded_at": instant(page.uploaded_at),
        "is_blank": page.is_blank,
        "file_name": page.file_name,
    }


def metadata(book_id: str, pages: Sequence[Page]) -> dict[str, Any]:
    """`metadata.json`, but for `last_updated`."""
    return {
        "book_id": book_id,
        "pages": [page(each) for each in pages],
        "total_pages": len(pages),
    }


def layout(confidence: float | None, lines: list[Any]) -> dict[str, Any]:
    """Give `{n}.layout.json`; `lines` as `codec.lines_to_json` writes them."""
    return {"confidence": confidence, "lines": lines}


def page_guideline(
    page_num: int,
    summary: str,
    *,
    headings: list[Any],
    items: list[Any],
    dropped: int,
    engine: str,
) -> dict[str, Any]:
    """Give what a page gave; `items` as `codec.items_to_json` writes them."""
    return {
        "page": page_num,
        "summary": summary,
        "version": 1,
        "headings": headings,
        "items": items,
        "dropped": dropped,
        "engine": engine,
    }


def subtopic(subtopic: Subtopic) -> dict[str, Any]:
    """A subtopic's guideline; REST adds its `status`."""
    pages = subtopic.source_pages
    return {
        "topic_key": subtopic.topic_key,
        "topic_title": subtopic.topic_title,
        "subtopic_key": subtopic.subtopic_key,
        "subtopic_title": subtopic.subtopic_title,
        "subtopic_summary": subtopic.subtopic_summary,
        "source_page_start": pages[0] if pages else None,
        "source_page_end": pages[-1] if pages else None,
        "source_pages": list(pages),
        "guidelines": subtopic.guidelines,
        "version": subtopic.version,
        "created_at": instant(subtopic.created_at),
        "updated_at": instant(subtopic.updated_at),
    }


def topics(subtopics: Iterable[Subtopic]) -> list[dict[str, Any]]:
    """The topics of `index.json`, in the order given; subtopics of a topic stand together."""
    grouped = groupby(subtopics, key=lambda each: each.topic_key)
    return [_topic(list(members)) for _key, members in grouped]


def guideline_index(book_id: str, subtopics: Iterable[Subtopic]) -> dict[str, Any]:
    """`index.json`, but for `version` and `last_updated`."""
    return {"book_id": book_id, "topics": topics(subtopics)}


def page_assignments(assignments: Iterable[Assignment]) -> dict[str, Any]:
    """The pages of `page_index.json`, in page order."""
    return {
        str(each.page_num): {
            "topic_key": each.topic_key,
            "subtopic_key": each.subtopic_key,
            "confidence": each.confidence,
            "provisional": each.provisional,
        }
        for each in sorted(assignments, key=lambda each: each.page_num)
    }


def page_index(book_id: str, assignments: Iterable[Assignment]) -> dict[str, Any]:
    """`page_index.json`, but for `version` and `last_updated`."""
    return {"book_id": book_id, "pages": page_assignments(assignments)}


def survivors(merged_into: Mapping[str, str | None]) -> dict[str, str]:
    """Give each subtopic the one it lives on in, itself if it was not merged away.

    A merge into a subtopic that is gone, and a circle, count as not merged: nothing gets lost.
    """
    return {each: _survivor(each, merged_into) for each in merged_into}


def instant(value: datetime | None) -> str | None:
    """An instant as text."""
    return value.isoformat() if value else None


def _survivor(subtopic_id: str, merged_into: Mapping[str, str | None]) -> str:
    seen = {subtopic_id}
    current = subtopic_id
    while (following := merged_into[current]) is not None:
        if following in seen or following not in merged_into:
            return subtopic_id
        seen.add(following)
        current = following
    return current


def _topic(members: Sequence[Subtopic]) -> dict[str, Any]:
    return {
        "topic_key": members[0].topic_key,
        "topic_title": members[0].topic_title,
        "topic_summary": members[0].topic_summary,
        "subtopics": [
            {
                "subtopic_key": each.subtopic_key,
                "subtopic_title": each.subtopic_title,
                "subtopic_summary": each.subtopic_summary,
                "status": each.status.value,
                "page_range": each.page_range,
            }
            for each in members
        ],
    }
