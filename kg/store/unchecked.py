"""The graphs that a change is about to touch enter a note on disk; a writer that finds one takes the change back.

A change from outside is made first and checked by the gate afterwards, before it is published. When the process is
killed in between, the primary store holds what nobody has checked, and the newest generation still what was there.
Beside it stands a list of the last changes that passed: by it whoever survives a writer can tell what became of one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from pyoxigraph import DefaultGraph, NamedNode

from kg.errors import StoreError
from kg.store.spool import write_durably

NOTE = "unchecked"
PASSED = "passed"
#: In a note: any graph may have changed.
ANY = "*"
KEPT = 50  # changes that are remembered


@dataclass(frozen=True, slots=True)
class Landed:
    """What a change that passed did: whether the graph that it names was there before, how many triples it now has."""

    existed: bool
    triples: int


class Notes:
    """The notes of one folder; only its writer writes them."""

    def __init__(self, root: Path) -> None:
        self._path = root / NOTE
        self._passed = root / PASSED

    def write(self, names: Iterable[str | None], *, change: str = "") -> None:
        """Note the graphs that a change will touch; None is the unnamed one. Durable when it returns."""
        write_durably(self._path, json.dumps({"change": change, "graphs": list(names)}).encode())

    def passed(self, change: str, landed: Landed) -> None:
        """Note that a change stands. Durable when it returns."""
        known = [*self._known(), [change, landed.existed, landed.triples]]
        write_durably(self._passed, json.dumps(known[-KEPT:]).encode())

    def landed(self, change: str) -> Landed | None:
        """Return what a change did, when it passed, as one of the last; None when it did not."""
        for name, existed, triples in self._known():
            if name == change:
                return Landed(bool(existed), int(triples))
        return None

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)

    def settle(
        self, engine: ox.Store, published: ox.Store | None, *, stands: Callable[[str], bool] = lambda change: False
    ) -> bool:
        """Make the noted graphs what the published generation says, if there is a note; tells whether there was.

        A change that passed, or that ``stands`` by what else is known of it, is left as it is.
        """
        if not self._path.exists():
            return False
        found: Any = _read(self._path)
        change, names = found["change"], found["graphs"]
        if change and (self.landed(change) is not None or stands(change)):
            self.clear()
            return True
        if ANY in names and published is not None:
            known = {graph.value for store in (engine, published) for graph in store.named_graphs()}
            names = [*sorted(known), None]
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

    def _known(self) -> list[Any]:
        return list(_read(self._passed)) if self._passed.exists() else []


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise StoreError(f"{path} can't be read: {error}; remove it and run `kg verify`") from error
