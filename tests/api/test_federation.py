"""SERVICE and LOAD: refused, unless the operator lists whom; then asked by the server, never by a query's process."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from newsroom import readings
from starlette.testclient import TestClient

from api.app import create_app
from api.config import ServerSettings
from api.limits import Limits
from kg.errors import QueryError
from kg.mapping import to_graph
from kg.store import open_store
from kg.store.calls import MOST_ROWS, calls, inlined, load_of

NAMES = """PREFIX kg: <https://w3id.org/on-the-record/ns#>
SELECT DISTINCT ?name ?born WHERE {{ [] kg:name ?name . FILTER (?name IN ("Rosa Keel", "Ilse Brandt")) {call} }}
ORDER BY ?name"""
TURTLE = "<https://elsewhere.example/a> <https://elsewhere.example/b> 'c' ."


@dataclass
class Elsewhere:
    """A server of somebody else's, which keeps what it was asked."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    reply: bytes = b""
    status: int = 200
    seconds: float = 0.0


def rows(*names: str, **bound: list[object]) -> bytes:
    bindings = [
        {name: value for name in names if (value := bound[name][i]) is not None}
        for i in range(len(next(iter(bound.values()))))
    ]
    return json.dumps({"head": {"vars": list(names)}, "results": {"bindings": bindings}}).encode()


def literal(value: str) -> dict[str, str]:
    return {"type": "literal", "value": value}


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    state = Elsewhere()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.asked.append(parse_qs(body.decode())["query"][0])
            self.answer("application/sparql-results+json", state.reply)

        def do_GET(self) -> None:
            state.asked.append(self.path)
            self.answer("text/turtle; charset=utf-8", TURTLE.encode())

        def answer(self, media: str, body: bytes) -> None:
            time.sleep(state.seconds)
            self.send_response(state.status)
            self.send_header("content-type", media)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/sparql"
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("federation") / "store")


def filled(folder: Path) -> Path:
    with open_store(str(folder)) as made:
        made.put([to_graph(reading) for reading in readings()])
        made.publish()
    return folder


@contextmanager
def serving(folder: Path, settings: ServerSettings) -> Iterator[TestClient]:
    """The server of a store on disk, whose queries run in processes without a network."""
    with open_store(str(folder), read_only=True) as store:
        app = create_app(settings, store=store)
        with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
            yield client


def ask(client: TestClient, sparql: str) -> tuple[int, str]:
    answer = client.post("/sparql", data={"query": sparql}, headers={"accept": "text/csv"})
    return answer.status_code, answer.text


def listed(elsewhere: Elsewhere, **more: object) -> ServerSettings:
    return ServerSettings(services=(elsewhere.url,), private_services=True, **more)  # type: ignore[arg-type]


def test_a_service_that_is_listed_is_asked_and_joined(folder: Path, elsewhere: Elsewhere) -> None:
    elsewhere.reply = rows(
        "name", "born", name=[literal("Rosa Keel"), literal("Somebody")], born=[literal("1970"), None]
    )
    call = f"SERVICE <{elsewhere.url}> {{ ?x schema:name ?name . OPTIONAL {{ ?x schema:birthDate ?born }} }}"
    with serving(folder, listed(elsewhere)) as client:
        assert ask(client, NAMES.format(call=call)) == (200, "name,born\r\nRosa Keel,1970\r\n")
        elsewhere.reply = rows("name", "born", name=[literal("Ilse Brandt")], born=[None])
        assert ask(client, NAMES.format(call=call)) == (200, "name,born\r\nIlse Brandt,\r\n"), "never from a cache"
    asked = elsewhere.asked[0]
    assert "SELECT * WHERE { ?x schema:name ?name ." in asked
    assert "PREFIX schema: <https://schema.org/>" in asked, "the prefixes that are known here go with the question"


def test_a_prefixed_service_in_an_optional_part_is_joined(folder: Path, elsewhere: Elsewhere) -> None:
    elsewhere.reply = rows("name", "born", name=[literal("Rosa Keel")], born=[literal("1970")])
    base, _, name = elsewhere.url.rpartition("/")
    query = f"PREFIX there: <{base}/> " + NAMES.format(
        call=f"OPTIONAL {{ service there:{name} {{ ?x ?y ?name, ?born }} }}"
    )
    with serving(folder, listed(elsewhere)) as client:
        assert ask(client, query) == (200, "name,born\r\nIlse Brandt,\r\nRosa Keel,1970\r\n")


def test_any_other_service_is_refused_before_anybody_is_asked(folder: Path, elsewhere: Elsewhere) -> None:
    for name in ("https://query.example/sparql", elsewhere.url + "/x"):
        with serving(folder, listed(elsewhere)) as client:
            status, words = ask(client, NAMES.format(call=f"SERVICE SILENT <{name}> {{ ?a ?b ?c }}"))
        assert status == 403
        assert name in words
        assert elsewhere.url in words
    assert not elsewhere.asked


def test_without_a_list_every_service_is_refused(folder: Path, elsewhere: Elsewhere) -> None:
    with serving(folder, ServerSettings()) as client:
        status, words = ask(client, NAMES.format(call=f"SERVICE <{elsewhere.url}> {{ ?a ?b ?c }}"))
    assert (status, "SERVICE is not answered here" in words) == (400, True)
    assert not elsewhere.asked


def test_a_private_address_is_refused_though_it_is_listed(folder: Path, elsewhere: Elsewhere) -> None:
    settings = ServerSettings(services=(elsewhere.url, "http://localhost:80/sparql"), loads=(elsewhere.url,))
    with serving(folder, settings) as client:
        for name in settings.services:
            status, words = ask(client, NAMES.format(call=f"SERVICE <{name}> {{ ?a ?b ?c }}"))
            assert status == 403, words
            assert "private network" in words or "no web server's" in words
    assert not elsewhere.asked


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("SERVICE ?where { ?a ?b ?c }", "named by its IRI"),
        ("SERVICE <{url}> { SERVICE <{url}> { ?a ?b ?c } }", "side by side"),
        ("SERVICE <{url}> ?a ?b ?c", "has no pattern"),
        ("SERVICE <{url}> { { { ?a ?b ?c", "not closed"),
        ("SERVICE nowhere:x { ?a ?b ?c }", "not declared"),
        ("SERVICE <{url}> { ?a ?b ?c } " * 5, "more than 4 services"),
        ("LOADSERVICE <{url}> { ?a ?b ?c }", "not answered here"),
        ("SERVICESILENT <{url}> { ?a ?b ?c }", "not answered here"),
    ],
)
def test_a_call_that_is_none_is_refused(words: str, why: str, folder: Path, elsewhere: Elsewhere) -> None:
    with serving(folder, listed(elsewhere)) as client:
        status, told = ask(client, NAMES.format(call=words.replace("{url}", elsewhere.url)))
    assert (status, why in told) == (400, True), told
    assert not elsewhere.asked


@pytest.mark.parametrize(("silent", "expected"), [("", 502), ("SILENT", 200)])
@pytest.mark.parametrize("broken", ["status", "time"])
def test_a_service_that_fails_fails_the_query_unless_it_is_silent(
    broken: str, silent: str, expected: int, folder: Path, elsewhere: Elsewhere
) -> None:
    elsewhere.reply = rows("name", name=[literal("Rosa Keel")])
    elsewhere.status, elsewhere.seconds = (503, 0.0) if broken == "status" else (200, 3.0)
    limits = Limits(seconds=2.0)
    with serving(folder, listed(elsewhere, limits=limits)) as client:
        status, words = ask(client, NAMES.format(call=f"SERVICE {silent} <{elsewhere.url}> {{ ?a ?b ?name }}"))
    assert status == (504 if broken == "time" and not silent else expected)
    if silent:
        assert words == "name,born\r\nIlse Brandt,\r\nRosa Keel,\r\n", "a silent failure binds nothing and keeps all"


@pytest.mark.parametrize(
    "reply",
    [b"", b"{}", b"<html>", b'{"head":{"vars":["a b"]},"results":{"bindings":[]}}', b'{"head":{},"boolean":true}',
     b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"uri","value":"x> } INSERT"}}]}}'],
)  # fmt: skip
def test_what_is_no_answer_is_an_honest_error(reply: bytes, folder: Path, elsewhere: Elsewhere) -> None:
    elsewhere.reply = reply
    with serving(folder, listed(elsewhere)) as client:
        status, words = ask(client, NAMES.format(call=f"SERVICE <{elsewhere.url}> {{ ?a ?b ?name }}"))
    assert status == 400
    assert elsewhere.url in words


def test_terms_of_every_kind_keep_their_value(folder: Path, elsewhere: Elsewhere) -> None:
    odd = 'he said "no" } \\ \n\t\u0001 ¶ 🛥'
    values = [
        literal(odd),
        {"type": "literal", "value": "ja", "xml:lang": "de"},
        {"type": "literal", "value": "7", "datatype": "http://www.w3.org/2001/XMLSchema#integer"},
        {"type": "uri", "value": "https://a.example/ä?x=1"},
        {"type": "bnode", "value": "b0"},
        {"type": "bnode", "value": "b0"},
    ]
    elsewhere.reply = rows("v", v=values)
    with serving(folder, listed(elsewhere)) as client:
        answer = client.post(
            "/sparql",
            data={"query": f"SELECT ?v {{ SERVICE <{elsewhere.url}> {{ ?s ?p ?v }} }}"},
            headers={"accept": "application/sparql-results+json"},
        )
    given = [row["v"] for row in answer.json()["results"]["bindings"]]
    assert given[:4] == values[:4]
    assert given[4] == given[5], "one blank node is one node"
    assert given[4]["type"] == "uri"


def test_too_many_rows_are_refused() -> None:
    text, made = calls("SELECT * { SERVICE <http://a.example/> { ?s ?p ?o } }")
    many = rows("s", s=[literal("x")] * (MOST_ROWS + 1))
    with pytest.raises(QueryError, match="more than 10,000 rows"):
        inlined(text, [(made[0], many)])


def test_a_text_that_only_speaks_of_service_is_left_alone() -> None:
    text = 'SELECT * { ?service ?p "SERVICE <http://a.example/> { }" } # SERVICE <x> {'
    assert calls(text) == (text, [])


def test_a_graph_is_loaded_from_a_listed_address(tmp_path: Path, elsewhere: Elsewhere) -> None:
    token = hashlib.sha256(b"secret").hexdigest()
    there = elsewhere.url.removesuffix("sparql")
    settings = ServerSettings(writable=True, tokens=((token, "all"),), loads=(there,), private_services=True)
    head = {"authorization": "Bearer secret"}
    with serving(filled(tmp_path / "store"), settings) as client:
        for update, status in [
            (f"LOAD <{there}a.ttl> INTO GRAPH <https://g.example/>", 204),
            (f"load silent <{there}a.ttl> into graph <https://g.example/>;", 204),
            ("LOAD <https://other.example/a.ttl> INTO GRAPH <https://g.example/>", 403),
            (f"LOAD <{there}a.ttl> ; DROP ALL", 400),
            (f"INSERT DATA {{ <a:b> <a:c> 1 }} ; LOAD <{there}a.ttl>", 400),
        ]:
            answer = client.post("/sparql", data={"update": update}, headers=head)
            assert answer.status_code == status, (update, answer.text)
        found = client.get(
            "/sparql",
            params={"query": "SELECT ?s { GRAPH <https://g.example/> { ?s ?p ?o } }"},
            headers={"accept": "text/csv", "kg-version": "2"},
        )
        assert found.text == "s\r\nhttps://elsewhere.example/a\r\n"
        refused = client.post("/sparql", data={"update": f"LOAD <{there}a.ttl>"})
        assert refused.status_code == 401, "a load is a write"
    assert elsewhere.asked == ["/a.ttl", "/a.ttl"]


def test_a_load_without_a_graph_goes_into_the_unnamed_one() -> None:
    made = load_of("PREFIX a: <https://a.example/> LOAD a:b.ttl")
    assert made is not None
    assert (made.source, made.graph, made.silent) == ("https://a.example/b.ttl", None, False)
    assert load_of("INSERT DATA { <a:b> <a:c> 'LOAD' }") is None
