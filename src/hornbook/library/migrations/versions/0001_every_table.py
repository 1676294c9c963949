"""Every table.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "books",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("edition", sa.String(), nullable=True),
        sa.Column("edition_year", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("board", sa.String(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("cover_image_s3_key", sa.String(), nullable=True),
        sa.Column("s3_prefix", sa.String(), nullable=False),
        sa.Column("metadata_s3_key", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("projected_rev", sa.Integer(), nullable=False),
        sa.Column("projection_error", sa.String(), nullable=True),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books")),
    )
    op.create_index(
        op.f("ix_books_country_board_grade_subject"),
        "books",
        ["country", "board", "grade", "subject"],
        unique=False,
    )
    op.create_table(
        "llm_config",
        sa.Column("component_key", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model_id", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("component_key", name=op.f("pk_llm_config")),
    )
    op.create_table(
        "removals",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_removals")),
    )
    op.create_index(op.f("ix_removals_book_id"), "removals", ["book_id"], unique=False)
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "book_guidelines",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), nullable=False),
        sa.Column("guideline_s3_key", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("review_status", sa.String(), nullable=False),
        sa.Column("generated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name=op.f("fk_book_guidelines_book_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_guidelines")),
    )
    op.create_index(
        op.f("ix_book_guidelines_book_id"), "book_guidelines", ["book_id"], unique=False
    )
    op.create_table(
        "book_jobs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("total_items", sa.Integer(), nullable=True),
        sa.Column("completed_items", sa.Integer(), nullable=False),
        sa.Column("failed_items", sa.Integer(), nullable=False),
        sa.Column("current_item", sa.Integer(), nullable=True),
        sa.Column("last_completed_item", sa.Integer(), nullable=True),
        sa.Column("progress_detail", sa.String(), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("error_class", sa.String(), nullable=True),
        sa.Column("run_token", sa.String(), nullable=True),
        sa.Column("takeovers", sa.Integer(), nullable=True),
        sa.Column("on_error", sa.String(), nullable=True),
        sa.Column("is_stop_requested", sa.Boolean(), nullable=True),
        sa.Column("options", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("stats", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name=op.f("fk_book_jobs_book_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_jobs")),
    )
    op.create_index(
        op.f("ix_book_jobs_book_id_started_at"),
        "book_jobs",
        ["book_id", "started_at"],
        unique=False,
    )
    op.create_index(
        "uq_book_jobs_active",
        "book_jobs",
        ["book_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('pending', 'running')"),
        postgresql_where=sa.text("status IN ('pending', 'running')"),
    )
    op.create_table(
        "book_pages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("raw_key", sa.String(), nullable=False),
        sa.Column("image_revision", sa.Integer(), nullable=False),
        sa.Column("images_made", sa.Integer(), nullable=False),
        sa.Column("rotation", sa.Integer(), nullable=False),
        sa.Column("ocr_status", sa.String(), nullable=False),
        sa.Column("ocr_error", sa.String(), nullable=True),
        sa.Column("ocr_error_type", sa.String(), nullable=True),
        sa.Column("engine", sa.String(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("is_blank", sa.Boolean(), nullable=False),
        sa.Column("text_revision", sa.Integer(), nullable=False),
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("projected_rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name=op.f("fk_book_pages_book_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_pages")),
        sa.UniqueConstraint("book_id", "number", name=op.f("uq_book_pages_book_id_number")),
        sa.UniqueConstraint("book_id", "place", name=op.f("uq_book_pages_book_id_place")),
    )
    op.create_index(
        op.f("ix_book_pages_book_id_rev"), "book_pages", ["book_id", "rev"], unique=False
    )
    op.create_index(
        op.f("ix_book_pages_book_id_sha256"), "book_pages", ["book_id", "sha256"], unique=False
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name=op.f("fk_decisions_book_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(
        op.f("ix_decisions_book_id_ordinal"), "decisions", ["book_id", "ordinal"], unique=False
    )
    op.create_table(
        "teaching_guidelines",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("board", sa.String(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("subtopic", sa.String(), nullable=False),
        sa.Column("guideline", sa.String(), nullable=False),
        sa.Column("topic_key", sa.String(), nullable=True),
        sa.Column("subtopic_key", sa.String(), nullable=True),
        sa.Column("topic_title", sa.String(), nullable=True),
        sa.Column("subtopic_title", sa.String(), nullable=True),
        sa.Column("topic_summary", sa.String(), nullable=True),
        sa.Column("subtopic_summary", sa.String(), nullable=True),
        sa.Column("book_id", sa.String(), nullable=True),
        sa.Column("source_page_start", sa.Integer(), nullable=True),
        sa.Column("source_page_end", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("review_status", sa.String(), nullable=False),
        sa.Column("generated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subtopic_id", sa.String(), nullable=True),
        sa.Column("content_hash", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["book_id"],
            ["books.id"],
            name=op.f("fk_teaching_guidelines_book_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_guidelines")),
        sa.UniqueConstraint("subtopic_id", name=op.f("uq_teaching_guidelines_subtopic_id")),
    )
    op.create_index(
        op.f("ix_teaching_guidelines_book_id"), "teaching_guidelines", ["book_id"], unique=False
    )
    op.create_index(
        op.f("ix_teaching_guidelines_country_board_grade_subject"),
        "teaching_guidelines",
        ["country", "board", "grade", "subject"],
        unique=False,
    )
    op.create_table(
        "topics",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("found_title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name=op.f("fk_topics_book_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("book_id", "key", name=op.f("uq_topics_book_id_key")),
    )
    op.create_table(
        "upload_batches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.Column("is_request", sa.Boolean(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_arrival_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name=op.f("fk_upload_batches_book_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_batches")),
    )
    op.create_index(op.f("ix_upload_batches_book_id"), "upload_batches", ["book_id"], unique=False)
    op.create_table(
        "user_tokens",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_tokens_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_tokens")),
    )
    op.create_index(op.f("ix_user_tokens_user_id"), "user_tokens", ["user_id"], unique=False)
    op.create_table(
        "findings",
        sa.Column("page_id", sa.String(), nullable=False),
        sa.Column("text_revision", sa.Integer(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("items", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("headings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["book_pages.id"], name=op.f("fk_findings_page_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_findings")),
    )
    op.create_table(
        "job_items",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("input", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("error_type", sa.String(), nullable=True),
        sa.Column("error_class", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["book_jobs.id"], name=op.f("fk_job_items_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "subject_id", name=op.f("pk_job_items")),
    )
    op.create_index(
        op.f("ix_job_items_job_id_state_position"),
        "job_items",
        ["job_id", "state", "position"],
        unique=False,
    )
    op.create_table(
        "page_attempts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("page_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("error_class", sa.String(), nullable=True),
        sa.Column("engine", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["book_pages.id"],
            name=op.f("fk_page_attempts_page_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_attempts")),
    )
    op.create_index(
        op.f("ix_page_attempts_page_id_started_at"),
        "page_attempts",
        ["page_id", "started_at"],
        unique=False,
    )
    op.create_table(
        "page_texts",
        sa.Column("page_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["page_id"], ["book_pages.id"], name=op.f("fk_page_texts_page_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("page_id", "revision", name=op.f("pk_page_texts")),
    )
    op.create_table(
        "study_plans",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("guideline_id", sa.String(), nullable=False),
        sa.Column("plan_json", sa.String(), nullable=False),
        sa.Column("generator_model", sa.String(), nullable=True),
        sa.Column("reviewer_model", sa.String(), nullable=True),
        sa.Column("generation_reasoning", sa.String(), nullable=True),
        sa.Column("reviewer_feedback", sa.String(), nullable=True),
        sa.Column("was_revised", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["guideline_id"],
            ["teaching_guidelines.id"],
            name=op.f("fk_study_plans_guideline_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_plans")),
        sa.UniqueConstraint("guideline_id", name=op.f("uq_study_plans_guideline_id")),
    )
    op.create_table(
        "subtopics",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), nullable=False),
        sa.Column("topic_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("found_title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("blocks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("candidate", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_by", sa.String(), nullable=True),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("is_withheld", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("projected_rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name=op.f("fk_subtopics_book_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_subtopics_topic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subtopics")),
        sa.UniqueConstraint("topic_id", "key", name=op.f("uq_subtopics_topic_id_key")),
    )
    op.create_index(op.f("ix_subtopics_book_id"), "subtopics", ["book_id"], unique=False)
    op.create_index(op.f("ix_subtopics_topic_id"), "subtopics", ["topic_id"], unique=False)
    op.create_table(
        "upload_files",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["upload_batches.id"],
            name=op.f("fk_upload_files_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_upload_files")),
    )
    op.create_table(
        "placements",
        sa.Column("page_id", sa.String(), nullable=False),
        sa.Column("subtopic_id", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["book_pages.id"], name=op.f("fk_placements_page_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subtopic_id"],
            ["subtopics.id"],
            name=op.f("fk_placements_subtopic_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_placements")),
    )
    op.create_index(op.f("ix_placements_subtopic_id"), "placements", ["subtopic_id"], unique=False)
    op.create_table(
        "subtopic_edits",
        sa.Column("subtopic_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("blocks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subtopic_id"],
            ["subtopics.id"],
            name=op.f("fk_subtopic_edits_subtopic_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subtopic_id", "version", name=op.f("pk_subtopic_edits")),
    )


def downgrade() -> None:
    """Change it back."""
    op.drop_table("subtopic_edits")
    op.drop_index(op.f("ix_placements_subtopic_id"), table_name="placements")
    op.drop_table("placements")
    op.drop_table("upload_files")
    op.drop_index(op.f("ix_subtopics_topic_id"), table_name="subtopics")
    op.drop_index(op.f("ix_subtopics_book_id"), table_name="subtopics")
    op.drop_table("subtopics")
    op.drop_table("study_plans")
    op.drop_table("page_texts")
    op.drop_index(op.f("ix_page_attempts_page_id_started_at"), table_name="page_attempts")
    op.drop_table("page_attempts")
    op.drop_index(op.f("ix_job_items_job_id_state_position"), table_name="job_items")
    op.drop_table("job_items")
    op.drop_table("findings")
    op.drop_index(op.f("ix_user_tokens_user_id"), table_name="user_tokens")
    op.drop_table("user_tokens")
    op.drop_index(op.f("ix_upload_batches_book_id"), table_name="upload_batches")
    op.drop_table("upload_batches")
    op.drop_table("topics")
    op.drop_index(
        op.f("ix_teaching_guidelines_country_board_grade_subject"), table_name="teaching_guidelines"
    )
    op.drop_index(op.f("ix_teaching_guidelines_book_id"), table_name="teaching_guidelines")
    op.drop_table("teaching_guidelines")
    op.drop_index(op.f("ix_decisions_book_id_ordinal"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_index(op.f("ix_book_pages_book_id_sha256"), table_name="book_pages")
    op.drop_index(op.f("ix_book_pages_book_id_rev"), table_name="book_pages")
    op.drop_table("book_pages")
    op.drop_index(
        "uq_book_jobs_active",
        table_name="book_jobs",
        sqlite_where=sa.text("status IN ('pending', 'running')"),
        postgresql_where=sa.text("status IN ('pending', 'running')"),
    )
    op.drop_index(op.f("ix_book_jobs_book_id_started_at"), table_name="book_jobs")
    op.drop_table("book_jobs")
    op.drop_index(op.f("ix_book_guidelines_book_id"), table_name="book_guidelines")
    op.drop_table("book_guidelines")
    op.drop_table("users")
    op.drop_table("secrets")
    op.drop_index(op.f("ix_removals_book_id"), table_name="removals")
    op.drop_table("removals")
    op.drop_table("llm_config")
    op.drop_index(op.f("ix_books_country_board_grade_subject"), table_name="books")
    op.drop_table("books")
