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
from kg.store.index import index_of

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
    assert found["counts"]["statements"] == len(found["statements"])
    assert found["counts"]["rows"] == sum(read["rows"] for read in found["queries"] + found["statements"])
    spent = found["milliseconds"]
    assert spent["whole"] >= spent["run"] >= spent["sql"] + spent["sparql"] > 0


def test_the_sparql_that_is_shown_runs_as_it_stands(client: TestClient, store: Store) -> None:
    queries = explained(client)["extensions"]["explain"]["queries"]
    for query in queries:
        assert len(store.select(query["sparql"], trusted=True)) == query["rows"]


def test_the_sql_that_is_shown_runs_as_it_stands(client: TestClient, store: Store) -> None:
    query = """{ statements(filter: { speaker: { name: "a" } }) {
        totalCount facets { act { count } outlet { label } } nodes { text edition { zones { exact } } } } }"""
    store.publish()
    index = index_of(store)
    assert index is not None
    told = explained(client, query)["extensions"]["explain"]
    assert [read["read"] for read in told["statements"]] == told["plan"]["reads"][: len(told["statements"])]
    assert told["plan"]["reads"][0] == "page"
    for read in told["statements"]:
        with index.lease() as database:
            assert len(database.execute(read["sql"], read["parameters"]).fetchall()) == read["rows"] > 0
    assert told["milliseconds"]["sql"] == pytest.approx(
        sum(read["milliseconds"] for read in told["statements"]), abs=0.1
    )
    # The page, the number and both facets are one statement, and what was counted is not counted again.
    assert "hit" in told["statements"][0]["sql"]
    again = explained(client, query)["extensions"]["explain"]
    assert "hit" not in again["statements"][0]["sql"]


def test_a_document_that_is_refused_is_explained_as_far_as_it_came(client: TestClient) -> None:
    told = explained(client, "{ nonsense }")
    assert told["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert told["extensions"]["explain"]["counts"] == {
        "reads": 0, "statements": 0, "queries": 0, "rows": 0
    }  # fmt: skip


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
    assert "page 1: " in words
    assert "SELECT" in words
    assert "in SQL" in words
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
