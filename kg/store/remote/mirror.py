"""A server's store enters; for as long as its index is built, a copy of it in an engine of our own leaves.

The index asks some hundred questions that no other engine answers to the letter (a computed boolean is an integer in
Virtuoso). Copying the graphs once costs less than their differences.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from kg.store.base import Store
from kg.store.oxigraph import MemoryStore


@contextmanager
def mirror(store: Store, folder: Path) -> Iterator[Store]:
    """Give a store that holds what ``store`` does, kept in ``folder`` meanwhile: some 350 bytes of disk a quad."""
    path = folder / "mirror.tmp"
    shutil.rmtree(path, ignore_errors=True)
    engine = ox.Store(str(path))
    copied = MemoryStore(store.url, store.base_iri, engine=engine)
    try:
        for name in store.graph_names():
            engine.extend(store.graph(name).quads())
        yield copied
    finally:
        copied.close()
        del engine
        gc.collect()
        shutil.rmtree(path, ignore_errors=True)
