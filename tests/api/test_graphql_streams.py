"""Subscriptions over WebSocket and server-sent events: what is told, in which order, and how to go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from desk import COURIER, LEDGER, PROTOCOL, ask, bring, events, serving, talking, write
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from kg.store import Store, open_store

ARTICLES = """subscription ($since: ID) {
  articleImported(since: $since) { id at change article { outlet { name } } edition { statements { totalCount } } }
}"""
STATEMENTS = """subscription ($since: ID, $filter: StatementFilter) {
  statementAdded(since: $since, filter: $filter) { id statement { text speaker { name } } }
}"""
CLAIMS = """subscription ($id: ID!, $since: ID) {
  claimChanged(id: $id, since: $since) { id change claim { outletCount statementCount denialCount } }
}"""


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("memory:") as opened:
        bring(opened, COURIER, "The Courier")
        bring(opened, LEDGER, "The Ledger")
        yield opened


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    with serving(store) as client:
        yield client


def test_articles_from_the_beginning_and_then_those_that_come(client: TestClient, store: Store) -> None:
    with talking(client) as talk:
        talk.begin()
        talk.subscribe(ARTICLES, since="0")
        told = [talk.next()["articleImported"] for _ in range(2)]
        assert [one["article"]["outlet"]["name"] for one in told] == ["The Courier", "The Ledger"]
        assert {one["change"] for one in told} == {"ADDED"}
        bring(store, "Petra Halloran said the quay is closed.\n", "The Wire")
        third = talk.next()["articleImported"]
        assert third["article"]["outlet"]["name"] == "The Wire"
        assert third["edition"]["statements"]["totalCount"] == 1


def test_a_subscription_without_since_tells_new_ones_only(client: TestClient, store: Store) -> None:
    with talking(client) as talk:
        talk.begin()
        talk.subscribe(ARTICLES)
        time.sleep(0.3)
        bring(store, "Petra Halloran said the quay is closed.\n", "The Wire")
        assert talk.next()["articleImported"]["article"]["outlet"]["name"] == "The Wire"


def test_who_reconnects_with_the_last_id_goes_on_behind_it(client: TestClient) -> None:
    seen: list[Any] = []
    since = "0"
    for _ in range(3):
        with talking(client) as talk:
            talk.begin()
            talk.subscribe(STATEMENTS, since=since)
            seen.append(talk.next()["statementAdded"])
            since = seen[-1]["id"]
    texts = [one["statement"]["text"] for one in seen]
    assert len(set(texts)) == 3
    whole = ask(client, "{ statements { nodes { text } } }")["statements"]["nodes"]
    assert set(texts) == {node["text"] for node in whole}


def test_statements_are_told_as_the_filter_wants(client: TestClient, store: Store) -> None:
    with talking(client) as talk:
        talk.begin()
        talk.subscribe(STATEMENTS, since="0", filter={"speaker": {"name": "halloran"}})
        assert talk.next()["statementAdded"]["statement"]["speaker"] == {"name": "Petra Halloran"}
        bring(store, "Ivo Stranne said the sky is blue. Petra Halloran said the quay is closed.\n", "The Wire")
        assert "quay" in talk.next()["statementAdded"]["statement"]["text"]


def test_a_claim_tells_when_it_changes_and_others_keep_silent(client: TestClient, store: Store) -> None:
    query = '{ statements(filter: { outlet: { name: "Courier" } }) { nodes { claim { id statementCount } } } }'
    claim = ask(client, query)["statements"]["nodes"][0]["claim"]
    with talking(client) as talk:
        talk.begin()
        talk.subscribe(CLAIMS, id=claim["id"])
        time.sleep(0.3)
        bring(store, "Petra Halloran said the quay is closed.\n", "The Wire")  # another claim
        bring(store, COURIER, "The Echo")
        told = talk.next()["claimChanged"]
        assert told["change"] == "CHANGED"
        assert told["claim"]["statementCount"] == claim["statementCount"] + 1
        assert told["claim"]["outletCount"] == 2


def test_two_operations_run_on_one_socket_and_one_is_ended(client: TestClient, store: Store) -> None:
    with talking(client) as talk:
        talk.begin()
        talk.subscribe(ARTICLES, "a", since="0")
        assert talk.hear()["id"] == "a"
        assert talk.hear()["id"] == "a"
        talk.subscribe("{ claims { totalCount } }", "b")
        found = talk.hear()
        assert (found["id"], found["type"]) == ("b", "next")
        assert talk.hear() == {"id": "b", "type": "complete"}
        talk.socket.send_json({"id": "a", "type": "complete"})
        talk.socket.send_json({"type": "ping", "payload": {"n": 1}})
        assert talk.hear() == {"type": "pong", "payload": {"n": 1}}
        bring(store, "Petra Halloran said the quay is closed.\n", "The Wire")
        talk.subscribe("{ __typename }", "c")
        assert talk.hear()["id"] == "c"


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("subscription { nonsense }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { articleImported { id } claimChanged(id: "x:y") { id } }', {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", {}, "GRAPHQL_PARSE_FAILED"),
        (ARTICLES, {"since": "yesterday"}, "BAD_USER_INPUT"),
        (ARTICLES, {"since": "999999"}, "BAD_USER_INPUT"),
        (CLAIMS, {"id": "no iri"}, "BAD_USER_INPUT"),
        (CLAIMS, {}, "GRAPHQL_VALIDATION_FAILED"),
        (STATEMENTS, {"filter": {"text": "x" * 300}}, "BAD_USER_INPUT"),
    ],
)
def test_a_subscription_that_can_not_be_opened_is_an_error_message(
    client: TestClient, query: str, variables: dict[str, Any], code: str
) -> None:
    with talking(client) as talk:
        talk.begin()
        talk.subscribe(query, "x", **variables)
        message = talk.hear()
        assert (message["id"], message["type"]) == ("x", "error")
        assert message["payload"][0]["extensions"]["code"] == code
    [(name, _, told), *rest] = events(client, query, 2, **variables)
    assert name == "next"
    assert told["errors"][0]["extensions"]["code"] == code
    assert rest == [("complete", None, None)]


def closing(client: TestClient, *messages: Any) -> int:
    """Say these things and return the code that the server closes with."""
    with talking(client) as talk:
        for message in messages:
            match message:
                case dict():
                    talk.socket.send_json(message)
                case str():
                    talk.socket.send_text(message)
                case _:
                    talk.socket.send_bytes(message)
        while True:
            heard = talk.receive()
            if heard["type"] == "websocket.close":
                return int(heard["code"])


INIT = {"type": "connection_init"}
NEWS = {"id": "1", "type": "subscribe", "payload": {"query": ARTICLES}}


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ((NEWS,), 4401),
        ((INIT, INIT), 4429),
        ((INIT, NEWS, NEWS), 4409),
        ((INIT, "{"), 4400),
        ((INIT, "[]"), 4400),
        ((INIT, b"\x00"), 4400),
        ((INIT, {"type": "nonsense"}), 4400),
        ((INIT, {"type": "subscribe", "payload": {}}), 4400),
        ((INIT, {"type": "subscribe", "id": "1", "payload": "x"}), 4400),
        ((INIT, {"type": "ping", "payload": {"x": "a" * 300_000}}), 4400),
    ],
)
def test_who_breaks_the_protocol_is_told_by_the_code(client: TestClient, messages: tuple[Any, ...], code: int) -> None:
    assert closing(client, *messages) == code


def test_another_subprotocol_is_4406(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("ws://localhost/graphql", subprotocols=["graphql-ws"]) as socket,
    ):
        socket.receive_json()
    assert closed.value.code == 4406


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"host": "evil.example"}])
def test_a_page_of_another_site_can_not_open_a_socket(client: TestClient, headers: dict[str, str]) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("ws://localhost/graphql", subprotocols=[PROTOCOL], headers=headers),
    ):
        pass


NOTE = """mutation ($node: ID!) {
  annotate(input: { node: $node, note: "Heard.", reason: "r" }) {
    ... on AnnotationRecorded { annotation { decidedBy } }
  }
}"""


def test_a_mutation_over_the_socket_wants_the_token_in_its_greeting(client: TestClient) -> None:
    statement = ask(client, "{ statements { nodes { id } } }")["statements"]["nodes"][0]["id"]
    with talking(client) as talk:
        talk.begin({"Authorization": "Bearer t-curation"})
        talk.subscribe(NOTE, node=statement)
        assert talk.next() == {"annotate": {"annotation": {"decidedBy": "r.keel"}}}
    with talking(client) as talk:
        talk.begin()
        talk.subscribe(NOTE, node=statement)
        assert talk.hear()["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.fixture
def server(store: Store) -> Iterator[str]:
    """Serve over real HTTP: the test client hands out a stream only when it is complete."""
    from servers import running

    with running(store) as address:
        yield address


def test_a_stream_tells_events_with_their_ids_and_goes_on_behind_the_last(server: str, store: Store) -> None:
    import httpx2

    with httpx2.Client(base_url=server, timeout=10) as client:
        first = events(client, ARTICLES, 1, since="0")
        assert first[0][0] == "next"
        assert first[0][2]["data"]["articleImported"]["article"]["outlet"]["name"] == "The Courier"
        last = first[0][1]
        assert last == first[0][2]["data"]["articleImported"]["id"]
        rest = events(client, ARTICLES, 1, {"last-event-id": last})
        assert rest[0][2]["data"]["articleImported"]["article"]["outlet"]["name"] == "The Ledger"


def test_a_query_over_the_stream_is_one_event_and_its_end(client: TestClient) -> None:
    found = events(client, "{ claims { totalCount } }", 2)
    assert [name for name, _, _ in found] == ["next", "complete"]


def test_a_stream_takes_a_query_by_get_and_no_mutation(client: TestClient) -> None:
    headers = {"accept": "text/event-stream"}
    answer = client.get("/graphql/stream", params={"query": "{ __typename }"}, headers=headers)
    assert 'data: {"data":{"__typename":"Query"}}' in answer.text
    refused = client.get("/graphql/stream", params={"query": NOTE}, headers=headers)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert (
        client.get("/graphql/stream", params={"query": "{ __typename }"}, headers={"accept": "image/png"}).status_code
        == 406
    )


def test_a_mutation_over_the_stream_wants_a_token(client: TestClient) -> None:
    statement = ask(client, "{ statements { nodes { id } } }")["statements"]["nodes"][0]["id"]
    [(_, _, told), _] = events(client, NOTE, 2, node=statement)
    assert told["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    [(_, _, told), _] = events(client, NOTE, 2, {"authorization": "Bearer t-curation"}, node=statement)
    assert told["data"]["annotate"]["annotation"]["decidedBy"] == "r.keel"


def test_a_subscription_by_plain_http_says_where_to_go(client: TestClient) -> None:
    answer = client.post("/graphql", json={"query": ARTICLES})
    assert answer.status_code == 400
    assert "/graphql/stream" in answer.json()["errors"][0]["message"]


def test_what_a_mutation_brings_is_told(client: TestClient) -> None:
    query = """mutation { importArticle(input: { text: "Petra Halloran said the quay is closed.", outlet: "The Wire",
      published: "2026-03-12", reason: "r" }) { __typename } }"""
    with talking(client) as talk:
        talk.begin()
        talk.subscribe(ARTICLES)
        time.sleep(0.3)
        assert write(client, query).json() == {"data": {"importArticle": {"__typename": "ImportAccepted"}}}
        assert talk.next()["articleImported"]["article"]["outlet"]["name"] == "The Wire"
