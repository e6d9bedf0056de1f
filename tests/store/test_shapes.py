"""The shape of a query says the same as the query: nothing that the guard refuses has the shape of what it takes."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.errors import QueryError
from kg.store.guard import check, shape
from kg.store.wording import Facts, facts_of

PIECES = st.sampled_from(
    ['"', "'", '"""', "'''", '""', "''", "<", ">", "<<", "<<(", ">>", "<a:b>", "<x y>", "<>", "#", "\n", "\r", " ",
     "a:", "b:c", "service:", "SERVICE", "LOAD", "SELECT", "FROM", "NAMED", "NOW", "PREFIX", "?x", "{", "}", "(", ")",
     "1.5", "=", "&&", "@en", "x", "\x01", "\\", "é"]
)  # fmt: skip


def verdict(sparql: str) -> tuple[str, Facts | None]:
    try:
        return "", facts_of(check(sparql))
    except QueryError as error:
        return str(error), None


@given(st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=3_000, deadline=None)
@example('\'"""\n""" SERVICE <x:y> \'')  # a mark that a line feed, now inside of a string, kept from being one
@example('"a""b" SERVICE <x:y> {} "c""d"')  # empty strings in their place would begin a long one
@example("<<SERVICE> <<x>")
@example("SELECT * { ?a < 'x' . SERVICE <h:> {} FILTER(?b >?c) }")
def test_a_query_and_its_shape_get_the_same_verdict(sparql: str) -> None:
    found = shape(sparql)
    if found is not None:
        assert verdict(sparql) == verdict(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ASK { <a:b> <a:c> 'x' }", 'ASK { <a:d#e> <a:f> "y\'s" }'),
        ("ASK { ?s ?p '''a\n'b' ''' } # one", 'ASK { ?s ?p """c""" } # "two'),
    ],
)
def test_queries_that_differ_in_their_terms_have_one_shape(one: str, other: str) -> None:
    assert shape(one) == shape(other)


def test_a_relative_iri_is_another_shape() -> None:
    assert shape("ASK { <a:b> ?p ?o }") != shape("ASK { <b> ?p ?o }")
