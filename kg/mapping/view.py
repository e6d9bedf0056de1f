"""A graph enters; its nodes can be asked for the values of their properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from pyoxigraph import Literal, NamedNode

from kg.errors import RecordError
from kg.graph import ArticleGraph
from kg.model import Span
from kg.vocab import CONCEPTS, KG, RDF_TYPE, SCHEMES

T = TypeVar("T")


class View:
    """An index over one edition's graph; nodes come in the order of their names."""

    def __init__(self, graph: ArticleGraph) -> None:
        self.edition = graph.name
        self._values: dict[NamedNode, dict[NamedNode, list[NamedNode | Literal]]] = defaultdict(dict)
        self._subjects: dict[tuple[NamedNode, NamedNode], list[NamedNode]] = defaultdict(list)
        for triple in sorted(graph.triples, key=str):
            subject, value = triple.subject, triple.object
            if not isinstance(subject, NamedNode) or not isinstance(value, NamedNode | Literal):
                raise RecordError(f"{graph.name.value}: {triple} is no plain triple of IRIs and literals")
            self._values[subject].setdefault(triple.predicate, []).append(value)
            if isinstance(value, NamedNode):
                self._subjects[triple.predicate, value].append(subject)

    def members(self, kind: NamedNode) -> Sequence[NamedNode]:
        """Return the nodes of a class."""
        return self._subjects.get((RDF_TYPE, kind), ())

    def pointing(self, predicate: NamedNode, node: NamedNode) -> Sequence[NamedNode]:
        """Return the nodes that point at a node."""
        return self._subjects.get((predicate, node), ())

    def is_a(self, node: NamedNode, kind: NamedNode) -> bool:
        return kind in self._values.get(node, {}).get(RDF_TYPE, ())

    def nodes(self, node: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        values = self._values.get(node, {}).get(predicate, [])
        return [value for value in values if isinstance(value, NamedNode)]

    def ordered(self, node: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        """Return the nodes that a property names, by their kg:position."""
        return sorted(self.nodes(node, predicate), key=lambda part: self.integer(part, KG.position))

    def open_node(self, node: NamedNode, predicate: NamedNode) -> NamedNode | None:
        values = self._values.get(node, {}).get(predicate, [])
        if len(values) > 1:
            raise RecordError(f"{node.value}: {predicate.value} has {len(values)} values where one may stand")
        if values and not isinstance(values[0], NamedNode):
            raise RecordError(f"{node.value}: {predicate.value} names no node but {values[0]}")
        return values[0] if values and isinstance(values[0], NamedNode) else None

    def node(self, node: NamedNode, predicate: NamedNode) -> NamedNode:
        return self._needed(self.open_node(node, predicate), node, predicate)

    def open_text(self, node: NamedNode, predicate: NamedNode) -> str | None:
        values = self._values.get(node, {}).get(predicate, [])
        if len(values) > 1 or any(not isinstance(value, Literal) for value in values):
            raise RecordError(
                f"{node.value}: {predicate.value} must be one literal, not {' and '.join(map(str, values))}"
            )
        return values[0].value if values else None

    def text(self, node: NamedNode, predicate: NamedNode) -> str:
        return self._needed(self.open_text(node, predicate), node, predicate)

    def open_integer(self, node: NamedNode, predicate: NamedNode) -> int | None:
        value = self.open_text(node, predicate)
        try:
            return None if value is None else int(value)
        except ValueError as error:
            raise RecordError(f"{node.value}: {predicate.value} is no whole number but {value!r}") from error

    def integer(self, node: NamedNode, predicate: NamedNode) -> int:
        return self._needed(self.open_integer(node, predicate), node, predicate)

    def open_concept(self, node: NamedNode, predicate: NamedNode, scheme: str) -> str | None:
        """Return the value of a concept of this scheme: "deny" for ``kgs:act-deny``."""
        concept = self.open_node(node, predicate)
        if concept is None:
            return None
        value = concept.value.removeprefix(f"{SCHEMES}{scheme}-")
        if value not in CONCEPTS[scheme]:
            raise RecordError(f"{node.value}: {predicate.value} is {concept.value}, no concept of {scheme}")
        return value

    def concept(self, node: NamedNode, predicate: NamedNode, scheme: str) -> str:
        return self._needed(self.open_concept(node, predicate, scheme), node, predicate)

    def span(self, mention: NamedNode) -> Span:
        return Span(self.integer(mention, KG.start), self.integer(mention, KG.end))

    def spans(self, node: NamedNode, predicate: NamedNode) -> tuple[Span, ...]:
        """Return the spans of the mentions that a property names, in text order."""
        return tuple(sorted(self.span(mention) for mention in self.nodes(node, predicate)))

    def open_span(self, node: NamedNode, predicate: NamedNode) -> Span | None:
        mention = self.open_node(node, predicate)
        return None if mention is None else self.span(mention)

    def key(self, node: NamedNode) -> str:
        return self.text(node, KG.recordKey)

    def keys(self, node: NamedNode, predicate: NamedNode) -> tuple[str, ...]:
        """Return the record keys of the nodes that a property names."""
        return tuple(self.key(other) for other in self.nodes(node, predicate))

    def open_key(self, node: NamedNode, predicate: NamedNode) -> str | None:
        other = self.open_node(node, predicate)
        return None if other is None else self.key(other)

    @staticmethod
    def _needed(value: T | None, node: NamedNode, predicate: NamedNode) -> T:
        if value is None:
            raise RecordError(f"{node.value}: {predicate.value} is missing")
        return value
