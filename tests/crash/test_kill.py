"""Kill -9 before and after every named point of a journey: it ends as one that nobody interrupted.

The long form, with hundreds of kills, is `make crash`.
"""

import pytest

from tests.crash.campaign import AT_RANDOM, Plan, calm_journey, struck_journey, table
from tests.crash.doomed import POINTS

SEED = 20260301


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    return calm_journey(tmp_path_factory.mktemp("calm"))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_killed_at_every_point_loses_nothing_and_does_nothing_twice(tmp_path, calm, when):
    report = struck_journey(tmp_path, calm, Plan(calm, SEED).covering(when))

    assert report.faults == []
    points = [strike.moment for strike in report.kills if strike.moment[0] != AT_RANDOM]
    assert sorted(points) == sorted((point, when) for point in POINTS)
    assert "pages twice" in table([report])
