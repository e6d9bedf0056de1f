"""A store enters; what in it is not as it should be leaves, and with ``repair`` what can be mended is.

The invariants are those of docs/operate.md: the journal is the truth about what must be there, the spool about what
was received; every graph's digest is computed anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode

from kg.errors import KgError, NotFound, StoreError
from kg.graph import ArticleGraph
from kg.store.base import Store
from kg.store.fault import Fault, Invariant
from kg.store.generations import Generations
from kg.store.journal import Entry, Receipt
from kg.store.oxigraph import DiskStore
from kg.vocab import KG


def verify(store: Store, *, repair: bool = False) -> list[Fault]:
    """Check every graph, journal entry and spool file; cost: one reading of all quads.

    With ``repair`` a wrong graph is taken from the newest generation that has it right, else its article is set back
    to "received", and the next `kg import` reads it again from the spool. What nobody knows of is never thrown away,
    unless it claims to be an edition.
    """
    check = _Check(store, repair)
    faults = [*check.graphs(), *check.entries(), *check.spool(), *check.published()]
    if repair and check.changed:
        store.publish()
    return faults


class _Check:
    def __init__(self, store: Store, repair: bool) -> None:
        self.store = store
        self.repair = repair
        self.changed = False
        self.entries_by_iri = {entry.iri: entry for entry in store.journal.all()}
        self.by_hand = store.journal.hand.all()
        self.found: dict[str, str] = {}
        self.older = _older(store)

    def graphs(self) -> Iterator[Fault]:
        """I3: no edition unknown to the journal; I4: no quads of what was refused; I9: spans say what stands there."""
        editions = f"{self.store.base_iri}edition/"
        for name in self.store.graph_names():
            graph = self.store.graph(name)
            self.found[name.value] = graph.digest()
            entry = self.entries_by_iri.get(name.value)
            if entry is None and name.value.startswith(editions):
                yield self._drop(graph, "I3", "the journal knows nothing of this edition")
            elif entry is not None and entry.state == "quarantined":
                yield self._drop(
                    graph, "I4", f"it was refused ({entry.reason}) and has {len(graph)} quads all the same"
                )
            elif entry is not None and entry.digest in (None, self.found[name.value]):
                yield from _spans(graph)

    def entries(self) -> Iterator[Fault]:
        """I2: what is committed stands in the store, with the journal's digest."""
        for entry in self.entries_by_iri.values():
            if entry.state == "committed" and (found := self.found.get(entry.iri)) != entry.digest:
                fact = (
                    "the graph is missing"
                    if found is None
                    else f"its digest is {found}, the journal has {entry.digest}"
                )
                hand = self.by_hand.get(entry.iri)
                yield self._restore(entry, f"{fact} (changed by hand by {hand.by} on {hand.time})" if hand else fact)

    def spool(self) -> Iterator[Fault]:
        """I1 and I7: the bytes of every article are in the spool, unchanged; and the journal knows all of them."""
        for sha256 in sorted({entry.raw_sha256 for entry in self.entries_by_iri.values()}):
            iris = [entry.iri for entry in self.store.journal.by_raw(sha256)]
            try:
                self.store.spool.get(sha256)
            except (NotFound, StoreError) as error:
                yield Fault(
                    "I7", f"spool {sha256}", f"{error}; {len(iris)} articles came in it",
                    way_out="import the file again; until then these can't be read again",
                )  # fmt: skip
        known = {entry.raw_sha256 for entry in self.entries_by_iri.values()}
        for sha256 in self.store.spool:
            if sha256 not in known:
                yield Fault(
                    "I1",
                    f"spool {sha256}",
                    "the journal knows nothing of these bytes: their import was cut off before it had them for sure",
                    way_out="import the file again, or remove it from the spool",
                )

    def published(self) -> Iterator[Fault]:
        """I6: what readers see is what the writer has."""
        if not isinstance(self.store, DiskStore) or self.changed:
            return
        number, engine, _ = Generations(self.store.root).open()
        seen, held = len(engine), self.store.count()
        if seen != held:
            if self.repair:
                self.store.republish()
            yield Fault(
                "I6",
                f"generation {number}",
                f"readers see {seen} quads of {held}",
                "a new generation was published" if self.repair else None,
            )

    def _drop(self, graph: ArticleGraph, invariant: Invariant, fact: str) -> Fault:
        if not self.repair:
            return Fault(invariant, graph.name.value, fact)
        self.store.put([], drop=[graph.name, *self._linking()])
        self.changed = True
        return Fault(invariant, graph.name.value, fact, "its graph was dropped; import the file if it is wanted")

    def _restore(self, entry: Entry, fact: str) -> Fault:
        if not self.repair:
            return Fault("I2", entry.iri, fact)
        self.changed = True
        name = NamedNode(entry.iri)
        for engine in self.older:
            graph = engine.graph(name)
            if graph.digest() == entry.digest:
                self.store.put([graph])
                return Fault("I2", entry.iri, fact, "taken from an earlier generation")
        self.store.put([], drop=[name, *self._linking()])
        self.store.journal.received([_receipt(entry)])
        if entry.raw_sha256 in self.store.spool:
            return Fault(
                "I2", entry.iri, fact, "set back to received; the next `kg import` reads it again from the spool"
            )
        return Fault(
            "I2", entry.iri, fact, None, "neither an earlier generation nor the spool has it: import the file again"
        )

    def _linking(self) -> list[NamedNode]:
        """Without its linking graph a store says that it must be linked again."""
        return [NamedNode(f"{self.store.base_iri}graph/linking")]


def _spans(graph: ArticleGraph) -> Iterator[Fault]:
    """I9: every mention's words are the slice of its edition's text at its offsets."""
    texts = [t.object for t in graph.triples if t.predicate == KG.text and t.subject == graph.name]
    text = next((term.value for term in texts if isinstance(term, RdfLiteral)), None)
    spans: dict[object, dict[NamedNode, str]] = {}
    for triple in graph.triples:
        if triple.predicate in (KG.start, KG.end, KG.exact) and isinstance(triple.object, RdfLiteral):
            spans.setdefault(triple.subject, {})[triple.predicate] = triple.object.value
    for mention, span in spans.items():
        if text is None or KG.exact not in span or KG.start not in span:
            continue
        start = int(span[KG.start])
        end = int(span.get(KG.end, start + len(span[KG.exact])))
        if text[start:end] != span[KG.exact]:
            yield Fault(
                "I9", str(mention), f"it says {span[KG.exact][:80]!r}, the text {text[start:end][:80]!r}",
                way_out="the reader that made it is wrong: import the file again with a newer one (--replace)",
            )  # fmt: skip


class _Generation:
    """One older generation, read graph by graph."""

    def __init__(self, path: Path) -> None:
        self._engine = ox.Store.read_only(str(path))

    def graph(self, name: NamedNode) -> ArticleGraph:
        try:
            quads = list(self._engine.quads_for_pattern(None, None, None, name))
        except (OSError, RuntimeError):  # a damaged block of this generation
            quads = []
        return ArticleGraph(name, frozenset(quad.triple for quad in quads))


def _older(store: Store) -> list[_Generation]:
    """Open all generations that open, the newest first."""
    if store.root is None:
        return []
    generations = Generations(store.root)
    found = []
    for number in generations.newest_first():
        try:
            found.append(_Generation(generations.path(number)))
        except (OSError, RuntimeError, KgError):
            continue
    return found


def _receipt(entry: Entry) -> Receipt:
    return Receipt(entry.iri, entry.raw_sha256, entry.text_sha256, entry.origin, entry.outlet, entry.given)
