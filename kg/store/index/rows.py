"""A store and a kind enter; the values of its columns, of all nodes or of some, leave.

One set of patterns (definitions.py) is asked either for all nodes at once or with the nodes given: then the engine
looks those up, and the cost is that of the nodes and of what is tied to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from pyoxigraph import NamedNode

from kg.graph import ArticleGraph
from kg.store.base import Rows
from kg.store.index.definitions import KINDS, Column, Kind
from kg.store.index.values import Reference, plain
from kg.vocab import KG

#: Nodes in one VALUES.
BLOCK = 1_000
NODE = "?node"
Pair = tuple[str, Any]


class Graphs(Protocol):
    """What is read of a store to index it."""

    @property
    def base_iri(self) -> str: ...

    def select(self, sparql: str, *, trusted: bool = False) -> Rows: ...

    def graph_names(self) -> list[NamedNode]: ...

    def graph(self, name: NamedNode) -> ArticleGraph: ...


@dataclass(slots=True)
class Asked:
    """Asks a store for the patterns of kinds. Answers that several kinds share are kept."""

    store: Graphs
    _kept: dict[str, Rows] = field(default_factory=dict)

    def keys(self, kind: Kind, nodes: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
        """Return the sort keys by order and node. The usual order has every node of the kind, and no others."""
        found = {}
        for name, order in kind.orders.items():
            start = kind.pattern if nodes is None else kind.known or kind.pattern
            rows = self._select(f"?node ({order.aggregate} AS ?value)", f"{start} {order.sorting}", nodes, NODE)
            empty: Any = 0 if order.numeric else ""
            found[name] = {node: empty if value is None else value for node, value in rows}
        return found

    def single(self, wanted: Column, nodes: Sequence[str] | None = None) -> dict[str, Any]:
        """Return the value of each node in a column with one value."""
        if wanted.scheme == "flag":
            return {node: 1 for node, _ in self._select("DISTINCT ?node", wanted.pattern, nodes)}
        found: dict[str, Any] = {}
        for node, value in self.values(wanted.pattern, nodes):
            # Of several, which only graphs of users can say, one that does not hang on the order of the answer.
            if node not in found or (str(type(value)), value) > (str(type(found[node])), found[node]):
                found[node] = value
        return found

    def values(self, pattern: str, nodes: Sequence[str] | None = None) -> Iterator[Pair]:
        for node, value in self._select("DISTINCT ?node ?value", pattern, nodes):
            if value is not None:
                yield node, int(value) if isinstance(value, bool) else value

    def texts(self, pattern: str, nodes: Sequence[str] | None = None) -> Iterator[Pair]:
        """Yield (node, text); for a whole article the reference to the edition that has it.

        The engine would hold a copy of the article for each node that the pattern finds: gigabytes for 300 articles.
        """
        whole = pattern.replace(f"/{KG.text} ?value", " ?value")
        for rows in self._rows("DISTINCT ?node ?value", whole, nodes, ""):
            for node, value in rows.rows:
                if isinstance(node, NamedNode) and value is not None:
                    text = plain(value, Reference)
                    yield node.value, text if type(text) is Reference else str(text)

    def targets(self, pattern: str, nodes: Sequence[str] | None = None) -> Iterator[Pair]:
        """Yield (node, IRI of a node that it is tied to)."""
        for node, target in self._select("DISTINCT ?node ?target", pattern, nodes):
            yield node, str(target)

    def spans(self, pattern: str, nodes: Sequence[str] | None = None) -> Iterator[tuple[str, str | None, str | None]]:
        for rows in self._rows("DISTINCT ?node ?first ?last", pattern, nodes, ""):
            for node, first, last in rows.rows:
                if isinstance(node, NamedNode):
                    yield node.value, getattr(first, "value", None), getattr(last, "value", None)

    def _select(self, select: str, pattern: str, nodes: Sequence[str] | None, group: str = "") -> Iterator[Pair]:
        for rows in self._rows(select, pattern, nodes, group):
            for node, *rest in rows.rows:
                if isinstance(node, NamedNode):
                    value = rest[0] if rest else None
                    yield node.value, None if value is None else plain(value, str)

    def _rows(self, select: str, pattern: str, nodes: Sequence[str] | None, group: str) -> Iterator[Rows]:
        grouped = f"GROUP BY {group}" if group else ""
        if nodes is None:
            # Nodes of other kinds that a pattern finds are left out by the caller; joining would cost more.
            query = f"SELECT {select} {{ {pattern} }} {grouped}"
            known = self._kept.get(query)
            rows = known if known is not None else self.store.select(query, trusted=True)
            if known is None and pattern in _shared():
                self._kept[query] = rows
            yield rows
            return
        for start in range(0, len(nodes), BLOCK):
            given = f"VALUES ?node {{ {' '.join(str(NamedNode(iri)) for iri in nodes[start : start + BLOCK])} }}"
            yield self.store.select(f"SELECT {select} {{ {given_in(pattern, given)} }} {grouped}", trusted=True)


@cache
def _shared() -> frozenset[str]:
    """Return the patterns that several kinds have and that look at many nodes of others."""
    counted = Counter(column.pattern for kind in KINDS.values() for column in kind.columns.values() if column.counts)
    return frozenset(pattern for pattern, n in counted.items() if n > 1)


def given_in(pattern: str, given: str) -> str:
    """Return a pattern that looks at the given nodes only.

    ``given`` (a VALUES of ?node) is put before it and into each alternative and sub-query that speaks of ?node, since
    engines do not carry it there: a sub-query would be answered for all nodes first.
    """
    text, _, _ = _group(pattern, 0, given)
    return f"{given} {text}"


def _group(pattern: str, at: int, given: str) -> tuple[str, int, str]:
    """Return a group with ``given`` in the groups inside it, where it ends, and what it says itself."""
    text: list[str] = []
    own: list[str] = []
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "}":
            break
        if sign != "{":
            text.append(sign)
            own.append(sign)
            continue
        inner, at, said = _group(pattern, at, given)
        tests = "".join(own).rstrip().endswith(("OPTIONAL", "EXISTS"))
        if NODE in said and f"AS {NODE}" not in said and "SELECT" not in said and not tests:
            inner = f" {given} {inner}"
        text.append(f"{{{inner}}}")
        own.append("{}")
    return "".join(text), at, "".join(own)


def ranked(iris: Iterable[str], keys: dict[str, Any], *, descending: bool) -> list[str]:
    """Return nodes in the order of their keys, those of one key by IRI."""
    found = sorted(iris)
    found.sort(key=lambda iri: keys[iri], reverse=descending)
    return found
