"""The fixtures of this folder enter, cases leave: a graph, and what a shape should say of it.

A file of ``valid/`` or ``invalid/`` opens with its prefixes; then come the cases. Each begins with
``# accepted: why``, ``# refused by kg:Shape: why`` or ``# noted by kg:Shape: why`` and is a change to a base:
``base.ttl``, ``links.ttl`` for what editions share, ``house.ttl`` for the ontology. A line ``#- …`` takes a triple away
from the base, a line ``#-- …`` takes each node that is a subject in it away with all its triples, all other lines add.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from kg.gate import Report, check, check_shared
from kg.gate.engine import PyShacl
from kg.gate.shapes import files
from kg.graph import BASE_IRI, ArticleGraph
from kg.vocab import KG, NAMESPACE, RDF_TYPE

# The base that a file of cases changes; base.ttl if it is not named here.
BASES = {"linking": "links.ttl", "links": "links.ttl", "house": "house.ttl"}
FOLDER = Path(__file__).parent
SHAPES = FOLDER.parents[1] / "shapes"
_HEAD = re.compile(r"^# (accepted|refused by|noted by)\b([^:]*(?:kg:[^:]*)*): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """A change to a base graph. ``shapes`` are those that should speak; ``why`` says what the change is."""

    kind: str
    shapes: frozenset[str]
    why: str
    base: str
    graph: ArticleGraph

    def report(self) -> Report:
        return report(self.graph, self.base)

    def __str__(self) -> str:
        return ", ".join(sorted(self.shapes)) + (": " if self.shapes else "") + self.why


def report(graph: ArticleGraph, base: str) -> Report:
    if base == "house.ttl":
        return Report.of(_house().validate(graph))
    return check_shared(graph) if base == "links.ttl" else check(graph)


@cache
def _house() -> PyShacl:
    return PyShacl(files(["house"]))


@cache
def base(name: str) -> ArticleGraph:
    triples = _triples((FOLDER / name).read_text(encoding="utf-8"))
    editions = [one.subject for one in triples if one.predicate == RDF_TYPE and one.object == KG.Edition]
    graph = editions[0] if name == "base.ttl" else NamedNode(f"{BASE_IRI}graph/linking")
    assert isinstance(graph, NamedNode)
    return ArticleGraph.of(graph, triples)


def cases(folder: str) -> Iterator[Case]:
    for path in sorted((FOLDER / folder).glob("*.ttl")):
        changed = BASES.get(path.stem, "base.ttl")
        text = path.read_text(encoding="utf-8")
        heads = list(_HEAD.finditer(text))
        assert heads, f"{path.name} holds no case"
        prefixes = text[: heads[0].start()]
        for head, after in zip(heads, [*heads[1:], None], strict=True):
            body = text[head.end() : after.start() if after else None]
            yield Case(
                kind=head[1].split()[0],
                shapes=frozenset(name.strip().removeprefix("kg:") for name in head[2].split(",") if name.strip()),
                why=head[3],
                base=changed,
                graph=_changed(base(changed), prefixes, body),
            )


def _changed(graph: ArticleGraph, prefixes: str, body: str) -> ArticleGraph:
    taken = _triples(prefixes + _lines(body, "#- "))
    nodes = {one.subject for one in _triples(prefixes + _lines(body, "#-- "))}
    taken |= {one for one in graph.triples if one.subject in nodes or one.object in nodes}
    added = _triples(prefixes + body)
    # A fixture that takes away or adds nothing proves nothing.
    assert taken <= graph.triples, f"not in the base: {taken - graph.triples}"
    assert not added & graph.triples, f"in the base already: {added & graph.triples}"
    return ArticleGraph.of(graph.name, (graph.triples - taken) | added)


def _lines(body: str, mark: str) -> str:
    return "\n".join(line.removeprefix(mark) for line in body.splitlines() if line.startswith(mark))


def _triples(turtle: str) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE))


def short(shape: NamedNode) -> str:
    return shape.value.removeprefix(NAMESPACE)
