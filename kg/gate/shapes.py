"""The shape files enter, their words leave: which shapes there are, what they say, how grave they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Protocol, cast

import pyoxigraph
from pyoxigraph import Literal, NamedNode

from kg.gate.report import Severity, Violation
from kg.graph import ArticleGraph
from kg.resources import folder

SH = "http://www.w3.org/ns/shacl#"

# One edition's graph, and the graphs that editions share. A canonical event has no edition and no trigger, so the
# shapes of the one must not see the other. house.ttl is about the ontology itself and runs in tests only.
EDITION = ("article", "actor", "source", "statement", "event", "time")
SHARED = ("linking",)


class Validator(Protocol):
    """An engine that knows shapes: a graph enters, what breaks them leaves, in any order."""

    def validate(self, graph: ArticleGraph) -> list[Violation]: ...


@dataclass(frozen=True, slots=True)
class Wording:
    """What each named shape says, and the classes whose members some shape looks at."""

    messages: dict[NamedNode, str]
    severities: dict[NamedNode, Severity]
    classes: frozenset[NamedNode]


def files(names: Iterable[str]) -> list[Traversable]:
    """Return the shape files of these names, of the wheel or the checkout."""
    return [folder("shapes") / f"{name}.ttl" for name in names]


def wording(shapes: Iterable[Traversable]) -> Wording:
    """Read messages, severities and target classes of shapes."""
    messages: dict[NamedNode, str] = {}
    severities: dict[NamedNode, Severity] = {}
    classes: set[NamedNode] = set()
    for file in shapes:
        for quad in pyoxigraph.parse(file.read_bytes(), format=pyoxigraph.RdfFormat.TURTLE):
            shape, value = quad.subject, quad.object
            if not isinstance(shape, NamedNode):
                continue
            if quad.predicate.value == f"{SH}message" and isinstance(value, Literal):
                messages[shape] = value.value
            elif quad.predicate.value == f"{SH}severity" and isinstance(value, NamedNode):
                severities[shape] = cast(Severity, value.value.removeprefix(SH).lower())
            elif quad.predicate.value == f"{SH}targetClass" and isinstance(value, NamedNode):
                classes.add(value)
    return Wording(messages, severities, frozenset(classes))
