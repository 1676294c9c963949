"""Kill -9 before and after every named point of a journey: it ends as one that nobody interrupted.

The long form, with hundreds of kills, is `make crash`.
"""

import pytest

from hornbook.cli import main
from tests.crash.campaign import AT_RANDOM, Plan, calm_journey, struck_journey, table
from tests.crash.doomed import POINTS
from tests.crash.journey import Admin, outcome
from tests.server import Server

SEED = 20260301


@pytest.fixture(scope="module")
def calm(tmp_path_factory, nursery):
    return calm_journey(tmp_path_factory.mktemp("calm"), spawn=nursery.spawn)


@pytest.fixture(scope="module", params=["before", "after"])
def struck(request, tmp_path_factory, calm, nursery):
    """When the kills came, the folder they left, and the report."""
    folder = tmp_path_factory.mktemp("struck")
    strikes = Plan(calm, SEED).covering(request.param)
    return request.param, folder, struck_journey(folder, calm, strikes, spawn=nursery.spawn)


def test_a_server_killed_at_every_point_loses_nothing_and_does_nothing_twice(struck):
    when, _, report = struck

    assert report.faults == []
    points = [strike.moment for strike in report.kills if strike.moment[0] != AT_RANDOM]
    assert sorted(points) == sorted((point, when) for point in POINTS)
    assert "pages twice" in table([report])


def test_the_bucket_that_kills_have_left_makes_the_database_again(struck, calm, nursery):
    _, folder, _ = struck
    for file in (folder / "data").glob("hornbook.db*"):
        file.unlink()

    with pytest.raises(SystemExit, match="0"):
        main(["rebuild", "--data-dir", str(folder / "data")])
    server = Server(folder / "data", spawn=nursery.spawn).start()
    again = Admin(server)
    again.do("create")

    assert outcome(again) == calm.outcome
    assert server.stop() == 0
