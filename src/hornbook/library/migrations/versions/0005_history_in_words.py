"""What a human saw before and after each edit of a guideline, word for word.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("subtopic_edits") as table:
        table.add_column(sa.Column("act", sa.String(), nullable=True))
        table.add_column(sa.Column("text_before", sa.String(), nullable=True))
        table.add_column(sa.Column("text_after", sa.String(), nullable=True))
        table.add_column(sa.Column("blocks_after", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("subtopic_edits") as table:
        for name in ("blocks_after", "text_after", "text_before", "act"):
            table.drop_column(name)
