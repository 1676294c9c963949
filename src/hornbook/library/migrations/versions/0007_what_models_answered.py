"""What models answered and what it cost, and what a model said of the order of a subtopic's items.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

IS_ANSWERED = sa.text("answer IS NOT NULL")


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "model_calls",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("question_hash", sa.String(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), nullable=True),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_calls")),
    )
    op.create_index(op.f("ix_model_calls_book_id"), "model_calls", ["book_id"])
    op.create_index(op.f("ix_model_calls_job_id"), "model_calls", ["job_id"])
    op.create_index(
        "uq_model_calls_answer",
        "model_calls",
        ["question_hash", "take"],
        unique=True,
        sqlite_where=IS_ANSWERED,
        postgresql_where=IS_ANSWERED,
    )
    with op.batch_alter_table("subtopics") as table:
        table.add_column(sa.Column("arrangement", sa.JSON(none_as_null=True), nullable=True))
        table.add_column(sa.Column("shortfall", sa.String(), nullable=True))


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("subtopics") as table:
        table.drop_column("shortfall")
        table.drop_column("arrangement")
    op.drop_table("model_calls")
