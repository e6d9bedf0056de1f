"""The SPARQL endpoint."""

from __future__ import annotations

import csv
import json

import pytest
from newsroom import daily
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from kg.mapping import to_graph

WHO = """PREFIX kg: <https://w3id.org/on-the-record/ns#>
SELECT ?name WHERE { ?statement kg:denies ?claim ; kg:saidBy/kg:name ?name } ORDER BY ?name"""
GRAPH = "PREFIX kg: <https://w3id.org/on-the-record/ns#> CONSTRUCT { ?s kg:name ?o } WHERE { ?s kg:name ?o }"
DENIERS = ["Ilse Brandt", "Rosa Keel"]


def names(body: str) -> list[str]:
    return [row["name"]["value"] for row in json.loads(body)["results"]["bindings"]]


def test_a_query_by_get_is_answered(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": WHO})
    assert answer.headers["content-type"] == "application/sparql-results+json"
    assert names(answer.text) == DENIERS


def test_a_query_by_form_and_by_body_gives_the_same(client: TestClient) -> None:
    assert names(client.post("/sparql", data={"query": WHO}).text) == DENIERS
    direct = client.post("/sparql", content=WHO, headers={"content-type": "application/sparql-query; charset=utf-8"})
    assert names(direct.text) == DENIERS


def test_rows_can_be_had_as_csv_and_tsv_and_xml(client: TestClient) -> None:
    text = client.get("/sparql", params={"query": WHO}, headers={"accept": "text/csv"})
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(text.text.splitlines())) == [["name"], *([name] for name in DENIERS)]
    tabs = client.get("/sparql", params={"query": WHO}, headers={"accept": "text/tab-separated-values"})
    assert tabs.text.splitlines()[1:] == [f'"{name}"' for name in DENIERS]
    xml = client.get("/sparql", params={"query": WHO}, headers={"accept": "application/sparql-results+xml"})
    assert all(f"<literal>{name}</literal>" in xml.text for name in DENIERS)


@pytest.mark.parametrize(
    ("media", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", RdfFormat.RDF_XML),
    ],
)
def test_a_graph_can_be_had_in_each_syntax_and_is_the_same(client: TestClient, media: str, form: RdfFormat) -> None:
    expected = {
        quad.triple for quad in parse(client.get("/sparql", params={"query": GRAPH}).content, format=RdfFormat.TURTLE)
    }
    answer = client.get("/sparql", params={"query": GRAPH}, headers={"accept": media})
    assert answer.headers["content-type"].partition(";")[0] == media
    assert {quad.triple for quad in parse(answer.content, format=form)} == expected
    assert len(expected) > 10


def test_what_cannot_be_had_is_refused_with_what_can(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": WHO}, headers={"accept": "text/turtle"})
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert "text/csv" in answer.json()["offers"]


def test_an_answer_is_not_sent_twice_to_who_has_it(client: TestClient) -> None:
    first = client.get("/sparql", params={"query": WHO})
    again = client.get("/sparql", params={"query": WHO}, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = {"if-none-match": first.headers["etag"], "accept": "text/csv"}
    assert client.get("/sparql", params={"query": WHO}, headers=other).status_code == 200


def test_an_answer_that_is_another_one_each_time_has_no_etag(client: TestClient) -> None:
    assert "etag" not in client.get("/sparql", params={"query": "SELECT (NOW() AS ?now) {}"}).headers


def test_head_answers_like_get_without_a_body(client: TestClient) -> None:
    answer = client.head("/sparql", params={"query": WHO})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == client.get("/sparql", params={"query": WHO}).headers["etag"]


def test_the_endpoint_describes_itself(client: TestClient) -> None:
    answer = client.get("/sparql", headers={"accept": "text/turtle"})
    assert "SPARQL11Query" in answer.text
    assert list(parse(answer.content, format=RdfFormat.TURTLE))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": {"update": "DROP ALL"}}, 403),
        ({"content": "DROP ALL", "headers": {"content-type": "application/sparql-update"}}, 403),
        ({"data": {"query": "PREFIX a: <http://a/> INSERT DATA { <a:b> <a:c> <a:d> }"}}, 400),
        ({"data": {"query": "WITH <http://a/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }"}}, 400),
        ({"data": {"query": "SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }"}}, 400),
        ({"data": {"query": "SELECT * { SERVICE SILENT ?where { ?s ?p ?o } }"}}, 400),
        ({"data": {"query": "SELECT * {" + "{" * 3_000 + "}" * 3_000 + "}"}}, 400),
        ({"data": {"query": "SELECT * { ?s ?p "}}, 400),
        ({"data": {"query": "# nothing but words"}}, 400),
        ({"data": {"query": "HELLO"}}, 400),
        ({"data": {"query": WHO + "#" * 70_000}}, 400),
        ({"content": "#" * 300_000, "headers": {"content-type": "application/sparql-query"}}, 413),
        ({"content": b"SELECT * { ?s ?p '\xff' }", "headers": {"content-type": "application/sparql-query"}}, 400),
        ({"content": "{}", "headers": {"content-type": "application/json"}}, 415),
        ({"data": {"query": WHO, "default-graph-uri": "no iri"}}, 400),
        ({"content": "query=A&query=B", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 400),
        ({"data": {"wrong": WHO}}, 400),
    ],
)
def test_a_request_that_is_not_answered_says_why(client: TestClient, sent: dict[str, object], status: int) -> None:
    answer = client.post("/sparql", **sent)  # type: ignore[arg-type]
    assert answer.status_code == status
    problem = answer.json()
    assert problem["status"] == status
    assert len(problem["detail"]) > 20


def test_a_refused_update_leaves_the_store_as_it_was(client: TestClient) -> None:
    before = client.get("/health").json()
    client.post("/sparql", data={"update": "DROP ALL"})
    client.post("/sparql", data={"query": "CLEAR ALL"})
    assert client.get("/health").json() == before


def test_an_address_that_is_too_long_is_refused_before_it_is_read(client: TestClient) -> None:
    assert client.get("/sparql", params={"query": WHO + "#" * 20_000}).status_code == 414


def test_from_names_the_dataset(client: TestClient) -> None:
    graph = to_graph(daily()).name.value
    query = f"SELECT (COUNT(?e) AS ?n) FROM <{graph}> {{ ?e a <https://w3id.org/on-the-record/ns#Edition> }}"
    rows = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    assert rows[0]["n"]["value"] == "1"
