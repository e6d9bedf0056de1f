"""The W3C's HTTP tests as data: each a list of requests and what their answers must be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, Dataset, NamedNode, RdfFormat, Store, Triple, parse

SUITES = Path(__file__).parents[3] / "shared" / "conformance"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
STATUS = "http://www.w3.org/2011/http-statusCodes#"
CODES = {"OK": range(200, 201), "Created": range(201, 202), "NoContent": range(204, 205), "NotFound": range(404, 405)}
CODES |= {f"StatusCode{n}xx": range(n * 100, n * 100 + 100) for n in (2, 3, 4)}

Node = NamedNode | BlankNode


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    status: tuple[str, ...]  # the names of what is expected
    form: str  # "boolean", "tabular", "RDF" or ""
    boolean: bool | None
    graph: bytes | None  # the Turtle of the graph that is expected
    content_type: str
    location: bool  # the answer names the graph that $LOCATION$ stands for

    def takes(self, status: int) -> bool:
        return any(status in CODES[name] for name in self.status)


@dataclass(frozen=True)
class Case:
    name: str
    data: tuple[tuple[str, Path], ...]  # graph name, file
    requests: tuple[Request, ...]


class Manifest:
    """One manifest's tests, in the order of its list."""

    def __init__(self, file: Path) -> None:
        self.folder = file.parent
        self.store = Store()
        self.base = file.as_uri()
        self.store.extend(parse(file.read_bytes(), format=RdfFormat.TURTLE, base_iri=self.base))

    def tests(self) -> Iterator[Case]:
        for entry in self.items(self.one(NamedNode(self.base), MF + "entries")):
            requests = self.one(self.one(entry, MF + "action"), HT + "requests")
            yield Case(
                entry.value.rpartition("#")[2],
                tuple(self._data(entry)),
                tuple(self._request(request) for request in self.items(requests)),
            )

    def all(self, node: Node, predicate: str) -> list[Node]:
        return [quad.object for quad in self.store.quads_for_pattern(node, NamedNode(predicate), None)]  # type: ignore[misc]

    def one(self, node: Node, predicate: str) -> Node:
        [found] = self.all(node, predicate)
        return found

    def text(self, node: Node | None, predicate: str) -> str | None:
        found = self.all(node, predicate) if node is not None else []
        return found[0].value if found else None

    def items(self, node: Node) -> Iterator[Node]:
        while node.value != RDF + "nil":
            yield self.one(node, RDF + "first")
            node = self.one(node, RDF + "rest")

    def _data(self, entry: Node) -> Iterator[tuple[str, Path]]:
        for data in self.all(entry, UT + "graphData"):
            file = self.one(data, UT + "graph").value.rpartition("/")[2]
            yield self.text(data, RDFS + "label") or "", self.folder / file

    def _headers(self, node: Node) -> tuple[tuple[str, str], ...]:
        return tuple(
            (self.text(header, HT + "fieldName") or "", self.text(header, HT + "fieldValue") or "")
            for headers in self.all(node, HT + "headers")
            for header in self.items(headers)
        )

    def _body(self, node: Node) -> bytes | None:
        bodies = self.all(node, HT + "body")
        text = self.text(bodies[0], CNT + "chars") if bodies else None
        if text is None:
            return None
        return text.encode(self.text(bodies[0], CNT + "characterEncoding") or "UTF-8")

    def _request(self, node: Node) -> Request:
        answer = self.one(node, HT + "resp")
        boolean = self.text(answer, MF + "expectedBoolean")
        return Request(
            self.text(node, HT + "methodName") or "GET",
            self.text(node, HT + "absolutePath") or "/",
            self._headers(node),
            self._body(node),
            tuple(status.value.removeprefix(STATUS) for status in self.all(answer, MF + "expectedStatus")),
            self.text(answer, MF + "expectedFormat") or "",
            None if boolean is None else boolean == "true",
            self._body(answer),
            dict(self._headers(answer)).get("content-type", ""),
            bool(self.all(answer, MF + "expectedLocation")),
        )


def same_graph(one: bytes, other: bytes, base: str) -> bool:
    """Tell whether two Turtle documents hold the same graph up to the labels of blank nodes."""
    return _canonical(one, base) == _canonical(other, base)


def _canonical(turtle: bytes, base: str) -> set[Triple]:
    from pyoxigraph import CanonicalizationAlgorithm

    found = Dataset(parse(turtle, format=RdfFormat.TURTLE, base_iri=base))
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {quad.triple for quad in found}
