"""An edition's IRI enters; no file of the store holds a byte of it any more, and what else may hold it is named.

A dropped graph stays in the engine's files, in its log and in every generation; a deleted row stays in the journal's
free pages. So all of them are written anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.errors import NotFound, UsageError
from kg.store.backup import known
from kg.store.base import Store
from kg.store.generations import Generations
from kg.store.lock import held
from kg.store.mend import rebuild, swap
from kg.store.oxigraph import DiskStore


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge did. ``siblings`` came in the same file, whose bytes are gone: they can't be read again.

    ``backups`` are (path, time) of those that were made of this store and may hold the edition.
    """

    edition: str
    quads: int
    siblings: tuple[str, ...]
    backups: tuple[tuple[str, str], ...]


def purge(open_writer: Callable[[], Store], edition: str, *, relink: Callable[[Store], object]) -> Purged:
    """Remove an edition and every byte of it; ``relink`` computes what the others say together anew.

    The store is opened, and opened again behind the swap, by ``open_writer``. A server's own files are its
    operator's: there the graph is dropped, no more. Raises NotFound for an edition that neither store nor journal has.
    """
    try:
        name = NamedNode(edition)
    except ValueError as error:
        raise UsageError(f"{edition!r} is no IRI ({error}); `kg query` finds the IRIs of editions") from error
    store = open_writer()
    try:
        entry = store.journal.entry(edition)
        quads = len(store.graph(name))
        if entry is None and not quads:
            raise NotFound(f"{store.url} holds no edition {edition}; `kg query` finds the IRIs of editions")
        if edition.startswith(f"{store.base_iri}graph/"):
            raise UsageError(f"{edition} is shared by all editions and is not purged; name an edition")
        siblings: tuple[str, ...] = ()
        if entry is not None:
            siblings = tuple(e.iri for e in store.journal.by_raw(entry.raw_sha256) if e.iri != edition)
            store.spool.drop(entry.raw_sha256)
        store.put([], drop=[name, NamedNode(f"{store.base_iri}graph/linking")])
        store.journal.forget([edition])
        store.journal.scrub()
        relink(store)
        if isinstance(store, DiskStore):
            _rewrite(store)
            store = open_writer()
        store.publish()
        backups = tuple(known(store.root)) if store.root else ()
        return Purged(edition, quads, siblings, backups)
    finally:
        store.close()


def _rewrite(store: DiskStore) -> None:
    """Write the engine's files anew; remove every generation, and what is made from them: index, notes of linking."""
    root = store.root
    rebuild(root, (store.graph(name) for name in store.graph_names()))
    with held(root):
        store.close()
        swap(root)
        Generations(root).clear()
        for path in [*root.glob("index*"), *root.glob("linking.sqlite*"), *root.glob("*.damaged")]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
