"""Server-sent events in the single connection mode: one stream, many operations, each told apart by its id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from desk import COURIER, LEDGER, bring, serving
from servers import running
from starlette.testclient import TestClient

from api.graphql import sse_single
from api.graphql.sse_single import HEADER
from kg.store import Store, open_store

NEWS = "subscription ($since: ID) { articleImported(since: $since) { id article { outlet { name } } } }"
COUNT = "{ statements { totalCount } }"


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("memory:") as opened:
        bring(opened, COURIER, "The Courier")
        bring(opened, LEDGER, "The Ledger")
        yield opened


@pytest.fixture
def client(store: Store) -> Iterator[httpx2.Client]:
    """Over real HTTP: a stream and other requests at once."""
    with running(store) as address, httpx2.Client(base_url=address, timeout=20) as opened:
        yield opened


def reserve(client: Any) -> str:
    made = client.put("/graphql/stream")
    assert made.status_code == 201
    assert made.headers["content-type"].startswith("text/plain")
    return str(made.text)


def begin(client: Any, token: str, query: str, name: str | None, **variables: Any) -> Any:
    body = {"query": query, "variables": variables, "extensions": {"operationId": name} if name else {}}
    return client.post("/graphql/stream", json=body, headers={HEADER: token, "accept": "application/json"})


def told(lines: Iterator[str], most: int) -> list[tuple[str, Any]]:
    """Return the next events of a stream: name and data."""
    found: list[tuple[str, Any]] = []
    name = ""
    while len(found) < most:
        field, _, value = next(lines).partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            found.append((name, json.loads(value)))
    return found


def test_answers_of_many_operations_come_over_one_stream(client: httpx2.Client, store: Store) -> None:
    token = reserve(client)
    with client.stream("GET", "/graphql/stream", headers={HEADER: token, "accept": "text/event-stream"}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        begun = begin(client, token, NEWS, "news", since="0")
        assert (begun.status_code, begun.content) == (202, b"")
        first, second = told(lines, 2)
        assert first[1]["id"] == second[1]["id"] == "news"
        assert first[1]["payload"]["data"]["articleImported"]["article"]["outlet"]["name"] == "The Courier"
        # A query beside it is answered and over.
        assert begin(client, token, COUNT, "count").status_code == 202
        assert told(lines, 2) == [
            ("next", {"id": "count", "payload": {"data": {"statements": {"totalCount": 3}}}}),
            ("complete", {"id": "count"}),
        ]
        # What comes later comes to who still listens; what was ended is silent, and its id is free again.
        bring(store, "Petra Halloran said the quay is closed.\n", "The Wire")
        [(_, event)] = told(lines, 1)
        assert event["payload"]["data"]["articleImported"]["article"]["outlet"]["name"] == "The Wire"
        ended = client.delete("/graphql/stream", params={"operationId": "news"}, headers={HEADER: token})
        assert ended.status_code == 200
        bring(store, "Petra Halloran said the pier is open.\n", "The Echo")
        assert begin(client, token, COUNT, "news").status_code == 202
        assert told(lines, 1)[0][1] == {"id": "news", "payload": {"data": {"statements": {"totalCount": 5}}}}


def test_a_browser_sends_the_token_in_the_address(client: httpx2.Client) -> None:
    token = reserve(client)
    # What is begun before the stream is open waits for it.
    assert begin(client, token, COUNT, "1").status_code == 202
    address = f"/graphql/stream?token={token}"
    with client.stream("GET", address, headers={"accept": "text/event-stream"}) as stream:
        assert [name for name, _ in told(stream.iter_lines(), 2)] == ["next", "complete"]


def test_a_reservation_has_one_stream_and_ends_with_it(client: httpx2.Client) -> None:
    token = reserve(client)
    headers = {HEADER: token, "accept": "text/event-stream"}
    with client.stream("GET", "/graphql/stream", headers=headers) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ":"
        assert client.get("/graphql/stream", headers=headers).status_code == 409
        begin(client, token, NEWS, "1")
        assert begin(client, token, NEWS, "1").status_code == 409
    for _ in range(100):  # the server hears of it in its own time
        if begin(client, token, COUNT, "2").status_code == 404:
            return
    pytest.fail("a stream that was closed is still there")


@pytest.fixture
def quiet(store: Store) -> Iterator[TestClient]:
    with serving(store) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "name", "status", "code"),
    [
        ("{ nonsense }", "1", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", "1", 400, "GRAPHQL_PARSE_FAILED"),
        ("subscription { nonsense }", "1", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("", "1", 400, "BAD_REQUEST"),
    ],
)
def test_what_can_not_be_begun_is_answered_by_http(
    quiet: TestClient, query: str, name: str, status: int, code: str
) -> None:
    token = reserve(quiet)
    body = {"query": query, "extensions": {"operationId": name}}
    headers = {HEADER: token, "accept": "application/graphql-response+json"}
    for _ in range(2):  # its id is free again
        answer = quiet.post("/graphql/stream", json=body, headers=headers)
        assert answer.status_code == status
        assert answer.json()["errors"][0]["extensions"]["code"] == code


def test_a_request_without_what_it_needs_is_told_so(quiet: TestClient) -> None:
    token = reserve(quiet)
    assert begin(quiet, token, COUNT, None).status_code == 400
    assert begin(quiet, "no such token", COUNT, "1").status_code == 404
    assert quiet.delete("/graphql/stream").status_code == 404
    assert quiet.delete("/graphql/stream", headers={HEADER: token}).status_code == 400
    assert quiet.delete("/graphql/stream", headers={HEADER: token}, params={"operationId": "x"}).status_code == 200
    note = 'mutation { annotate(input: { node: "x:y", note: "n", reason: "r" }) { __typename } }'
    params = {"query": note, "extensions": '{"operationId":"1"}'}
    assert quiet.get("/graphql/stream", params=params, headers={HEADER: token}).status_code == 405
    answer = begin(quiet, token, note, "1")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_reservations_are_bounded_and_those_nobody_came_for_make_room(
    quiet: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse_single, "STREAMS", 2)
    tokens = [reserve(quiet), reserve(quiet)]
    assert len(set(tokens)) == 2
    assert quiet.put("/graphql/stream").status_code == 503
    monkeypatch.setattr(sse_single, "RESERVED", -1.0)
    token = reserve(quiet)
    assert begin(quiet, tokens[0], COUNT, "1").status_code == 404
    assert begin(quiet, token, COUNT, "1").status_code == 202


def test_operations_on_one_stream_are_bounded(quiet: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse_single, "OPERATIONS", 1)
    token = reserve(quiet)
    assert begin(quiet, token, NEWS, "1").status_code == 202
    assert begin(quiet, token, NEWS, "2").status_code == 429


def test_several_server_processes_say_that_they_have_no_stream_in_common(store: Store) -> None:
    with serving(store, processes=2) as client:
        answer = client.put("/graphql/stream")
        assert answer.status_code == 501
        assert "WebSocket" in answer.json()["detail"]
