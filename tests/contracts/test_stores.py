"""Every store passes one suite, and a store that silently overwrites does not."""

from collections.abc import Callable

import pytest

from hornbook.errors import StoreUnavailable
from hornbook.library.objects import Objects
from tests.contracts import store_contract
from tests.contracts.s3_server import Shared


@pytest.mark.parametrize("check", store_contract.CHECKS, ids=lambda check: check.__name__)
def test_a_store(store: Objects, check: Callable[[Objects], None]) -> None:
    check(store)


@pytest.mark.parametrize(
    "check",
    [store_contract.never_overwrites_when_it_creates, store_contract.lets_one_of_many_rivals_win],
)
def test_the_suite_finds_a_store_that_overwrites(
    s3: Shared, s3_objects: Objects, check: Callable[[Objects], None]
) -> None:
    s3.is_overwriting = True

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(s3_objects)


def test_the_doctor_finds_a_store_that_overwrites(s3: Shared, s3_objects: Objects) -> None:
    s3.is_overwriting = True

    with pytest.raises(StoreUnavailable, match="overwrites"):
        s3_objects.check()
    assert s3.kept == {}
