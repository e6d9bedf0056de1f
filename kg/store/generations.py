"""A writer's store goes in; out comes a numbered, read-only copy of one moment, which readers follow.

``generations/N`` is a hard-link checkpoint (milliseconds, some 50 kB of its own); the text file ``CURRENT`` names the
newest and is swapped by a rename. A generation never changes, so a reader never sees half an article. The last three
are kept, and older ones for as long as a reader holds them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox

from kg import crash
from kg.errors import StoreError
from kg.store.journal import Journal
from kg.store.spool import fsync_directory, write_durably

KEPT = 3
#: A file in the store's folder that stands there while the writer's store may hold what no generation does.
DIRTY = "unpublished"

Stamp = tuple[int, int]


class Generations:
    """The generations under one folder. Only the writer calls :meth:`publish`."""

    def __init__(self, root: Path) -> None:
        self._root = root / "generations"
        self._current = root / "CURRENT"
        self._kept: tuple[int, int] | None = None
        self._held: int | None = None

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
            lease: int | None = None
            try:
                lease = self._lease(number)
                opened = ox.Store.read_only(str(self.path(number)))
                # Until now the one before was held; queries that still run on it have its files open.
                self.release()
                self._held, lease = lease, None
                return number, opened, stamp
            except (OSError, RuntimeError) as error:
                if last_try or self.current() == number:
                    raise StoreError(f"{self.path(number)} can't be opened: {error}; run `kg verify`") from error
            finally:
                if lease is not None:
                    os.close(lease)
        raise AssertionError("unreachable")

    def newest_first(self) -> list[int]:
        """Return the numbers of all generations, the current one first, then the others from new to old."""
        try:
            current = self.current()
        except StoreError:
            current = None
        return sorted(self._numbers(), key=lambda number: (number != current, -number))

    def journal(self, number: int) -> Path:
        """Return where the journal of a generation's moment is kept."""
        return self._root / f"{number}.journal"

    def clear(self) -> None:
        """Remove every generation: what they hold must not be read again."""
        self._current.unlink(missing_ok=True)
        shutil.rmtree(self._root, ignore_errors=True)

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
                shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
            store.backup(str(scratch))
            scratch.rename(self.path(number))
            fsync_directory(self._root)
            crash.point("generation")
        except (OSError, RuntimeError) as error:
            raise StoreError(f"generation {number} can't be written under {self._root}: {error}") from error
        before(number)
        write_durably(self._current, f"{number}\n".encode())
        for old in sorted(self._numbers())[:-KEPT]:
            self._remove(old)
        return number

    def release(self) -> None:
        """Let go of the generation that :meth:`open` opened; it may be removed from now on."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _lease(self, number: int) -> int:
        """Hold a generation: it is not removed until the descriptor that is returned is closed, or the process ends."""
        descriptor = os.open(self.path(number), os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    def _remove(self, number: int) -> None:
        """Remove a generation, unless a reader holds it."""
        try:
            descriptor = os.open(self.path(number), os.O_RDONLY)
        except FileNotFoundError:
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(self.path(number), ignore_errors=True)
            self.journal(number).unlink(missing_ok=True)
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)

    def keep(self, journal: Journal, number: int) -> None:
        """Copy the journal beside a generation, from which a damaged one can be mended.

        An unchanged one is linked to the copy of the generation before.
        """
        before, changes = self._kept or (0, -1)
        if changes == journal.changes and self.journal(before).exists():
            self.journal(number).unlink(missing_ok=True)
            os.link(self.journal(before), self.journal(number))
        else:
            journal.snapshot(self.journal(number))
        self._kept = number, journal.changes

    def _numbers(self) -> list[int]:
        if not self._root.exists():
            return []
        return [int(name) for name in os.listdir(self._root) if name.isdigit()]
