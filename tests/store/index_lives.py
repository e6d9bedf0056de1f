"""A seed enters; a store that lives through writes by chance leaves, and how its index differs from a whole one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from random import Random

from importer_samples import HARBOURS, record
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad
from sample_readings import by_hand

from kg.curation import Signed, confirm_identity, undo_identity
from kg.errors import KgError
from kg.graph import edition_iri
from kg.importer import Plan, import_sources
from kg.linking import link
from kg.mapping import to_graph
from kg.model import Outlet
from kg.store import Store, open_store
from kg.store.index import index_of
from kg.store.index.build import fill
from kg.store.index.digest import contents, digests
from kg.vocab import KG

OUTLETS = ("Harbour Post", "The Courier", "The Ledger")
SAID = ("ferry is held until the crew is paid", "harbour was sold before the tender", "strike is over")
#: Graphs that users wrote, beside those of editions and the shared ones.
OWN = (NamedNode("https://desk.example/a"), NamedNode("https://desk.example/b"))


def whole(store: Store) -> sqlite3.Connection:
    """Return an index that is built of all that a store holds now."""
    database = sqlite3.connect(":memory:")
    fill(database, store, "0")
    return database


def difference(store: Store) -> str:
    """Return how the index of a published store differs from one built whole, or ""."""
    index = index_of(store)
    assert index is not None, "a published store has an index"
    with index.lease() as there, closing(whole(store)) as fresh:
        # What is made of the index before must look like it to SQLite as well.
        fault = there.execute("PRAGMA integrity_check").fetchone()[0]
        if fault != "ok":
            return str(fault)
        mine, theirs = digests(there), digests(fresh)
        if mine == theirs:
            return ""
        old, new = contents(there), contents(fresh)
        lines = []
        for table in sorted(t for t in theirs if mine.get(t) != theirs[t]):
            one, other = sorted(map(repr, old[table])), sorted(map(repr, new[table]))
            lines.append(f"{table}: mended only {[r for r in one if r not in other][:2]}, ")
            lines.append(f"whole only {[r for r in other if r not in one][:2]}; {len(one)} and {len(other)} rows")
        return "\n".join(lines)


def life(url: str, seed: int, steps: int) -> Iterator[tuple[Store, str]]:
    """Yield a store after each publication, with what was done to it since the one before."""
    rng = Random(seed)
    store = open_store(url)
    try:
        for _ in range(steps):
            done = []
            for _ in range(rng.choice((1, 1, 1, 2, 3))):
                do = rng.choice(DEEDS)
                done.append(do.__name__)
                # What was moved about may be no article any more (no gate saw it): then linking, or a decision about
                # it, stops half way. The index has to be right all the same.
                with suppress(KeyError, KgError):
                    do(store, rng)
            store.publish()
            yield store, ", ".join(done)
            if url != "memory:" and rng.random() < 0.2:
                store.close()
                store = open_store(url)
    finally:
        store.close()


def imports(store: Store, rng: Random) -> None:
    """Import one to three articles: new ones, the same again, or the same of another outlet."""
    lines = b"".join(
        record(rng.randrange(12), outlet=rng.choice(OUTLETS), words=rng.choice((*SAID, None)))
        for _ in range(rng.randint(1, 3))
    )
    import_sources([(f"{rng.randrange(4)}.jsonl", lines)], store=store, plan=Plan(gate="fast"))


def puts(store: Store, rng: Random) -> None:
    """Put an article that has something of everything, as it is or poorer, and sometimes link it."""
    reading, outlet = by_hand(), rng.choice(OUTLETS)
    article = replace(
        reading.article,
        iri=edition_iri(reading.article.sha256, outlet),
        outlet=Outlet(outlet, "option"),
        title=rng.choice((reading.article.title, "Two sailors held")),
    )
    reading = replace(reading, article=article)
    if rng.random() < 0.5:
        reading = replace(reading, relations=reading.relations[: rng.randint(0, 2)], times=reading.times[:1])
    store.put([to_graph(reading)])
    if rng.random() < 0.5:
        relinks(store, rng)


def removes(store: Store, rng: Random) -> None:
    """Drop an edition; its links stay for a while, or not."""
    editions = [name for name in store.graph_names() if "/edition/" in name.value]
    if editions:
        store.put([], drop=[rng.choice(editions)])
        if rng.random() < 0.5:
            relinks(store, rng)


def relinks(store: Store, rng: Random) -> None:
    """Bring the linking graph up to date, or write it anew."""
    if rng.random() < 0.3:
        store.put([], drop=[NamedNode(f"{store.base_iri}graph/linking")])
    link(store)


def decides(store: Store, rng: Random) -> None:
    """Undo or confirm who is who."""
    rows = list(store.select(f"SELECT ?s ?c {{ ?s {KG.identifiedAs} ?c ; a {KG.Source} }}", trusted=True))
    if rows:
        row = rng.choice(sorted(rows, key=lambda one: str(one["s"])))
        deed = rng.choice((undo_identity, confirm_identity))
        deed(store, str(row["s"]).strip("<>"), str(row["c"]).strip("<>"), Signed.now("desk", "We rang both."))


def quads(store: Store) -> list[Quad]:
    rows = store.select("SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }", trusted=True)
    found = [Quad(*row) for row in rows.rows]  # type: ignore[arg-type]  # all four are bound
    return sorted((q for q in found if not isinstance(q.subject, BlankNode)), key=str)


def writes(store: Store, rng: Random) -> None:
    """Move facts about: some go, some are said of another node, in the same graph, one of the users', or none."""
    found = quads(store)
    if not found:
        return
    gone, come = [], []
    for _ in range(rng.randint(1, 6)):
        one, other = rng.choice(found), rng.choice(found)
        fate = rng.random()
        graph = rng.choice((one.graph_name, other.graph_name, *OWN, DefaultGraph()))
        if fate < 0.3:
            gone.append(one)
        elif fate < 0.6:
            come.append(Quad(other.subject, one.predicate, one.object, graph))
        elif fate < 0.8:
            alike = rng.choice([q for q in found if q.predicate == one.predicate])
            gone.append(one)
            come.append(Quad(one.subject, one.predicate, alike.object, one.graph_name))
        else:
            gone += [q for q in found if q.subject == one.subject and q.graph_name == one.graph_name]
            come += [Quad(q.subject, q.predicate, q.object, graph) for q in gone if rng.random() < 0.5]
    store.update(f"DELETE DATA {{ {_data(gone)} }} ; INSERT DATA {{ {_data(come)} }}", trusted=True)


def _data(quads: list[Quad]) -> str:
    return " ".join(
        f"{q.triple} ." if q.graph_name == DefaultGraph() else f"GRAPH {q.graph_name} {{ {q.triple} }}" for q in quads
    )


def sweeps(store: Store, rng: Random) -> None:
    """Write by patterns, whole graphs, and nodes without a name."""
    edition = rng.choice([name for name in store.graph_names() if "/edition/" in name.value] or [OWN[0]])
    store.update(
        rng.choice(
            (
                f"WITH {edition} DELETE {{ ?s {KG.speaker} ?o }} INSERT {{ ?s {KG.addressee} ?o }} "
                f"WHERE {{ ?s {KG.speaker} ?o }}",
                f"DELETE {{ GRAPH ?g {{ ?s {KG.confidence} ?o }} }} WHERE {{ GRAPH ?g {{ ?s {KG.confidence} ?o }} }}",
                f"COPY {edition} TO {OWN[0]}",
                f"MOVE SILENT {OWN[0]} TO {OWN[1]}",
                f"CLEAR SILENT GRAPH {rng.choice(OWN)}",
                "CLEAR DEFAULT",
                f"INSERT DATA {{ GRAPH {OWN[1]} {{ _:b {KG.name} 'nobody' . _:b a {KG.Actor} , {KG.Source} }} }}",
                f"INSERT {{ GRAPH {OWN[0]} {{ ?s {KG.name} '{rng.choice(HARBOURS)}' }} }} WHERE {{ ?s a {KG.Actor} }}",
            )
        ),
        trusted=True,
    )


DEEDS = (imports, imports, puts, removes, relinks, decides, writes, writes, writes, sweeps)


def mended(root: Path) -> bool:
    """Tell whether the newest index was made of one before."""
    newest = (root / "CURRENT").read_text().strip()
    return bool(list((root / "index").glob(f"*-{newest}.changes")))
