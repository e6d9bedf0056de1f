"""Documents and variables that mean harm, or are merely wrong: all are refused with words, none reaches the store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from graphql import GraphQLError
from starlette.testclient import TestClient

from api.graphql.execution import GraphQLRequest, execute
from api.graphql.gate import Walk, parsed, shape_of
from api.graphql.scalars import Place, write_cursor
from api.graphql.schema import schema
from api.graphql.weights import sizes
from api.limits import Limits
from kg.errors import StoreError
from kg.store import Store


class Untouchable:
    """A store that no refused document may reach."""

    url = "memory:"
    base_iri = "https://example.org/"

    def select(self, sparql: str, *, trusted: bool = False) -> Any:
        raise AssertionError(f"the store was asked {sparql}")


def refuse(query: str, **variables: Any) -> dict[str, Any]:
    answer = execute(Untouchable(), GraphQLRequest(query, variables), Limits(), True)  # type: ignore[arg-type]
    body = orjson.loads(answer.body)
    assert not answer.executed, body
    error: dict[str, Any] = body["errors"][0]
    return error


def doubling(levels: int) -> str:
    """Each fragment spreads the next one twice: 2 ** levels fields for who walks them without memory."""
    links = [f"fragment f{i} on Statement {{ ...f{i + 1} ...f{i + 1} }}" for i in range(levels)]
    return f"{{ statements {{ nodes {{ ...f0 }} }} }} {' '.join(links)} fragment f{levels} on Statement {{ text }}"


def circle(length: int) -> str:
    links = [f"fragment f{i} on Statement {{ embeddedIn {{ ...f{(i + 1) % length} }} }}" for i in range(length)]
    return f"{{ statements {{ nodes {{ ...f0 }} }} }} {' '.join(links)}"


NESTED_FILTER: dict[str, Any] = {}
for _ in range(3_000):
    NESTED_FILTER = {"not": NESTED_FILTER}


def _tree(depth: int) -> dict[str, Any]:
    return {"or": [_tree(depth - 1) for _ in range(4)]} if depth else {"text": "x"}


HOSTILE: dict[str, tuple[str, dict[str, Any]]] = {
    "fragments that double": (doubling(40), {}),
    "a long chain of fragments": (doubling(180).replace(" ...f", " ...f", 1), {}),
    "a circle of fragments": (circle(3), {}),
    "a fragment of itself": ("{ ...f } fragment f on Query { ...f }", {}),
    "an unknown fragment": ("{ ...zz }", {}),
    "many fields": (f"{{ {' '.join(f'a{i}: __typename' for i in range(20_000))} }}", {}),
    "many equal fields": (f"{{ statements {{ nodes {{ {'text ' * 1_500} }} }} }}", {}),
    "many aliases": (f"{{ {' '.join(f'a{i}: claims {{ totalCount }}' for i in range(60))} }}", {}),
    "many directives": (f"{{ __typename {'@skip(if: false) ' * 300} }}", {}),
    "deep nesting": ("{ statements { nodes { " + "embeddedIn { " * 200 + "id" + " }" * 200 + " } } }", {}),
    "braces without end": ("{" * 5_000, {}),
    "brackets without end": ("{ node(id: " + "[" * 5_000, {}),
    "brackets of objects": ("{ statements(filter: " + "{speaker:" * 900 + "1" + "}" * 900 + ") { totalCount } }", {}),
    "pages of pages": (
        "{ actors(first: 100) { nodes { statements(first: 100) { nodes { chain { source { statements(first: 100) "
        "{ nodes { text } } } } } } } } }",
        {},
    ),
    "pages of pages by variables": (
        "query ($n: Int = 100) { actors(first: $n) { nodes { statements(first: $n) { nodes { chain { source { "
        "statements(first: $n) { nodes { text } } } } } } } } }",
        {"n": 100},
    ),
    "a default of many digits": (
        f"query ($n: Int = {'9' * 6_000}) {{ actors(first: $n) {{ nodes {{ name }} }} }}",
        {},
    ),
    "variables without end": (
        "query ($f: StatementFilter) { statements(filter: $f) { totalCount } }",
        {"f": NESTED_FILTER},
    ),
    "introspection that goes round": (
        "{ __schema { types { " + "fields { type { " * 12 + "name" + " } }" * 12 + " } } }",
        {},
    ),
    "a number that is too big": ("{ actors(first: 99999999999999999999) { totalCount } }", {}),
    "a null where none may be": ("{ actors(first: null) { totalCount } }", {}),
    "an unknown field": ("{ nonsense }", {}),
    "an unknown variable": ("{ actors(first: $n) { totalCount } }", {}),
    "a mutation": ("mutation { dropEverything }", {}),
    "a subscription": ("subscription { everything }", {}),
    "a bad date": ('{ articles(filter: { published: { from: "yesterday" } }) { totalCount } }', {}),
    "a bad enum": ("{ statements(filter: { act: [LIE] }) { totalCount } }", {}),
    "filters in filters": (
        "{ statements(filter: " + "{ not: " * 150 + "{}" + " }" * 150 + ") { totalCount } }",
        {},
    ),
    "a wide filter": (
        "{ statements(filter: { or: [" + "{ act: [DENY] } " * 150 + "] }) { totalCount } }",
        {},
    ),
    "a tree of filters in variables": (
        "query ($f: StatementFilter) { statements(filter: $f) { totalCount } }",
        {"f": _tree(5)},
    ),
    "a filter as wide in variables": (
        "query ($f: StatementFilter) { statements(filter: $f) { totalCount } }",
        {"f": {"or": [{"text": "x"}] * 190}},
    ),
    "a list without end": ("query ($i: [ID!]) { actors(filter: { ids: $i }) { totalCount } }", {"i": ["x:y"] * 5_000}),
    "a list without end in the text": (f"{{ nodes(ids: [{', '.join(['1'] * 300)}]) {{ id }} }}", {}),
    "facets of pages of pages": (
        "{ actors(first: 100) { nodes { statements(first: 100) { facets { act { count } speaker { count } } "
        "nodes { speaker { statements(first: 100) { facets { act { count } } nodes { text } } } } } } } }",
        {},
    ),
    "the whole of many editions": (
        "{ articles(first: 100) { nodes { statements(first: 100) { nodes { edition { damage { id } } } } } } }",
        {},
    ),
    "boards of boards": (
        "{ claims(first: 100) { nodes { board { lines { statement { claim { board { lines { statement { claim "
        "{ board { headline } } } } } } } } } } } }",
        {},
    ),
    "inline fragments without end": ("{ " + "... on Query { " * 300 + "__typename" + " }" * 301, {}),
    "a chain of a thousand fragments": (
        "{ ...f0 } " + " ".join(f"fragment f{i} on Query {{ ...f{i + 1} }}" for i in range(400)),
        {},
    ),
    "an alias for each letter": (
        "{ statements { nodes { " + " ".join(f"{a}{b}: text" for a in "abcdefgh" for b in "abcdefgh") + " } } }",
        {},
    ),
    "fragments that double with pages": (
        "{ actors(first: 100) { nodes { ...f0 } } } "
        + " ".join(f"fragment f{i} on Source {{ ...f{i + 1} ...f{i + 1} }}" for i in range(20))
        + " fragment f20 on Source { statements(first: 100) { nodes { text } } }",
        {},
    ),
    "a cursor of another order": (
        f'{{ actors(after: "{write_cursor(Place("actors.name", "x", "https://example.org/"))}", orderBy: NOWHERE) '
        "{ totalCount } }",
        {},
    ),
    "a variable of the wrong type": ("query ($n: Int!) { actors(first: $n) { totalCount } }", {"n": "many"}),
    "a variable that is not there": ("query ($n: Int!) { actors(first: $n) { totalCount } }", {}),
    "a string without an end": ('{ node(id: "' + "x" * 10_000, {}),
    "a comment without an end": ("#" * 200_000, {}),
    "a defer": ("{ ... @defer { __typename } }", {}),
    "nothing": ("   ", {}),
    "no GraphQL": ("SELECT * { ?s ?p ?o }", {}),
    "an empty selection": ("{ actors { } }", {}),
    "a NUL": ("{ \x00 }", {}),
    "an operation that is not there": ("query a { __typename } query a { __typename }", {}),
    "two operations": ("query a { __typename } query b { __typename }", {}),
}


@pytest.mark.parametrize(("query", "variables"), [pytest.param(*pair, id=name) for name, pair in HOSTILE.items()])
def test_a_hostile_document_is_refused_before_it_is_executed(query: str, variables: dict[str, Any]) -> None:
    error = refuse(query, **variables)
    assert error["message"]
    assert error["extensions"]["code"] in {
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "LIMIT_EXCEEDED",
        "BAD_REQUEST",
        "BAD_USER_INPUT",
    }
    assert "Traceback" not in error["message"]


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ("first: 0", "first"),
        ("first: -1", "first"),
        ("first: 101", "first"),
        ('after: "nonsense"', "after"),
        ('after: ""', "after"),
        (f'after: "{write_cursor(Place("statements", "2031-05-01", "https://example.org/"))}"', "after"),
        (f'after: "{write_cursor(Place("actors", "x", "https://example.org/"))}"', "after"),
        ('filter: { ids: ["no iri"] }', "filter.ids"),
        ('filter: { ids: ["https://a/> } DROP ALL #"] }', "filter.ids"),
        (f"filter: {{ ids: {orjson.dumps(['https://a/'] * 101).decode()} }}", "filter.ids"),
        (f'filter: {{ name: "{"x" * 201}" }}', "filter.name"),
        (f"filter: {{ search: {orjson.dumps(' '.join(map(str, range(20)))).decode()} }}", "filter.search"),
        ("filter: { articles: { min: 1e999999 } }", "filter.articles"),
        (f'after: "{write_cursor(Place("actors.most_quoted", 10**18, "https://example.org/"))}"', "after"),
        (f'after: "{write_cursor(Place("actors.name", "x", "https://example.org/"))}"', "after"),
    ],
)
def test_an_argument_that_can_be_mended_is_named(client: TestClient, arguments: str, argument: str) -> None:
    answer = client.post("/graphql", json={"query": f"{{ actors({arguments}) {{ nodes {{ id }} }} }}"}).json()
    error = answer["errors"][0]
    assert error["extensions"]["code"] in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")
    assert error["extensions"].get("argument", argument) == argument


def test_words_of_a_client_never_become_sparql(client: TestClient) -> None:
    for words in ('") } } #', "'''", "\\", '"^^<x:y>', "?node", "} UNION { ?node ?p ?o }", "\n\r\t", "🛥", "\u202e"):
        query = "query ($t: String) { statements(filter: { text: $t }) { totalCount nodes { text } } }"
        data = client.post("/graphql", json={"query": query, "variables": {"t": words}}).json()
        assert "errors" not in data
        assert all(words in node["text"] for node in data["data"]["statements"]["nodes"])


def test_a_fragment_is_walked_once() -> None:
    from graphql import parse

    shape = shape_of(parse(doubling(30)), sizes(schema()._schema), Limits())
    assert shape.visited == 3 + 30 * 2 + 1
    with pytest.raises(GraphQLError, match=r"may ask for [\d,]{13,} fields"):  # it is counted as often as it is spread
        shape.measure({}, Limits())


def test_the_cost_multiplies_the_pages() -> None:
    from graphql import parse

    known = sizes(schema()._schema)

    def cost(text: str, **variables: Any) -> int:
        return shape_of(parse(text), known, Limits()).measure(variables, Limits()).cost

    assert cost("{ actors(first: 1) { nodes { name } } }") == 3
    by_variable = "query ($n: Int!) { actors(first: $n) { nodes { name } } }"
    assert (cost(by_variable, n=10), cost(by_variable, n=20)) == (21, 41)
    assert known.sizes["statements"] == 20


def test_an_error_of_our_own_is_not_told_to_the_client(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Untouchable):
        def select(self, sparql: str, *, trusted: bool = False) -> Any:
            raise StoreError("/home/somebody/secret is broken")

    answer = execute(Broken(), GraphQLRequest("{ claims { totalCount } }", {}), Limits(), True)  # type: ignore[arg-type]
    error = orjson.loads(answer.body)["errors"][0]
    assert error["extensions"]["code"] == "STORE_UNAVAILABLE"
    assert "secret" not in error["message"]
    assert "secret" in caplog.text


def test_introspection_can_be_turned_off() -> None:
    request = GraphQLRequest("{ __schema { types { name } } }", {})
    store: Any = Untouchable()
    assert b'"types"' in execute(store, request, Limits(), True).body
    off = execute(store, request, Limits(), False)
    assert not off.executed
    assert b"Did you mean" not in execute(store, GraphQLRequest("{ claim { id } }", {}), Limits(), False).body


def test_limits_can_be_set(store: Store) -> None:
    tight = replace(Limits(), depth=2)
    answer = execute(store, GraphQLRequest("{ actors { nodes { name } } }", {}), tight, True)
    assert not answer.executed


def test_there_are_many_hostile_documents() -> None:
    assert len(HOSTILE) >= 50


@pytest.mark.parametrize(("query", "variables"), [pytest.param(*pair, id=name) for name, pair in HOSTILE.items()])
def test_a_hostile_document_is_looked_at_but_once(query: str, variables: dict[str, Any]) -> None:
    """What is walked is no more than what was written: so many nodes as the document has tokens."""
    try:
        document = parsed(query, Limits())
    except GraphQLError:
        return  # it was not even parsed
    try:
        walk = Walk(document, sizes(schema()._schema), variables)
    except GraphQLError:
        return  # it was refused half way
    assert walk.visited <= Limits().tokens
