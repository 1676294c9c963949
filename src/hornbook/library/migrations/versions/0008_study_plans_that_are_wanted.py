"""Study plans that are asked for together, so that what was asked for outlives a crash.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "study_plan_wishes",
        sa.Column("guideline_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_forced", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["guideline_id"],
            ["teaching_guidelines.id"],
            name=op.f("fk_study_plan_wishes_guideline_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("guideline_id", name=op.f("pk_study_plan_wishes")),
    )


def downgrade() -> None:
    """Change it back."""
    op.drop_table("study_plan_wishes")
