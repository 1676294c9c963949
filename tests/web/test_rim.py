import httpx
import pytest

from hornbook.errors import MissingObject, StoreUnavailable
from hornbook.library.database import Database
from hornbook.web import problems
from hornbook.web.rim import CSP, LARGEST_BODY

PAGE = {"Accept": "text/html"}


def every_kind_of_reply(admin) -> dict[str, httpx.Response]:
    anybody = httpx.Client(transport=admin.http._transport, base_url="http://hornbook.test")
    return {
        "success": admin.http.get("/admin/books"),
        "page": admin.http.get("/", headers=PAGE),
        "login": anybody.get("/login"),
        "redirect": anybody.get("/", headers=PAGE),
        "unauthorized": anybody.get("/admin/books"),
        "foreign": anybody.post("/login", headers={"Sec-Fetch-Site": "cross-site"}),
        "not found": admin.http.get("/admin/nothing"),
        "not found page": admin.http.get("/nothing", headers=PAGE),
        "wrong method": admin.http.patch("/admin/books"),
        "malformed": admin.http.post("/admin/books", content=b"{"),
        "static": anybody.get("/static/nothing.css"),
        "docs": admin.http.get("/docs"),
        "openapi": admin.http.get("/openapi.json"),
    }


def test_every_reply_carries_the_safe_headers(admin):
    for name, reply in every_kind_of_reply(admin).items():
        assert reply.headers["content-security-policy"] == CSP, name
        assert reply.headers["x-content-type-options"] == "nosniff", name
        assert reply.headers["referrer-policy"] == "same-origin", name
        assert "strict-transport-security" not in reply.headers, name


def test_the_policy_is_the_one_that_was_measured(admin):
    assert CSP == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def test_no_page_of_the_reference_needs_what_the_policy_forbids(admin):
    for path in ("/docs", "/redoc"):
        page = admin.http.get(path).text

        assert "<script" not in page
        assert "style=" not in page
        assert "generate-guidelines" in page


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/admin/nothing", 404, "There is nothing at this address."),
        ("GET", "/admin/books/", 404, "There is nothing at this address."),
        ("GET", "/admin/books%00/x", 404, "There is nothing at this address."),
        ("PATCH", "/admin/books", 405, "This address does not answer to this method."),
        ("GET", "/admin/books/unknown", 404, "There is no book 'unknown'."),
        ("GET", "/admin/books?limit=0", 422, "The query field 'limit' is not accepted: "),
        ("GET", "/admin/books?grade=four", 422, "The query field 'grade' is not accepted: "),
        ("GET", "/admin/books?country=%00", 422, "The query field 'country' is not accepted: "),
        ("GET", "/admin/books/unknown/pages/x", 422, "The path field 'page_num' is not accepted: "),
        ("GET", "/admin/books/unknown/pages/9999999999", 422, "The path field 'page_num' is not "),
    ],
)
def test_every_error_is_one_sentence(admin, method, path, status, sentence):
    reply = admin.http.request(method, path)

    assert reply.status_code == status
    assert list(reply.json()) == ["detail"]
    assert reply.json()["detail"].startswith(sentence)
    assert reply.json()["detail"].endswith(".")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "The body is no JSON."),
        (b"", "The body is not accepted: field required."),
        (b"[]", "The body is not accepted: "),
        (b'{"title": "x"}', "The body field 'country' is not accepted: field required."),
    ],
)
def test_a_malformed_body_is_told_by_its_field(admin, body, sentence):
    reply = admin.http.post(
        "/admin/books", content=body, headers={"Content-Type": "application/json"}
    )

    assert reply.status_code == 422
    assert reply.json()["detail"].startswith(sentence)


def test_a_wrong_method_says_which_are_right(admin):
    assert "GET" in admin.http.patch("/admin/jobs").headers["allow"]


def test_a_browser_gets_a_page_for_an_error(admin):
    reply = admin.http.get("/nothing", headers=PAGE)

    assert reply.status_code == 404
    assert "There is nothing at this address." in reply.text
    assert reply.headers["content-type"].startswith("text/html")


def test_a_body_beyond_reason_is_refused_before_it_is_read(admin):
    reply = admin.http.post("/admin/books", content=b" " * (LARGEST_BODY + 1))

    assert reply.status_code == 413
    assert reply.json() == {"detail": "The request is too large."}
    assert reply.headers["connection"] == "close"


def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_large(admin):
    def endless():
        yield b" " * (LARGEST_BODY + 1)

    reply = admin.http.post("/admin/books", content=endless())

    assert reply.status_code == 413


def test_a_database_that_is_away_is_said_to_be_away(hornbook, connect, tmp_path):
    away = Database(f"sqlite:///{tmp_path}/never-migrated.db")
    hornbook.books._database = away
    try:
        reply = connect(headers={"Authorization": "Bearer a-token-for-tests-only"}).get(
            "/admin/books"
        )
    finally:
        away.close()

    assert reply.status_code == 503
    assert reply.headers["retry-after"] == "5"
    assert reply.json() == {"detail": problems.SENTENCES[503]}


def test_a_bug_becomes_a_500_that_tells_nothing(hornbook, admin):
    hornbook.books._database = None

    reply = admin.http.get("/admin/books")

    assert reply.status_code == 500
    assert reply.json() == {"detail": "Something went wrong on our side. It has been logged."}
    assert reply.headers["content-security-policy"] == CSP


def test_an_outage_names_the_time_the_other_side_named():
    assert problems.status_of(StoreUnavailable()) == 503
    assert problems.status_of(MissingObject()) == 500
    assert problems.status_of(ValueError()) == 500


def test_metrics_name_routes_not_addresses(admin):
    admin.http.get("/admin/books/unknown")
    admin.http.get("/nothing/at/all")

    text = admin.http.get("/metrics").text

    assert 'method="GET",route="/admin/books/{book_id}",status="404"' in text
    assert "unknown" not in text
    assert 'route="none"' in text
    assert "hornbook_store_operations_total" in text
