"""A writable server whose store is another SPARQL server: updates, graphs, mutations and imports, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import COURIER, LEDGER, ask, bring, write
from engines import oxigraph
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.config import ServerSettings
from kg.cli import app
from kg.errors import StoreBusy
from kg.graph import BASE_IRI
from kg.settings import Settings
from kg.store import Store, open_in_turn, open_store
from kg.vocab import KG

HARBOUR = "https://example.org/harbour"
CURATION = f"{BASE_IRI}graph/curation"
ILL = f"<{BASE_IRI}actor/x> a <{KG.Source.value}> ; <{KG.roleLabel.value}> 'mayor'"
ANNOTATE = """
mutation ($input: AnnotationInput!) {
  annotate(input: $input) {
    ... on AnnotationRecorded { annotation { note decidedBy } }
    ... on WriteRefused { message }
  }
}
"""
IMPORT = """
mutation ($input: ArticleInput!) {
  importArticle(input: $input) { ... on ImportAccepted { state statementCount } ... on WriteRefused { message } }
}
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("elsewhere")
    with oxigraph(folder) as address:
        yield f"{address}#local={folder / 'local'}"


def token(url: str, name: str, *more: str) -> str:
    done = CliRunner().invoke(app, ["token", "create", name, "--store", url, *more])
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


@pytest.fixture(scope="module")
def everything(url: str) -> str:
    """The secret of a token for all graphs, made by the command before there is a store."""
    return token(url, "m.amsel", "--all")


@pytest.fixture(scope="module")
def client(url: str, everything: str) -> Iterator[TestClient]:
    settings = ServerSettings(base=Settings(store=url), writable=True)
    with TestClient(create_app(settings), base_url="http://localhost") as found:
        yield found


def bearer(secret: str, media: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}", "content-type": media}


def send(client: TestClient, secret: str, update: str) -> Any:
    return client.post("/sparql", content=update, headers=bearer(secret, "application/sparql-update"))


def triples(client: TestClient, graph: str) -> int:
    query = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    answer = client.get("/sparql", params={"query": query}, headers={"accept": "text/csv"})
    return int(answer.text.split()[1])


def test_an_update_is_made_there_and_read_by_the_version_that_it_told(client: TestClient, everything: str) -> None:
    done = send(client, everything, f"INSERT DATA {{ GRAPH <{HARBOUR}> {{ <h:a> <h:b> 1 , 2 }} }}")
    assert done.status_code == 204, done.text
    asked = client.get(
        "/sparql",
        params={"query": f"ASK {{ GRAPH <{HARBOUR}> {{ ?s ?p 2 }} }}"},
        headers={"kg-version": done.headers["kg-version"]},
    )
    assert asked.json()["boolean"]
    again = send(client, everything, f"CLEAR GRAPH <{HARBOUR}>")
    assert int(again.headers["kg-version"]) > int(done.headers["kg-version"])
    assert triples(client, HARBOUR) == 0


def test_graphs_are_put_added_to_and_dropped_there(client: TestClient, everything: str) -> None:
    where: dict[str, Any] = {"params": {"graph": HARBOUR}, "headers": bearer(everything, "text/turtle")}
    assert client.put("/graphs", content="<a> <b> 1 .", **where).status_code == 201
    assert client.post("/graphs", content="<a> <b> 2 .", **where).status_code == 204
    assert triples(client, HARBOUR) == 2
    assert client.delete("/graphs", **where).status_code == 204
    assert client.delete("/graphs", **where).status_code == 404


def test_what_the_gate_refuses_is_not_there(client: TestClient, everything: str, url: str) -> None:
    refused = send(client, everything, f"INSERT DATA {{ GRAPH <{CURATION}> {{ {ILL} }} }}")
    assert refused.status_code == 422, refused.text
    assert triples(client, CURATION) == 0
    some = token(url, "r.keel")
    assert send(client, some, f"CLEAR SILENT GRAPH <{HARBOUR}>").status_code == 403
    assert send(client, "nonsense", f"CLEAR SILENT GRAPH <{HARBOUR}>").status_code == 401


def test_mutations_and_updates_and_an_import_write_to_one_store(client: TestClient, everything: str, url: str) -> None:
    with open_in_turn(url, patience=5) as importing:  # as `kg import` does, beside the server
        bring(importing, COURIER, "The Courier")
    article = {"text": LEDGER, "outlet": "The Ledger", "published": "2026-03-09", "reason": "For the dossier."}
    found = write(client, IMPORT, everything, input=article).json()
    assert found["data"]["importArticle"]["state"] == "IMPORTED", found
    statement = ask(client, "{ statements { totalCount nodes { id } } }")["statements"]
    assert statement["totalCount"] == 3
    failures: list[object] = []
    step = (
        f"WITH <{HARBOUR}> DELETE {{ <h:n> <h:is> ?n }} INSERT {{ <h:n> <h:is> ?m }} "
        "WHERE { <h:n> <h:is> ?n BIND(?n + 1 AS ?m) }"
    )
    assert send(client, everything, f"INSERT DATA {{ GRAPH <{HARBOUR}> {{ <h:n> <h:is> 0 }} }}").status_code == 204

    def increments() -> None:
        answers = [send(client, everything, step) for _ in range(10)]
        failures.extend(answer.text for answer in answers if answer.status_code != 204)

    def notes(number: int) -> None:
        given = {"node": statement["nodes"][0]["id"], "note": f"Heard {number}.", "reason": "The desk asked."}
        for _ in range(3):
            answer = write(client, ANNOTATE, everything, input=given | {"note": f"Heard {number}."}).json()
            if "annotation" not in answer.get("data", {}).get("annotate", {}):
                failures.append(answer)

    threads = [threading.Thread(target=increments) for _ in range(2)]
    threads += [threading.Thread(target=notes, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    counted = client.get("/sparql", params={"query": f"SELECT ?n {{ GRAPH <{HARBOUR}> {{ <h:n> <h:is> ?n }} }}"})
    assert [row["n"]["value"] for row in counted.json()["results"]["bindings"]] == ["20"]
    query = f"SELECT DISTINCT ?t {{ ?a <{KG.note.value}> ?t }} ORDER BY ?t"
    found = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    assert [row["t"]["value"] for row in found] == ["Heard 0.", "Heard 1."]


def test_while_somebody_else_writes_a_change_is_told_to_come_again(
    client: TestClient, everything: str, url: str
) -> None:
    client.app.state.service.writer.patience = 0.2  # type: ignore[attr-defined]
    with open_store(url):
        refused = send(client, everything, f"CLEAR SILENT GRAPH <{HARBOUR}>")
        assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
        with pytest.raises(StoreBusy):
            open_store(url)
    assert send(client, everything, f"CLEAR SILENT GRAPH <{HARBOUR}>").status_code == 204


def test_tokens_may_lie_in_a_file_that_a_setting_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secrets" / "tokens.json"
    monkeypatch.setenv("KG_TOKENS", str(file))
    secret = token("memory:", "editor", "--all")
    assert file.stat().st_mode & 0o077 == 0
    store: Store = open_store("memory:")
    settings = ServerSettings(base=Settings.from_env(), writable=True)
    with TestClient(create_app(settings, store=store), base_url="http://localhost") as client:
        done = send(client, secret, f"INSERT DATA {{ GRAPH <{HARBOUR}> {{ <h:a> <h:b> 1 }} }}")
        assert done.status_code == 204, done.text
        CliRunner().invoke(app, ["token", "revoke", "editor", "--store", "memory:"])
        assert send(client, secret, f"CLEAR GRAPH <{HARBOUR}>").status_code == 401
