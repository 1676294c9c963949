"""The time left: believable, the same for everybody, and never jumping up."""

from itertools import accumulate, pairwise
from random import Random

import pytest

from hornbook.web.time_left import time_left

POLL = 3.0


def ends(*seconds: float, start: float = 0.0) -> list[float]:
    """When items ended that took so long, one after the other."""
    return list(accumulate(seconds, initial=start))[1:]


def seen_by_polls(ended: list[float], total: int, every: float = POLL) -> list[int]:
    """What somebody sees who looks every few seconds while the job runs."""
    polls = [every * number for number in range(int(ended[-1] / every) + 2)]
    known = [[at for at in ended if at <= poll] for poll in polls]
    guesses = [time_left(some, total - len(some)) for some in known]
    return [guess for guess in guesses if guess is not None]


def test_there_is_no_guess_until_five_items_have_ended():
    assert time_left(ends(*[6.0] * 4), left=96) is None
    assert time_left(ends(*[6.0] * 5), left=95) == 600


def test_one_slow_item_does_not_change_the_guess():
    steady, stalled = ends(*[2.0] * 30), ends(*[2.0] * 20, 600.0, *[2.0] * 9)

    assert time_left(steady, left=100) == time_left(stalled, left=100) == 200


def test_items_that_end_in_bunches_count_as_the_bunch_does():
    two_at_once = ends(*[3.9, 0.1] * 15)
    eight_at_once = ends(*[16.0, *[0.0] * 7] * 15)

    assert time_left(two_at_once, left=60) == 120
    assert time_left(eight_at_once, left=60) == pytest.approx(120, rel=0.2)


def test_only_the_last_items_tell_the_pace():
    assert time_left(ends(*[60.0] * 10, *[1.0] * 24), left=100) == 100


@pytest.mark.parametrize("seed", range(20))
def test_from_poll_to_poll_the_guess_never_rises_by_more_than_a_fifth(seed):
    chance = Random(seed)
    slow = chance.uniform(1, 30)
    paces = [chance.choice((0.01, 0.5, slow, slow * 2)) for _ in range(200)]

    seen = seen_by_polls(ends(*paces), total=200)

    rises = [after / before for before, after in pairwise(seen)]
    assert max(rises) <= 1.2 + 1e-9


def test_a_guess_that_was_much_too_low_is_mended_step_by_step():
    paces = [0.01] * 10 + [10.0] * 40
    guesses = [time_left(ends(*paces[:n]), left=200 - n) for n in range(10, 51)]

    assert guesses[:20] == sorted(guesses[:20])
    assert (guesses[0], guesses[-1]) == (30, 1500)


def test_the_guess_counts_what_has_joined_since():
    ended = ends(*[2.0] * 20)

    assert time_left(ended, left=200) == pytest.approx(2 * time_left(ended, left=100), rel=0.1)
