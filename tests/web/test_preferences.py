"""What a browser prefers holds from the next page on, and nothing else gets in by it."""

import pytest


def html(admin) -> str:
    return admin.http.get("/settings").text.split("<html", 1)[1].split(">", 1)[0]


def test_a_browser_that_chose_nothing_follows_its_system(admin):
    assert 'data-theme="system"' in html(admin)
    assert 'data-shortcuts="on"' in html(admin)
    assert 'data-notifications="off"' in html(admin)


def test_a_choice_is_remembered_and_the_others_stay(admin):
    admin.http.post("/settings", data={"theme": "dark"})
    admin.http.post("/settings", data={"shortcuts": "off"})

    assert 'data-theme="dark"' in html(admin)
    assert 'data-shortcuts="off"' in html(admin)


@pytest.mark.parametrize("value", ['"><script>', "blue", ""])
def test_what_is_no_choice_is_left_out(admin, value):
    admin.http.post("/settings", data={"theme": value})

    assert 'data-theme="system"' in html(admin)
