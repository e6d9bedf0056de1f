"""IRIs enter; their triples leave, all IRIs of one level of the answer in one query.

GraphQL resolves depth first: the first statement's speaker, then the second's. A loader that asked for each node
when it is touched would ask once a node. This one knows which properties the document follows (``wanted``): as soon
as a level of nodes is read, all nodes that these properties lead to join a queue, and the first touch of any of them
reads the whole queue. So the number of queries is the number of levels, whatever the number of rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from pyoxigraph import Literal, NamedNode

from kg.store.base import Rows, Store, Term
from kg.vocab import KG, NAMESPACE, RDF_TYPE, SCHEMES

#: IRIs in one VALUES; more are asked for in several queries. Virtuoso takes 10,000 lines in one query.
BLOCK = 2_000

T = TypeVar("T")
Properties = dict[NamedNode, list[Term]]


def values(variable: str, iris: Iterable[str]) -> str:
    """Return a VALUES clause of these IRIs."""
    return f"VALUES ?{variable} {{ {' '.join(str(NamedNode(iri)) for iri in iris)} }}"


@dataclass(slots=True)
class Loader:
    """What one request has read; ``wanted`` are the properties to follow. Used on one thread only."""

    store: Store
    wanted: Collection[NamedNode] = ()
    queries: int = 0
    session: Any = None  # who may change something, of a mutation
    _nodes: dict[str, Properties] = field(default_factory=dict)
    _mates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _queue: dict[str, None] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)
    _answers: dict[tuple[Any, ...], dict[Any, Any]] = field(default_factory=dict)

    def select(self, sparql: str) -> Rows:
        """Ask the store a query that this package made."""
        self.queries += 1
        return self.store.select(sparql, trusted=True)

    def expect(self, iris: Iterable[str]) -> None:
        """Put nodes in the queue: they will be read together."""
        for iri in iris:
            if iri not in self._nodes:
                self._queue[iri] = None

    def properties(self, iri: str) -> Properties:
        """Return the triples that leave a node (an edition's text apart); reads the whole queue when it is unknown."""
        if iri not in self._nodes:
            self._read(iri)
        return self._nodes[iri]

    def _read(self, iri: str) -> None:
        self._queue[iri] = None
        level = tuple(self._queue)
        self._queue.clear()
        for node in level:
            self._nodes[node] = {}
            self._mates[node] = level
        for start in range(0, len(level), BLOCK):
            block = values("s", level[start : start + BLOCK])
            for row in self.select(f"SELECT ?s ?p ?o {{ {block} ?s ?p ?o FILTER(?p != {KG.text}) }}"):
                subject, predicate = row["s"], row["p"]
                assert isinstance(subject, NamedNode)
                assert isinstance(predicate, NamedNode)
                self._nodes[subject.value].setdefault(predicate, []).append(row["o"])
        for node in level:
            for predicate, terms in self._nodes[node].items():
                terms.sort(key=str)
                if predicate in self.wanted:
                    self.expect(term.value for term in terms if isinstance(term, NamedNode) and _is_datum(term))

    def mates(self, iri: str) -> tuple[str, ...]:
        """Return the nodes that were read together with this one and share a class with it, itself included."""
        kinds = set(self.properties(iri).get(RDF_TYPE, ()))
        return tuple(
            mate for mate in self._mates[iri] if mate == iri or kinds & set(self._nodes[mate].get(RDF_TYPE, ()))
        )

    def once_for_mates(self, key: tuple[Any, ...], iri: str, ask: Any) -> Any:
        """Return ``ask(iris)[iri]``, where ``ask`` is called once for all mates of ``iri``.

        ``ask`` takes a sequence of IRIs and returns a mapping; nodes without an entry give None.
        """
        known = self._answers.setdefault(key, {})
        if iri not in known:
            iris = [mate for mate in self.mates(iri) if mate not in known]
            found = ask(iris)
            known.update({mate: found.get(mate) for mate in iris})
        return known[iri]

    def derived(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Return what was worked out once in this request."""
        known = self._answers.setdefault(("derived",), {})
        if key not in known:
            known[key] = make()
        return cast(T, known[key])

    def pointing_at(self, iri: str, predicate: NamedNode) -> list[str]:
        """Return the nodes with this property whose value is ``iri``, sorted."""

        def ask(iris: Sequence[str]) -> dict[str, list[str]]:
            found: dict[str, list[str]] = defaultdict(list)
            for row in self.select(f"SELECT ?s ?o {{ {values('o', iris)} ?s {predicate} ?o }}"):
                subject, target = row["s"], row["o"]
                if isinstance(subject, NamedNode) and isinstance(target, NamedNode):
                    found[target.value].append(subject.value)
            self.expect(node for nodes in found.values() for node in nodes)
            return {target: sorted(nodes) for target, nodes in found.items()}

        return self.once_for_mates(("pointing", predicate), iri, ask) or []

    def text(self, edition: str) -> str:
        """Return an edition's text; reads the texts of all editions that were read together with it."""
        if edition not in self._texts:
            iris = [iri for iri in self.mates(edition) if iri not in self._texts] or [edition]
            for row in self.select(f"SELECT ?s ?o {{ {values('s', iris)} ?s {KG.text} ?o }}"):
                subject, text = row["s"], row["o"]
                if isinstance(subject, NamedNode) and isinstance(text, Literal):
                    self._texts[subject.value] = text.value
            for iri in iris:
                self._texts.setdefault(iri, "")
        return self._texts[edition]


def _is_datum(node: NamedNode) -> bool:
    """Tell a node of the data from a concept or a class."""
    return not node.value.startswith((SCHEMES, NAMESPACE))


@dataclass(frozen=True, slots=True)
class Row:
    """A node and the loader that knows it."""

    iri: str
    loader: Loader

    def all(self, *predicates: NamedNode) -> list[Term]:
        """Return the values of the first of these properties that has any."""
        properties = self.loader.properties(self.iri)
        for predicate in predicates:
            if found := properties.get(predicate):
                return found
        return []

    def text(self, *predicates: NamedNode) -> str | None:
        """Return the text of a literal."""
        for term in self.all(*predicates):
            if isinstance(term, Literal):
                return term.value
        return None

    def number(self, predicate: NamedNode) -> int | None:
        text = self.text(predicate)
        return int(text) if text and text.lstrip("-").isdigit() else None

    def decimal(self, predicate: NamedNode) -> float | None:
        text = self.text(predicate)
        return float(text) if text else None

    def rows(self, *predicates: NamedNode) -> list[Row]:
        """Return the nodes that these properties lead to, sorted by IRI."""
        return [Row(term.value, self.loader) for term in self.all(*predicates) if isinstance(term, NamedNode)]

    def row(self, *predicates: NamedNode) -> Row | None:
        return next(iter(self.rows(*predicates)), None)

    def concept(self, predicate: NamedNode) -> str | None:
        """Return the value of a concept: "deny" of kgs:act-deny."""
        for term in self.all(predicate):
            if isinstance(term, NamedNode) and term.value.startswith(SCHEMES):
                return term.value.removeprefix(SCHEMES).partition("-")[2]
        return None

    def concepts(self, predicate: NamedNode) -> list[str]:
        return sorted(
            term.value.removeprefix(SCHEMES).partition("-")[2]
            for term in self.all(predicate)
            if isinstance(term, NamedNode) and term.value.startswith(SCHEMES)
        )

    def is_a(self, *kinds: NamedNode) -> bool:
        return any(kind in self.all(RDF_TYPE) for kind in kinds)

    def known(self) -> bool:
        """Tell whether the store says anything of the node."""
        return bool(self.loader.properties(self.iri))

    def pointing(self, predicate: NamedNode) -> list[Row]:
        """Return the nodes whose property leads to this one, sorted by IRI."""
        return [Row(iri, self.loader) for iri in self.loader.pointing_at(self.iri, predicate)]
