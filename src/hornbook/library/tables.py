"""Every table. Alembic is the only way to a schema; these classes are what it is compared with."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    MetaData,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hornbook.library.instant import UtcDateTime
from hornbook.model.language import Language

ACTIVE = text("status IN ('pending', 'running')")


class Base(DeclarativeBase):
    """Common to all tables: names for constraints, so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime,
        # None is SQL's NULL, not a JSON "null" that `IS NULL` would miss.
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
        str: String,
    }


def _of_book(*, index: bool = True) -> Mapped[str]:
    return mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=index)


class BookRow(Base):
    """A book. `rev` rises with every visible change; `projected_rev` is what the bucket shows."""

    __tablename__ = "books"
    __table_args__ = (Index(None, "country", "board", "grade", "subject"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    author: Mapped[str | None]
    edition: Mapped[str | None]
    edition_year: Mapped[int | None]
    country: Mapped[str]
    board: Mapped[str]
    grade: Mapped[int]
    subject: Mapped[str]
    language: Mapped[str] = mapped_column(default=Language.ENGLISH.value)
    """Its BCP 47 tag."""
    cover_image_s3_key: Mapped[str | None]
    s3_prefix: Mapped[str]
    metadata_s3_key: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[str]
    rev: Mapped[int] = mapped_column(default=1)
    projected_rev: Mapped[int] = mapped_column(default=0)
    projection_error: Mapped[str | None]
    last_number: Mapped[int] = mapped_column(default=0)
    """The highest page number ever allotted; numbers are never given twice."""


class BookGuidelineRow(Base):
    """The state of a book's guidelines as a whole."""

    __tablename__ = "book_guidelines"

    id: Mapped[str] = mapped_column(primary_key=True)
    book_id: Mapped[str] = _of_book()
    guideline_s3_key: Mapped[str]
    status: Mapped[str]
    review_status: Mapped[str]
    generated_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class JobRow(Base):
    """A job. The partial unique index is the rule "one active job a book"."""

    __tablename__ = "book_jobs"
    __table_args__ = (
        Index(
            "uq_book_jobs_active",
            "book_id",
            unique=True,
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
        Index(None, "book_id", "started_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    book_id: Mapped[str] = _of_book(index=False)
    job_type: Mapped[str]
    status: Mapped[str]
    total_items: Mapped[int | None]
    completed_items: Mapped[int] = mapped_column(default=0)
    failed_items: Mapped[int] = mapped_column(default=0)
    current_item: Mapped[int | None]
    last_completed_item: Mapped[int | None]
    progress_detail: Mapped[str | None]
    """Written when the job ends; while it runs, replies are made from `job_items`."""
    heartbeat_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    error_message: Mapped[str | None]
    error_class: Mapped[str | None]
    run_token: Mapped[str | None]
    """Who runs it. Every write of a worker checks that this is still its own (fencing)."""
    takeovers: Mapped[int | None] = mapped_column(default=0)
    """Take-overs since the last item that got done."""
    on_error: Mapped[str | None]
    is_stop_requested: Mapped[bool | None] = mapped_column(default=False)
    options: Mapped[dict[str, Any] | None]
    plan: Mapped[dict[str, Any] | None]
    stats: Mapped[dict[str, Any] | None]
    """What the leg counted, for `progress_detail`."""
    note: Mapped[str | None]
    waits_until: Mapped[datetime | None]
    retry: Mapped[dict[str, Any] | None]
    """Which item waits for its next attempt, and which attempt of how many that is."""
    refusals: Mapped[int | None] = mapped_column(default=0)
    """Retryable failures in a row."""
    rev: Mapped[int | None] = mapped_column(default=0)
    """The book's revision when the job last changed."""


class JobItemRow(Base):
    """The ledger: one row for each page or subtopic of a job."""

    __tablename__ = "job_items"
    __table_args__ = (Index(None, "job_id", "state", "position"),)

    job_id: Mapped[str] = mapped_column(
        ForeignKey("book_jobs.id", ondelete="CASCADE"), primary_key=True
    )
    subject_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    input: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    starts: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]
    error_type: Mapped[str | None]
    error_class: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    """When this job got it done or failed at it; empty for what an earlier job had done."""
    rev: Mapped[int | None]
    """The book's revision when the item last changed."""


class PageRow(Base):
    """A page. Its id never changes; `place` is its `page_num`, `number` names its objects."""

    __tablename__ = "book_pages"
    __table_args__ = (
        UniqueConstraint("book_id", "number"),
        UniqueConstraint("book_id", "place"),
        Index(None, "book_id", "sha256"),
        Index(None, "book_id", "rev"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    book_id: Mapped[str] = _of_book(index=False)
    place: Mapped[int]
    number: Mapped[int]
    file_name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    frame: Mapped[int] = mapped_column(default=0)
    raw_key: Mapped[str]
    image_revision: Mapped[int] = mapped_column(default=0)
    """The current image; 0 until one was made, and again once the file was replaced."""
    images_made: Mapped[int] = mapped_column(default=0)
    """The highest image revision ever kept; no image key is used twice."""
    rotation: Mapped[int] = mapped_column(default=0)
    """Degrees clockwise that a human turned the page."""
    ocr_status: Mapped[str]
    ocr_error: Mapped[str | None]
    ocr_error_type: Mapped[str | None]
    engine: Mapped[str | None]
    confidence: Mapped[float | None]
    is_blank: Mapped[bool] = mapped_column(default=False)
    text_revision: Mapped[int] = mapped_column(default=0)
    asked_reader: Mapped[str | None]
    """Who is to read the page, if a human asked for somebody; until the page was read."""
    review: Mapped[str]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    uploaded_at: Mapped[datetime]
    rev: Mapped[int]
    projected_rev: Mapped[int] = mapped_column(default=0)


class PageTextRow(Base):
    """Every revision of a page's text; `lines` hold boxes and confidences."""

    __tablename__ = "page_texts"

    page_id: Mapped[str] = mapped_column(
        ForeignKey("book_pages.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    text: Mapped[str]
    lines: Mapped[list[Any]]
    confidence: Mapped[float | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str | None]


class PageAttemptRow(Base):
    """Every attempt at a page by any job; old ones are never overwritten."""

    __tablename__ = "page_attempts"
    __table_args__ = (Index(None, "page_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    page_id: Mapped[str] = mapped_column(ForeignKey("book_pages.id", ondelete="CASCADE"))
    job_id: Mapped[str | None]
    job_type: Mapped[str]
    attempt: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    outcome: Mapped[str]
    error: Mapped[str | None]
    error_class: Mapped[str | None]
    engine: Mapped[str | None]


class PageDraftRow(Base):
    """What somebody typed into a page's text and has not saved; it goes with its page."""

    __tablename__ = "page_drafts"

    page_id: Mapped[str] = mapped_column(
        ForeignKey("book_pages.id", ondelete="CASCADE"), primary_key=True
    )
    typed_by: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    text_revision: Mapped[int]
    """The revision it was typed over."""
    stamp: Mapped[str]
    saved_at: Mapped[datetime]


class ReviewStepRow(Base):
    """One thing that a human did to pages, with what is needed to take it back."""

    __tablename__ = "review_steps"
    __table_args__ = (Index(None, "book_id", "taken_by"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    book_id: Mapped[str] = _of_book(index=False)
    taken_by: Mapped[str]
    kind: Mapped[str]
    changes: Mapped[list[Any]]
    """For each page its identity, and what changed: `before` and `after`."""
    draft: Mapped[str | None]
    """What had been typed and was saved by this step."""
    is_undone: Mapped[bool] = mapped_column(default=False)
    taken_at: Mapped[datetime]


class FindingRow(Base):
    """What a page gave, for one revision of its text."""

    __tablename__ = "findings"

    page_id: Mapped[str] = mapped_column(
        ForeignKey("book_pages.id", ondelete="CASCADE"), primary_key=True
    )
    text_revision: Mapped[int]
    summary: Mapped[str]
    items: Mapped[list[Any]]
    headings: Mapped[list[Any]]
    dropped: Mapped[int] = mapped_column(default=0)
    engine: Mapped[str]


class TopicRow(Base):
    """A topic. Its key never changes once projected; finalize changes titles."""

    __tablename__ = "topics"
    __table_args__ = (UniqueConstraint("book_id", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    book_id: Mapped[str] = _of_book(index=False)
    key: Mapped[str]
    title: Mapped[str]
    found_title: Mapped[str]
    """The title as extraction found it; finalization's renames start from it."""
    summary: Mapped[str] = mapped_column(default="")
    shortfall: Mapped[str | None]
    """Why no model wrote the summary, if one was asked and gave none that could be used."""


class SubtopicRow(Base):
    """A subtopic and its guideline, an ordered list of blocks."""

    __tablename__ = "subtopics"
    __table_args__ = (UniqueConstraint("topic_id", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    book_id: Mapped[str] = _of_book()
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), index=True)
    key: Mapped[str]
    title: Mapped[str]
    found_title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    status: Mapped[str]
    blocks: Mapped[list[Any]] = mapped_column(default=list)
    candidate: Mapped[list[Any] | None]
    """What a re-run wrote beside a text that a human edited; the human chooses."""
    edited_at: Mapped[datetime | None]
    edited_by: Mapped[str | None]
    merged_into: Mapped[str | None]
    """The subtopic that a finalization decision merged this one into."""
    arrangement: Mapped[dict[str, Any] | None]
    """How a model ordered the items, and which of them it found to say the same."""
    shortfall: Mapped[str | None]
    """What is wanting because a model gave no answer that could be used."""
    is_outdated: Mapped[bool] = mapped_column(default=False)
    """The summary was written before statements came or went: the next run writes it anew."""
    is_withheld: Mapped[bool] = mapped_column(default=False)
    """A human deleted its published row: sync leaves it out."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    rev: Mapped[int]
    projected_rev: Mapped[int] = mapped_column(default=0)


class SubtopicEditRow(Base):
    """The text of a subtopic before each human edit, so that none is ever lost."""

    __tablename__ = "subtopic_edits"

    subtopic_id: Mapped[str] = mapped_column(
        ForeignKey("subtopics.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    blocks: Mapped[list[Any]]
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str]
    act: Mapped[str | None]
    """What the human did; NULL in rows older than this column, all of them edits."""
    text_before: Mapped[str | None]
    """What the human saw and replaced, word for word: items may be read anew, pages may go."""
    text_after: Mapped[str | None]
    blocks_after: Mapped[list[Any] | None]


class PlacementRow(Base):
    """Which subtopic a page is the source of: at most one."""

    __tablename__ = "placements"

    page_id: Mapped[str] = mapped_column(
        ForeignKey("book_pages.id", ondelete="CASCADE"), primary_key=True
    )
    subtopic_id: Mapped[str] = mapped_column(
        ForeignKey("subtopics.id", ondelete="CASCADE"), index=True
    )
    confidence: Mapped[float]
    provisional: Mapped[bool] = mapped_column(default=False)
    evidence: Mapped[str] = mapped_column(default="")


class DecisionRow(Base):
    """One rename or merge of finalization; applied again after every run, undone by removing it."""

    __tablename__ = "decisions"
    __table_args__ = (Index(None, "book_id", "ordinal"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    book_id: Mapped[str] = _of_book(index=False)
    ordinal: Mapped[int]
    kind: Mapped[str]
    """`rename_topic`, `rename_subtopic` or `merge`."""
    target_id: Mapped[str]
    """The topic or subtopic renamed, or the subtopic kept."""
    value: Mapped[str]
    """The new title, or the id of the subtopic merged away."""
    reason: Mapped[str]
    is_undone: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class TeachingGuidelineRow(Base):
    """A published guideline, what a tutor reads."""

    __tablename__ = "teaching_guidelines"
    __table_args__ = (
        Index(None, "country", "board", "grade", "subject"),
        UniqueConstraint("subtopic_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    country: Mapped[str]
    board: Mapped[str]
    grade: Mapped[int]
    subject: Mapped[str]
    topic: Mapped[str]
    subtopic: Mapped[str]
    guideline: Mapped[str]
    topic_key: Mapped[str | None]
    subtopic_key: Mapped[str | None]
    topic_title: Mapped[str | None]
    subtopic_title: Mapped[str | None]
    topic_summary: Mapped[str | None]
    subtopic_summary: Mapped[str | None]
    book_id: Mapped[str | None] = mapped_column(
        ForeignKey("books.id", ondelete="CASCADE"), index=True
    )
    source_page_start: Mapped[int | None]
    source_page_end: Mapped[int | None]
    status: Mapped[str]
    review_status: Mapped[str]
    generated_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    subtopic_id: Mapped[str | None]
    content_hash: Mapped[str | None]
    """Of what is taught, page numbers left out: a move of pages is no change."""


class StudyPlanRow(Base):
    """A study plan made from a published guideline."""

    __tablename__ = "study_plans"

    id: Mapped[str] = mapped_column(primary_key=True)
    guideline_id: Mapped[str] = mapped_column(
        ForeignKey("teaching_guidelines.id", ondelete="CASCADE"), unique=True
    )
    plan_json: Mapped[str]
    generator_model: Mapped[str | None]
    reviewer_model: Mapped[str | None]
    generation_reasoning: Mapped[str | None]
    reviewer_feedback: Mapped[str | None]
    was_revised: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class LlmConfigRow(Base):
    """The model an admin chose for a component."""

    __tablename__ = "llm_config"

    component_key: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    model_id: Mapped[str]
    description: Mapped[str | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class ModelCallRow(Base):
    """One answer of a model under the hash of what was asked, or what was spent without one.

    Neither book nor job is a foreign key: an answer stays good when they are gone.
    """

    __tablename__ = "model_calls"
    __table_args__ = (
        Index(
            "uq_model_calls_answer",
            "question_hash",
            "take",
            unique=True,
            sqlite_where=text("answer IS NOT NULL"),
            postgresql_where=text("answer IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    question_hash: Mapped[str]
    """Of model, rules, form, prompt and image: whatever may change the answer."""
    take: Mapped[int]
    """0, and one more for every "Ask again"."""
    task: Mapped[str]
    model: Mapped[str]
    book_id: Mapped[str | None] = mapped_column(index=True)
    """The book that it was first asked for."""
    job_id: Mapped[str | None] = mapped_column(index=True)
    answer: Mapped[dict[str, Any] | None]
    """NULL when nothing that could be used came back."""
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cost: Mapped[float | None]
    """US dollars; NULL when the price of the model is unknown."""
    seconds: Mapped[float]
    created_at: Mapped[datetime]


class UploadBatchRow(Base):
    """A set of files announced together; holds their order before any byte arrives."""

    __tablename__ = "upload_batches"

    id: Mapped[str] = mapped_column(primary_key=True)
    book_id: Mapped[str] = _of_book()
    job_id: Mapped[str | None]
    is_request: Mapped[bool] = mapped_column(default=False)
    """One multipart request: all of it becomes pages when it is complete, or none of it."""
    is_complete: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_arrival_at: Mapped[datetime]


class UploadFileRow(Base):
    """One announced file: a page once its bytes are acknowledged and its turn has come."""

    __tablename__ = "upload_files"

    batch_id: Mapped[str] = mapped_column(
        ForeignKey("upload_batches.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    size: Mapped[int]
    state: Mapped[str]
    """`missing`, `received`, `page` (it is in the book), `already_there`, `refused`, `dropped`."""
    error: Mapped[str | None]
    sha256: Mapped[str | None]
    media_type: Mapped[str | None]
    frames: Mapped[int] = mapped_column(default=1)
    number: Mapped[int | None]
    """The first page number allotted to it."""


class RemovalRow(Base):
    """An object to be deleted once the rows that pointed at it are gone.

    A key that ends in "/" stands for every object below it. No key recorded here is ever written
    again: page numbers and revisions are not reused, and neither is a book id with removals left.
    """

    __tablename__ = "removals"

    key: Mapped[str] = mapped_column(primary_key=True)
    book_id: Mapped[str] = mapped_column(index=True)
    """No foreign key: the objects of a deleted book are removed after its row."""
    due_at: Mapped[datetime | None]
    """Until when what was deleted can be put back; nothing when it cannot."""


class UserRow(Base):
    """Somebody who may log in."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime]


class TokenRow(Base):
    """A bearer token for programs; only its hash is kept."""

    __tablename__ = "user_tokens"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]


class SecretRow(Base):
    """Keys that every server of this installation shares, such as the cookie's."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
