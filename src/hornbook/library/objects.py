"""The object store: a local folder, a bucket, or memory, behind one small class."""

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

from hornbook.errors import Invalid, KeyTaken, MissingObject, StoreFull, StoreUnavailable
from hornbook.model.ids import new_id

STAGING = ".staging"
"""Where the files of a local store are written before they get their names."""
WORKERS = 8
"""Objects handled at once: a store far away answers slowly, but answers many."""
SECONDS_FOR_ANSWER = 20.0
SECONDS_OF_RETRIES = 6
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
T = TypeVar("T")
R = TypeVar("R")
KEY = re.compile(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*", re.ASCII)


class Objects:
    """Keeps bytes under keys; made with another address than file, s3 or memory it raises Invalid.

    Every method raises StoreUnavailable when the store does not do its work for any reason but
    a missing object; `on_operation` is told the name of each operation, for the metrics.
    """

    def __init__(
        self,
        url: str,
        on_operation: Callable[[str], None] = lambda _name: None,
        *,
        patience: float = SECONDS_FOR_ANSWER,
    ) -> None:
        """`patience`: seconds that a bucket may take for one answer."""
        self.url = url
        self._folder = _folder(url)
        self._store = _open_store(url, self._folder, patience)
        self._told = on_operation

    def put_new(self, key: str, data: bytes) -> None:
        """Keep `data` under a key not used before; on return it survives a power cut.

        Success too if exactly these bytes are already there, so that a put may be repeated.
        Raises KeyTaken when there are others.
        """
        with self._doing("put", key):
            is_new = self._create(key, data)
        if not is_new and self.get(key) != data:
            raise KeyTaken(f"Other bytes are already kept under {key}.")

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key` in place of what was there; for projected files only."""
        with self._doing("put", key):
            if self._folder:
                _write_durably(self._folder, key, data, os.replace)
            else:
                obstore.put(self._store, key, data)

    def get(self, key: str) -> bytes:
        """What is kept under `key`; raises MissingObject."""
        with self._doing("get", key):
            return bytes(obstore.get(self._store, key).bytes())

    def start_of(self, key: str, length: int) -> bytes:
        """The first bytes of what is kept under `key`; raises MissingObject."""
        with self._doing("get", key):
            return bytes(obstore.get_range(self._store, key, start=0, length=length))

    def delete(self, key: str) -> None:
        """Remove the object, if it is there."""
        try:
            with self._doing("delete", key):
                obstore.delete(self._store, key)
        except MissingObject:
            return
        if self._folder:
            _remove_empty_folders(self._folder, key)

    def list(self, prefix: str) -> list[str]:
        """Every key below the folder `prefix`, sorted."""
        with self._doing("list", prefix):
            chunks = obstore.list(self._store, prefix.rstrip("/") or None)
            found = [entry["path"] for chunk in chunks for entry in chunk]
        return sorted(key for key in found if not key.startswith(f"{STAGING}/"))

    def check(self) -> None:
        """Write, read, refuse to overwrite, and delete a small object, for the doctor."""
        key = f"doctor/{new_id()}"
        self.put_new(key, b"first")
        try:
            self.put_new(key, b"second")
        except KeyTaken:
            is_safe = self.get(key) == b"first"
        else:
            is_safe = False
        finally:
            self.delete(key)
        if not is_safe:
            raise StoreUnavailable(
                "The object store overwrites objects that it was asked to create only; "
                "pages would not be safe in it."
            )

    def sweep(self) -> None:
        """Remove what killed puts left in a local store's staging folder."""
        if not self._folder:
            return
        with self._doing("sweep", STAGING):
            for entry in os.scandir(self._folder / STAGING):
                if entry.is_file():
                    _remove_abandoned(Path(entry))

    def _create(self, key: str, data: bytes) -> bool:
        """Whether the object is new; what is there already is left alone."""
        try:
            if self._folder:
                _write_durably(self._folder, key, data, os.link)
            else:
                obstore.put(self._store, key, data, mode="create")
        except (AlreadyExistsError, FileExistsError):
            return False
        return True

    @contextmanager
    def _doing(self, operation: str, key: str) -> Iterator[None]:
        """Count the operation, and turn what may go wrong into our errors, by type."""
        self._told(operation)
        try:
            yield
        except FileNotFoundError as error:
            if self._folder and not self._folder.is_dir():
                raise StoreUnavailable(
                    f"The folder of the object store is gone: {self._folder}"
                ) from error
            raise MissingObject(f"The object store has nothing under {key}.") from error
        except (PermissionDeniedError, UnauthenticatedError, PermissionError) as error:
            raise StoreUnavailable(
                f"The object store refuses access: {_first_line(error)}"
            ) from error
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error


def at_once(work: Callable[[T], R], things: Iterable[T], workers: int = WORKERS) -> list[R]:
    """Do the work for all things, so many at a time; gives what came of each, in their order.

    The first failure ends it and is raised, when what was begun has come to its end.
    """
    with ThreadPoolExecutor(workers, thread_name_prefix="at-once") as pool:
        futures = [pool.submit(work, thing) for thing in things]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()


def sync(path: Path) -> None:
    """Make a file's bytes, or the names in a folder, survive a power cut; raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _folder(url: str) -> Path | None:
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _open_store(url: str, folder: Path | None, patience: float) -> ObjectStore:
    scheme = urlsplit(url).scheme
    if folder:
        return _open_folder(folder)
    if scheme == "memory":
        return MemoryStore()
    if scheme != "s3":
        raise Invalid(f"The store address {url} starts with none of file://, s3:// and memory://.")
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    return S3Store.from_url(
        url,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": "3s",
            "timeout": timedelta(seconds=patience),
        },
        retry_config={"retry_timeout": timedelta(seconds=SECONDS_OF_RETRIES), "max_retries": 3},
    )


def _open_folder(folder: Path) -> LocalStore:
    # The store follows symbolic links, so its folder belongs to us alone.
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / STAGING).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _unavailable(error) from error
    return LocalStore(folder)


def _write_durably(
    folder: Path, key: str, data: bytes, give_name: Callable[[Path, Path], None]
) -> None:
    """Write a file that gets its name only when its bytes are on the disk."""
    if not KEY.fullmatch(key):
        message = f"not a key of ours: {key!r}"
        raise ValueError(message)
    target = folder / key
    with _staged(folder / STAGING) as (file, staged):
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        _move(staged, target, give_name)
    _sync_folders(folder, target.parent)


def _move(staged: Path, target: Path, give_name: Callable[[Path, Path], None]) -> None:
    """Give the file its name, in a folder that a deletion may take away meanwhile."""
    while True:
        try:
            _make_folder(target.parent)
            give_name(staged, target)
        except FileNotFoundError:
            if not staged.exists():
                raise
        else:
            return


def _make_folder(folder: Path) -> None:
    while not folder.is_dir():
        if folder.is_file():
            raise NotADirectoryError(folder)
        # "Exists", it may be said of a folder that a deletion takes away between two looks at it;
        # passed on, that would be taken for the object itself.
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _remove_empty_folders(root: Path, key: str) -> None:
    """Take away the folders that the deleted object was the last in."""
    for folder in (root / key).parents:
        if folder == root:
            return
        try:
            folder.rmdir()
        except OSError:  # it has other objects
            return


def _sync_folders(root: Path, folder: Path) -> None:
    """Make the names durable: the file's, and those of folders made for it."""
    while True:
        sync(folder)
        if folder == root:
            return
        folder = folder.parent


@contextmanager
def _staged(staging: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Give a new file that is locked for as long as it is being written, and then removed."""
    while True:
        path = staging / new_id()
        with path.open("xb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not os.fstat(file.fileno()).st_nlink:
                continue  # swept between its making and its locking
            try:
                yield file, path
            finally:
                path.unlink(missing_ok=True)
            return


def _remove_abandoned(path: Path) -> None:
    """Remove a staged file unless somebody writes it: the lock of a dead process is gone."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
    except (BlockingIOError, FileNotFoundError):
        return


def _unavailable(error: Exception) -> StoreUnavailable:
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return StoreFull()
    return StoreUnavailable(f"The object store does not do its work: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
