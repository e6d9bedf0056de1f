"""The W3C's SPARQL query, update and syntax tests as data, and what each of them wants of an engine."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from kg.store import guard

SUITES = Path(__file__).parents[3] / "shared" / "conformance"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
#: Suites of other things than an engine's answers: HTTP (tests/api), calls to other servers, which are refused here,
#: and inference, which the engine does not offer.
ELSEWHERE = {
    "protocol", "http-rdf-update", "graph-store-protocol", "service-description", "service", "syntax-fed", "entailment",
}  # fmt: skip
Node = NamedNode | BlankNode


@dataclass(frozen=True)
class Case:
    name: str  # folder and test
    kind: str  # the local name of its class
    query: Path
    data: tuple[Path, ...]
    graphs: tuple[tuple[str, Path], ...]
    result: Path | None
    after: tuple[Path, ...]  # of an update: the unnamed graph afterwards
    after_graphs: tuple[tuple[str, Path], ...]


class Manifest:
    def __init__(self, file: Path) -> None:
        self.folder = file.parent
        self.store = Store()
        self.base = file.as_uri()
        self.store.extend(parse(file.read_bytes(), format=RdfFormat.TURTLE, base_iri=self.base))

    def all(self, node: Node | None, predicate: str) -> list[Node]:
        if node is None:
            return []
        return [quad.object for quad in self.store.quads_for_pattern(node, NamedNode(predicate), None)]  # type: ignore[misc]

    def one(self, node: Node | None, predicate: str) -> Node | None:
        return next(iter(self.all(node, predicate)), None)

    def items(self, node: Node | None) -> Iterator[Node]:
        while node is not None and node.value != RDF + "nil":
            first = self.one(node, RDF + "first")
            assert first is not None
            yield first
            node = self.one(node, RDF + "rest")

    def file(self, node: Node) -> Path:
        return self.folder / node.value.rpartition("/")[2]

    def graphs(self, node: Node | None, predicate: str) -> tuple[tuple[str, Path], ...]:
        found = []
        for graph in self.all(node, predicate):
            inner = self.one(graph, UT + "graph")
            label = self.one(graph, RDFS + "label")
            found.append((label.value, self.file(inner)) if inner and label else (graph.value, self.file(graph)))
        return tuple(found)

    def cases(self) -> Iterator[Case]:
        for entry in self.items(self.one(NamedNode(self.base), MF + "entries")):
            kind = self.one(entry, RDF + "type")
            action, result = self.one(entry, MF + "action"), self.one(entry, MF + "result")
            assert kind is not None
            assert action is not None
            query = self.one(action, QT + "query") or self.one(action, UT + "request")
            yield Case(
                f"{self.folder.name}/{entry.value.rpartition('#')[2]}",
                kind.value.rpartition("#")[2],
                self.file(query or action),
                tuple(self.file(node) for name in (QT + "data", UT + "data") for node in self.all(action, name)),
                self.graphs(action, QT + "graphData") + self.graphs(action, UT + "graphData"),
                self.file(result) if isinstance(result, NamedNode) else None,
                tuple(self.file(node) for node in self.all(result, UT + "data")),
                self.graphs(result, UT + "graphData"),
            )


def cases() -> list[Case]:
    found = []
    for version in ("sparql11", "sparql12"):
        for manifest in sorted((SUITES / version).glob("*/manifest.ttl")):
            if manifest.parent.name not in ELSEWHERE:
                found += [replace_name(case, version) for case in Manifest(manifest).cases()]
    return found


def replace_name(case: Case, version: str) -> Case:
    return replace(case, name=f"{version}/{case.name}")


def read(file: Path, graph: NamedNode | DefaultGraph | None = None) -> Iterator[Quad]:
    form = RdfFormat.from_extension(file.suffix[1:]) or RdfFormat.TURTLE
    for quad in parse(file.read_bytes(), format=form, base_iri=file.as_uri()):
        yield quad if graph is None else Quad(quad.subject, quad.predicate, quad.object, graph)


def loaded(data: Iterable[Path], graphs: Iterable[tuple[str, Path]]) -> Store:
    store = Store()
    for file in data:
        store.extend(read(file))
    for name, file in graphs:
        named = NamedNode(name) if ":" in name else NamedNode(file.as_uri())
        store.add_graph(named)
        store.extend(read(file, named))
    return store


def canonical(quads: Iterable[Quad]) -> set[Quad]:
    found = Dataset(quads)
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(found)


def solved(case: Case) -> str:
    """Run a test; returns "" when it passes, else what was wrong."""
    text = case.query.read_text(encoding="utf-8")
    base = case.query.as_uri()
    negative, update = "Negative" in case.kind, "Update" in case.kind
    if "Syntax" in case.kind:
        try:
            if update:
                Store().update(text, base_iri=base)
            else:
                Store().query(text, base_iri=base)
        except SyntaxError as error:
            return "" if negative else f"refused: {' '.join(str(error).split())[:120]}"
        except (OSError, RuntimeError, ValueError):
            return ""  # it was read, and only could not be done
        return "accepted" if negative else ""
    store = loaded(case.data, case.graphs)
    if update:
        store.update(text, base_iri=base)
        wanted = loaded(case.after, case.after_graphs)
        return "" if canonical(store) == canonical(wanted) else "another graph came out"
    assert case.result is not None
    return _compare(store.query(text, base_iri=base), case.result, ordered=_ordered(text))


def _ordered(text: str) -> bool:
    """Tell whether the query itself has an ORDER BY; that of a sub-select does not order the answer."""
    depth = 0
    for kind, word in guard.tokens(text):
        depth += (kind == "open") - (kind == "close")
        if depth == 0 and kind == "word" and word.upper() == "ORDER":
            return True
    return False


def _compare(answer: object, file: Path, *, ordered: bool) -> str:
    if isinstance(answer, ox.QueryTriples):
        same = canonical(Quad(t.subject, t.predicate, t.object) for t in answer) == canonical(read(file))
        return "" if same else "another graph came out"
    wanted = _wanted(file)
    if isinstance(answer, ox.QueryBoolean):
        return "" if bool(answer) == wanted else f"{bool(answer)} came out"
    assert isinstance(answer, ox.QuerySolutions)
    if file.suffix == ".csv":
        same = _cells(answer.serialize(format=QueryResultsFormat.CSV) or b"") == _cells(file.read_bytes())
        return "" if same else "other rows"
    names = [variable.value for variable in answer.variables]
    rows = [{name: row[name] for name in names if row[name] is not None} for row in answer]
    assert isinstance(wanted, list)
    return "" if _same_rows(rows, wanted, ordered=ordered) else f"{len(rows)} rows came out, {len(wanted)} are wanted"


def _cells(text: bytes) -> list[list[tuple[str, str]]]:
    """Read CSV; the order of the columns of SELECT * is the engine's, and a blank node's label anything."""
    rows = csv.DictReader(text.decode().splitlines())
    return sorted(sorted((name, re.sub("^_:.*", "_:", value)) for name, value in row.items()) for row in rows)


def _wanted(file: Path) -> bool | list[dict[str, object]]:
    if file.suffix in (".ttl", ".rdf"):
        return _from_rdf(file)
    if file.suffix == ".csv":
        return []
    form = QueryResultsFormat.from_extension(file.suffix[1:])
    assert form is not None, file
    found = parse_query_results(file.read_bytes(), format=form)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    names = [variable.value for variable in found.variables]
    return [{name: row[name] for name in names if row[name] is not None} for row in found]


def _from_rdf(file: Path) -> bool | list[dict[str, object]]:
    store = Store()
    store.extend(read(file))
    for quad in store.quads_for_pattern(None, NamedNode(RS + "boolean"), None):
        return quad.object == Literal("true", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))
    rows = []
    for quad in store.quads_for_pattern(None, NamedNode(RS + "solution"), None):
        row: dict[str, object] = {}
        for binding in store.quads_for_pattern(quad.object, NamedNode(RS + "binding"), None):  # type: ignore[arg-type]
            [name] = store.quads_for_pattern(binding.object, NamedNode(RS + "variable"), None)  # type: ignore[arg-type]
            [value] = store.quads_for_pattern(binding.object, NamedNode(RS + "value"), None)  # type: ignore[arg-type]
            row[name.object.value] = value.object  # type: ignore[union-attr]
        rows.append(row)
    return rows


def _same_rows(one: list[dict[str, object]], other: list[dict[str, object]], *, ordered: bool) -> bool:
    """Compare rows up to the labels of blank nodes: each row becomes a node with its values, the whole a graph."""
    if len(one) != len(other):
        return False
    return canonical(_as_graph(one, ordered)) == canonical(_as_graph(other, ordered))


def _as_graph(rows: list[dict[str, object]], ordered: bool) -> Store:
    # In a store, so that numbers which are written differently become equal, as the suite's own note wants it.
    found = Store()
    for number, row in enumerate(rows):
        node = NamedNode(f"row:{number}") if ordered else BlankNode(f"row{number}")
        found.add(Quad(node, NamedNode("row:is"), Literal("row")))
        for name, value in row.items():
            found.add(Quad(node, NamedNode(f"row:{name}"), value))  # type: ignore[arg-type]
    return found
