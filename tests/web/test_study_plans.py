"""Study plans over HTTP and on the screens, without a script."""

import re
import time
from html import unescape

import pytest

from hornbook.errors import KeyRefused
from hornbook.library import published, study_plans
from hornbook.model.guideline import Subtopic, SubtopicStatus
from hornbook.model.study import WishState
from hornbook.wiring import App
from tests.plain_english import plain_english
from tests.web.conftest import Admin
from tests.web.test_guideline_screens import keys, press, screen, text_of
from tests.web.test_translated import said_after, shown

STEP = {"step_id", "title", "description", "teaching_approach", "success_criteria", "status"}
FACTS = {
    "plan_version", "estimated_duration_minutes", "difficulty_level", "is_generic", "creative_theme",
}  # fmt: skip


GUIDELINES = {
    "like": "## Key ideas\n\n- Like fractions have the same denominator. (p. 1)\n"
    "\n## Practice\n\n- Add 1/5 and 3/5. (p. 2)",
    "unlike": "## Key ideas\n\n- Unlike fractions have different denominators. (p. 3)",
}


@pytest.fixture
def book(busy_admin: Admin, hornbook: App) -> str:
    """A book with two published guidelines, put there as a sync would."""
    book, now = busy_admin.create_book(), hornbook.clock()
    subtopics = [
        Subtopic(
            id=key, topic_key="fractions", topic_title="Bruch", topic_summary="",
            subtopic_key=key, subtopic_title=f"Teil {number}", subtopic_summary="",
            status=SubtopicStatus.FINAL, source_pages=(number,), guidelines=text,
            is_edited=False, has_candidate=False, version=1, created_at=now, updated_at=now,
        )
        for number, (key, text) in enumerate(GUIDELINES.items(), 1)
    ]  # fmt: skip
    with hornbook.database.begin() as session:
        published.create(session, book, subtopics, now)
    return book


@pytest.fixture
def rows(busy_admin: Admin, book: str) -> list[dict]:
    """Its two published guidelines."""
    return list(busy_admin.get("/admin/guidelines/review"))


def settled(admin: Admin) -> dict:
    for _look in range(400):
        progress = admin.get("/admin/guidelines/bulk-generate-study-plans")
        if not progress["waiting"]:
            return dict(progress)
        time.sleep(0.01)
    raise TimeoutError(progress)


def bulk(admin: Admin, ids, **more):
    body = {"guideline_ids": ids, **more}
    return admin.http.post("/admin/guidelines/bulk-generate-study-plans", json=body)


def plan_of(admin: Admin, row: dict) -> dict:
    return dict(admin.get(f"/admin/guidelines/{row['id']}/study-plan"))


# Programs


def test_a_plan_is_made_given_and_made_again_by_force(busy_admin, rows):
    path = f"/admin/guidelines/{rows[0]['id']}"

    made = busy_admin.post(f"{path}/generate-study-plan")
    same = busy_admin.post(f"{path}/generate-study-plan")
    again = busy_admin.post(f"{path}/generate-study-plan?force_regenerate=true")

    assert set(made) == {"todo_list", "metadata"}
    assert 3 <= len(made["todo_list"]) <= 5
    assert all(set(step) == STEP and all(step.values()) for step in made["todo_list"])
    assert {step["status"] for step in made["todo_list"]} == {"pending"}
    assert set(made["metadata"]) == FACTS
    assert "Like fractions have the same denominator." in str(made["todo_list"])
    assert same == made
    assert again == plan_of(busy_admin, rows[0])
    assert [one["metadata"]["plan_version"] for one in (made, again)] == [1, 2]
    assert again["todo_list"] == made["todo_list"]


def test_many_are_made_in_the_background_while_a_job_of_their_book_is_active(
    busy_admin, book, rows
):
    busy_admin.workshop.is_free.clear()
    busy_admin.bulk(book, "3 More\n\n3.1 Halves\n\nA half is one of two equal parts.")

    begun = bulk(busy_admin, [row["id"] for row in rows])

    assert begun.status_code == 200
    assert (begun.json()["status"], begun.json()["total"]) == ("started", 2)
    done = settled(busy_admin)
    assert (done["total"], done["made"], done["failures"], done["left"]) == (2, 2, [], [])
    assert all(plan_of(busy_admin, row)["todo_list"] for row in rows)
    assert bulk(busy_admin, [rows[0]["id"]]).json()["status"] == "already_complete"
    again = bulk(busy_admin, [rows[0]["id"]], force_regenerate=True).json()
    assert (again["waiting"], again["message"]) == (1, "1 study plan is being made.")
    settled(busy_admin)
    assert plan_of(busy_admin, rows[0])["metadata"]["plan_version"] == 2


def test_what_does_not_exist_is_not_found_and_nothing_is_begun(busy_admin, rows):
    for method, path in (
        ("GET", f"/admin/guidelines/{rows[0]['id']}/study-plan"),
        ("GET", "/admin/guidelines/nothing/study-plan"),
        ("POST", "/admin/guidelines/nothing/generate-study-plan"),
    ):
        reply = busy_admin.http.request(method, path)
        assert reply.status_code == 404, path
        assert isinstance(reply.json()["detail"], str)

    reply = bulk(busy_admin, [rows[0]["id"], "nothing"])
    assert (reply.status_code, "'nothing'" in reply.json()["detail"]) == (404, True)
    assert settled(busy_admin)["total"] == 0


def test_a_malformed_request_is_told_in_one_sentence(busy_admin, rows):
    for body in ({}, {"guideline_ids": []}, {"guideline_ids": "all"}):
        reply = busy_admin.http.post("/admin/guidelines/bulk-generate-study-plans", json=body)
        assert reply.status_code == 422
        assert isinstance(reply.json()["detail"], str)
    reply = busy_admin.http.post(
        f"/admin/guidelines/{rows[0]['id']}/generate-study-plan?force_regenerate=perhaps"
    )
    assert (reply.status_code, type(reply.json()["detail"])) == (422, str)


# Screens


def test_a_row_offers_to_make_a_plan_and_then_leads_to_it(busy_admin, rows):
    before = screen(busy_admin, "/review")
    address = f"/review/{rows[0]['id']}/study-plan"
    assert f'action="{address}"' in before
    assert "No study plan yet" in screen(busy_admin, address)

    plan = unescape(press(busy_admin, address).text)

    assert "Study plan made." in plan
    steps = plan_of(busy_admin, rows[0])["todo_list"]
    for step in steps:
        assert all(step[name] in plan for name in STEP - {"step_id", "status"})
    assert len(re.findall(r"Step</span>|Step \d", plan)) == len(steps)
    assert "Rests on 1 statement of the guideline" in plan
    assert f'href="{address}"' in screen(busy_admin, "/review")


def test_a_plan_is_replaced_only_after_a_question(busy_admin, rows):
    address = f"/review/{rows[0]['id']}/study-plan"
    press(busy_admin, address)
    press(busy_admin, address)
    assert plan_of(busy_admin, rows[0])["metadata"]["plan_version"] == 1

    question = screen(busy_admin, f"{address}/again")
    assert "The new plan replaces the present one" in question
    press(busy_admin, f"{address}/again")

    assert plan_of(busy_admin, rows[0])["metadata"]["plan_version"] == 2


def test_the_plans_of_a_filter_are_made_with_their_progress(busy_admin, rows):
    press(busy_admin, f"/review/{rows[0]['id']}/study-plan")
    question = screen(busy_admin, "/review/study-plans?board=CBSE")
    assert "Make the study plans of 2 guidelines?" in question
    assert "1 of them has a study plan, and keeps it." in question

    reply = press(busy_admin, "/review/study-plans?board=CBSE")
    assert str(reply.url).endswith("/review?board=CBSE")
    settled(busy_admin)

    after = screen(busy_admin, "/review")
    assert "Study plans: 2 of 2 made" in after
    assert after.count(">Study plan</a>") == 2


def test_the_plans_of_ticked_rows_are_made(busy_admin, rows):
    nothing = press(busy_admin, "/review/chosen", do="plans")
    some = press(busy_admin, "/review/chosen", do="plans", id=[rows[1]["id"]])
    settled(busy_admin)

    assert "tick guidelines first" in nothing.text
    assert "1 study plan is being made." in some.text
    assert plan_of(busy_admin, rows[1])["todo_list"]


def test_a_poll_without_news_is_empty_and_one_with_news_brings_card_and_rows(busy_admin, rows):
    path = "/review/study-plans/progress"
    assert busy_admin.http.get(path).status_code == 204
    bulk(busy_admin, [rows[0]["id"]])
    settled(busy_admin)

    news = busy_admin.http.get(path, params={"since": "old", "ids": rows[0]["id"]})
    tag = re.findall(r"since=(\w+)", news.text)[0]

    assert "Study plans: 1 of 1 made" in news.text
    assert f'hx-target="#plan-of-{rows[0]["id"]}"' in news.text
    assert busy_admin.http.get(path, params={"since": tag}).status_code == 204


def test_publish_says_which_plans_go_because_their_guideline_changed(busy_admin):
    book = busy_admin.published_book()
    rows = busy_admin.get("/admin/guidelines/review")
    bulk(busy_admin, [row["id"] for row in rows])
    settled(busy_admin)
    address = f"/books/{book}/guidelines/{keys(busy_admin, book)}"
    press(busy_admin, f"{address}/edit", guidelines=f"{text_of(busy_admin, address)}\nFold it.")

    assert "1 study plan goes, because its guideline changed." in screen(
        busy_admin, f"/books/{book}/publish"
    )
    press(busy_admin, f"/books/{book}/publish")

    html = screen(busy_admin, "/review")
    assert (html.count(">Study plan</a>"), html.count("Make study plan</button>")) == (1, 1)


def test_no_screen_of_study_plans_is_plain_english_for_others(busy_admin, rows):
    names = {"CBSE", "India", "Mathematics", "token", "offline"}
    for row in rows:
        names |= {row["topic"], row["subtopic"]}
    address = f"/review/{rows[0]['id']}/study-plan"
    screens = (address, f"{address}/again", "/review/study-plans")

    for path in screens:
        assert plain_english(shown(busy_admin, path), names) == [], path
    for action, data in (
        (address, {}),
        (f"{address}/again", {}),
        ("/review/study-plans", {"again": "1"}),
        ("/review/study-plans/retry", {}),
        ("/review/chosen", {"do": "plans"}),
        ("/review/nothing/study-plan", {}),
    ):
        assert plain_english(said_after(busy_admin, action, data), names) == [], action
    for path in (*screens, "/review/study-plans/progress?since=old"):
        assert plain_english(shown(busy_admin, path), names) == [], path


def test_what_failed_and_why_the_rest_was_left_is_told_in_the_language_of_the_reader(
    busy_admin, hornbook, rows
):
    names = {"CBSE", "India", "Mathematics", "token", *(row["topic"] for row in rows)}
    names |= {row["subtopic"] for row in rows}
    ids = [row["id"] for row in rows]
    with hornbook.database.begin() as session:
        study_plans.wish(session, ids, is_forced=False, now=hornbook.clock())
        fault = "The study plan cannot be used: step 2 rests on no statement of the guideline."
        study_plans.settle(session, ids[0], WishState.FAILED, hornbook.clock(), fault)
        study_plans.give_up(session, str(KeyRefused()), hornbook.clock())

    html = screen(busy_admin, "/review")

    assert "Study plans: 0 of 2 made, 1 failed" in html
    assert fault in html
    assert f"{KeyRefused()} 1 study plan was not tried." in html
    assert plain_english(shown(busy_admin, "/review/study-plans/progress?since=old"), names) == []
    assert fault in screen(busy_admin, f"/review/{ids[0]}/study-plan")
    press(busy_admin, "/review/study-plans/retry")
    assert settled(busy_admin)["made"] == 2
