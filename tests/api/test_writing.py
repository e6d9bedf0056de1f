"""Updates and graph writes: who may, what the gate says, and that nothing is lost."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from newsroom import daily, newsroom
from pyoxigraph import NamedNode
from serving import Server, fill, serving
from starlette.testclient import TestClient

from api.app import create_app
from api.config import ServerSettings
from kg.errors import QueryError
from kg.graph import BASE_IRI
from kg.mapping import to_graph
from kg.store import Store, open_store
from kg.store.unchecked import ANY, Notes
from kg.store.updates import targets, using
from kg.vocab import KG
from kg.writing import Change, ForbiddenError, GateError, Part, apply

UPDATE = {"content-type": "application/sparql-update"}
TURTLE = {"content-type": "text/turtle"}
ALL, SOME = {"authorization": "Bearer all"}, {"authorization": "Bearer curation"}
CURATION = f"{BASE_IRI}graph/curation"
HARBOUR = "https://example.org/harbour"
PUT_X = f"INSERT DATA {{ GRAPH <{HARBOUR}> {{ <https://example.org/x> <https://example.org/is> 1 }} }}"
#: A canonical source has names and nothing else: shapes/linking.ttl.
ILL = f"<{BASE_IRI}actor/x> a <{KG.Source.value}> ; <{KG.roleLabel.value}> 'mayor'"


# --- what an update may change, read from its text


@pytest.mark.parametrize(
    ("update", "names", "unnamed", "anything"),
    [
        ("INSERT DATA { GRAPH <h:g> { <h:a> <h:b> 1 } }", {"h:g"}, False, False),
        ("insert data { <h:a> <h:b> 1 . GRAPH <h:g> { <h:a> <h:b> 1 } }", {"h:g"}, True, False),
        ("PREFIX g: <h:> INSERT DATA { GRAPH g:g { <h:a> <h:b> 'GRAPH <h:x> {}' } }", {"h:g"}, False, False),
        ("DELETE DATA { GRAPH <h:g> { <h:a> <h:b> [] } }", {"h:g"}, False, False),
        ("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", set(), False, True),
        ("DELETE WHERE { GRAPH <h:g> { ?s ?p ?o } }", {"h:g"}, False, False),
        ("WITH <h:g> DELETE { ?s ?p ?o } INSERT { ?s ?p 2 } WHERE { GRAPH <h:x> { ?s ?p ?o } }", {"h:g"}, False, False),
        ("DELETE { ?s ?p ?o } INSERT { GRAPH <h:g> { ?s ?p 2 } } WHERE { ?s ?p ?o }", {"h:g"}, True, False),
        ("INSERT { GRAPH ?g { ?s ?p 2 } } WHERE { GRAPH ?g { ?s ?p ?o } }", set(), False, True),
        ("CLEAR GRAPH <h:g> ; DROP SILENT GRAPH <h:i>", {"h:g", "h:i"}, False, False),
        ("CLEAR DEFAULT", set(), True, False),
        ("DROP ALL", set(), False, True),
        ("CLEAR NAMED", set(), False, True),
        ("CREATE GRAPH <h:g>", {"h:g"}, False, False),
        ("COPY <h:a> TO <h:g>", {"h:g"}, False, False),
        ("ADD DEFAULT TO GRAPH <h:g>", {"h:g"}, False, False),
        ("MOVE GRAPH <h:a> TO DEFAULT", {"h:a"}, True, False),
        ("INSERT DATA { GRAPH <relative> { <h:a> <h:b> 1 } }", set(), False, True),
        ("INSERT DATA { GRAPH <h:\\u0067> { <h:a> <h:b> 1 } }", set(), True, True),
        ("INSERT DATA { GRAPH unknown:g { <h:a> <h:b> 1 } }", set(), False, True),
        ("PREFIX kg: <h:> INSERT DATA { GRAPH kg:g { <h:a> <h:b> 1 } }", {"h:g"}, False, False),
        ("INSERT DATA { GRAPH <h:g> { <h:a> <h:b> 1 }", {"h:g"}, False, True),
        ("SELECT * { ?s ?p ?o }", set(), False, True),
        ("INSERT DATA {} ; PREFIX z: <h:z> INSERT DATA { GRAPH z:1 { <h:a> <h:b> 1 } }", {"h:z1"}, False, False),
        ("INSERT { ( 1 2 ) <h:p> 1 } WHERE {}", set(), True, False),
    ],
)
def test_the_targets_of_an_update(update: str, names: set[str], unnamed: bool, anything: bool) -> None:
    found = targets(update)
    assert (found.any, found.names >= names) == (anything, True)
    if not anything:
        assert (found.names, found.unnamed) == (names, unnamed)


def test_the_dataset_of_a_request_becomes_using() -> None:
    found = using(
        "DELETE WHERE { ?s ?p ?o } ; DROP ALL ; INSERT { ?s ?p 1 } WHERE { ?s ?p 'WHERE {' }",
        default=["h:d"],
        named=["h:n"],
    )
    assert found == (
        "DELETE { ?s ?p ?o } USING <h:d> USING NAMED <h:n> WHERE { ?s ?p ?o } ; DROP ALL ; "
        "INSERT { ?s ?p 1 } USING <h:d> USING NAMED <h:n> WHERE { ?s ?p 'WHERE {' }"
    )
    with pytest.raises(QueryError, match="leave out one"):
        using("DELETE { ?s ?p 1 } USING <h:x> WHERE { ?s ?p ?o }", default=["h:d"], named=[])


# --- the change and the gate, in memory


@pytest.fixture
def store() -> Store:
    return newsroom()


def test_what_the_gate_refuses_leaves_the_store_as_it_was(store: Store) -> None:
    before = {name: store.graph(name) for name in store.graph_names()}
    edition = daily().article.iri
    for text in (
        f"INSERT DATA {{ GRAPH <{CURATION}> {{ {ILL} }} }}",
        f"INSERT DATA {{ GRAPH <{HARBOUR}> {{ {ILL} }} }}",
        f"DELETE {{ GRAPH ?g {{ ?s <{KG.mode.value}> ?o }} }} WHERE {{ GRAPH ?g {{ ?s <{KG.mode.value}> ?o }} }}",
        f"DELETE WHERE {{ GRAPH <{edition}> {{ ?s <{KG.exact.value}> ?o }} }}",
        f"INSERT DATA {{ GRAPH <{CURATION}> {{ [] a <{KG.Decision.value}> }} }}",
        f"INSERT DATA {{ {ILL} }}",
    ):
        with pytest.raises(GateError, match=r"refused"):
            apply(store, Change("update", "all", text=text))
        assert {name: store.graph(name) for name in store.graph_names()} == before


def test_what_concerns_nobody_is_not_held_up(store: Store) -> None:
    outcome = apply(store, Change("update", "all", text=PUT_X))
    assert len(store.graph(NamedNode(HARBOUR)).triples) == 1
    assert outcome.version == store.version()
    part = Part(b"<#a> <b> 'c' . [] <b> 2 .", "text/turtle", HARBOUR)
    assert apply(store, Change("put", "all", graph=HARBOUR, parts=(part,))).existed
    assert {str(t.predicate) for t in store.graph(NamedNode(HARBOUR)).triples} == {"<https://example.org/b>"}
    assert not apply(store, Change("drop", "all", graph=f"{HARBOUR}/none")).existed


def test_a_graph_of_the_project_may_be_replaced_by_one_that_the_gate_passes(store: Store) -> None:
    graph = to_graph(daily())
    part = Part(graph.nquads().replace(f" {graph.name} .", " .").encode(), "application/n-triples", graph.name.value)
    assert apply(store, Change("put", "all", graph=graph.name.value, parts=(part,))).triples == len(graph)
    with pytest.raises(GateError):
        apply(
            store,
            Change(
                "put",
                "all",
                graph=graph.name.value,
                parts=(replace(part, data=part.data[:20_000].rpartition(b"\n")[0]),),
            ),
        )
    assert store.graph(graph.name) == graph


def test_a_token_for_curation_reaches_no_other_graph(store: Store) -> None:
    for text in (
        PUT_X,
        "DROP ALL",
        "CLEAR DEFAULT",
        f"COPY <{CURATION}> TO <{HARBOUR}>",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        f"CLEAR GRAPH <{CURATION}> ; {PUT_X}",
        f"WITH <{HARBOUR}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
        f"CLEAR GRAPH <{CURATION}s>",
    ):
        with pytest.raises(ForbiddenError):
            apply(store, Change("update", "curation", text=text))
    apply(store, Change("update", "curation", text=f"CLEAR SILENT GRAPH <{CURATION}>"))


def test_an_update_passes_the_guard_too(store: Store) -> None:
    for text in (
        "LOAD <http://127.0.0.1:1/>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
    ):
        with pytest.raises(QueryError, match="not answered here"):
            apply(store, Change("update", "all", text=text))


@pytest.mark.parametrize("noted", [[HARBOUR], [ANY], [None, HARBOUR]])
def test_a_change_that_nobody_checked_is_taken_back_by_the_next_writer(tmp_path: Path, noted: list[str | None]) -> None:
    folder = str(tmp_path / "store")
    with open_store(folder) as writer:
        apply(writer, Change("update", "all", text=PUT_X))
        writer.publish()
        Notes(Path(folder)).write(noted)
        writer.update(f"CLEAR GRAPH <{HARBOUR}> ; INSERT DATA {{ GRAPH <{HARBOUR}> {{ {ILL} }} }}", trusted=True)
        # here the process is killed
    with open_store(folder) as writer:
        assert [t.object.value for t in writer.graph(NamedNode(HARBOUR)).triples] == ["1"]  # type: ignore[union-attr]
        assert writer.count() == 1
        assert not (tmp_path / "store" / "unchecked").exists()


# --- over HTTP, in memory


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    known = tuple((hashlib.sha256(name.encode()).hexdigest(), name) for name in ("all", "curation"))
    settings = ServerSettings(writable=True, tokens=known)  # type: ignore[arg-type]
    with TestClient(create_app(settings, store=store), base_url="http://localhost") as found:
        yield found


def test_without_writable_nothing_is_written(store: Store) -> None:
    with TestClient(create_app(ServerSettings(), store=store), base_url="http://localhost") as reading:
        before = store.version()
        assert reading.post("/sparql", content=PUT_X, headers=UPDATE | ALL).status_code == 403
        assert reading.post("/sparql", data={"update": PUT_X}, headers=ALL).status_code == 403
        for method in ("PUT", "POST", "DELETE"):
            for path in (f"/graphs?graph={HARBOUR}", "/graphs?default", "/graphs/x"):
                assert reading.request(method, path, content="", headers=TURTLE | ALL).status_code == 403
        assert reading.post("/graphs", content="", headers=TURTLE | ALL).status_code == 403
        assert store.version() == before


def test_who_has_no_token_or_a_wrong_one_is_told_what_to_send(client: TestClient) -> None:
    for headers in (
        {},
        {"authorization": "Bearer "},
        {"authorization": "Bearer nonsense"},
        {"authorization": "Basic YWxsOg=="},
    ):
        answer = client.post("/sparql", content=PUT_X, headers=UPDATE | headers)
        assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer")
        assert client.put("/graphs", params={"graph": HARBOUR}, content="", headers=TURTLE | headers).status_code == 401


def test_an_update_is_seen_by_the_next_query_and_says_its_version(client: TestClient) -> None:
    written = client.post("/sparql", content=PUT_X, headers=UPDATE | ALL)
    assert written.status_code == 204
    asked = client.get(
        "/sparql",
        params={"query": f"ASK {{ GRAPH <{HARBOUR}> {{ ?s ?p 1 }} }}"},
        headers={"kg-version": written.headers["kg-version"]},
    )
    assert asked.json()["boolean"]
    late = client.get("/sparql", params={"query": "ASK {}"}, headers={"kg-version": "999999"})
    assert (late.status_code, late.headers["retry-after"]) == (503, "1")


def test_a_scope_and_the_gate_speak_over_http(client: TestClient) -> None:
    assert client.post("/sparql", content=PUT_X, headers=UPDATE | SOME).status_code == 403
    bad = client.post("/sparql", content=f"INSERT DATA {{ GRAPH <{CURATION}> {{ {ILL} }} }}", headers=UPDATE | SOME)
    assert bad.status_code == 422
    assert "A canonical source has" in bad.json()["detail"]
    assert client.post("/sparql", content="INSERT DATA { nonsense", headers=UPDATE | ALL).status_code == 400


def test_graphs_are_put_added_to_and_dropped(client: TestClient) -> None:
    where = {"params": {"graph": HARBOUR}, "headers": TURTLE | ALL}
    assert client.put("/graphs", content="<a> <b> 1 .", **where).status_code == 201  # type: ignore[arg-type]
    assert client.put("/graphs", content="<a> <b> 2 .", **where).status_code == 204  # type: ignore[arg-type]
    assert client.post("/graphs", content="<a> <b> 3 .", **where).status_code == 204  # type: ignore[arg-type]
    got = client.get("/graphs", params={"graph": HARBOUR}, headers={"accept": "application/n-triples"})
    assert sorted(line.split()[2][1] for line in got.text.splitlines()) == ["2", "3"]
    for bad, status in (("<a> <b>", 400), ("<a> <b> 1 2", 400)):
        assert client.put("/graphs", content=bad, **where).status_code == status  # type: ignore[arg-type]
    wrong = {"content-type": "application/trig", **ALL}
    assert client.put("/graphs", params={"graph": HARBOUR}, content="", headers=wrong).status_code == 415
    assert client.delete("/graphs", params={"graph": HARBOUR}, headers=ALL).status_code == 204
    assert client.delete("/graphs", params={"graph": HARBOUR}, headers=ALL).status_code == 404
    assert client.put("/graphs?union", content="", headers=TURTLE | ALL).status_code == 400


def test_the_unnamed_graph_is_itself_and_the_union_is_all(client: TestClient, store: Store) -> None:
    assert client.put("/graphs?default", content="<h:a> <h:b> 1 .", headers=TURTLE | ALL).status_code == 201
    plain = {"accept": "application/n-triples"}
    assert len(client.get("/graphs?default", headers=plain).text.splitlines()) == 1
    assert len(client.get("/graphs?union", headers=plain).text.splitlines()) == store.count()


# --- on disk, with the writer's process


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(fill(tmp_path_factory.mktemp("writing") / "store"), KG_WRITABLE="1", KG_QUERY_SECONDS="5") as found:
        yield found


def send(server: Server, update: str) -> tuple[int, bytes]:
    status, _, body = server.request("POST", "/sparql", update, UPDATE | ALL)
    return status, body


@pytest.mark.slow
def test_two_clients_with_200_increments_each_give_exactly_400(server: Server) -> None:
    counter = "https://example.org/counter"
    assert send(server, f"INSERT DATA {{ GRAPH <{counter}> {{ <h:n> <h:is> 0 }} }}")[0] == 204
    step = (
        f"WITH <{counter}> DELETE {{ <h:n> <h:is> ?n }} INSERT {{ <h:n> <h:is> ?m }} "
        "WHERE { <h:n> <h:is> ?n BIND(?n + 1 AS ?m) }"
    )
    failures: list[object] = []

    def client() -> None:
        for _ in range(200):
            status, body = send(server, step)
            if status != 204:
                failures.append((status, body))

    threads = [threading.Thread(target=client) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    found = server.query(f"SELECT ?n {{ GRAPH <{counter}> {{ <h:n> <h:is> ?n }} }}")[2]
    assert found.split() == [b"n", b"400"]


def test_the_gate_speaks_from_the_writers_process_and_nothing_was_changed(server: Server) -> None:
    before = server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[2]
    status, body = send(server, f"INSERT DATA {{ GRAPH <{CURATION}> {{ {ILL} }} }}")
    assert (status, b"A canonical source has" in body) == (422, True), body
    assert server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[2] == before


def test_the_store_is_free_for_an_import_once_the_writer_is_idle(tmp_path: Path) -> None:
    folder = fill(tmp_path / "store")
    with serving(folder, KG_WRITABLE="1") as server:
        assert send(server, PUT_X)[0] == 204
        time.sleep(1.3)
        with open_store(folder) as importing:
            importing.put([], drop=[NamedNode(HARBOUR)])
            importing.publish()
        assert send(server, PUT_X)[0] == 204


def test_a_writer_that_is_killed_costs_the_change_and_no_other(server: Server) -> None:
    assert send(server, PUT_X)[0] == 204
    writers = [pid for pid in server.workers() if b"api.writer_process" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(writers) == 1
    os.kill(writers[0], signal.SIGKILL)
    assert send(server, f"CLEAR GRAPH <{HARBOUR}>")[0] in (204, 422)
    assert send(server, PUT_X)[0] == 204


def test_an_upload_that_eats_the_memory_takes_only_the_writers_process(server: Server) -> None:
    entities = "".join(
        f'<!ENTITY e{n} "&e{n - 1};&e{n - 1};&e{n - 1};&e{n - 1};&e{n - 1};&e{n - 1};">' for n in range(1, 20)
    )
    bomb = (
        f'<!DOCTYPE r [<!ENTITY e0 "{"x" * 1000}">{entities}]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="h:a"><p xmlns="h:">&e19;</p></rdf:Description></rdf:RDF>'
    )
    status, _, body = server.request(
        "PUT", f"/graphs?graph={HARBOUR}", bomb, {"content-type": "application/rdf+xml", **ALL}
    )
    assert status in (400, 422, 504), body
    assert server.query("ASK {}", "application/sparql-results+json")[0] == 200
    assert send(server, PUT_X)[0] == 204
