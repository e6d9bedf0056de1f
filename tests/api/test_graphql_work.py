"""How often GraphQL asks the store: by the levels of a document, never by the rows of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from graphql import is_leaf_type
from newsroom import DAILY, article, daily

from api.graphql.execution import GraphQLRequest, execute
from api.graphql.schema import schema
from api.limits import Limits
from kg.linking import link
from kg.mapping import to_graph
from kg.store import Store, open_store

CONNECTIONS = ("statements", "actors", "sources", "events", "articles", "claims")
WIDE = replace(Limits(), cost=10**9, fields=10**6, tokens=10**6, depth=99)


def many(number: int) -> Store:
    """Return so many editions of one article that differ in their last line: each row has all that the first has."""
    store = open_store("memory:")
    store.put(
        to_graph(
            replace(daily(), article=article(f"{DAILY}{n}\n", f"Daily {n}", "2031-05-01", title="Bridge sold before"))
        )
        for n in range(number)
    )
    return store


@pytest.fixture(scope="module", params=["unlinked", "linked"])
def big(request: pytest.FixtureRequest) -> Store:
    store = many(30)
    if request.param == "linked":
        link(store)
    return store


def named(kind: Any) -> Any:
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    return kind


def selection(kind: Any, depth: int) -> str:
    """Return all fields of a type, so many levels down."""
    found = []
    for name, field in kind.fields.items():
        below = named(field.type)
        if is_leaf_type(below):
            found.append(name)
        elif depth and hasattr(below, "fields") and (inner := selection(below, depth - 1)):
            found.append(f"{name}{'(first: 3)' if 'first' in field.args else ''} {{ {inner} }}")
    return " ".join(found)


def documents() -> Iterator[tuple[str, str]]:
    """Each field of each connection's nodes, with everything two levels below it."""
    query = schema()._schema.query_type
    assert query is not None
    for connection in CONNECTIONS:
        node = named(named(query.fields[connection].type).fields["nodes"].type)
        for name, field in node.fields.items():
            below = named(field.type)
            inner = "" if is_leaf_type(below) else f"{{ {selection(below, 2)} }}"
            first = "(first: 3)" if "first" in field.args else ""
            text = f"query ($first: Int!) {{ {connection}(first: $first) {{ nodes {{ id {name}{first} {inner} }} }} }}"
            yield f"{connection}.{name}", text


def queries(store: Store, query: str, **variables: Any) -> int:
    answer = execute(store, GraphQLRequest(query, variables), WIDE, True)
    assert b'"errors"' not in answer.body, answer.body[:500]
    return answer.queries


@pytest.mark.parametrize(("name", "document"), [pytest.param(*pair, id=pair[0]) for pair in documents()])
def test_no_field_asks_the_store_once_a_row(big: Store, name: str, document: str) -> None:
    assert queries(big, document, first=25) <= queries(big, document, first=5) + 1
    assert queries(big, document, first=25) <= 30
