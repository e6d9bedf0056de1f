"""The explanation of an answer: plan, SPARQL, counts and times; over HTTP on request, and on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from desk import COURIER, bring
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.config import ServerSettings
from kg.cli import app
from kg.store import Store, open_store

QUERY = "{ statements(first: 2) { nodes { text speaker { name } } } }"


def explained(client: TestClient, query: str = QUERY) -> Any:
    return client.post("/graphql", json={"query": query, "extensions": {"explain": True}}).json()


def test_an_answer_is_explained_on_request_and_is_the_same_answer(client: TestClient) -> None:
    plain = client.post("/graphql", json={"query": QUERY}).json()
    told = explained(client)
    assert "extensions" not in plain
    assert told["data"] == plain["data"]
    found = told["extensions"]["explain"]
    assert found["plan"]["compiled"] is True
    assert found["plan"]["cost"] > 2
    assert found["counts"]["reads"] == len(found["plan"]["reads"]) > 0
    assert found["counts"]["queries"] == len(found["queries"])
    assert found["counts"]["rows"] == sum(query["rows"] for query in found["queries"])
    spent = found["milliseconds"]
    assert spent["whole"] >= spent["run"] >= spent["sparql"] >= 0


def test_the_sparql_that_is_shown_runs_as_it_stands(client: TestClient, store: Store) -> None:
    queries = explained(client)["extensions"]["explain"]["queries"]
    for query in queries:
        assert len(store.select(query["sparql"], trusted=True)) == query["rows"]


def test_a_document_that_is_refused_is_explained_as_far_as_it_came(client: TestClient) -> None:
    told = explained(client, "{ nonsense }")
    assert told["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert told["extensions"]["explain"]["counts"] == {"reads": 0, "queries": 0, "rows": 0}


def test_a_server_that_hides_its_schema_explains_nothing(store: Store) -> None:
    with TestClient(
        create_app(ServerSettings(introspection=False), store=store), base_url="http://localhost"
    ) as client:
        assert "extensions" not in explained(client)


def test_the_command_prints_the_committed_schema() -> None:
    found = CliRunner().invoke(app, ["graphql", "schema"])
    committed = Path(__file__).parents[2] / "docs" / "schema.graphql"
    assert found.output == committed.read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> str:
    with open_store(str(tmp_path / "store")) as opened:
        bring(opened, COURIER, "The Courier")
    return str(tmp_path / "store")


def test_the_command_tells_how_a_document_is_answered(folder: str, tmp_path: Path) -> None:
    document = tmp_path / "said.graphql"
    document.write_text("query ($n: Int!) { statements(first: $n) { nodes { text } } }", encoding="utf-8")
    command = ["graphql", "explain", str(document), "--store", folder, "--variables", '{"n": 1}']
    words = CliRunner().invoke(app, command).output
    assert "by a compiled plan" in words
    assert "read 1: " in words
    found = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)
    assert found["data"]["statements"]["nodes"] == [{"text": "The harbour was sold before the tender"}]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["no-such-file"], "neither a document"),
        ([QUERY, "--variables", "["], "not JSON"),
        ([QUERY, "--variables", "[]"], "an object"),
    ],
)
def test_the_command_says_what_is_wrong_with_its_options(folder: str, options: list[str], words: str) -> None:
    found = CliRunner().invoke(app, ["graphql", "explain", *options, "--store", folder])
    assert words in str(found.exception)


def test_a_document_that_is_refused_ends_with_status_1(folder: str) -> None:
    assert CliRunner().invoke(app, ["graphql", "explain", "{ nonsense }", "--store", folder]).exit_code == 1
