"""A writer's store goes in; out comes a numbered, read-only copy of one moment, which readers follow.

``generations/N`` is a hard-link checkpoint (milliseconds, some 50 kB of its own); the text file ``CURRENT`` names the
newest and is swapped by a rename. A generation never changes, so a reader never sees half an article. One that is
removed while a reader has it open goes on answering.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox

from kg import crash
from kg.errors import StoreError
from kg.store.spool import fsync_directory, write_durably

KEPT = 3

Stamp = tuple[int, int]


class Generations:
    """The generations under one folder. Only the writer calls :meth:`publish`."""

    def __init__(self, root: Path) -> None:
        self._root = root / "generations"
        self._current = root / "CURRENT"

    def stamp(self) -> Stamp | None:
        """Return what changes when another generation becomes current (microseconds); None before the first."""
        try:
            found = self._current.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def current(self) -> int | None:
        """Return the number of the newest good generation, or None. Raises StoreError when CURRENT holds no number."""
        try:
            text = self._current.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        if not text.isdigit():
            raise StoreError(f"{self._current} should hold a number and holds {text[:40]!r}; run `kg verify`")
        return int(text)

    def path(self, number: int) -> Path:
        return self._root / str(number)

    def open(self) -> tuple[int, ox.Store, Stamp]:
        """Open the newest generation for reading; returns its number, the store and the stamp it was found under.

        Raises StoreError when there is none, or when it does not open.
        """
        # A writer that publishes quickly may remove the generation between our reading of CURRENT and our opening.
        for last_try in (False, False, True):
            stamp, number = self.stamp(), self.current()
            if stamp is None or number is None:
                raise StoreError(f"{self._root.parent} holds no published data yet; run `kg import` on it")
            try:
                return number, ox.Store.read_only(str(self.path(number))), stamp
            except (OSError, RuntimeError) as error:
                if last_try or self.current() == number:
                    raise StoreError(f"{self.path(number)} can't be opened: {error}; run `kg verify`") from error
        raise AssertionError("unreachable")

    def publish(self, store: ox.Store, *, before: Callable[[int], None] = lambda number: None) -> int:
        """Make the next generation of a flushed store, point CURRENT at it, keep the last three; returns its number.

        ``before`` is called with the number when the generation is whole, before readers are shown to it.
        Raises StoreError; then CURRENT is as it was.
        """
        number = max(self._numbers(), default=0) + 1
        scratch = self._root / f"{number}.tmp"
        try:
            self._root.mkdir(exist_ok=True)
            for left_over in self._root.glob("*.tmp"):
                shutil.rmtree(left_over)
            store.backup(str(scratch))
            scratch.rename(self.path(number))
            fsync_directory(self._root)
            crash.point("generation")
        except (OSError, RuntimeError) as error:
            raise StoreError(f"generation {number} can't be written under {self._root}: {error}") from error
        before(number)
        write_durably(self._current, f"{number}\n".encode())
        for old in sorted(self._numbers())[:-KEPT]:
            shutil.rmtree(self.path(old), ignore_errors=True)
        return number

    def _numbers(self) -> list[int]:
        if not self._root.exists():
            return []
        return [int(name) for name in os.listdir(self._root) if name.isdigit()]
