"""What came of each page: used, without teaching content, blank, failed, skipped, or still open."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from hornbook.jobs import ledger
from hornbook.library import findings, guidelines, pages
from hornbook.library.guidelines import Contents
from hornbook.model.contents import PageOutcome, PageResult
from hornbook.model.job import ItemState, JobItem, JobType
from hornbook.model.page import OcrStatus, Page, ReviewStatus


def page_results(session: Session, book_id: str) -> list[PageResult]:
    """What came of every page of the book, in page order; raises NotFound."""
    contents = guidelines.contents(session, book_id)
    homes = {one.page_id: contents.kept(one.subtopic_id) for one in contents.placements}
    read = findings.read_revisions(session, book_id)
    failed = _failed_items(session, book_id)
    return [
        _result(page, contents, homes.get(page.id), read.get(page.id), failed.get(page.id))
        for page in pages.find(session, book_id)
    ]


def _failed_items(session: Session, book_id: str) -> Mapping[str, JobItem]:
    """The pages at which the latest extraction failed."""
    job = ledger.latest_job(session, book_id, JobType.EXTRACTION)
    if job is None:
        return {}
    items = ledger.items_in(session, job.id, ItemState.FAILED)
    return {item.subject_id: item for item in items}


def _result(
    page: Page,
    contents: Contents,
    home: str | None,
    read: int | None,
    failed: JobItem | None,
) -> PageResult:
    plain = PageResult(page.id, page.page_num, PageOutcome.OPEN)
    if page.review is ReviewStatus.REJECTED:
        return replace(plain, outcome=PageOutcome.SKIPPED)
    if page.is_blank:
        return replace(plain, outcome=PageOutcome.BLANK)
    # A page that could not be read failed in every run since: why, only the reading says.
    if page.ocr_status is OcrStatus.FAILED:
        return _failure(plain, page.ocr_error, page.ocr_error_type, page.ocr_error_class)
    if failed is not None and failed.input == str(page.text_revision):
        return _failure(plain, failed.error, failed.error_type, failed.error_class)
    if page.ocr_status is OcrStatus.COMPLETED and read is not None:
        return _given(plain, contents, home, is_outdated=read != page.text_revision)
    return plain


def _given(
    plain: PageResult, contents: Contents, home: str | None, *, is_outdated: bool
) -> PageResult:
    """What a page gave that was read."""
    if home is None:
        return replace(plain, outcome=PageOutcome.NO_CONTENT, is_outdated=is_outdated)
    subtopic = contents.subtopics[home]
    topic = contents.topics[subtopic.topic_id]
    return replace(
        plain,
        outcome=PageOutcome.USED,
        topic_key=topic.key,
        topic_title=topic.title,
        subtopic_key=subtopic.key,
        subtopic_title=subtopic.title,
        is_outdated=is_outdated,
    )


def _failure(
    plain: PageResult, error: str | None, error_type: str | None, error_class: str | None
) -> PageResult:
    return replace(
        plain,
        outcome=PageOutcome.FAILED,
        error=error,
        error_type=error_type,
        error_class=error_class,
    )
