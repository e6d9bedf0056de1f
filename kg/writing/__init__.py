"""A write from outside enters; it is tried, checked by the gate, and stands, or the store is as it was.

The store is the one writer's. Readers on disk see nothing of a change before it is published, and it is published only
when the gate has passed it. A process that is killed in between leaves a note (:mod:`kg.store.unchecked`) by which the
next writer takes the change back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from kg import crash, gate
from kg.errors import QueryError
from kg.graph import ArticleGraph
from kg.linking import is_stale, link
from kg.store import Store, guard
from kg.store.unchecked import ANY, Landed, Notes
from kg.store.updates import Targets, targets
from kg.vocab import KG, NAMESPACE, RDF_TYPE
from kg.writing import editing
from kg.writing.change import Change, ForbiddenError, GateError, Outcome, Part

__all__ = ["Change", "ForbiddenError", "GateError", "Outcome", "Part", "apply", "finish", "touched"]

#: Quads of a store above which an update has to name the graphs that it writes: to check them all would take long.
MOST_UNNAMED = 200_000
SYNTAXES = {
    "text/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "text/plain": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
Name = str | None


def apply(store: Store, change: Change, *, notes: Notes | None = None) -> Outcome:
    """Make a change, or leave everything as it is; :func:`finish` then lets readers see it.

    Raises ForbiddenError where the scope does not reach, GateError with the shapes' words, QueryError for what is no
    SPARQL or no RDF, StoreError. ``notes`` outlive this process when it is killed in the middle.
    """
    if change.kind == "update":
        guard.check(change.text, longest=guard.LONGEST * 4, most_tokens=guard.MOST_TOKENS * 8)
        wanted, text = targets(change.text), change.text
    else:
        wanted, text = _one(change.graph), _update_of(change)
    _permit(store, change, wanted)
    names = touched(store, wanted)
    before = {name: contents(store, name) for name in names}
    if notes is not None:
        notes.write([ANY] if wanted.any else names, change=change.id)
    store.update(text, trusted=True)
    crash.point("changed")
    after = {name: contents(store, name) for name in {*names, *(_all(store) if wanted.any and names else ())}}
    changed = {name: graph for name, graph in after.items() if graph != before.get(name, frozenset())}
    try:
        for name, graph in changed.items():
            _check(store, name, graph)
        edits = [*editing.edits(store, before, changed), *(editing.dropped(store) if wanted.any and not names else ())]
    except (GateError, QueryError):
        put_back(store, {name: before.get(name, frozenset()) for name in changed})
        if notes is not None:
            notes.clear()
        raise
    if edits:
        store.journal.hand.edited(edits, by=change.by, change=change.id)
    one = change.graph if change.kind != "update" else None
    landed = Landed(bool(before.get(one)), len(after.get(one, ())))
    if notes is not None:
        notes.passed(change.id, landed)
        crash.point("passed")
        notes.clear()
    stale = bool(edits) or wanted.any or f"{store.base_iri}graph/curation" in changed
    return Outcome(landed.existed, landed.triples, store.version(), stale)


def finish(store: Store, outcome: Outcome) -> Outcome:
    """Link anew where a change wants it, and let readers see the change; returns the outcome with its version."""
    if outcome.stale and is_stale(store):
        link(store)
    store.publish()
    return replace(outcome, version=store.version(), stale=False)


def touched(store: Store, wanted: Targets) -> list[Name]:
    """Return the names of the graphs that an update may change, None for the unnamed one."""
    if not wanted.any:
        return [*sorted(wanted.names), *([None] if wanted.unnamed else [])]
    if wanted.drops_only:
        return []  # what is dropped needs no check
    if store.count() > MOST_UNNAMED:
        raise QueryError(
            f"The update does not name the graphs that it writes, and the store holds more than {MOST_UNNAMED:,} "
            "quads; write GRAPH <iri> instead of GRAPH ?variable"
        )
    return _all(store)


def _all(store: Store) -> list[Name]:
    return [*(name.value for name in store.graph_names()), None]


def contents(store: Store, name: Name) -> frozenset[Triple]:
    """Return the triples of a graph; of the unnamed one for None."""
    if name is not None:
        return store.graph(NamedNode(name)).triples
    text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    body, _ = store.query(text, accept="application/n-triples", trusted=True, union=False)
    return frozenset(quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES))


def put_back(store: Store, graphs: dict[Name, frozenset[Triple]]) -> None:
    """Make each graph what it was, in one transaction. Blank nodes come back under other labels."""
    store.update(" ;\n".join(_replace(name, triples) for name, triples in graphs.items()), trusted=True)


def _replace(name: Name, triples: Iterable[Triple]) -> str:
    drop = "CLEAR DEFAULT" if name is None else f"DROP SILENT GRAPH {NamedNode(name)}"
    insert = _insert(name, triples)
    return f"{drop} ; {insert}" if insert else drop


def _insert(name: Name, triples: Iterable[Triple]) -> str:
    data = "".join(f"{triple} .\n" for triple in triples)
    if not data:
        return ""
    return f"INSERT DATA {{ {data} }}" if name is None else f"INSERT DATA {{ GRAPH {NamedNode(name)} {{ {data} }} }}"


def _one(name: Name) -> Targets:
    return Targets(names=set() if name is None else {name}, unnamed=name is None)


def _update_of(change: Change) -> str:
    if change.kind == "drop":
        return _replace(change.graph, ())
    triples = [triple for part in change.parts for triple in _parsed(part)]
    if change.kind == "put":
        return _replace(change.graph, triples)
    return _insert(change.graph, triples) or "INSERT DATA {}"


def _parsed(part: Part) -> list[Triple]:
    syntax = SYNTAXES.get(part.media)
    if syntax is None:
        raise QueryError(f"{part.media or 'No media type'}: a graph is written as one of {', '.join(SYNTAXES)}")
    try:
        # Labels of blank nodes hold for one document only.
        quads = parse(part.data, format=syntax, base_iri=part.base, without_named_graphs=True, rename_blank_nodes=True)
        return [quad.triple for quad in quads]
    except (SyntaxError, ValueError, OSError) as error:
        raise QueryError(f"The graph is not {part.media}: {' '.join(str(error).split())[:400]}") from error


def _permit(store: Store, change: Change, wanted: Targets) -> None:
    if change.scope == "all":
        return
    curation = f"{store.base_iri}graph/curation"
    if wanted.any or wanted.unnamed or not all(n == curation or n.startswith(f"{curation}/") for n in wanted.names):
        raise ForbiddenError(f"This token writes the graph <{curation}> and those below it only; name it with GRAPH")


def _check(store: Store, name: Name, triples: frozenset[Triple]) -> None:
    """Pass a graph through the gate where it concerns the project's data. Raises GateError."""
    if not triples or not _concerns(store, name, triples):
        return
    label = "the unnamed graph" if name is None else f"<{name}>"
    if any(isinstance(term, BlankNode) for t in triples for term in (t.subject, t.object)):
        raise GateError(f"{label} refused: its nodes have IRIs; mint one for each blank node")
    if any(isinstance(t.object, Triple) for t in triples):
        raise GateError(f"{label} refused: it holds triple terms; write a node instead")
    graph = ArticleGraph(NamedNode(name or f"{store.base_iri}graph/unnamed"), triples)
    edition = any(t.predicate == RDF_TYPE and t.object == KG.Edition for t in triples)
    inside = name is not None and name.startswith(f"{store.base_iri}edition/")
    report = gate.check(graph) if edition or inside else gate.check_shared(graph)
    if not report.conforms:
        raise GateError(report.describe(label))


def _concerns(store: Store, name: Name, triples: frozenset[Triple]) -> bool:
    if name is not None and name.startswith(store.base_iri):
        return True
    return any(
        t.predicate.value.startswith(NAMESPACE)
        or (t.predicate == RDF_TYPE and isinstance(t.object, NamedNode) and t.object.value.startswith(NAMESPACE))
        for t in triples
    )
