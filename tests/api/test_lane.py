"""A plain query takes the short way: its answers are those of the long way, and nobody passes who should not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from newsroom import daily
from starlette.testclient import TestClient

from api.app import create_app
from api.asking import unquoted
from api.config import ServerSettings
from api.counters import COUNTERS
from kg.mapping import to_graph
from kg.store import Store, open_store
from kg.vocab import KG

COUNT = f"SELECT (COUNT(?e) AS ?n) {{ ?e a {KG.Edition} }}"
NAMES = f"SELECT ?s ?n {{ ?s {KG.name} ?n }} ORDER BY ?s ?n"
#: Of another page, so that the request goes the long way.
FAR = {"origin": "http://localhost"}


def open_client(store: Store, **settings: object) -> TestClient:
    app = create_app(ServerSettings(**settings), store=store)  # type: ignore[arg-type]
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture
def own(store: Store) -> Iterator[TestClient]:
    with open_client(store) as client:
        yield client


def counted(status: int) -> float:
    return COUNTERS.registry.get_sample_value("kg_requests_total", {"door": "sparql", "status": str(status)}) or 0.0


@pytest.mark.parametrize("accept", ["*/*", "text/csv", "application/json", "application/sparql-results+xml"])
@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd, gzip;q=0.5"])
def test_all_three_ways_give_the_same_answer(own: TestClient, accept: str, coding: str) -> None:
    asked = {"accept": accept, "accept-encoding": coding}
    first, kept = (own.get("/sparql", params={"query": NAMES}, headers=asked) for _ in range(2))
    far = own.get("/sparql", params={"query": NAMES}, headers={**asked, **FAR})
    assert first.content == kept.content == far.content
    same = {"access-control-allow-origin", "access-control-expose-headers", "x-request-id", "vary"}
    heads = [{name: value for name, value in one.headers.items() if name not in same} for one in (first, kept, far)]
    assert heads[0] == heads[1] == heads[2]
    assert "x-content-type-options" in heads[0]
    assert (heads[0].get("content-encoding") or "identity") == coding.partition(",")[0]


def test_who_has_the_answer_gets_a_304_the_first_time_and_later(own: TestClient) -> None:
    tag = own.get("/sparql", params={"query": NAMES}, headers=FAR).headers["etag"]
    for known in (tag, tag, f'"x", {tag}', "*"):
        answer = own.get("/sparql", params={"query": NAMES}, headers={"if-none-match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert own.get("/sparql", params={"query": NAMES}, headers={"if-none-match": '"other"'}).status_code == 200


def test_what_is_another_answer_each_time_is_not_kept(own: TestClient) -> None:
    query = {"query": "SELECT (STRUUID() AS ?new) {}"}
    first, second = (own.get("/sparql", params=query, headers={"if-none-match": "*"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.text != second.text
    assert first.headers["cache-control"] == "no-store"
    assert "etag" not in first.headers


def test_an_answer_that_is_kept_is_forgotten_when_the_data_change() -> None:
    with open_store("memory:") as store, open_client(store) as client:
        before = client.get("/sparql", params={"query": COUNT}, headers={"accept": "text/csv"})
        assert client.get("/sparql", params={"query": COUNT}, headers={"accept": "text/csv"}).text == before.text
        store.put([to_graph(daily())])
        after = client.get("/sparql", params={"query": COUNT}, headers={"accept": "text/csv"})
    assert (before.text.split()[1], after.text.split()[1]) == ("0", "1")
    assert before.headers["etag"] != after.headers["etag"]


def test_refusals_say_the_same_as_on_the_long_way(own: TestClient) -> None:
    for query in (
        "",
        "SELECT",
        "DROP ALL",
        "ASK { SERVICE <http://h/> {} }",
        "ASK { ?s ?p \ud800 }".encode("utf-8", "replace"),
    ):
        near, far = (own.get("/sparql", params={"query": query}, headers=head) for head in ({}, FAR))
        assert near.status_code == far.status_code == 400
        assert near.json()["detail"] == far.json()["detail"]
        assert near.headers["content-type"] == "application/problem+json"
    assert own.get("/sparql?query=%ff").status_code == 400
    assert own.get("/sparql", params={"query": COUNT}, headers={"accept": "image/png"}).status_code == 406


def test_a_kept_answer_is_not_for_another_host_nor_for_who_asks_too_often(store: Store) -> None:
    with open_client(store, rate=0.001, burst=3) as client:
        assert client.get("/sparql", params={"query": COUNT}).status_code == 200
        assert client.get("/sparql", params={"query": COUNT}, headers={"host": "evil.example"}).status_code == 421
        statuses = [client.get("/sparql", params={"query": COUNT}).status_code for _ in range(4)]
    # The burst is of three; a request for another host takes none.
    assert statuses == [200, 200, 429, 429]


def test_a_client_behind_a_proxy_has_a_rate_of_its_own(store: Store) -> None:
    with open_client(store, rate=0.001, burst=1, proxies=("testclient",)) as client:
        hops = ["203.0.113.5", "203.0.113.5", "203.0.113.6"]
        asked = [client.get("/sparql", params={"query": COUNT}, headers={"x-forwarded-for": hop}) for hop in hops]
    assert [answer.status_code for answer in asked] == [200, 429, 200]


def test_every_answer_is_counted_and_has_its_line(own: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    before = counted(200)
    with caplog.at_level(logging.INFO, logger="api"):
        for number in range(3):
            head = {"x-request-id": f"lane-{number}"}
            assert own.get("/sparql", params={"query": COUNT}, headers=head).headers["x-request-id"] == f"lane-{number}"
    assert counted(200) == before + 3
    lines = [record.fields for record in caplog.records if record.name == "api"]  # type: ignore[attr-defined]
    assert [line["request"] for line in lines] == ["lane-0", "lane-1", "lane-2"]
    assert {(line["path"], line["status"]) for line in lines} == {("/sparql", 200)}
    assert len({line["digest"] for line in lines}) == 1


def test_a_strange_request_id_is_replaced(own: TestClient) -> None:
    answer = own.get("/sparql", params={"query": COUNT}, headers={"x-request-id": "a b\x1b"})
    assert len(answer.headers["x-request-id"]) == 12


@given(
    st.lists(
        st.sampled_from(
            [
                "%20",
                "%3C",
                "%3c",
                "%25",
                "%",
                "%2",
                "%%",
                "+",
                "<",
                "0",
                "3C",
                "é",
                "%C3%A9",
                "=",
                "=4",
                "\n",
                "\r",
                " ",
                "_",
            ]
        )
    ).map("".join)
)
def test_a_value_is_decoded_as_the_library_decodes_it(value: str) -> None:
    target = value.encode()
    assert unquoted(target) == unquote_to_bytes(target.replace(b"+", b" "))
