"""Graphs before and after a change enter; what the journal must note of the editions among them leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyoxigraph import NamedNode, Triple

from kg.graph import ArticleGraph
from kg.store import Store
from kg.store.hand import Edit
from kg.writing.change import GateError

Graphs = Mapping[str | None, frozenset[Triple]]


def edits(store: Store, before: Graphs, changed: Graphs) -> Iterator[Edit]:
    """Yield each edition that a change wrote, as it now is. Raises GateError for one that no import brought.

    Without its bytes in the spool an edition could be neither verified nor read again.
    """
    for name, graph in changed.items():
        if name is None or not name.startswith(f"{store.base_iri}edition/"):
            continue
        entry = store.journal.entry(name)
        if entry is None:
            if graph and not before.get(name):
                raise GateError(
                    f"<{name}> refused: a new edition comes by `kg import` (N-Quads of another store, too) or "
                    "importArticle, which keep its bytes; put your own graph under another name"
                )
        elif graph:
            yield Edit(name, len(graph), ArticleGraph(NamedNode(name), graph).digest())
        elif entry.state == "committed":
            yield Edit(name, 0, None)


def dropped(store: Store) -> Iterator[Edit]:
    """Yield the editions that the journal has and the store no more, after an update that dropped any graphs."""
    there = {name.value for name in store.graph_names()}
    for entry in store.journal.all("committed"):
        if entry.iri not in there:
            yield Edit(entry.iri, 0, None)
