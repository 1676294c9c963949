"""Trying again."""

from random import Random

import pytest
from sqlalchemy.exc import OperationalError

from hornbook.errors import (
    Queued,
    RateLimited,
    ServerError,
    StoreUnavailable,
    TimedOut,
    UnreadableImage,
)
from hornbook.jobs.retry import Halted, Patience, Pause


class Work:
    """Raises what it was given, one after the other, then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


class Naps:
    """A sleep that takes no time; `wakes_at` says at which nap the work is asked to end."""

    def __init__(self, wakes_at: int | None = None) -> None:
        self.taken: list[float] = []
        self.noted: list[float | None] = []
        self.retries: list[tuple[int, int]] = []
        self.wakes_at = wakes_at

    def sleep(self, seconds: float) -> bool:
        self.taken.append(seconds)
        return len(self.taken) == self.wakes_at

    def note(self, pause: Pause | None) -> None:
        self.noted.append(pause and pause.seconds)
        self.retries += [(pause.retry, pause.of)] if pause else []


def call(work, naps=None, **settings):
    naps = naps or Naps()
    patience = Patience(jitter=Random(7), **settings)
    return patience.call(work, naps.sleep, naps.note), naps


def test_work_that_succeeds_is_done_once_and_nobody_waits():
    work = Work()

    result, naps = call(work)

    assert (result, work.calls, naps.taken) == ("done", 1, [])


def test_three_retries_wait_longer_each_time_with_full_jitter():
    work = Work(TimedOut(), ServerError(), RateLimited())

    result, naps = call(work)

    assert (result, work.calls) == ("done", 4)
    assert all(0 <= nap <= most for nap, most in zip(naps.taken, (1, 2, 4), strict=True))
    assert len(set(naps.taken)) == 3


def test_the_jitter_is_chance_given_from_outside():
    _, first = call(Work(TimedOut(), TimedOut()))
    _, second = call(Work(TimedOut(), TimedOut()))

    assert first.taken == second.taken


def test_the_fourth_refusal_is_the_answer():
    work = Work(*[ServerError("down")] * 4)

    with pytest.raises(ServerError, match="down"):
        call(work)

    assert work.calls == 4


def test_what_cannot_get_better_is_not_tried_again():
    work = Work(UnreadableImage())

    with pytest.raises(UnreadableImage):
        call(work)

    assert work.calls == 1


def test_the_pause_a_provider_asks_for_is_kept_to_the_second():
    _, naps = call(Work(RateLimited(retry_after=37.0), RateLimited(retry_after=300.0)))

    assert naps.taken == [37.0, 300.0]


def test_nobody_waits_longer_than_five_minutes():
    work, naps = Work(error := RateLimited(retry_after=301.0)), Naps()

    with pytest.raises(RateLimited):
        call(work, naps)

    assert naps.taken == []
    assert Patience().asks_too_much(error)
    assert not Patience().asks_too_much(RateLimited(retry_after=300.0))
    assert not Patience().asks_too_much(TimedOut())


def test_a_wait_that_is_cut_short_ends_the_work_without_an_outcome():
    work, naps = Work(*[TimedOut()] * 3), Naps(wakes_at=2)

    with pytest.raises(Halted):
        call(work, naps)

    assert work.calls == 2


def test_each_wait_is_announced_and_taken_back():
    _, naps = call(Work(RateLimited(retry_after=40.0)))

    assert naps.noted == [40.0, None]


def test_each_wait_says_which_attempt_it_is_for():
    _, naps = call(Work(TimedOut(), RateLimited(retry_after=40.0)))

    assert naps.retries == [(1, 3), (2, 3)]


def test_the_attempts_of_an_outage_are_not_counted():
    _, naps = call(Work(StoreUnavailable()))

    assert naps.retries == [(1, 0)]


def test_an_outage_is_told_until_it_is_over_and_not_only_between_attempts():
    _, naps = call(Work(*[StoreUnavailable()] * 3))

    assert naps.noted == [*naps.taken, None]


def test_outages_before_a_failure_do_not_use_up_its_attempts():
    result, naps = call(Work(*[StoreUnavailable()] * 5, *[TimedOut()] * 3))

    assert result == "done"
    assert naps.retries == [*((number, 0) for number in range(1, 6)), (1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    "error", [StoreUnavailable(), OperationalError("SELECT 1", {}, Exception())]
)
def test_an_outage_of_store_or_database_is_waited_out_for_a_minute(error):
    work, naps = Work(*[error] * 100), Naps()

    with pytest.raises(type(error)):
        call(work, naps)

    assert 60 <= sum(naps.taken) <= 64
    assert work.calls > 10


def test_an_outage_that_ends_in_time_is_not_noticed():
    result, naps = call(Work(*[StoreUnavailable()] * 10))

    assert (result, len(naps.taken)) == ("done", 10)


def test_waiting_for_a_turn_is_no_attempt():
    work = Work(*[Queued(retry_after=20.0)] * 9, *[TimedOut()] * 3)

    result, naps = call(work)

    assert (result, naps.taken[:9]) == ("done", [20.0] * 9)
    assert naps.retries == [*[(0, 0)] * 9, (1, 3), (2, 3), (3, 3)]


def test_each_wait_for_a_turn_is_announced_and_taken_back():
    _, naps = call(Work(*[Queued(retry_after=40.0)] * 2))

    assert naps.noted == [40.0, None, 40.0, None]


def test_a_turn_without_a_time_is_asked_for_again_in_a_moment():
    _, naps = call(Work(Queued()))

    assert naps.taken == [1.0]


def test_a_turn_that_is_too_far_away_is_not_waited_for():
    with pytest.raises(Queued):
        call(Work(Queued(retry_after=301.0)))
