"""A store that fails says so, and is never taken for one that has nothing."""

import pytest

from hornbook.errors import KeyTaken, MissingObject, StoreUnavailable
from hornbook.library.objects import Objects
from tests.contracts.s3_server import BUCKET, Shared
from tests.seaweed import BUCKET as REAL_BUCKET
from tests.seaweed import Seaweed, pointed_at

KEY = "books/a/1.txt"


@pytest.mark.parametrize("status", [403, 401])
def test_a_store_that_refuses_access_says_so_at_once(
    s3: Shared, s3_objects: Objects, status: int
) -> None:
    s3.fault = status

    with pytest.raises(StoreUnavailable, match="The object store refuses access"):
        s3_objects.get(KEY)
    assert s3.requests == 1


@pytest.mark.parametrize("status", [500, 503])
def test_a_store_that_fails_is_not_a_store_that_has_nothing(
    s3: Shared, s3_objects: Objects, status: int
) -> None:
    s3.fault = status

    for attempt in (
        lambda: s3_objects.get(KEY),
        lambda: s3_objects.list("books/"),
        lambda: s3_objects.put(KEY, b"x"),
        lambda: s3_objects.put_new(KEY, b"x"),
        lambda: s3_objects.delete(KEY),
    ):
        with pytest.raises(StoreUnavailable, match="does not do its work"):
            attempt()


def test_only_not_found_is_not_found(s3: Shared, s3_objects: Objects) -> None:
    s3.fault = 404

    with pytest.raises(MissingObject):
        s3_objects.get(KEY)


def test_a_burst_of_refusals_is_waited_out(s3: Shared, s3_objects: Objects) -> None:
    s3.refusals = 2

    s3_objects.put_new(KEY, b"bytes")

    assert s3_objects.get(KEY) == b"bytes"


def test_a_store_that_is_slow_is_waited_for(s3: Shared, s3_objects: Objects) -> None:
    s3.delay = 0.3

    s3_objects.put_new(KEY, b"bytes")

    assert s3_objects.get(KEY) == b"bytes"


def test_a_read_that_is_cut_short_is_no_object(s3: Shared, s3_objects: Objects) -> None:
    s3_objects.put_new(KEY, b"bytes" * 100)
    s3.is_cutting = True

    for attempt in (s3_objects.get, lambda key: s3_objects.start_of(key, 100)):
        with pytest.raises(StoreUnavailable):
            attempt(KEY)


def test_a_store_that_hangs_is_given_up(s3: Shared, s3_objects: Objects) -> None:
    hasty = Objects(f"s3://{BUCKET}", patience=0.3)
    s3.is_hanging = True

    for attempt in (lambda: hasty.get(KEY), lambda: hasty.put_new(KEY, b"bytes")):
        with pytest.raises(StoreUnavailable):
            attempt()
    s3.behave()


def test_a_put_whose_answer_was_lost_is_a_success(s3: Shared, s3_objects: Objects) -> None:
    s3.forgets_answer = True

    s3_objects.put_new(KEY, b"bytes")

    assert s3_objects.get(KEY) == b"bytes"
    with pytest.raises(KeyTaken):
        s3_objects.put_new(KEY, b"other")


def test_a_deletion_that_was_refused_is_no_success(s3: Shared, s3_objects: Objects) -> None:
    s3_objects.put_new(KEY, b"bytes")
    s3.refuses_deletes = True

    with pytest.raises(StoreUnavailable):
        s3_objects.delete(KEY)
    assert s3_objects.get(KEY) == b"bytes"


def test_keys_lie_below_the_prefix_of_the_address(s3: Shared, s3_objects: Objects) -> None:
    s3_objects.put_new(KEY, b"bytes")

    assert list(s3.kept) == [f"some/prefix/{KEY}"]


def test_a_server_that_is_gone_is_unavailable(s3: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    with pytest.raises(StoreUnavailable):
        Objects(f"s3://{BUCKET}").get(KEY)


def test_a_server_that_checks_signatures_refuses_a_wrong_key(seaweed: Seaweed) -> None:
    with pointed_at(seaweed.environment | {"AWS_SECRET_ACCESS_KEY": "another"}):
        store = Objects(f"s3://{REAL_BUCKET}")

    with pytest.raises(StoreUnavailable, match="The object store refuses access"):
        store.get(KEY)
