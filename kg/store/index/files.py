"""The indices of one folder: ``index/N.sqlite`` is that of generation N, so that the two can't be mistaken."""

from __future__ import annotations

import threading
from pathlib import Path

from kg.store.index.build import Graphs, build
from kg.store.index.reading import Index, open_index

KEPT = 3  # as many as there are generations


class Indices:
    """The index files beside the generations. Only the writer builds."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "index"
        self._opened: dict[int, Index] = {}
        self._opening = threading.Lock()

    def path(self, number: int) -> Path:
        return self._folder / f"{number}.sqlite"

    def of(self, number: int | None) -> Index | None:
        """Return the index of a generation, or None where there is none: a reader then asks in SPARQL."""
        if number is None:
            return None
        found = self._opened.get(number)
        if found is None:
            with self._opening:
                found = self._opened.get(number) or open_index(self.path(number), str(number))
                if found is not None:
                    self._opened = {n: one for n, one in self._opened.items() if n > number - KEPT} | {number: found}
        return found

    def build(self, store: Graphs, number: int) -> None:
        """Build the index of a generation anew and drop those of generations that are gone. Raises StoreError."""
        for left_over in self._folder.glob("*.tmp"):
            left_over.unlink()
        build(store, self.path(number), generation=str(number))
        self._opened.pop(number, None)
        for path in self._folder.glob("*.sqlite"):
            if path.stem.isdigit() and int(path.stem) <= number - KEPT:
                path.unlink(missing_ok=True)
