"""Summaries that no longer fit their pages, and those of topics that no model gave.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    # Both tables have others hanging on them: never by a copy, whose deletion would cascade.
    op.add_column("topics", sa.Column("shortfall", sa.String(), nullable=True))
    op.add_column(
        "subtopics",
        sa.Column("is_outdated", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Change it back."""
    op.drop_column("subtopics", "is_outdated")
    op.drop_column("topics", "shortfall")
