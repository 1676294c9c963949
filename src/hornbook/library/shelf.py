"""One book's place in the bucket: what is known to be there, and how files are put in."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from hashlib import sha256

from hornbook.library import keys, shapes
from hornbook.library.objects import Objects, at_once
from hornbook.library.snapshot import Present, Shape, Snapshot, TextFile

PART_ENDINGS = (".page_guideline.json", ".latest.json", "/index.json", "/page_index.json")


class Shelf:
    """Writes what has changed and takes away what is no longer shown; raises StoreUnavailable."""

    def __init__(self, objects: Objects, book_id: str, rev: int) -> None:
        self._objects = objects
        self._book_id = book_id
        self.rev = rev
        """The revision that the files show."""
        self._written: dict[str, bytes | None] = dict.fromkeys(objects.list(keys.prefix(book_id)))
        """Every key there is, with a digest of what we wrote ourselves."""

    def present(self) -> Present:
        """Tell what is there."""
        own = {key for key, digest in self._written.items() if digest}
        return Present(listed=set(self._written), written=own)

    def write_texts(self, files: Iterable[TextFile]) -> None:
        """Write texts and their layouts, each once."""
        at_once(self._put_text, files)

    def write(self, shown: Snapshot, now: datetime) -> None:
        """Write every file that differs from what we last wrote."""
        stamp = {"last_updated": shapes.instant(now)}
        stamped = {"version": shown.rev, **stamp}
        self._write_all({keys.metadata(self._book_id): shown.metadata}, stamp)
        self._write_all(shown.parts, {})
        self._write_all(shown.indexes, stamped)
        self._write_all({keys.state(self._book_id): shown.state}, {"rev": shown.rev, **stamp})
        at_once(self._delete, self._surplus(shown.parts.keys() | shown.indexes.keys()))

    def _write_all(self, files: dict[str, Shape], stamp: Shape) -> None:
        digests = {key: _compact(shape) for key, shape in files.items()}
        changed = [key for key in files if self._written.get(key) != _digest(digests[key])]

        def put(key: str) -> None:
            self._put(key, encode(files[key] | stamp), digests[key])

        at_once(put, changed)

    def _put_text(self, file: TextFile) -> None:
        # The text comes last: where it is, its layout is too.
        if file.layout:
            layout = encode(file.layout)
            self._put(file.name.layout_key, layout, layout)
        text = file.text.encode()
        self._put(file.name.text_key, text, text)

    def _put(self, key: str, data: bytes, content: bytes) -> None:
        # Until the store has answered, anything may be there.
        self._written[key] = None
        self._objects.put(key, data)
        self._written[key] = _digest(content)

    def _delete(self, key: str) -> None:
        self._objects.delete(key)
        self._written.pop(key, None)

    def _surplus(self, wanted: Collection[str]) -> list[str]:
        ours = tuple(f"{keys.prefix(self._book_id)}{folder}/" for folder in ("pages", "guidelines"))
        return [
            key
            for key in self._written
            if key.startswith(ours) and key.endswith(PART_ENDINGS) and key not in wanted
        ]


def encode(shape: Shape) -> bytes:
    """Give the bytes of a JSON file of ours."""
    return json.dumps(shape, ensure_ascii=False, indent=2).encode()


def _compact(shape: Shape) -> bytes:
    return json.dumps(shape, ensure_ascii=False).encode()


def _digest(content: bytes) -> bytes:
    return sha256(content).digest()
