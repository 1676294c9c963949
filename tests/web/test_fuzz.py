"""Whatever is sent, a reply keeps to what `/openapi.json` says of it."""

from dataclasses import replace

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from prometheus_client import CollectorRegistry
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hornbook.web.app import create_app
from tests.web.making import TOKEN

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


CREDENTIALS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def book(admin):
    """A book with pages, their reading held."""
    book = admin.create_book()
    admin.bulk(book, "one", "two")
    return book


@pytest.fixture
def operations(hornbook, book):
    # Two web applications round one Hornbook cannot count into the same registry.
    app = create_app(replace(hornbook, metrics=CollectorRegistry()))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=CREDENTIALS)
    return [found.ok() for found in schema.get_all_operations()]


def try_out(operation, **path_parameters):
    @given(case=operation.as_strategy())
    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        for name in path_parameters.keys() & case.path_parameters.keys():
            case.path_parameters[name] = path_parameters[name]
        case.call_and_validate(headers=CREDENTIALS, checks=CHECKS)

    ask()


def test_whatever_is_asked_the_reply_is_one_that_was_described(operations):
    assert len(operations) > 50
    for operation in operations:
        try_out(operation)


def test_whatever_is_asked_of_a_page_that_exists_the_reply_was_described(operations, book):
    of_a_book = [
        each for each in operations if "{book_id}" in each.path and each.method != "delete"
    ]

    assert len(of_a_book) > 30
    for operation in of_a_book:
        try_out(operation, book_id=book, page_num=1)


def test_a_bug_does_not_go_unnoticed(operations, hornbook):
    hornbook.books._database = None
    broken = next(each for each in operations if each.label == "GET /admin/books")

    with pytest.raises(FailureGroup, match="Server error"):
        try_out(broken)
