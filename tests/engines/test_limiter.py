"""Who may ask a provider, and when."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

import pytest

from hornbook.engines.limiter import Limiter
from hornbook.errors import Queued
from hornbook.jobs.hold import NOTED_FROM


def ended(course):
    """What came of it, in a thread of its own: a browser's driver keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, course).result()


class Watch:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch():
    return Watch()


async def let_through(limiter, calls, tokens=1.0):
    """Make calls one after the other, as fast as they are let through."""
    for _ in range(calls):
        async with limiter.turn(tokens):
            pass


async def seconds_to_wait(limiter, tokens=1.0):
    with pytest.raises(Queued) as caught:
        await let_through(limiter, 1, tokens)
    return caught.value.retry_after


def test_one_overload_halves_once_however_many_calls_meet_it(watch):
    async def course():
        limiter = Limiter(concurrency=8, clock=watch)
        async with AsyncExitStack() as calls:
            turns = [await calls.enter_async_context(limiter.turn(1)) for _ in range(8)]
            watch.now += 1
            for turn in turns:
                limiter.overloaded(turn)
        after_one = limiter.concurrency
        for _ in range(5):
            watch.now += 1
            async with limiter.turn(1) as turn:
                watch.now += 1
                limiter.overloaded(turn)
        return after_one, limiter.concurrency

    assert ended(course()) == (4, 1)


def test_a_run_of_successes_lets_one_more_in_up_to_the_most(watch):
    async def course():
        limiter = Limiter(concurrency=4, clock=watch)
        async with limiter.turn(1) as turn:
            limiter.overloaded(turn)
        grown = []
        for _ in range(12):
            limiter.succeeded()
            grown.append(limiter.concurrency)
        return grown

    assert ended(course()) == [2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4]


def test_a_caller_that_gives_up_waiting_leaves_its_place_to_others(watch):
    async def course():
        limiter = Limiter(concurrency=1, clock=watch)
        async with limiter.turn(1):
            waiting = [asyncio.create_task(let_through(limiter, 1)) for _ in range(3)]
            await asyncio.sleep(0)
            waiting[0].cancel()
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return limiter.in_flight, waiting[2].done()

    assert ended(course()) == (0, True)


def test_requests_are_counted_over_a_sliding_minute(watch):
    async def course():
        limiter = Limiter(concurrency=1, requests_per_minute=2, clock=watch)
        await let_through(limiter, 1)
        watch.now += 20
        await let_through(limiter, 1)
        watch.now += 10
        first = await seconds_to_wait(limiter)
        watch.now += first
        await let_through(limiter, 1)
        return first, await seconds_to_wait(limiter)

    assert ended(course()) == (30.0, 20.0)


def test_tokens_are_counted_as_they_were_spent(watch):
    async def course():
        limiter = Limiter(concurrency=1, tokens_per_minute=100, clock=watch)
        async with limiter.turn(10) as turn:
            turn.tokens = 80.0
        watch.now += 15
        await let_through(limiter, 1, tokens=20)
        return await seconds_to_wait(limiter, tokens=20), await seconds_to_wait(limiter, 90)

    assert ended(course()) == (45.0, 60.0)


def test_what_is_more_than_a_minute_allows_goes_through_alone(watch):
    async def course():
        limiter = Limiter(concurrency=1, tokens_per_minute=100, clock=watch)
        await let_through(limiter, 1, tokens=500)
        wait = await seconds_to_wait(limiter, tokens=500)
        watch.now += wait
        await let_through(limiter, 1, tokens=500)
        return wait

    assert ended(course()) == 60.0


def test_the_longer_pause_counts(watch):
    async def course():
        limiter = Limiter(concurrency=1, clock=watch)
        limiter.pause(40)
        limiter.pause(5)
        wait = await seconds_to_wait(limiter)
        watch.now += 39.5
        limiter.pause(0)
        watch.now += 1
        await let_through(limiter, 1)
        return wait

    assert ended(course()) == 40.0


def test_a_pause_that_begins_while_a_caller_waits_for_a_place_holds_it_back_too(watch):
    async def course():
        limiter = Limiter(concurrency=1, clock=watch)
        async with limiter.turn(1):
            waiting = asyncio.create_task(seconds_to_wait(limiter))
            await asyncio.sleep(0)
            limiter.pause(30)
        return await waiting, limiter.in_flight

    assert ended(course()) == (30.0, 0)


def test_who_finds_no_place_for_long_is_sent_away_for_a_moment(watch):
    async def course():
        limiter = Limiter(concurrency=1, clock=watch, patience=0.05)
        async with limiter.turn(1):
            wait = await seconds_to_wait(limiter)
        await let_through(limiter, 1)
        return wait, limiter.in_flight

    wait, in_flight = ended(course())

    assert 0 < wait < NOTED_FROM
    assert in_flight == 0


def test_a_question_that_was_paid_for_is_never_sent_away_and_comes_next(watch):
    async def course():
        limiter = Limiter(concurrency=1, clock=watch, patience=5.0)
        order = []

        async def call(name, *, is_first):
            async with limiter.turn(1, is_first=is_first):
                order.append(name)

        async with limiter.turn(1):
            first = asyncio.create_task(call("new", is_first=True))
            await asyncio.sleep(0)
            limiter.patience = 0.05
            again = asyncio.create_task(call("again", is_first=False))
            await asyncio.sleep(0.2)
        await asyncio.gather(first, again)
        return order

    assert ended(course()) == ["again", "new"]
