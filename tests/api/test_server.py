"""The server around the doors: hosts, origins, ids, health, graphs, data IRIs, questions, and how it waits."""

from __future__ import annotations

import asyncio
import logging
import threading
from html import escape
from pathlib import Path
from typing import Any

import pytest
from newsroom import DAILY, canonical, daily, evening
from pyoxigraph import NamedNode, RdfFormat, parse
from starlette.testclient import TestClient

from api.app import create_app
from api.config import ServerSettings
from api.limits import Limits, ThreadRunner
from api.middleware import SECURITY
from api.problems import Refusal
from kg import query
from kg.errors import StoreError, UsageError
from kg.mapping import to_graph
from kg.store import Store, open_store
from kg.vocab import KG

EDITION = daily().article.iri


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:80", "LOCALHOST", "[::1]:8000"])
def test_this_machine_is_answered(client: TestClient, host: str) -> None:
    assert client.get("/health/live", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.example:8000", ""])
def test_a_name_that_only_resolves_to_this_machine_is_not(client: TestClient, host: str) -> None:
    answer = client.get("/health/live", headers={"host": host})
    assert answer.status_code == 421
    assert "KG_HOSTS" in answer.json()["detail"]


def test_hosts_and_origins_can_be_set(store: Store) -> None:
    settings = ServerSettings.from_env({"KG_HOSTS": "news.example", "KG_ORIGINS": "https://page.example"})
    with TestClient(create_app(settings, store=store), base_url="http://news.example") as client:
        answer = client.get("/health/live", headers={"origin": "https://page.example"})
        assert answer.headers["access-control-allow-origin"] == "https://page.example"


def test_settings_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(UsageError, match="KG_QUERY_SECONDS"):
        ServerSettings.from_env({"KG_QUERY_SECONDS": "soon"})


def test_a_page_of_a_dev_server_may_read_and_another_site_may_not(client: TestClient) -> None:
    local = client.options(
        "/graphql",
        headers={
            "origin": "http://localhost:5173",
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        },
    )
    assert local.headers["access-control-allow-origin"] == "http://localhost:5173"
    strange = client.get("/health/live", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in strange.headers
    posted = client.post("/sparql", data={"query": "ASK {}"}, headers={"origin": "https://evil.example"})
    assert posted.status_code == 403
    own = client.post("/sparql", data={"query": "ASK {}"}, headers={"origin": "http://localhost"})
    assert own.status_code == 200


def test_every_answer_has_an_id_that_the_log_knows_and_the_headers_of_a_careful_server(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="api"):
        answer = client.get("/nowhere%1b[31m", headers={"x-request-id": "mine-1"})
    assert answer.status_code == 404
    assert answer.headers["x-request-id"] == answer.json()["request"] == "mine-1"
    assert "mine-1" in caplog.text
    assert "\x1b" not in caplog.text
    for name, value in SECURITY.items():
        assert answer.headers[name] == value
    given = client.get("/health/live", headers={"x-request-id": "a b\tc"}).headers["x-request-id"]
    assert given != "a b\tc"


def test_health_counts_what_is_there(client: TestClient, store: Store) -> None:
    assert client.get("/health/ready").json() == {"status": "ready"}
    found = client.get("/health").json()
    assert (found["editions"], found["statements"], found["claims"]) == (4, 8, 5)
    assert (found["generation"], found["quads"]) == (store.version(), store.count())


def test_an_error_of_our_own_is_logged_and_not_told(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        url, base_iri = store.url, store.base_iri

        def version(self) -> str:
            raise RuntimeError("the disk of /home/somebody is on fire")

    app = create_app(ServerSettings(), store=Broken())  # type: ignore[arg-type]
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        answer = client.get("/sparql?query=ASK{}")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "fire" not in answer.text
    assert "on fire" in caplog.text


def test_a_store_that_cannot_be_read_is_503_without_its_path(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    class Gone:
        url, base_iri = store.url, store.base_iri

        def version(self) -> str:
            raise StoreError("/home/somebody/kg-store can't be read")

    app = create_app(ServerSettings(), store=Gone())  # type: ignore[arg-type]
    with TestClient(app, base_url="http://localhost") as client:
        answer = client.get("/sparql?query=ASK{}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "somebody" not in answer.text
    assert "somebody" in caplog.text


def test_what_is_imported_while_the_server_runs_is_served_and_old_answers_expire(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    count = {"query": f"SELECT (COUNT(?e) AS ?n) {{ ?e a {KG.Edition} }}"}
    with open_store(folder) as writer:
        writer.put([to_graph(daily())])
        writer.publish()
        app = create_app(ServerSettings.from_env({"KG_STORE": folder}))
        with TestClient(app, base_url="http://localhost") as client:
            first = client.get("/sparql", params=count, headers={"accept": "text/csv"})
            assert first.text.split() == ["n", "1"]
            known = {"accept": "text/csv", "if-none-match": first.headers["etag"]}
            assert client.get("/sparql", params=count, headers=known).status_code == 304
            writer.put([to_graph(evening())])
            writer.publish()
            after = client.get("/sparql", params=count, headers=known)
            assert (after.status_code, after.text.split()) == (200, ["n", "2"])


def test_a_store_that_is_not_there_is_named_when_the_server_starts(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        create_app(ServerSettings.from_env({"KG_STORE": str(tmp_path / "nowhere")}))


# --- graphs, data IRIs, ontology, questions


def test_a_named_graph_is_the_graph_that_was_put(client: TestClient) -> None:
    answer = client.get("/graphs", params={"graph": EDITION}, headers={"accept": "application/n-triples"})
    found = {quad.triple for quad in parse(answer.content, format=RdfFormat.N_TRIPLES)}
    assert found == to_graph(daily()).triples


def test_the_graphs_are_listed_and_what_is_none_is_404(client: TestClient) -> None:
    assert EDITION in client.get("/graphs").json()["graphs"]
    assert client.get("/graphs", params={"graph": "https://example.org/none"}).status_code == 404
    assert client.get("/graphs", params={"graph": "no iri"}).status_code == 400
    assert client.get("/graphs", params=[("graph", EDITION), ("graph", EDITION)]).status_code == 400
    assert client.put("/graphs", params={"graph": EDITION}, content="").status_code == 403


def test_the_union_of_all_graphs_holds_each_triple_once(client: TestClient, store: Store) -> None:
    answer = client.get("/graphs?union", headers={"accept": "application/n-triples"})
    lines = answer.text.splitlines()
    assert len(lines) == len(set(lines)) == store.count()


def test_the_iri_of_an_edition_answers_with_all_that_was_read_in_it(client: TestClient, store: Store) -> None:
    path = EDITION.removeprefix(store.base_iri)
    answer = client.get(f"/{path}", headers={"accept": "text/turtle"})
    assert {quad.triple for quad in parse(answer.content, format=RdfFormat.TURTLE)} == to_graph(daily()).triples
    again = client.get(f"/{path}", headers={"accept": "text/turtle", "if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_the_iri_of_an_actor_answers_with_its_names_and_who_was_identified_as_it(client: TestClient) -> None:
    answer = client.get("/actor/rosa-keel", headers={"accept": "application/ld+json"})
    triples = {quad.triple for quad in parse(answer.content, format=RdfFormat.JSON_LD)}
    assert any(t.predicate == KG.name and t.object.value == "Rosa Keel" for t in triples)  # type: ignore[union-attr]
    assert any(t.predicate == KG.identifiedAs and t.object == canonical("actor/rosa-keel") for t in triples)


def test_a_browser_is_shown_the_page_of_a_data_iri(client: TestClient) -> None:
    answer = client.get("/actor/rosa-keel", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/#/node?id=https%3A%2F%2F")


def test_a_data_iri_that_names_nothing_is_404(client: TestClient) -> None:
    assert client.get("/actor/nobody").status_code == 404
    assert client.get("/actor/no%20body").status_code in (400, 404)


def test_the_ontology_is_served_in_the_syntax_that_was_asked_for(client: TestClient) -> None:
    turtle = client.get("/ontology", headers={"accept": "text/turtle"})
    json_ld = client.get("/ontology", headers={"accept": "application/ld+json"})
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    one = {quad.triple for quad in parse(turtle.content, format=RdfFormat.TURTLE)}
    two = {quad.triple for quad in parse(json_ld.content, format=RdfFormat.JSON_LD)}
    assert len(one) == len(two)


def test_the_questions_are_listed_and_answered(client: TestClient, store: Store) -> None:
    listed = {question["name"]: question for question in client.get("/queries").json()["queries"]}
    assert sorted(listed) == query.names()
    for name, question in listed.items():
        answer = client.get(question["href"], headers={"accept": "text/csv"})
        assert answer.status_code == 200, answer.text
        assert answer.text.splitlines()[0].split(",") == question["columns"]
        assert len(query.run(store, name)) <= len(answer.text.splitlines()) - 1
        text = client.get(question["href"], headers={"accept": "application/sparql-query"}).text
        assert text == query.load(name)


BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_browser_gets_a_page_about_each_question_and_can_ask_it_there(client: TestClient) -> None:
    listing = client.get("/queries", headers=BROWSER)
    assert listing.headers["content-type"] == "text/html; charset=utf-8"
    for name in query.names():
        assert f'href="/queries/{name}"' in listing.text
        page = client.get(f"/queries/{name}", headers=BROWSER)
        assert page.status_code == 200, page.text
        described = query.describe(name)
        assert escape(described.question) in page.text
        assert all(f'name="{param.name}"' in page.text for param in described.params)
        assert escape(query.load(name)) in page.text
        assert "<tbody>" not in page.text, "nothing is asked before somebody asks"
    answered = client.get("/queries/said_by?actor=&called=Rosa+Keel&ask=1", headers=BROWSER)
    assert answered.status_code == 200
    assert "<td>Rosa Keel</td>" in answered.text
    assert "<td>Ilse Brandt</td>" not in answered.text, "the other field was empty, which means any"
    assert 'value="Rosa Keel"' in answered.text


def test_what_a_stranger_writes_into_a_page_stays_text(client: TestClient) -> None:
    page = client.get("/queries/said_by", params={"called": '"><script>alert(1)</script>'}, headers=BROWSER)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert client.get("/queries/said_by?nonsense=1", headers=BROWSER).status_code == 400


def test_an_unknown_question_or_parameter_is_refused_with_what_there_is(client: TestClient) -> None:
    assert client.get("/queries/nonsense").status_code == 404
    for name in query.names()[:1]:
        answer = client.get(f"/queries/{name}?nonsense=1")
        assert answer.status_code == 400
        assert "nonsense" in answer.json()["detail"]


# --- waiting


def test_a_query_that_takes_too_long_is_504_and_its_place_is_kept_until_it_ends(store: Store) -> None:
    limits = Limits(seconds=0.05, running=1)
    release = threading.Event()

    async def story() -> None:
        runner = ThreadRunner(store, limits)
        with pytest.raises(Refusal) as late:
            await runner.run(lambda _: release.wait(20))
        assert late.value.status == 504
        with pytest.raises(Refusal) as busy:  # the engine is still at work
            await runner.run(lambda _: 1)
        assert (busy.value.status, busy.value.headers["retry-after"]) == (503, "5")
        release.set()
        for _ in range(400):
            try:
                assert await runner.run(lambda _: 1) == 1
                return
            except Refusal:
                await asyncio.sleep(0.01)
        raise AssertionError("the place was never given back")

    asyncio.run(story())


def test_no_more_queries_wait_than_may(store: Store) -> None:
    limits = Limits(seconds=5, running=1, waiting=2)
    release = threading.Event()

    async def story() -> list[Any]:
        runner = ThreadRunner(store, limits)
        tasks = [asyncio.create_task(runner.run(lambda _: release.wait(20))) for _ in range(5)]
        await asyncio.sleep(0.05)
        release.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(story())
    assert [answer for answer in answers if answer is True] == [True] * 3
    assert [answer.status for answer in answers if isinstance(answer, Refusal)] == [503, 503]


def test_the_event_loop_is_free_while_a_query_runs(store: Store) -> None:
    release = threading.Event()

    async def story() -> bool:
        runner = ThreadRunner(store, Limits())
        slow = asyncio.create_task(runner.run(lambda _: release.wait(20)))
        quick = await runner.run(lambda store: store.ask(f"ASK {{ ?s a {KG.Edition} }}"))
        assert not slow.done()
        release.set()
        assert await slow
        return quick

    assert asyncio.run(story())


def test_what_a_job_raises_is_raised_to_who_asked(store: Store) -> None:
    async def story() -> None:
        runner = ThreadRunner(store, Limits())
        with pytest.raises(ZeroDivisionError):
            await runner.run(lambda _: 1 // 0)
        assert await runner.run(lambda store: store.graph(NamedNode(EDITION)).triples) == to_graph(daily()).triples

    asyncio.run(story())


def test_the_text_of_an_edition_comes_back_as_it_went_in(client: TestClient) -> None:
    sparql = f"SELECT ?text {{ <{EDITION}> {KG.text} ?text }}"
    rows = client.post("/sparql", data={"query": sparql}).json()["results"]["bindings"]
    assert rows[0]["text"]["value"] == DAILY
