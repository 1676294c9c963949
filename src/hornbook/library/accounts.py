"""Who may in: users, their tokens' hashes, and the keys all servers of an installation share."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hornbook.library.tables import SecretRow, TokenRow, UserRow
from hornbook.model.ids import new_id


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    id: str
    name: str
    password_hash: str


def user_by_name(session: Session, name: str) -> User | None:
    """Find a user by the name used for logging in."""
    row = session.scalars(select(UserRow).where(UserRow.name == name)).one_or_none()
    return None if row is None else User(row.id, row.name, row.password_hash)


def add_user(session: Session, name: str, password_hash: str, now: datetime) -> User:
    """Insert a user; the unique index refuses a name that is taken."""
    user = User(new_id(), name, password_hash)
    session.add(UserRow(id=user.id, name=name, password_hash=password_hash, created_at=now))
    session.flush()
    return user


def has_users(session: Session) -> bool:
    """Whether anybody may log in."""
    return bool(session.scalar(select(exists().select_from(UserRow))))


def add_token(session: Session, user_id: str, token_hash: str, now: datetime) -> None:
    """Keep the hash of a token that was just given to a user."""
    session.add(TokenRow(token_hash=token_hash, user_id=user_id, created_at=now))


def owner_of_token(session: Session, token_hash: str) -> str | None:
    """Name the user who was given the token with this hash."""
    found = select(UserRow.name).join(TokenRow).where(TokenRow.token_hash == token_hash)
    return session.scalar(found)


def shared_secret(session: Session, name: str, fresh: str) -> str:
    """Give the secret of this name; the first to ask has `fresh` kept for everybody."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(SecretRow).values(name=name, value=fresh)
    session.execute(insert.on_conflict_do_nothing(index_elements=[SecretRow.name]))
    return session.scalars(select(SecretRow.value).where(SecretRow.name == name)).one()
