"""The graphs that a change is about to touch enter a note on disk; a writer that finds one takes the change back.

A change from outside is made first and checked by the gate afterwards, before it is published. When the process is
killed in between, the primary store holds what nobody has checked, and the newest generation still what was there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import DefaultGraph, NamedNode

from kg.errors import StoreError
from kg.store.spool import write_durably

NOTE = "unchecked"
#: In a note: any graph may have changed.
ANY = "*"


class Notes:
    """The note of one folder; only its writer uses it."""

    def __init__(self, root: Path) -> None:
        self._path = root / NOTE

    def write(self, names: Iterable[str | None]) -> None:
        """Note the graphs that will change; None is the unnamed one. Durable when it returns."""
        write_durably(self._path, json.dumps(list(names)).encode())

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)

    def settle(self, engine: ox.Store, published: ox.Store | None) -> bool:
        """Make the noted graphs what the published generation says, if there is a note; tells whether there was."""
        if not self._path.exists():
            return False
        try:
            names = json.loads(self._path.read_bytes())
        except ValueError as error:
            raise StoreError(f"{self._path} can't be read: {error}; remove it and run `kg verify`") from error
        if ANY in names and published is not None:
            found = {graph.value for store in (engine, published) for graph in store.named_graphs()}
            names = [*sorted(found), None]
        for name in names if published is not None else ():
            graph = DefaultGraph() if name is None else NamedNode(name)
            drop = "CLEAR DEFAULT" if name is None else f"DROP SILENT GRAPH {graph}"
            assert published is not None
            data = "".join(f"{q.triple} .\n" for q in published.quads_for_pattern(None, None, None, graph))
            inner = data if name is None else f"GRAPH {graph} {{ {data} }}"
            # One string is one transaction.
            engine.update(f"{drop} ; INSERT DATA {{ {inner} }}" if data else drop)
        engine.flush()
        self.clear()
        return True
