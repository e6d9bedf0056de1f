"""A graph enters, the violations that pySHACL finds leave; the one module that knows rdflib and pySHACL."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from importlib.resources.abc import Traversable
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.collection import Collection
from rdflib.namespace import SH, XSD
from rdflib.term import Identifier, Node

from kg.gate.report import Severity, Term, Violation
from kg.graph import ArticleGraph

# rdflib logs a traceback for a 30 February; the shape that refuses it says so in words.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


class _Memory(Graph):
    """A graph in rdflib's plain store, without the contexts that its usual one keeps for each triple."""

    def __init__(self) -> None:
        super().__init__(store="SimpleMemory", bind_namespaces="none")

    def __bool__(self) -> bool:
        # pySHACL writes `data or shapes` for each result, and this store counts its triples to answer that.
        return True


_TARGETS = (SH.targetClass, SH.targetObjectsOf, SH.targetSubjectsOf)


class PyShacl:
    """SHACL Core by pySHACL, with shapes that are compiled once.

    ``pyshacl.validate`` builds its shapes anew at every call, looks at one focus node after the other, and reads each
    ``sh:in`` list again for each of them. Here the shapes are kept, and each property shape takes over the targets of
    its node shapes, so that it is set up once a graph: 109 ms instead of 457 for an article of 3,098 triples (2 cores,
    median of 5, the rules of :mod:`kg.gate.rules` included), with the same verdicts (tests/shapes compares the two).
    """

    def __init__(self, files: Iterable[Traversable]) -> None:
        graph = _Memory()
        for file in files:
            graph.parse(data=file.read_bytes(), format="turtle")
        self._shapes = ShapesGraph(_flattened(graph))
        self._all = tuple(self._shapes.shapes)

    def validate(self, graph: ArticleGraph) -> list[Violation]:
        """Return what breaks the shapes, in no order. Nothing is inferred and no ``owl:imports`` is followed."""
        data, executor = _rdflib(graph), SHACLExecutor()
        found: list[Violation] = []
        for shape in self._all:
            try:
                found += _violations(shape, executor, data)
            except TypeError:
                found += _one_by_one(shape, executor, data)
        return found


def _violations(
    shape: Shape, executor: SHACLExecutor, data: Graph, focus: URIRef | RdflibLiteral | None = None
) -> list[Violation]:
    _, results = shape.validate(executor, data, focus=focus)
    return [_violation(node, facts) for _, node, facts in results]


def _one_by_one(shape: Shape, executor: SHACLExecutor, data: Graph) -> Iterator[Violation]:
    """Look at the focus nodes apart, where one of them breaks pySHACL.

    rdflib can't compare "2025-02-30"^^xsd:date with a date and raises TypeError, which pySHACL lets pass. SHACL wants a
    result "where the two values cannot be compared" (https://www.w3.org/TR/shacl/#LessThanOrEqualsConstraintComponent).
    """
    path = shape.path()  # type: ignore[no-untyped-call]  # pySHACL has no types here
    for node in shape.focus_nodes(data):  # type: ignore[no-untyped-call]  # nor here
        try:
            yield from _violations(shape, executor, data, node)
        except TypeError:
            yield Violation(
                focus_node=_from_rdflib(node),
                shape=NamedNode(str(shape.node)),
                path=NamedNode(str(path)) if isinstance(path, URIRef) else None,
                value=None,
                message=next((str(words) for words in shape.message), ""),
                severity=cast(Severity, str(shape.severity).rpartition("#")[2].lower()),
            )


def _flattened(graph: Graph) -> Graph:
    """Hand the targets of each node shape to its property shapes; the meaning stays.

    A closed node shape loses its property shapes and so the list of what it allows: their paths join its
    sh:ignoredProperties.
    """
    for node in {node for target in _TARGETS for node in graph.subjects(target)}:
        properties = list(graph.objects(node, SH.property))
        if (node, SH.deactivated, RdflibLiteral(True)) in graph:
            continue
        for shape in properties:
            graph.remove((node, SH.property, shape))
            for target in _TARGETS:
                for value in graph.objects(node, target):
                    graph.add((shape, target, value))
        if graph.value(node, SH.closed):
            paths = {path for shape in properties for path in graph.objects(shape, SH.path) if isinstance(path, URIRef)}
            allowed = BNode()
            Collection(graph, allowed, [*_items(graph, graph.value(node, SH.ignoredProperties)), *paths])
            graph.set((node, SH.ignoredProperties, allowed))
    return graph


def _items(graph: Graph, head: Node | None) -> Iterable[Node]:
    return () if head is None else graph.items(head)


def _rdflib(graph: ArticleGraph) -> Graph:
    # Terms one by one: 3 times as fast as rdflib's N-Triples parser. A pyoxigraph store behind pySHACL makes the check
    # 24 times slower and holds "a" and "a"^^xsd:string for two things (rdflib #2123).
    data = _Memory()
    terms: dict[Term, Identifier] = {}
    for triple in graph.triples:
        row = []
        for term in (triple.subject, triple.predicate, triple.object):
            if term not in terms:
                terms[term] = _to_rdflib(term)
            row.append(terms[term])
        data.add((row[0], row[1], row[2]))
    return data


def _to_rdflib(term: Term) -> Identifier:
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, Literal):
        if term.language:
            return RdflibLiteral(term.value, lang=term.language)
        datatype = URIRef(term.datatype.value)
        # Written as it stands, so that an ill-formed "01x"^^xsd:integer reaches the shape that refuses it.
        return RdflibLiteral(term.value, datatype=None if datatype == XSD.string else datatype, normalize=False)
    raise TypeError(f"{term} is neither an IRI nor a literal; an article's graph holds nothing else")


def _from_rdflib(term: Identifier) -> Term:
    if isinstance(term, URIRef):
        return NamedNode(str(term))
    if isinstance(term, RdflibLiteral):
        if term.language:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=NamedNode(str(term.datatype or XSD.string)))
    return BlankNode(str(term))


def _violation(result: Node, facts: Iterable[tuple[Node, Node, object]]) -> Violation:
    # pySHACL pairs a node with the graph that it comes from, to clone blank nodes; here there are none. The results
    # of inner shapes come along as nodes of their own.
    said = {
        predicate: value[1] if isinstance(value, tuple) else value for node, predicate, value in facts if node == result
    }
    path, value = said.get(SH.resultPath), said.get(SH.value)
    return Violation(
        focus_node=_from_rdflib(cast(Identifier, said[SH.focusNode])),
        shape=cast(NamedNode, _from_rdflib(cast(Identifier, said[SH.sourceShape]))),
        path=NamedNode(str(path)) if isinstance(path, URIRef) else None,
        value=None if value is None else _from_rdflib(cast(Identifier, value)),
        message=str(said[SH.resultMessage]),
        severity=cast(Severity, str(said[SH.resultSeverity]).rpartition("#")[2].lower()),
    )
