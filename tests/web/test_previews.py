"""Previews, versions and exports as programs get them."""

from pathlib import Path

import pytest

from hornbook.settings import Settings
from tests.web.conftest import with_the_book_of
from tests.web.test_guideline_screens import MORE, correct, edited, refined, subtopics


@pytest.fixture
def settings(settings: Settings, shelf: tuple[Path, str]) -> Settings:
    return with_the_book_of(shelf, settings)


@pytest.fixture
def book(shelf: tuple[Path, str]) -> str:
    return shelf[1]


def test_the_versions_of_a_guideline_are_told_and_one_is_put_back(busy_admin, book):
    address = f"/admin{edited(busy_admin, book, 'Fold a strip.', 'Count the beans.')}"
    versions = busy_admin.get(f"{address}/history")["versions"]
    assert [(one["number"], one["act"], one["by"]) for one in versions] == [
        (3, "edited", "token"),
        (2, "edited", "token"),
        (1, None, None),
    ]
    assert [one["is_present"] for one in versions] == [True, False, False]

    restored = busy_admin.post(f"{address}/restore", {"number": 2})
    stale = busy_admin.http.post(f"{address}/restore", json={"number": 1, "version": 1})

    assert restored["guidelines"] == versions[1]["text"]
    assert stale.status_code == 409
    assert busy_admin.get(f"{address}/history")["versions"][0]["act"] == "restored"


def test_a_run_is_previewed(busy_admin, book):
    untouched = busy_admin.get(f"/admin/books/{book}/forecast")
    assert (untouched["touched"], untouched["untouched_count"]) == ([], 2)
    correct(busy_admin, book)

    forecast = busy_admin.get(f"/admin/books/{book}/forecast", resume="true")

    (touched,) = forecast["touched"]
    assert touched["subtopic_title"] == subtopics(busy_admin, book)[0]
    assert touched["reasons"] == [{"why": "changed", "pages": [1]}]
    assert forecast["pages_to_read"] == [1]


def test_a_publish_is_previewed_and_does_as_it_was_told(busy_admin, book):
    address = f"/admin/guidelines/books/{book}"
    new = busy_admin.get(f"{address}/sync-preview")
    stats = busy_admin.post(f"{address}/sync-to-database")["stats"]
    edited(busy_admin, book, MORE)
    changed = busy_admin.get(f"{address}/sync-preview")

    assert len(new["new"]) == stats["created_count"] == 2
    assert [len(changed[name]) for name in ("new", "changed", "gone")] == [0, 1, 0]
    assert (changed["unchanged_count"], changed["withheld_count"]) == (1, 0)
    assert changed["changed"][0]["was_approved"] is False


def test_every_refinement_is_undone_and_redone_at_once(busy_admin, book):
    titles = refined(busy_admin, book)

    undone = busy_admin.post(f"/admin/books/{book}/finalize/undo")
    between = subtopics(busy_admin, book)
    redone = busy_admin.post(f"/admin/books/{book}/finalize/redo")

    assert (undone, redone) == ({"changed": 2}, {"changed": 2})
    assert between == titles
    assert subtopics(busy_admin, book) == ["Fractions alike"]


def test_several_guidelines_are_judged_at_once_and_unknown_ones_left_out(busy_admin, book):
    busy_admin.post(f"/admin/guidelines/books/{book}/sync-to-database")
    ids = [row["id"] for row in busy_admin.get("/admin/guidelines/review")]
    verdict = {"guideline_ids": [*ids, "unknown"], "approved": True}

    first = busy_admin.post("/admin/guidelines/review/verdicts", verdict)
    again = busy_admin.post("/admin/guidelines/review/verdicts", verdict)

    assert sorted(first["changed"]) == sorted(ids)
    assert again["changed"] == []


def test_an_export_is_a_file(busy_admin, book):
    reply = busy_admin.http.get(f"/admin/books/{book}/export", params={"form": "csv"})

    assert reply.headers["content-type"].startswith("text/csv")
    assert f'filename="{book}.csv"' in reply.headers["content-disposition"]
    assert busy_admin.http.get(f"/admin/books/{book}/export?form=exe").status_code == 422
