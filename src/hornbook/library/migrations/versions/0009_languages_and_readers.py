"""The language of a book, and who is asked to read a page.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    # Both tables have others hanging on them: never by a copy, whose deletion would cascade.
    op.add_column("books", sa.Column("language", sa.String(), nullable=False, server_default="en"))
    op.add_column("book_pages", sa.Column("asked_reader", sa.String(), nullable=True))


def downgrade() -> None:
    """Change it back."""
    op.drop_column("book_pages", "asked_reader")
    op.drop_column("books", "language")
