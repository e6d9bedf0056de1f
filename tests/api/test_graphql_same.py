"""One answer by four ways: a plan or ordinary execution, from the index or by SPARQL; over documents that hypothesis
makes of the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
    is_object_type,
    parse,
    validate,
)
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from newsroom import canonical

from api.graphql.execution import GraphQLAnswer, GraphQLRequest, execute
from api.graphql.schema import schema
from api.limits import Limits
from kg.store import Store
from kg.store.index import lists

SCHEMA = schema()._schema


@pytest.fixture(autouse=True, scope="module")
def look() -> Iterator[None]:
    """Look at two rows before a filter is worked out for all: the newsroom is small, and both ways must be gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "LOOK", 2)
        yield


WIDE = replace(
    Limits(), cost=10**8, fields=5_000, tokens=50_000, aliases=500, directives=500, list_items=200, seconds=600.0
)
#: What a filter is tried with: some meet something in the newsroom, some nothing.
TEXTS = ["bridge", "the", "keel", "ferry", "official", "nothing like it", "Daily"]
IRIS = [canonical(path).value for path in ("claim/sold", "actor/rosa-keel", "actor/daily", "event/sale", "article/0")]
SCALARS: dict[str, st.SearchStrategy[str]] = {
    "String": st.sampled_from(TEXTS).map(lambda text: orjson.dumps(text).decode()),
    "ID": st.sampled_from([*IRIS, "https://example.org/nobody"]).map(lambda iri: orjson.dumps(iri).decode()),
    "Int": st.integers(0, 3).map(str),
    "Float": st.sampled_from(["0", "0.5", "0.85", "1", "2"]),
    "Boolean": st.sampled_from(["true", "false"]),
    "Date": st.sampled_from(["2031-03-02", "2031-04-15", "2031-05-01", "2031-05-02"]).map(lambda day: f'"{day}"'),
    "Cursor": st.nothing(),
}


def literal(draw: st.DrawFn, kind: Any, depth: int) -> str:
    """Return a value of an input type."""
    if isinstance(kind, GraphQLNonNull):
        return literal(draw, kind.of_type, depth)
    if isinstance(kind, GraphQLList):
        return f"[{', '.join(literal(draw, kind.of_type, depth) for _ in range(draw(st.integers(0, 2))))}]"
    if isinstance(kind, GraphQLEnumType):
        return draw(st.sampled_from(sorted(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        # Deeper down only what needs no filter inside.
        names = [
            n for n, f in kind.fields.items() if depth or not isinstance(get_named_type(f.type), GraphQLInputObjectType)
        ]
        chosen = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
        return f"{{ {', '.join(f'{n}: {literal(draw, kind.fields[n].type, depth - 1)}' for n in chosen)} }}"
    return draw(SCALARS[kind.name])


def arguments(draw: st.DrawFn, field: Any) -> str:
    found = []
    for name, argument in field.args.items():
        if name == "first":
            found.append(f"first: {draw(st.integers(1, 4))}")
        elif name != "after" and (isinstance(argument.type, GraphQLNonNull) or draw(st.booleans())):
            found.append(f"{name}: {literal(draw, argument.type, 2)}")
    return f"({', '.join(found)})" if found else ""


def selection(draw: st.DrawFn, kind: Any, depth: int, names: list[int]) -> str:
    """Return a selection on a type: fields under aliases, inline fragments, directives, __typename."""
    fields = [n for n, f in kind.fields.items() if depth > 0 or is_leaf_type(get_named_type(f.type))]
    found = []
    for name in draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3, unique=True)) if fields else []:
        field = kind.fields[name]
        below = get_named_type(field.type)
        inner = "" if is_leaf_type(below) else f" {{ {selection(draw, below, depth - 1, names)} }}"
        names.append(0)
        alias = f"a{len(names)}: " if field.args or draw(st.integers(0, 3)) == 0 else ""
        condition = draw(
            st.sampled_from(["", "", "", "", "@include(if: true)", "@skip(if: $off)", "@include(if: $off)"])
        )
        found.append(f"{alias}{name}{arguments(draw, field)} {condition}{inner}")
    if not is_object_type(kind):
        possible = SCHEMA.get_possible_types(kind)
        one = draw(st.sampled_from(sorted(possible, key=lambda one: one.name)))
        found.append(f"... on {one.name} {{ {selection(draw, one, depth - 1, names)} }}")
    if not found or draw(st.booleans()):
        found.append("__typename")
    return " ".join(found)


@st.composite
def documents(draw: st.DrawFn) -> str:
    assert SCHEMA.query_type is not None
    names: list[int] = []
    chosen = selection(draw, SCHEMA.query_type, 4, names)
    return f"query ($off: Boolean = false) {{ {chosen} __typename @include(if: $off) }}"


def runs(store: Store, document: str) -> dict[tuple[bool, bool], GraphQLAnswer]:
    request = GraphQLRequest(document, {})
    return {
        (compiled, indexed): execute(store, request, WIDE, True, compiled=compiled, use_index=indexed)
        for compiled in (True, False)
        for indexed in (True, False)
    }


def of_schema(examples: int, number: int) -> Callable[[Any], Any]:
    def decorate(test: Any) -> Any:
        quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
        return seed(number)(
            settings(max_examples=examples, deadline=None, suppress_health_check=quiet, database=None)(test)
        )

    return decorate


COUNTED = {"compiled": 0, "all": 0, "rows": 0}


@of_schema(320, 1)
@given(document=documents())
def test_a_generated_document_has_one_answer(store: Store, document: str) -> None:
    assert not validate(SCHEMA, parse(document))
    found = runs(store, document)
    bodies = {way: answer.body for way, answer in found.items()}
    first = bodies[True, True]
    assert b'"errors"' not in first
    assert all(body == first for body in bodies.values()), (document, bodies)
    COUNTED["all"] += 1
    COUNTED["compiled"] += found[True, True].compiled
    COUNTED["rows"] += first.count(b"{") > 4


def test_the_generated_documents_were_many_compiled_and_not_empty() -> None:
    if not COUNTED["all"]:
        pytest.skip("the documents were not run")
    assert COUNTED["all"] >= 300
    assert COUNTED["compiled"] == COUNTED["all"]
    assert COUNTED["rows"] > COUNTED["all"] / 3
