"""The time of a request is kept inside one long statement, too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from big_index import big

from api.graphql.execution import GraphQLAnswer, GraphQLRequest, execute
from api.limits import Limits
from kg.store import Store, open_store
from kg.store.index import Index

#: Parts of texts that nobody has, none of them a word: each is looked for in each text of the store.
PARTS = [f"nobody has {letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
HOSTILE = """query ($parts: [StatementFilter!]) {
  statements(filter: { not: { or: $parts } }, orderBy: OLDEST) {
    totalCount facets { act { count } speaker(first: 100) { count } } nodes { id }
  }
}"""


class Large:
    """A store in memory with an index of many statements."""

    def __init__(self, store: Store, index: Index) -> None:
        self.store = store
        self.large = index

    def index(self) -> Index:
        return self.large

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@pytest.fixture(scope="module")
def store() -> Iterator[Any]:
    with open_store("memory:") as opened:
        yield Large(opened, big(60_000))


def ask(store: Any, query: str, seconds: float, **variables: Any) -> GraphQLAnswer:
    store.large._remembered.clear()
    return execute(store, GraphQLRequest(query, variables), replace(Limits(), seconds=seconds), True)


def test_a_hostile_filter_ends_with_its_time_and_says_so(store: Any) -> None:
    variables = {"parts": [{"text": part} for part in PARTS]}
    began = time.perf_counter()
    whole = ask(store, HOSTILE, 60, **variables)
    took = time.perf_counter() - began
    assert orjson.loads(whole.body)["data"]["statements"]["totalCount"] == 60_000
    told = orjson.loads(ask(store, HOSTILE, took / 4, **variables).body)
    assert told["data"] is None
    [error] = told["errors"]
    assert error["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert error["path"][0] == "statements"


def test_it_was_one_statement_that_was_stopped_and_the_next_is_answered(store: Any) -> None:
    variables = {"parts": [{"text": part} for part in PARTS]}
    began = time.perf_counter()
    assert ask(store, HOSTILE, 60, **variables).queries == 1
    took = time.perf_counter() - began
    assert b"DEADLINE_EXCEEDED" in ask(store, HOSTILE, took / 4, **variables).body
    answer = ask(store, "{ statements(first: 2) { totalCount nodes { id } } }", 60)
    assert orjson.loads(answer.body)["data"]["statements"]["totalCount"] == 60_000
