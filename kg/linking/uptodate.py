"""A store in a folder enters; its linking graph is brought up to date by what changed since it was last linked."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from functools import partial
from pathlib import Path

import orjson
from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import StoreError
from kg.graph import ArticleGraph, literal, short_hash
from kg.linking import quads
from kg.linking.corpus import Corpus, decisions_of, gather, text_of
from kg.linking.growing import FILE, TABLES, Local, Notes, State, grow
from kg.store.base import Store
from kg.vocab import KG, RDF_TYPE

AT_ONCE = 2_000  # subjects or editions of one query
KINDS = ("actors", "events", "claims", "shared claims", "relations", "copies")


def linking_graph(store: Store) -> NamedNode:
    return NamedNode(f"{store.base_iri}graph/linking")


def digests(store: Store) -> dict[str, str]:
    """Return each edition's digest: the journal's where it was committed, else that of the graph as it stands."""
    known = {entry.iri: entry.digest for entry in store.journal.all("committed")}
    editions = [name for name in store.graph_names() if name.value.startswith(f"{store.base_iri}edition/")]
    return {name.value: known.get(name.value) or store.graph(name).digest() for name in editions}


def wanted(store: Store) -> str:
    """Return the digest of all that linking is made from: what an up-to-date linking graph says of itself."""
    return _stamp(digests(store), decisions_of(store))


def _stamp(found: Mapping[str, str], decided: Corpus) -> str:
    decisions = [
        sorted(decided.confirmed),
        sorted(decided.undone),
        sorted(map(list, decided.alongside.items())),
        sorted(decided.related),
    ]
    return hashlib.sha256(orjson.dumps([sorted(found.items()), decisions])).hexdigest()


def stamp_of(store: Store) -> str | None:
    """Return what the linking graph was made from; None where there is none."""
    name = linking_graph(store)
    rows = store.select(f"SELECT ?stamp WHERE {{ GRAPH {name} {{ {name} {KG.linkedFrom} ?stamp }} }}", trusted=True)
    for row in rows:
        stamp = row["stamp"]
        return stamp.value if isinstance(stamp, Literal) else None
    return None


def is_stale(store: Store) -> bool:
    """Tell whether a store must be linked: editions or decisions are others than those of its linking graph."""
    return bool(store.graph_names()) and stamp_of(store) != wanted(store)


def bring_up_to_date(
    store: Store, folder: Path, *, notice: Callable[[Set[Triple], Set[Triple]], None] | None = None
) -> dict[str, int]:
    """Link what changed, and say of it what is to be said anew, in one transaction; returns the counts to tell.

    ``notice`` hears which triples came and which went.

    Where notes and graph are not of one moment, after a cut or a restore, all is linked anew. Raises StoreError when
    the notes can't be written; the next linking then starts anew.
    """
    try:
        return _bring_up_to_date(store, folder, notice)
    except sqlite3.Error as error:
        raise StoreError(f"{folder / FILE} can't be written: {error}; make room and import again") from error


def _bring_up_to_date(
    store: Store, folder: Path, notice: Callable[[Set[Triple], Set[Triple]], None] | None
) -> dict[str, int]:
    now, decided = digests(store), decisions_of(store)
    stamp, before = _stamp(now, decided), stamp_of(store)
    name = linking_graph(store)
    store.put([ArticleGraph.of(NamedNode(f"{store.base_iri}graph/runs"), quads.run_triples(store.base_iri))])
    notes = Notes(folder, TABLES)
    try:
        fits = before is not None and notes.stamp == before
        if fits and before == stamp:
            return dict(notes["about"].get("counts", {}))
        if not fits:
            notes.clear()
        about = notes["about"]
        linked: dict[str, str] = about.get("digests", {})
        changed = sorted(iri for iri in now.keys() | linked.keys() if now.get(iri) != linked.get(iri))
        state = State(notes, base=store.base_iri, text_of=partial(text_of, store))
        change = grow(state, _locals(store, changed, now), decided)
        said = change.said() | {Triple(name, KG.linkedFrom, literal(stamp))}
        # Without notes nothing is known of what stands there: it is written whole.
        old = _standing(store, name, change.touched) if fits else set()
        come, gone = said - old, old - said
        _tell_claims(store, gone, said, whole=not fits)
        triples = about.get("triples", 0) + len(come) - len(gone)
        standing = store.graph(name).triples if not fits and notice else frozenset()
        if not fits:
            store.put([ArticleGraph.of(name, said)])
        elif come or gone:
            store.update(_update(name, come, gone), trusted=True)
        found = about.get("counts", dict.fromkeys(KINDS, 0))
        more, less = counts(come), counts(gone)
        found = {kind: found[kind] + more[kind] - less[kind] for kind in KINDS}
        about.put("counts", found)
        about.put("triples", triples)
        about.put("digests", now)
        notes.commit(stamp)
        if notice:
            notice(come - standing, gone | (standing - said))
        return found
    finally:
        notes.close()


def _locals(store: Store, changed: list[str], now: Mapping[str, str]) -> dict[str, Local | None]:
    found: dict[str, Local | None] = dict.fromkeys(changed)
    there = [iri for iri in changed if iri in now]
    whole = len(there) == len(now)
    for start in range(0, len(there), len(there) if whole and there else AT_ONCE):
        corpus = gather(store, None if whole else there[start : start + AT_ONCE])
        sources, statements, events = (
            _by_edition(nodes) for nodes in (corpus.sources, corpus.statements, corpus.events)
        )
        for edition in corpus.editions:
            parts = (tuple(nodes[edition.iri]) for nodes in (sources, statements, events))
            found[edition.iri] = Local(edition, *parts)
    return found


def _by_edition(nodes: Iterable) -> dict[str, list]:  # type: ignore[type-arg]  # of three kinds of values
    found = defaultdict(list)
    for node in nodes:
        found[node.edition].append(node)
    return found


def _standing(store: Store, name: NamedNode, subjects: set[str]) -> set[Triple]:
    """Return all triples of these subjects in the linking graph, and what it was linked from."""
    wanted = [*sorted(subjects), name.value]
    found: set[Triple] = set()
    for start in range(0, len(wanted), AT_ONCE):
        values = " ".join(str(NamedNode(iri)) for iri in wanted[start : start + AT_ONCE])
        found.update(
            store.construct(
                f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {values} }} GRAPH {name} {{ ?s ?p ?o }} }}",
                trusted=True,
            )
        )
    return found


def _update(name: NamedNode, come: set[Triple], gone: set[Triple]) -> str:
    parts = [("DELETE", ArticleGraph.of(name, gone)), ("INSERT", ArticleGraph.of(name, come))]
    return " ;\n".join(
        f"{verb} DATA {{ GRAPH {name} {{ {graph.ntriples().decode()} }} }}" for verb, graph in parts if len(graph)
    )


def claim_digests(triples: Iterable[Triple]) -> dict[str, str]:
    """Return for each claim that triples make what changes when its counts, its roots or its statements do."""
    triples = list(triples)
    told: dict[str, set[str]] = defaultdict(set)
    claims = {str(triple.subject) for triple in triples if triple.object == KG.Claim}
    for triple in triples:
        for node in {str(triple.subject), str(triple.object)} & claims:
            told[node].add(str(triple))
    return {iri.strip("<>"): short_hash(*sorted(lines)) for iri, lines in told.items()}


def _tell_claims(store: Store, gone: set[Triple], said: set[Triple], *, whole: bool) -> None:
    """Append to the outbox the claims that came, changed or went, before readers can see them."""
    found = claim_digests(said)
    if whole:
        store.journal.outbox.claims(found)
        return
    were = {
        triple.subject.value for triple in gone if triple.object == KG.Claim and isinstance(triple.subject, NamedNode)
    }
    removed = were - found.keys()
    store.journal.outbox.claims(found, removed=removed)


def counts(triples: Iterable[Triple]) -> dict[str, int]:
    """Count what the triples of a linking graph make."""
    found = dict.fromkeys(KINDS, 0)
    kinds: dict[object, str] = {
        KG.Actor: "actors",
        KG.Event: "events",
        KG.Claim: "claims",
        KG.StatementRelation: "relations",
    }
    one = literal(1)
    for triple in triples:
        if triple.predicate == RDF_TYPE and triple.object in kinds:
            found[kinds[triple.object]] += 1
        elif triple.predicate == KG.copyOf:
            found["copies"] += 1
        elif triple.predicate == KG.statementCount and triple.object != one:
            found["shared claims"] += 1
    return found
