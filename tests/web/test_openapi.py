import re

import pytest

OPEN = {"/health"}
METHODS = {"get", "post", "put", "delete"}
CONTRACT = """
POST /admin/books
GET /admin/books
GET /admin/books/{}
DELETE /admin/books/{}
POST /admin/books/{}/pages
POST /admin/books/{}/pages/bulk
GET /admin/books/{}/pages/{}
PUT /admin/books/{}/pages/{}/approve
DELETE /admin/books/{}/pages/{}
POST /admin/books/{}/pages/{}/retry-ocr
POST /admin/books/{}/pages/retry-ocr
POST /admin/books/{}/generate-guidelines
POST /admin/books/{}/finalize
GET /admin/books/{}/jobs/latest
GET /admin/books/{}/jobs/{}
GET /admin/books/{}/guidelines
GET /admin/books/{}/guidelines/{}/{}
PUT /admin/books/{}/guidelines/approve
DELETE /admin/books/{}/guidelines
GET /admin/guidelines/review
GET /admin/guidelines/review/filters
GET /admin/guidelines/books/{}/review
GET /admin/guidelines/books/{}/topics
GET /admin/guidelines/books/{}/page-assignments
PUT /admin/guidelines/books/{}/subtopics/{}
POST /admin/guidelines/books/{}/sync-to-database
POST /admin/guidelines/{}/approve
DELETE /admin/guidelines/{}
GET /api/admin/llm-config
GET /api/admin/llm-config/{}
PUT /api/admin/llm-config/{}
GET /api/admin/llm-config/options
POST /admin/guidelines/{}/generate-study-plan
GET /admin/guidelines/{}/study-plan
POST /admin/guidelines/bulk-generate-study-plans
GET /health
PUT /admin/books/{}/pages/{}/reject
PUT /admin/books/{}/pages/{}/text
POST /admin/books/{}/pages/{}/rotate
PUT /admin/books/{}/pages/{}/image
POST /admin/books/{}/pages/{}/move
POST /admin/books/{}/pages/approve
POST /admin/books/{}/jobs/{}/stop
POST /admin/books/{}/uploads
PUT /admin/books/{}/uploads/{}/{}
GET /admin/jobs
"""


@pytest.fixture
def schema(admin):
    return admin.get("/openapi.json")


def operations(schema):
    return [
        (method.upper(), path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_every_route_of_the_contract_is_described(schema):
    described = {
        f"{method} {re.sub('{[^}]*}', '{}', path)}" for method, path, _ in operations(schema)
    }

    assert set(CONTRACT.split("\n")[1:-1]) <= described


def test_every_operation_has_a_name_a_tag_and_words(schema):
    names = [operation["operationId"] for _, _, operation in operations(schema)]

    assert len(set(names)) == len(names)
    for name, (_, _, operation) in zip(names, operations(schema), strict=True):
        assert re.fullmatch("[a-z_]+", name)
        assert operation["tags"], name
        assert operation["summary"], name
        assert operation["description"], name


def test_every_error_has_the_one_shape(schema):
    for _, path, operation in operations(schema):
        for status, reply in operation["responses"].items():
            if int(status) >= 400:
                shape = reply["content"]["application/json"]["schema"]
                assert shape == {"$ref": "#/components/schemas/Problem"}, (path, status)
    assert "HTTPValidationError" not in schema["components"]["schemas"]


def test_every_success_has_a_shape(schema):
    for _, path, operation in operations(schema):
        success = next(reply for status, reply in operation["responses"].items() if status < "3")
        is_empty = "204" in operation["responses"]
        assert is_empty or success["content"], path


def test_every_route_needs_a_login_but_health(schema, connect):
    anybody = connect()
    for method, path, _ in operations(schema):
        reply = anybody.request(method, re.sub("{[^}]*}", "1", path))

        assert (reply.status_code == 200) if path in OPEN else (reply.status_code == 401), path


def test_every_screen_needs_a_login_but_the_login(admin, connect):
    anybody = connect(headers={"Accept": "text/html"})
    screens = [
        (method, re.sub("{[^}]*}", "1", path))
        for path, methods in routes_of(admin.http._transport.app)
        for method in methods
        if path not in {"/login", "/health"}
    ]

    assert len(screens) > 40
    for method, path in screens:
        assert anybody.request(method, path).status_code in {303, 401}, (method, path)


def routes_of(app):
    """Every route, whichever router it was included from."""
    found = []
    waiting = [("", app.router)]
    while waiting:
        prefix, router = waiting.pop()
        for route in router.routes:
            if hasattr(route, "original_router"):
                waiting.append((prefix + route.include_context.prefix, route.original_router))
            elif getattr(route, "methods", None):
                found.append((prefix + route.path, sorted(route.methods - {"HEAD"})))
    return found
