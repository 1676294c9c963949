"""Models are asked over the network, and every failure tells what to do next."""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from hornbook.engines.model_client import ModelClient
from hornbook.engines.providers import PROVIDERS
from hornbook.errors import (
    CutShort,
    Declined,
    JobStopper,
    KeyRefused,
    Malformed,
    ModelUnknown,
    Queued,
    QuotaExceeded,
    RateLimited,
    RequestRefused,
    ServerError,
    TimedOut,
    TooLong,
    UnreadableImage,
)
from hornbook.model.question import Question, Subject, Task, Usage
from tests.model_server import (
    HANGING,
    HTML,
    NO_CHOICES,
    NOT_JSON,
    Reply,
    answers,
    completion,
    model_server,
    refusal,
)
from tests.waiting import wait_until

MODEL = "openai:tiny"
KNOWN_MODEL = "openai:gpt-4o-mini"
GOOD = {"title": "Fractions", "quotes": ["one half"]}
SHORT_OF_TITLE = answers({"quotes": []})
BREAKING = replace(answers(GOOD), breaks=True)
DRIPPING = replace(answers(GOOD), drip=0.1)
CUT = completion('{"title": "Fract')
LENGTH = completion('{"title": "Fract', finish="length")
TOO_MUCH = refusal(400, "context_length_exceeded")
SLOW_DOWN = refusal(429, "rate_limit_exceeded")


@dataclass(frozen=True)
class Finding:
    title: str
    quotes: list[str]
    note: str | None = None


@dataclass(frozen=True)
class Estimate:
    title: str
    quotes: list[str]
    sure: float


def question(**more) -> Question:
    asked = {"rules": "Be exact.", "prompt": "What is on the page?", "max_tokens": 200}
    return Question(**{"task": Task.READ, "form": Finding, **asked, **more})


@pytest.fixture
def server(monkeypatch):
    with model_server(lambda _asked: GOOD) as (address, shared):
        monkeypatch.setenv("OPENAI_BASE_URL", address)
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        yield shared


@pytest.fixture
def make():
    """Make clients, which are closed with the test."""
    made = []

    def client(**settings) -> ModelClient:
        made.append(ModelClient(**settings))
        return made[-1]

    yield client
    for one in made:
        one.close()


def ask(client, model=MODEL, subject=Subject(), **more):  # noqa: B008 - a frozen value
    return client.ask(model, question(**more), subject)


def refused(kind, client, **more):
    with pytest.raises(kind) as caught:
        ask(client, **more)
    assert type(caught.value) is kind
    return caught.value


def test_an_answer_is_plain_json_in_the_form_that_was_asked_for(server, make):
    answer = ask(make())

    assert answer.data == {**GOOD, "note": None}
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (100, 10)
    assert 0 < answer.usage.seconds < 5


def test_the_rules_come_first_and_the_form_is_enforced(server, make):
    ask(make())

    body = server.requests[0].body
    form = body["response_format"]["json_schema"]
    assert [one["role"] for one in body["messages"]] == ["system", "user"]
    assert (server.requests[0].rules, server.requests[0].prompt) == (
        "Be exact.",
        "What is on the page?",
    )
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("tiny", 0.0, 200)
    assert form["strict"]
    assert form["schema"]["required"] == ["title", "quotes", "note"]


@pytest.mark.parametrize(
    ("output", "response_format"),
    [("json_object", {"type": "json_object"}), ("prompted", None), ("tool", None)],
)
def test_a_server_may_be_told_the_form_in_another_way(server, make, output, response_format):
    answer = ask(make(output=output))

    body = server.requests[0].body
    assert answer.data["title"] == "Fractions"
    assert body.get("response_format") == response_format
    assert ("tools" in body) == (output == "tool")
    assert len(body["messages"]) == 2
    assert output == "tool" or '"quotes"' in server.requests[0].rules


def test_the_page_goes_along_as_a_jpeg(server, make):
    ask(make(), image=b"\xff\xd8\xff\xe0 a picture")

    assert [url[:23] for url in server.requests[0].images] == ["data:image/jpeg;base64,"]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("http://gpu.example:8080/v1/", "http://gpu.example:8080/v1"),
        ("https://bea:secret@GPU.example/v1?key=secret", "https://gpu.example/v1"),
        ("http://[bad", "http://[bad"),
        ("", None),
    ],
)
def test_where_a_model_is_asked_is_known_without_what_lets_one_in(make, monkeypatch, said, address):
    monkeypatch.setenv("OPENAI_BASE_URL", said)

    assert make().address(MODEL) == address
    assert make().address("anthropic:claude") is None


def test_a_gateway_learns_what_a_call_is_for(server, make):
    ask(make(), subject=Subject(book_id="b1", page_num=7), task=Task.PLACE)
    ask(make(), subject=Subject(subtopic="grün ☃/x"), task=Task.MERGE)

    page, subtopic = (
        {k: v for k, v in asked.headers.items() if k.startswith("x-hornbook-")}
        for asked in server.requests
    )
    assert page == {
        "x-hornbook-task": "place",
        "x-hornbook-book": "b1",
        "x-hornbook-page": "7",
    }
    assert subtopic == {
        "x-hornbook-task": "merge",
        "x-hornbook-subtopic": "gr%C3%BCn%20%E2%98%83/x",
    }


@pytest.mark.parametrize(
    "said",
    [
        "```json\n{}\n```",
        "Here it is:\n```\n{}\n```\nBye",
        "Here it is: {}",
    ],
)
def test_json_between_other_words_is_an_answer(server, make, said):
    server.script(completion(said.replace("{}", json.dumps({**GOOD, "mood": "good"}))))

    assert ask(make()).data == {**GOOD, "note": None}


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        (SLOW_DOWN, RateLimited, "asks for a pause"),
        (refusal(429, "insufficient_quota"), QuotaExceeded, "no credit left"),
        (refusal(401, "invalid_api_key"), KeyRefused, "does not accept the key"),
        (refusal(403, "forbidden"), KeyRefused, "does not accept the key"),
        (refusal(404, "model_not_found"), ModelUnknown, "no model openai:tiny"),
        (refusal(404, "not_found"), ModelUnknown, "no model openai:tiny"),
        (refusal(500, "server_error"), ServerError, "status 500"),
        (refusal(503, "overloaded"), ServerError, "status 503"),
        (refusal(408, "timeout"), ServerError, "status 408"),
        (HTML, ServerError, "cannot be read|no content"),
        (NOT_JSON, ServerError, "cannot be read"),
        (NO_CHOICES, ServerError, "no content"),
        (BREAKING, ServerError, "connection"),
        (completion(None, refusal="I will not"), Declined, "declined"),
        (completion("", finish="content_filter"), Declined, "declined"),
        (refusal(400, "content_filter"), Declined, "declined"),
        (TOO_MUCH, TooLong, "too long"),
        (refusal(400, "x", kind="exceed_context_size_error"), TooLong, "too long"),
        (refusal(413, "too_large"), TooLong, "too long"),
        (refusal(400, "image_parse_error"), UnreadableImage, "Replace the image"),
        (refusal(400, "unsupported"), RequestRefused, "No: unsupported.*HORNBOOK_MODEL_OUTPUT"),
        (refusal(422, "unsupported"), RequestRefused, "HORNBOOK_MODEL_OUTPUT"),
    ],
)
def test_each_fault_tells_what_to_do_and_is_not_tried_again_here(
    server, make, reply, kind, message
):
    server.script(reply)

    error = refused(kind, make())

    assert len(server.requests) == 1
    assert isinstance(error.usage, Usage)
    with pytest.raises(kind, match=message):
        raise error


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404, body=b"404 page not found", kind="text/plain"),
        Reply(status=404, body=b"<html>Not found</html>", kind="text/html"),
        Reply(status=404, body=b'{"detail": "Not Found"}'),
    ],
)
def test_what_is_not_found_without_a_provider_saying_so_may_be_the_address(server, make, reply):
    server.script(reply)

    error = refused(ModelUnknown, make())

    assert "openai:tiny" in str(error)
    assert "OPENAI_BASE_URL may be wrong" in str(error)


@pytest.mark.parametrize(
    "address", ["http://h:abc/v1", "http://[bad", "nonsense", "http://h\n/v1", "ftp://h/v1"]
)
@pytest.mark.parametrize("model", ["openai:x", "anthropic:x", "google:x"])
def test_what_is_no_address_is_told_before_anybody_is_asked(make, monkeypatch, model, address):
    for provider in ("OPENAI", "ANTHROPIC", "GOOGLE"):
        monkeypatch.setenv(f"{provider}_API_KEY", "k")
    for variable in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.setenv(variable, address)

    assert "_BASE_URL is no web address" in str(refused(ModelUnknown, make(), model=model))


@dataclass(frozen=True)
class Buggy:
    title: str

    def __post_init__(self) -> None:
        raise TypeError("a bug of ours")


def test_a_bug_of_ours_is_no_fault_of_the_server(server, make):
    server.answer = lambda _asked: {"title": "Fractions"}

    with pytest.raises(TypeError, match="a bug of ours"):
        ask(make(), form=Buggy)


def test_what_concerns_the_whole_job_stops_it():
    assert issubclass(RequestRefused, JobStopper)


def test_a_server_that_is_not_there_is_a_server_error(make, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    assert "connection" in str(refused(ServerError, make()))


def test_the_pause_is_the_one_the_provider_asks_for(server, make):
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    server.script(
        refusal(429, "rate_limit_exceeded", retry_after="37"),
        refusal(429, "rate_limit_exceeded", retry_after=at),
        SLOW_DOWN,
    )

    assert refused(RateLimited, make()).retry_after == 37.0
    assert 57 <= refused(RateLimited, make()).retry_after <= 60
    assert refused(RateLimited, make()).retry_after is None


@pytest.mark.parametrize("reply", [HANGING, DRIPPING])
def test_no_answer_within_the_deadline_is_a_time_out_however_it_trickles(server, make, reply):
    server.script(reply)
    began = time.monotonic()

    error = refused(TimedOut, make(), deadline=0.6)

    assert time.monotonic() - began < 5
    assert "0.6 s" in str(error)
    assert 0.5 < error.usage.seconds < 1.5


@pytest.mark.parametrize("bad", [CUT, SHORT_OF_TITLE, completion(None), completion("Hello!")])
def test_an_answer_that_does_not_fit_is_asked_for_twice_more(server, make, bad):
    server.script(bad, bad, bad)

    error = refused(Malformed, make())

    assert len(server.requests) == 3
    assert (error.usage.input_tokens, error.usage.output_tokens) == (300, 30)


def test_the_model_is_told_what_did_not_fit(server, make):
    server.script(SHORT_OF_TITLE)

    answer = ask(make())

    first, second = server.requests
    assert answer.usage.input_tokens == 200
    assert second.prompt.startswith(first.prompt)
    assert "title: Field required" in second.prompt
    assert second.rules == first.rules


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (r'{"title": "a\u0000b", "quotes": [], "sure": 1}', "title: NUL"),
        (r'{"title": "a", "quotes": ["b", "c\u0000"], "sure": 1}', "quotes.1: NUL"),
        ('{"title": "a", "quotes": [], "sure": NaN}', "sure: not a finite number"),
        ('{"title": "a", "quotes": [], "sure": "NaN"}', "sure: not a finite number"),
        ('{"title": "a", "quotes": [], "sure": "-Infinity"}', "sure: not a finite number"),
        ('{"title": "a", "quotes": [], "sure": 1e999}', "sure: not a finite number"),
    ],
)
def test_what_no_database_can_keep_does_not_fit_and_the_model_is_told_why(server, make, said, why):
    server.script(completion(said), answers({**GOOD, "sure": 0.5}))

    answer = ask(make(), form=Estimate)

    assert answer.data["sure"] == 0.5
    assert why in server.requests[1].prompt


def test_an_answer_that_is_cut_off_gets_twice_the_length_once(server, make):
    server.script(LENGTH)

    answer = ask(make())

    assert [asked.body["max_tokens"] for asked in server.requests] == [200, 400]
    assert answer.usage.output_tokens == 20

    server.script(LENGTH, LENGTH)
    assert refused(CutShort, make()).usage.output_tokens == 20


def test_a_cut_answer_has_as_long_for_its_doubled_length_as_the_first_one_had(server, make):
    server.latency = 0.7
    server.script(LENGTH)

    assert ask(make(), deadline=1.2).data["title"] == "Fractions"


def test_a_doubled_answer_that_takes_too_long_is_not_paid_for_again(server, make):
    server.script(LENGTH, HANGING)

    error = refused(CutShort, make(), deadline=0.6)

    assert "0.6 s" in str(error)
    assert error.usage.output_tokens == 10


def test_a_model_that_takes_no_temperature_is_asked_without(server, make):
    server.script(refusal(400, "unsupported_value", param="temperature"))
    client = make()

    ask(client)
    ask(client)

    assert ["temperature" in asked.body for asked in server.requests] == [True, False, False]


def test_calls_in_flight_at_once_all_learn_that_a_model_takes_no_temperature(server, make):
    client = make()
    server.latency = 0.2
    no_temperature = refusal(400, "unsupported_value", param="temperature")
    server.always = lambda asked: no_temperature if "temperature" in asked.body else answers(GOOD)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: ask(client, prompt=f"{n}").data["title"], range(4)))

    assert found == ["Fractions"] * 4


def test_models_that_think_are_asked_not_to_or_given_room(server, make):
    client = make()

    for model in ("openai:gpt-5.5", "openai:o3", "openai:gpt-4o-mini"):
        ask(client, model)

    asked = [one.body for one in server.requests]
    assert [body.get("reasoning_effort") for body in asked] == ["none", "low", None]
    assert [body.get("max_completion_tokens") for body in asked] == [200, 4200, None]
    assert ["temperature" in body for body in asked] == [False, False, True]


def test_eight_threads_ask_one_client_ten_times_each(server, make):
    client = make(concurrency=8)
    server.latency = 0.02

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: ask(client, prompt=f"{n}").data["title"], range(80)))

    assert found == ["Fractions"] * 80
    assert 4 <= server.most_at_once <= 8
    assert client.in_flight == 0


def test_what_an_answer_cost_is_known_set_or_unknown(server, make):
    def cost(model, **settings):
        return ask(make(**settings), model).usage.cost

    assert cost(KNOWN_MODEL) == pytest.approx((100 * 0.15 + 10 * 0.60) / 1e6)
    assert cost(MODEL, price="2/10") == pytest.approx((100 * 2 + 10 * 10) / 1e6)
    assert cost(MODEL) is None
    assert cost(MODEL, price="0/0") == 0.0
    server.script(SHORT_OF_TITLE)
    assert cost(MODEL, price="2/10") == pytest.approx(2 * 300 / 1e6)


def test_a_model_that_costs_nothing_does_so_too_where_its_server_counts_no_tokens(server, make):
    def uncounted(_asked):
        whole = json.loads(answers(GOOD).body)
        return Reply(body=json.dumps({**whole, "usage": None}).encode())

    server.always = uncounted

    assert ask(make(price="0/0")).usage.cost == 0.0
    assert ask(make(price="1/2")).usage.cost is None


@pytest.mark.parametrize(
    "model",
    [
        KNOWN_MODEL,
        "google:gemini-2.5-pro",
        "openai:gpt-5.4",
        "anthropic:claude-haiku-4-5",
        "anthropic:claude-sonnet-4-5",
    ],
)
def test_many_calls_cost_as_many_times_what_one_costs(make, model):
    from genai_prices import Usage as Used
    from genai_prices import calc_price

    provider, _, name = model.partition(":")
    one = calc_price(
        Used(input_tokens=1500, output_tokens=700), model_ref=name, provider_id=provider
    )

    assert make().cost(model, 1500 * 900, 700 * 900) == pytest.approx(900 * float(one.total_price))


def test_a_pause_holds_everybody_back_and_says_until_when(server, make):
    client = make()
    server.script(refusal(429, "rate_limit_exceeded", retry_after="30"))
    refused(RateLimited, client)

    error = refused(Queued, client)

    assert 28 < error.retry_after <= 30
    assert error.usage is None
    assert len(server.requests) == 1
    assert refused(Queued, client, prompt="Another page").retry_after <= 30


def test_an_overloaded_server_says_when_to_come_back_too(server, make):
    client = make()
    server.script(refusal(503, "overloaded", retry_after="30"))

    assert refused(ServerError, client).retry_after == 30.0
    assert refused(Queued, client).retry_after <= 30


def test_a_short_pause_is_waited_out(server, make):
    client = make()
    server.script(refusal(429, "rate_limit_exceeded", retry_after_ms="400"))
    refused(RateLimited, client)
    began = time.monotonic()

    ask(client)

    assert 0.2 < time.monotonic() - began < 3


def test_fewer_calls_are_in_flight_after_a_refusal_and_more_after_a_while(server, make):
    client = make(concurrency=4)
    server.script(SLOW_DOWN)
    refused(RateLimited, client)
    gate = threading.Event()
    server.answer = lambda _asked: GOOD if gate.wait(10) else {}

    with ThreadPoolExecutor(12) as pool:
        found = [pool.submit(ask, client) for _ in range(6)]
        wait_until(lambda: server.at_once == 2)
        time.sleep(0.1)
        at_first = server.at_once
        gate.set()
        wait_until(lambda: all(one.done() for one in found))
        gate.clear()
        found += [pool.submit(ask, client) for _ in range(6)]
        wait_until(lambda: server.at_once == 4)
        gate.set()

    assert at_first == 2
    assert [one.result().data["title"] for one in found] == ["Fractions"] * 12
    assert server.most_at_once == 4


def test_waiting_for_a_place_is_not_part_of_the_deadline(server, make):
    client = make(concurrency=1)
    server.latency = 0.4

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _n: ask(client, deadline=1.0), range(4)))

    assert max(answer.usage.seconds for answer in found) < 1.0


def test_no_more_calls_a_minute_are_made_than_allowed(server, make):
    client = make(requests_per_minute=2)
    ask(client)
    ask(client)

    assert 50 < refused(Queued, client).retry_after <= 60
    assert len(server.requests) == 2


def test_no_more_tokens_a_minute_are_spent_than_allowed(server, make):
    client = make(tokens_per_minute=115)
    ask(client)

    assert 50 < refused(Queued, client).retry_after <= 60
    assert len(server.requests) == 1


def test_asking_again_for_the_same_answer_needs_no_new_turn(server, make):
    server.script(SHORT_OF_TITLE)

    assert ask(make(requests_per_minute=1)).data["title"] == "Fractions"


def test_whoever_waits_when_the_client_closes_is_told(server, make):
    client = make(concurrency=2)
    server.always = HANGING
    told = []

    def wait():
        with pytest.raises(ServerError, match="stops asking"):
            ask(client)
        told.append(1)

    waiting = [threading.Thread(target=wait) for _ in range(4)]
    for one in waiting:
        one.start()
    wait_until(lambda: client.in_flight == 2 and len(server.requests) == 2)
    client.close()
    for one in waiting:
        one.join(5)

    assert len(told) == 4
    assert client.in_flight == 0
    assert "stops asking" in str(refused(ServerError, client))


def test_a_client_that_was_never_asked_closes_too(make):
    make().close()


def test_trying_a_model_out_says_how_long_it_took(server, make):
    server.answer = lambda _asked: {"greeting": "Hello"}

    assert make().try_out(MODEL).startswith("openai:tiny answered in 0.")

    server.script(refusal(401, "invalid_api_key"))
    with pytest.raises(KeyRefused):
        make().try_out(MODEL)


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("openai:x", "OPENAI_API_KEY"),
        ("anthropic:x", "ANTHROPIC_API_KEY"),
        ("google:x", "GOOGLE_API_KEY"),
    ],
)
def test_a_missing_key_names_the_variable_to_set(make, monkeypatch, model, variable):
    for name in ("OPENAI_BASE_URL", "GEMINI_API_KEY", variable):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(KeyRefused, match=f"Set {variable}"):
        ask(make(), model)


def test_a_key_is_not_shown_where_an_access_is(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")

    access = PROVIDERS["openai"].access()

    assert access.key == "sk-secret"
    assert "sk-secret" not in repr(access)


@pytest.mark.parametrize("model", ["tiny", "nobody:tiny", "openai:"])
def test_a_model_of_nobody_is_unknown(make, model):
    with pytest.raises(ModelUnknown, match=model):
        ask(make(), model)


def test_a_provider_that_is_not_installed_says_what_to_install(make, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.setitem(sys.modules, "pydantic_ai.models.anthropic", None)

    with pytest.raises(ModelUnknown, match=r"pip install 'hornbook\[anthropic\]'"):
        ask(make(), "anthropic:claude")


def anthropic_answer(_asked):
    used = {"type": "tool_use", "id": "t", "name": "answer", "input": GOOD}
    return as_json(
        id="1",
        type="message",
        role="assistant",
        model="claude-haiku-4-5",
        content=[used],
        stop_reason="tool_use",
        usage={"input_tokens": 100, "output_tokens": 10},
    )


def google_answer(_asked):
    said = {"role": "model", "parts": [{"text": json.dumps(GOOD)}]}
    used = {"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110}
    return as_json(
        candidates=[{"content": said, "finishReason": "STOP"}],
        usageMetadata=used,
        modelVersion="gemini-2.5-flash",
    )


def as_json(status=200, headers=None, **body):
    return Reply(status=status, body=json.dumps(body).encode(), headers=headers or {})


@pytest.fixture
def elsewhere(server, monkeypatch):
    """The same server, asked by the other providers' clients."""
    address = f"http://{server.host}"
    for provider in ("ANTHROPIC", "GOOGLE"):
        monkeypatch.setenv(f"{provider}_API_KEY", "secret")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", address)
    return server


@pytest.mark.parametrize(
    ("model", "reply"),
    [
        ("anthropic:claude-haiku-4-5", anthropic_answer),
        ("anthropic:claude-opus-5", anthropic_answer),
        ("google:gemini-2.5-pro", google_answer),
        ("google:gemini-2.5-flash", google_answer),
    ],
)
def test_other_providers_answer_in_the_same_form(elsewhere, make, model, reply):
    elsewhere.script(reply)

    answer = ask(make(), model, Subject(book_id="b1"), image=b"\xff\xd8\xff\xe0")

    asked = elsewhere.requests[0]
    assert answer.data == {**GOOD, "note": None}
    assert answer.usage.cost > 0
    assert asked.headers["X-Hornbook-Task"] == "read"
    assert asked.headers["X-Hornbook-Book"] == "b1"
    assert "Be exact." in json.dumps(asked.body)
    assert "image/jpeg" in json.dumps(asked.body)


def test_anthropic_keeps_the_rules(elsewhere, make):
    elsewhere.script(anthropic_answer)

    ask(make(), "anthropic:claude-haiku-4-5")

    assert elsewhere.requests[0].body["system"][0]["cache_control"]["type"] == "ephemeral"


CLAUDE, GEMINI = "anthropic:claude-haiku-4-5", "google:gemini-2.5-flash"
NO = {"type": "error", "error": {"type": "authentication_error", "message": "No"}}
SLOWER = {"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down"}}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Full"}}
AWAY = {"error": {"code": 503, "status": "UNAVAILABLE", "message": "Overloaded"}}
GONE = {"error": {"code": 404, "status": "NOT_FOUND", "message": "No"}}
QUOTA = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Slow down"}}
BAD_KEY = {
    "error": {
        "code": 400,
        "status": "INVALID_ARGUMENT",
        "message": "No",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
        ],
    }
}


@pytest.mark.parametrize(
    ("model", "reply", "kind"),
    [
        (CLAUDE, as_json(401, **NO), KeyRefused),
        (CLAUDE, as_json(429, {"Retry-After": "37"}, **SLOWER), RateLimited),
        (CLAUDE, as_json(529, **OVERLOADED), ServerError),
        (CLAUDE, HTML, ServerError),
        (GEMINI, as_json(400, **BAD_KEY), KeyRefused),
        (GEMINI, as_json(404, **GONE), ModelUnknown),
        (GEMINI, as_json(429, {"Retry-After": "37"}, **QUOTA), RateLimited),
        (GEMINI, as_json(503, **AWAY), ServerError),
        (GEMINI, as_json(), ServerError),
    ],
)
def test_the_faults_of_other_providers_mean_the_same(elsewhere, make, model, reply, kind):
    elsewhere.script(reply)

    error = refused(kind, make(), model=model)

    assert len(elsewhere.requests) == 1
    assert kind is not RateLimited or error.retry_after == 37.0


def test_nothing_of_a_model_is_imported_before_one_is_asked():
    program = """
import sys
from hornbook import wiring
from hornbook.engines.model_client import ModelClient
client = ModelClient()
client.close()
print(sorted({"pydantic_ai", "openai", "anthropic", "google.genai"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
