"""The models that admins chose, one row for a component at most."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hornbook.library.tables import LlmConfigRow
from hornbook.model.components import Component, ModelChoice


def saved(session: Session) -> dict[Component, ModelChoice]:
    """Give every choice that was saved; rows of components that are not ours are left alone."""
    known = select(LlmConfigRow).where(LlmConfigRow.component_key.in_(list(Component)))
    return {Component(row.component_key): _choice(row) for row in session.scalars(known)}


def find(session: Session, component: Component) -> ModelChoice | None:
    """Give the choice that was saved for a component, held until the transaction ends."""
    mine = select(LlmConfigRow).where(LlmConfigRow.component_key == component)
    row = session.scalars(
        mine.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    return _choice(row) if row else None


def save(session: Session, choice: ModelChoice, now: datetime, by: str) -> None:
    """Put a choice in the place of the one before, whoever saves at the same time."""
    values = {
        "provider": choice.provider,
        "model_id": choice.model_id,
        "description": choice.description,
        "updated_at": now,
        "updated_by": by,
    }
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(LlmConfigRow).values(component_key=choice.component, **values)
    session.execute(
        insert.on_conflict_do_update(index_elements=[LlmConfigRow.component_key], set_=values)
    )


def forget(session: Session, component: Component) -> None:
    """Take out the choice for a component, if any was saved."""
    session.execute(delete(LlmConfigRow).where(LlmConfigRow.component_key == component))


def _choice(row: LlmConfigRow) -> ModelChoice:
    return ModelChoice(
        component=Component(row.component_key),
        provider=row.provider,
        model_id=row.model_id,
        description=row.description,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        is_saved=True,
    )
