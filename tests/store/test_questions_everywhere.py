"""Every named question gives the same rows on every store, in the same order where the question orders them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from pyoxigraph import NamedNode
from test_questions import CASES

from kg import query
from kg.graph import ArticleGraph
from kg.store import Rows, Store, open_store

ID = "https://example.org/id/"
FERRY = Path(__file__).parents[1] / "queries" / "ferry.trig"
SERVERS = [
    "oxigraph_server",
    "virtuoso_server",
    pytest.param("arq_server", marks=pytest.mark.long),
]
ASKED = [(name, {}) for name in query.names()] + [(case.question, case.params) for case in CASES if case.params]


def ferry() -> list[ArticleGraph]:
    quads = list(ox.parse(path=str(FERRY), format=ox.RdfFormat.TRIG))
    names = {quad.graph_name for quad in quads if isinstance(quad.graph_name, NamedNode)}
    return [ArticleGraph.of(name, [quad.triple for quad in quads if quad.graph_name == name]) for name in names]


@pytest.fixture(scope="module")
def here() -> Iterator[Store]:
    with open_store("memory:", base_iri=ID) as opened:
        opened.put(ferry())
        yield opened


@pytest.fixture(scope="module", params=SERVERS)
def there(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    local = tmp_path_factory.mktemp("ferry") / "local"
    with open_store(f"{request.getfixturevalue(request.param)}#local={local}", base_iri=ID) as opened:
        opened.put([], drop=opened.graph_names())
        opened.put(ferry())
        yield opened
        opened.put([], drop=opened.graph_names())


def cells(rows: Rows) -> list[tuple[object, ...]]:
    """Return rows with what GROUP_CONCAT put together in one order: SPARQL leaves that free."""
    return [
        tuple(" ".join(sorted(term.value.split())) if isinstance(term, ox.Literal) else term for term in row)
        for row in rows.rows
    ]


@pytest.mark.parametrize(("name", "params"), ASKED, ids=[f"{name} {params}" for name, params in ASKED])
def test_a_question_has_one_answer(here: Store, there: Store, name: str, params: dict[str, Any]) -> None:
    ours, theirs = query.run(here, name, **params), query.run(there, name, **params)
    assert theirs.variables == ours.variables
    assert sorted(map(str, cells(theirs))) == sorted(map(str, cells(ours)))
    if "ORDER BY" in query.load(name):
        assert cells(theirs) == cells(ours)
