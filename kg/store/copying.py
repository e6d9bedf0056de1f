"""Two stores enter; the second holds what the first does, graph by graph, and says so by the same digest."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from kg.errors import StoreError, UsageError
from kg.graph import ArticleGraph
from kg.store.base import Store

BATCH = 50  # graphs a flush, as in an import


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied; ``digest`` is that of :func:`digest`."""

    graphs: int
    quads: int
    digest: str


def digest(store: Store) -> str:
    """Return the sha256 of all quads as ``kg export`` writes them: sorted graphs, sorted lines. Reads every graph."""
    total = hashlib.sha256()
    for name in store.graph_names():
        total.update(store.graph(name).nquads().encode())
    return total.hexdigest()


def copy(source: Store, target: Store) -> Copied:
    """Copy all graphs, the journal and the spool to an empty store, publish, and compare the digests.

    The target is empty or holds a part of the source (a copy that was cut off is taken up). Raises UsageError for
    any other, StoreError when what was read back is not what was sent.
    """
    if source.base_iri != target.base_iri:
        raise UsageError(f"{target.url} has the base IRI {target.base_iri}, {source.url} has {source.base_iri}")
    if foreign := set(target.graph_names()) - set(source.graph_names()):
        raise UsageError(
            f"{target.url} holds {len(foreign)} graphs that {source.url} does not, {min(map(str, foreign))} among "
            "them; copy to an empty store"
        )
    for sha256 in source.spool:
        target.spool.put(source.spool.get(sha256))
    quads = put_all(target, (source.graph(name) for name in source.graph_names()))
    with tempfile.TemporaryDirectory() as folder:
        source.journal.snapshot(Path(folder) / "journal.sqlite")
        target.journal.restore(Path(folder) / "journal.sqlite")
    target.publish()
    sent, found = digest(source), digest(target)
    if sent != found:
        raise StoreError(
            f"{target.url} does not hold what was sent (digest {found}, not {sent}); run `kg verify` on it"
        )
    return Copied(len(source.graph_names()), quads, found)


def put_all(target: Store, graphs: Iterable[ArticleGraph]) -> int:
    """Put graphs in batches; returns how many quads they have. Memory: one batch."""
    quads = 0
    for batch in batches(graphs):
        target.put(batch)
        quads += sum(map(len, batch))
    return quads


def batches(graphs: Iterable[ArticleGraph]) -> Iterator[list[ArticleGraph]]:
    """Yield lists of at most BATCH graphs."""
    waiting = iter(graphs)
    while batch := list(islice(waiting, BATCH)):
        yield batch
