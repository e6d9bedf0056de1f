"""The mutations and subscriptions of docs/graphql.md, run as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import COURIER, LEDGER, ask, bring, node, serving, talking, write
from starlette.testclient import TestClient

from kg.store import Store, open_store

PAGE = (Path(__file__).parents[2] / "docs" / "graphql.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


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


@pytest.mark.parametrize("document", blocks("graphql-mutation"))
def test_a_mutation_of_the_page_changes_something(client: TestClient, store: Store, document: str) -> None:
    shared = ask(client, '{ actors(filter: { name: "stranne" }) { nodes { id } } }')["actors"]["nodes"][0]["id"]
    given = {"node": node(store, "Ivo Stranne", "The Ledger"), "canonical": shared, "reason": "Father and son."}
    answer = write(client, document, input=given).json()
    assert "errors" not in answer
    [result] = answer["data"].values()
    assert "message" not in result


@pytest.mark.parametrize("document", blocks("graphql-subscription"))
def test_a_subscription_of_the_page_tells_something(client: TestClient, document: str) -> None:
    with talking(client) as talk:
        talk.begin()
        talk.subscribe(document)
        [told] = talk.next().values()
        assert told["id"]


def test_the_page_has_examples_of_both() -> None:
    assert len(blocks("graphql-mutation")) >= 2
    assert len(blocks("graphql-subscription")) >= 2
