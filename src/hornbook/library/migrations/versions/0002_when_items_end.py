"""When an item of a job ended and last changed, and which attempt a waiting job is at.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("job_items", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job_items", sa.Column("rev", sa.Integer(), nullable=True))
    op.add_column("book_jobs", sa.Column("retry", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("book_jobs", "retry")
    op.drop_column("job_items", "rev")
    op.drop_column("job_items", "ended_at")
