"""The checks that a store must pass; each takes an empty store and asserts one promise."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from hornbook.errors import KeyTaken, MissingObject
from hornbook.library.objects import Objects

KEY = "books/a_b_3_2020/raw/1.jpg"
RIVALS = 12


def keeps_what_it_was_given(store: Objects) -> None:
    store.put_new(KEY, b"bytes \x00\xff")

    assert store.get(KEY) == b"bytes \x00\xff"


def keeps_an_empty_object(store: Objects) -> None:
    store.put_new(KEY, b"")

    assert store.get(KEY) == b""


def keeps_a_large_object(store: Objects) -> None:
    body = bytes(range(256)) * 40_000  # over the size from which a store may be sent parts

    store.put_new(KEY, body)

    assert store.get(KEY) == body
    assert store.start_of(KEY, 3) == b"\x00\x01\x02"


def never_overwrites_when_it_creates(store: Objects) -> None:
    store.put_new(KEY, b"first")

    with pytest.raises(KeyTaken):
        store.put_new(KEY, b"second")
    assert store.get(KEY) == b"first"


def creates_the_same_bytes_again(store: Objects) -> None:
    store.put_new(KEY, b"first")
    store.put_new(KEY, b"first")

    assert store.get(KEY) == b"first"


def lets_one_of_many_rivals_win(store: Objects) -> None:
    start = threading.Barrier(RIVALS)

    def attempt(number: int) -> bool:
        start.wait(10)
        try:
            store.put_new(KEY, b"%d" % number)
        except KeyTaken:
            return False
        return True

    with ThreadPoolExecutor(RIVALS) as pool:
        wins = list(pool.map(attempt, range(RIVALS)))

    assert wins.count(True) == 1
    assert store.get(KEY) == b"%d" % wins.index(True)


def overwrites_when_it_puts(store: Objects) -> None:
    store.put(KEY, b"first, and longer")
    store.put(KEY, b"second")

    assert store.get(KEY) == b"second"


def says_what_is_missing(store: Objects) -> None:
    with pytest.raises(MissingObject, match=KEY):
        store.get(KEY)


def deletes_what_is_there_and_what_is_not(store: Objects) -> None:
    store.put_new(KEY, b"bytes")
    store.delete(KEY)
    store.delete(KEY)
    store.delete("never/was")

    with pytest.raises(MissingObject):
        store.get(KEY)


def lists_a_folder_sorted(store: Objects) -> None:
    for key in ("books/b/2", "books/b/10", "books/b/deep/er", "books/bc/1", "other"):
        store.put_new(key, b"bytes")

    assert store.list("books/b/") == ["books/b/10", "books/b/2", "books/b/deep/er"]
    assert store.list("nothing/here/") == []
    assert len(store.list("")) == 5


def passes_the_doctors_check(store: Objects) -> None:
    store.check()
    store.sweep()

    assert store.list("") == []


CHECKS: list[Callable[[Objects], None]] = [
    keeps_what_it_was_given,
    keeps_an_empty_object,
    keeps_a_large_object,
    never_overwrites_when_it_creates,
    creates_the_same_bytes_again,
    lets_one_of_many_rivals_win,
    overwrites_when_it_puts,
    says_what_is_missing,
    deletes_what_is_there_and_what_is_not,
    lists_a_folder_sorted,
    passes_the_doctors_check,
]
