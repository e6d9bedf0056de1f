"""How often GraphQL asks the index or the store: by the levels of a document, never by the rows of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from graphql import FieldNode, get_named_type, is_leaf_type, is_list_type, parse, visit
from graphql.language import Visitor
from graphql.utilities import TypeInfo, TypeInfoVisitor
from newsroom import DAILY, article, daily

from api.graphql.execution import GraphQLRequest, execute
from api.graphql.schema import schema
from api.limits import Limits
from kg.linking import link
from kg.mapping import to_graph
from kg.store import Store, open_store

CONNECTIONS = ("statements", "actors", "sources", "events", "articles", "claims", "relations", "times", "identityLinks")
WIDE = replace(Limits(), cost=10**9, fields=10**6, tokens=10**6, depth=99)
#: Fields that ask a question of kg/queries, and read the nodes that it names: two reads.
QUESTIONS = {"cites", "damage", "changes", "sharedRoots", "proposals", "board", "inconsistencies"}


def many(number: int) -> Store:
    """Return so many editions of one article that differ in their last line: each row has all that the first has."""
    store = open_store("memory:")
    store.put(
        to_graph(
            replace(daily(), article=article(f"{DAILY}{n}\n", f"Daily {n}", "2031-05-01", title="Bridge sold before"))
        )
        for n in range(number)
    )
    link(store)
    return store


@pytest.fixture(scope="module")
def big() -> Store:
    store = many(30)
    store.publish()
    return store


@pytest.fixture(scope="module")
def bare() -> Store:
    """The same without an index."""
    return many(12)


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
        elif depth and hasattr(below, "fields") and name != "facets" and (inner := selection(below, depth - 1)):
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


def levels(document: str) -> int:
    """Count the fields of a document that lead to many: lists and connections."""
    found = 0
    info = TypeInfo(schema()._schema)

    class Count(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            nonlocal found
            kind = info.get_type()
            outer = kind.of_type if hasattr(kind, "of_type") and not is_list_type(kind) else kind
            connection = get_named_type(kind).name.endswith("Connection") if kind else False
            pages = node.name.value in ("nodes", "edges")
            found += bool((is_list_type(outer) and not pages) or connection)
            found += node.name.value in QUESTIONS

    visit(parse(document), TypeInfoVisitor(info, Count()))
    return found


def reads(store: Store, query: str, **variables: Any) -> int:
    answer = execute(store, GraphQLRequest(query, variables), WIDE, True)
    assert b'"errors"' not in answer.body, answer.body[:500]
    assert answer.compiled
    return answer.queries


@pytest.mark.parametrize(("name", "document"), [pytest.param(*pair, id=pair[0]) for pair in documents()])
def test_there_is_one_read_and_one_for_each_level_that_leads_to_many(big: Store, name: str, document: str) -> None:
    found = reads(big, document, first=25)
    assert found == reads(big, document, first=25)
    assert found <= 1 + levels(document)
    assert found <= reads(big, document, first=5) + 1  # a block of fewer rows may have nothing to look up


@pytest.mark.slow
@pytest.mark.parametrize(("name", "document"), [pytest.param(*pair, id=pair[0]) for pair in documents()])
def test_no_field_asks_a_store_without_an_index_once_a_row(bare: Store, name: str, document: str) -> None:
    assert reads(bare, document, first=10) <= reads(bare, document, first=3) + 1
    assert reads(bare, document, first=10) <= 40  # the widest document here follows some forty properties


PAGE = """query ($first: Int!) { statements(first: $first) { totalCount nodes {
    text act content { exact startUtf16 prefix } speaker { name spellings } cue { exact } saidOn { edtf }
    chain { act source { name } evidence { exact } } about { label place { name } } claim { label outlets { name } }
    article { title outlet { name } published { edtf } } edition { zones { exact } } relations { relation to { text } }
    } } }"""
BOARD = """query ($first: Int!) { actors(first: $first) { totalCount nodes { name roles { label evidence { exact } }
    statements(first: $first) { totalCount nodes { content { exact suffix } chain { source { name } } } } } } }"""


def test_the_number_of_reads_does_not_grow_with_rows(big: Store, bare: Store) -> None:
    assert reads(big, PAGE, first=100) == reads(big, PAGE, first=2) == 2  # the page with its nodes, and their texts
    assert reads(big, BOARD, first=50) == reads(big, BOARD, first=2) == 3  # two pages, and the texts
    assert reads(bare, PAGE, first=10) == reads(bare, PAGE, first=2)
    assert reads(bare, BOARD, first=10) == reads(bare, BOARD, first=2)


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ("{ statements { nodes { id } } }", 1),
        ("{ statements { totalCount nodes { text act } pageInfo { endCursor } } }", 1),
        ("{ statements { nodes { chain { source { name } evidence { exact } } article { outlet { name } } } } }", 1),
        ("{ statements { totalCount facets { act { count } outlet { label count } } nodes { text } } }", 1),
        ("{ actors { nodes { name statements(first: 2) { totalCount nodes { text } } } } }", 2),
        ("{ claims { nodes { statements { nodes { speaker { statements { totalCount } } } } } } }", 3),
        ('{ node(id: "https://example.org/nobody") { id ... on Statement { text } } }', 1),
    ],
)
def test_a_level_is_read_at_once(big: Store, document: str, count: int) -> None:
    assert reads(big, document) == count
