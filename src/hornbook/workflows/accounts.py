"""Users, their passwords and tokens, and the link that lets the first one in."""

import hashlib
import secrets
import threading
from datetime import datetime, timedelta

from pwdlib import PasswordHash
from sqlalchemy.exc import IntegrityError

from hornbook.errors import Conflict, Invalid, NotFound
from hornbook.library import accounts
from hornbook.library.database import Database
from hornbook.model.clock import Clock

SHORT_PASSWORD = 8
"""Passwords of fewer characters are taken, with a warning: the operator decides."""
LONGEST_NAME = 100
HASHES_AT_ONCE = 2
"""Each takes 64 MB and a core: more at once would help nobody but an attacker."""
LINK_LIFETIME = timedelta(minutes=15)


class Accounts:
    """Adds users and tells who somebody is."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._hasher = PasswordHash.recommended()
        self._places = threading.BoundedSemaphore(HASHES_AT_ONCE)
        self._nobody: str | None = None

    def has_users(self) -> bool:
        """Whether anybody may log in with a password."""
        with self._database.read() as session:
            return accounts.has_users(session)

    def add_user(self, name: str, password: str) -> None:
        """Let `name` in with `password`; raises Invalid, or Conflict when the name is taken."""
        name = _checked_name(name)
        if not password.strip():
            raise Invalid("A password has at least one character. Nobody was added.")
        password_hash = self._hasher.hash(password)
        try:
            with self._database.begin() as session:
                accounts.add_user(session, name, password_hash, self._clock())
        except IntegrityError as error:
            raise Conflict(f"There is already a user {name!r}.") from error

    def make_token(self, name: str) -> str:
        """Give `name` a new bearer token, shown this once; raises NotFound."""
        token = secrets.token_urlsafe(32)
        with self._database.begin() as session:
            user = accounts.user_by_name(session, name.strip())
            if user is None:
                raise NotFound(f"There is no user {name!r}.")
            accounts.add_token(session, user.id, _hash(token), self._clock())
        return token

    def is_password(self, name: str, password: str) -> bool:
        """Whether `password` lets `name` in; takes as long for a name that nobody has."""
        with self._database.read() as session:
            user = accounts.user_by_name(session, name.strip())
        with self._places:
            known = self._hash_of_nobody() if user is None else user.password_hash
            return self._hasher.verify(password, known) and user is not None

    def owner_of_token(self, token: str) -> str | None:
        """Name the user who was given this token."""
        with self._database.read() as session:
            return accounts.owner_of_token(session, _hash(token))

    def cookie_secret(self) -> str:
        """Give the key that signs session cookies: one for all servers, kept over restarts."""
        with self._database.begin() as session:
            return accounts.shared_secret(session, "cookie", secrets.token_urlsafe(48))

    def _hash_of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
        return self._nobody


class OneTimeLinks:
    """Secrets printed on the terminal, each of which lets one browser in, once and soon."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, datetime] = {}

    def make(self) -> str:
        """Give a secret that is good for one login within 15 minutes."""
        link = secrets.token_urlsafe(24)
        with self._lock:
            self._open[_hash(link)] = self._clock() + LINK_LIFETIME
        return link

    def take(self, link: str) -> bool:
        """Whether `link` is good; it is good no more afterwards."""
        with self._lock:
            until = self._open.pop(_hash(link), None)
        return until is not None and self._clock() <= until


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(f"A user name has 1 to {LONGEST_NAME} printable characters.")
    return name
