from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from hornbook.web.auth import COOKIE, SESSION_LIFETIME, Sessions, safe_next
from tests.web.making import TOKEN

PASSWORD = "correct horse"
PAGE = {"Accept": "text/html"}
CREDENTIALS = {"user_name": "anita", "password": PASSWORD}


@pytest.fixture
def hornbook(hornbook):
    """With one user."""
    hornbook.accounts.add_user("anita", PASSWORD)
    return hornbook


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"cors_origins": ["https://old-front-end.test"]})


@pytest.fixture
def browser(connect):
    return connect(headers=PAGE)


@pytest.fixture
def logged_in(browser):
    browser.post("/login", data=CREDENTIALS)
    return browser


def test_an_api_path_asks_for_a_login_in_json(browser):
    reply = browser.get("/admin/books")

    assert reply.status_code == 401
    assert reply.json() == {"detail": "Log in first, or send a bearer token."}
    assert reply.headers["www-authenticate"] == "Bearer"


def test_a_page_leads_to_the_login_and_back(browser):
    reply = browser.get("/books/unknown?status=failed")

    assert reply.status_code == 303
    assert reply.headers["location"] == "/login?next=/books/unknown%3Fstatus%3Dfailed"


def test_only_health_login_and_static_are_open(browser):
    assert browser.get("/health").json() == {"status": "ok"}
    assert browser.get("/login").status_code == 200
    assert browser.get("/static/nothing.css").status_code == 404
    for path in ("/docs", "/redoc", "/openapi.json", "/metrics", "/health/", "/static", "/login/x"):
        assert browser.get(path).status_code in {303, 401}, path


def test_the_right_password_opens_the_door_to_where_one_wanted_to_go(browser):
    reply = browser.post("/login", data=CREDENTIALS | {"next": "/jobs"})

    assert reply.status_code == 303
    assert reply.headers["location"] == "/jobs"
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert browser.get("/admin/books").status_code == 200


def test_over_https_the_cookie_is_for_https_only(connect):
    secure = connect(headers=PAGE)
    secure.base_url = "https://hornbook.test"

    cookie = secure.post("/login", data=CREDENTIALS).headers["set-cookie"]

    assert "Secure" in cookie


@pytest.mark.parametrize(
    "fields", [{"password": "wrong"}, {"user_name": "nobody"}, {"password": ""}]
)
def test_wrong_credentials_say_nothing_of_which_was_wrong(browser, fields):
    reply = browser.post("/login", data=CREDENTIALS | fields)

    assert reply.status_code == 401
    assert "User name or password is wrong." in reply.text
    assert COOKIE not in reply.cookies


def test_guessing_is_slowed_down(browser):
    def guess(_number: int) -> int:
        return browser.post("/login", data={"user_name": "nobody", "password": ""}).status_code

    with ThreadPoolExecutor(20) as guessers:
        statuses = list(guessers.map(guess, range(20)))

    assert 429 in statuses


def test_whoever_logs_out_is_out(logged_in):
    reply = logged_in.post("/logout")

    assert reply.status_code == 303
    assert logged_in.get("/admin/books").status_code == 401


@pytest.mark.parametrize("cookie", ["", "nonsense", "WyJhbml0YSIsMV0.forged"])
def test_a_forged_cookie_is_nothing(browser, cookie):
    browser.cookies.set(COOKIE, cookie)

    assert browser.get("/admin/books").status_code == 401


def test_a_cookie_of_another_installation_is_nothing(logged_in, hornbook):
    name, until, *signature = logged_in.cookies[COOKIE].rpartition(".")
    logged_in.cookies.set(COOKIE, name + until + "".join(reversed(signature[0])))

    assert logged_in.get("/admin/books").status_code == 401


def test_a_token_of_the_settings_and_one_of_a_user_both_open(connect, hornbook):
    for token in (TOKEN, hornbook.accounts.make_token("anita")):
        program = connect(headers={"Authorization": f"Bearer {token}"})

        assert program.get("/admin/books").status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Bearer wrong", "Bearer", f"Basic {TOKEN}", TOKEN, "Bearer ümlaut".encode()],
)
def test_any_other_authorization_does_not(connect, header):
    assert connect(headers={"Authorization": header}).get("/admin/books").status_code == 401


def test_work_is_recorded_under_the_name_that_logged_in(logged_in):
    book = {"title": "T", "country": "C", "board": "B", "grade": 4, "subject": "S"}

    assert logged_in.post("/admin/books", json=book).json()["created_by"] == "anita"


def test_the_printed_link_opened_again_leads_on_whoever_is_in(connect, hornbook):
    link = hornbook.links.make()
    browser = connect()
    browser.get("/login", params={"link": link})

    again = browser.get("/login", params={"link": link})

    assert (again.status_code, again.headers["location"]) == (303, "/")


def test_the_printed_link_lets_one_in_once(connect, hornbook):
    link = hornbook.links.make()
    first, second = connect(headers=PAGE), connect(headers=PAGE)

    entered = first.get("/login", params={"link": link})
    refused = second.get("/login", params={"link": link})

    assert entered.status_code == 303
    assert entered.headers["location"] == "/"
    assert first.get("/admin/books").status_code == 200
    assert refused.status_code == 401
    assert "too old" in refused.text
    assert second.get("/admin/books").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 404),
        ({"Sec-Fetch-Site": "none"}, 404),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://old-front-end.test"}, 404),
        ({"Origin": "http://hornbook.test"}, 404),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "http://hornbook.test.evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 404),
    ],
)
def test_a_change_with_a_cookie_must_come_from_our_own_pages(logged_in, headers, status):
    assert logged_in.delete("/admin/books/unknown", headers=headers).status_code == status


def test_nobody_is_logged_in_by_another_site(browser):
    reply = browser.post("/login", data=CREDENTIALS, headers={"Sec-Fetch-Site": "cross-site"})

    assert reply.status_code == 403


def test_a_token_is_never_borrowed_so_its_origin_does_not_matter(connect):
    program = connect(headers={"Authorization": f"Bearer {TOKEN}", "Origin": "http://else.test"})

    assert program.delete("/admin/books/unknown").status_code == 404


def test_reading_with_a_cookie_is_free_of_it(logged_in):
    reply = logged_in.get("/admin/books", headers={"Sec-Fetch-Site": "cross-site"})

    assert reply.status_code == 200


def test_configured_origins_and_no_others_may_read_replies(connect):
    preflight = {"Access-Control-Request-Method": "PUT"}
    allowed = connect(headers=preflight | {"Origin": "https://old-front-end.test"})
    other = connect(headers=preflight | {"Origin": "https://other.test"})

    assert (
        allowed.options("/admin/books").headers["access-control-allow-origin"]
        == "https://old-front-end.test"
    )
    assert "access-control-allow-origin" not in other.options("/admin/books").headers


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/jobs", "/jobs"),
        ("/books/a?status=failed", "/books/a?status=failed"),
        ("", "/"),
        (None, "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("/\t/evil.test", "/"),
        ("/login?next=/login", "/"),
        ("/logout", "/"),
    ],
)
def test_a_login_leads_to_our_own_pages_only(asked, given):
    assert safe_next(asked) == given


def test_a_session_ends_after_two_weeks(clock):
    sessions = Sessions(lambda: "secret", clock)
    cookie = sessions.sign("anita")

    clock.advance((SESSION_LIFETIME - timedelta(seconds=1)).total_seconds())
    assert sessions.read(cookie) == "anita"
    clock.advance(1)
    assert sessions.read(cookie) is None
