"""The table of study plans that are asked for together."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hornbook.library.tables import Base


class StudyPlanWishRow(Base):
    """A plan that was asked for together with others, until they are asked for anew."""

    __tablename__ = "study_plan_wishes"

    guideline_id: Mapped[str] = mapped_column(
        ForeignKey("teaching_guidelines.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int]
    is_forced: Mapped[bool]
    """A plan that is there already is made again."""
    state: Mapped[str]
    reason: Mapped[str | None]
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
