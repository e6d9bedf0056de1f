"""The indices of one folder: ``index/N.sqlite`` is that of generation N, so that the two can't be mistaken.

A new one is made of an older one. That of the generation before the last is taken over when nobody reads it: then
nothing is copied, and the cost is that of what changed. ``index/A-B.changes`` says what came and went from generation A
to B. Where something is missing or does not fit, the index is built whole.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kg import crash
from kg.errors import KgError, StoreError
from kg.store.changes import Changes
from kg.store.index.build import build, finish, mend, worth_mending
from kg.store.index.layout import FORMAT
from kg.store.index.reading import Index, open_index
from kg.store.index.rows import Graphs

logger = logging.getLogger("kg")

KEPT = 3  # as many as there are generations


class Indices:
    """The index files beside the generations. Only the writer makes them."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "index"
        self._opened: tuple[int, Index] | None = None
        self._opening = threading.Lock()

    def path(self, number: int) -> Path:
        return self._folder / f"{number}.sqlite"

    def of(self, number: int | None) -> Index | None:
        """Return the index of a generation, or None where there is none: a reader then asks in SPARQL."""
        if number is None:
            return None
        opened = self._opened
        if opened is not None and opened[0] == number:
            return opened[1]
        with self._opening:
            opened = self._opened
            if opened is not None and opened[0] == number:
                return opened[1]
            found = open_index(self.path(number), str(number))
            # The newest is kept open. Older ones are let go when the requests that read them are over.
            if found is not None and (opened is None or opened[0] < number):
                self._opened = number, found
            return found

    def build(self, store: Graphs, number: int) -> None:
        """Build the index of a generation anew. Raises StoreError."""
        self._clear_scratch()
        build(store, self.path(number), generation=str(number))
        self._opened = None
        self._drop_old(number)

    def follow(self, store: Graphs, number: int, *, since: int | None, changes: Changes) -> None:
        """Make the index of a new generation: what changed in that of an earlier one, or a whole one.

        ``since`` is the current generation, from which on ``changes`` are counted. Raises StoreError.
        """
        self._clear_scratch()
        if since is None or not self._worth(since, changes) or not self._made_of(store, number, since, changes):
            # Nothing leads from an older index to this one; what was noted before may be of other generations.
            self._drop_changes()
            build(store, self.path(number), generation=str(number))
        elif since is not None:
            self._keep(since, number, changes)
        crash.point("index-made")
        self._drop_old(number)

    def _worth(self, old: int, changes: Changes) -> bool:
        if changes.unknown or not self.path(old).exists():
            return False
        try:
            with closing(
                sqlite3.connect(f"{self.path(old).resolve().as_uri()}?mode=ro&immutable=1", uri=True)
            ) as index:
                return worth_mending(changes, index)
        except sqlite3.Error:
            return False

    def _made_of(self, store: Graphs, number: int, since: int, changes: Changes) -> bool:
        for old in sorted(self._numbers(), reverse=True):
            if old > since or (whole := self._chain(old, since, changes)) is None:
                continue
            scratch = self.path(number).with_suffix(".sqlite.tmp")
            try:
                with self._free(old) as free:
                    if old == since or not free or not self._worth(old, whole):
                        continue
                    os.replace(self.path(old), scratch)
                    self._mend(store, scratch, old, number, whole)
                return True
            except (OSError, sqlite3.Error, KgError) as error:
                logger.warning("the index of generation %s can't be used again: %s", old, error)
                scratch.unlink(missing_ok=True)
        return self._copy_of(store, number, since, changes)

    def _copy_of(self, store: Graphs, number: int, since: int, changes: Changes) -> bool:
        if not self.path(since).exists():
            return False
        scratch = self.path(number).with_suffix(".sqlite.tmp")
        try:
            shutil.copyfile(self.path(since), scratch)
            self._mend(store, scratch, since, number, changes)
        except (OSError, sqlite3.Error, KgError) as error:
            logger.warning("the index of generation %s can't be copied: %s", since, error)
            scratch.unlink(missing_ok=True)
            return False
        return True

    def _mend(self, store: Graphs, scratch: Path, old: int, number: int, changes: Changes) -> None:
        crash.point("index-taken")
        with closing(sqlite3.connect(scratch)) as database:
            found = dict(database.execute("SELECT key, value FROM meta"))
            wanted = {"format": str(FORMAT), "generation": str(old), "base": store.base_iri}
            if found != wanted:
                raise StoreError(f"it says that it is {found} and not {wanted}")
            mend(database, store, changes, str(number))
        finish(scratch, self.path(number))

    @contextmanager
    def _free(self, number: int) -> Iterator[bool]:
        """Hold the index of a generation, unless somebody reads it: readers hold what they read."""
        descriptor = os.open(self.path(number), os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(descriptor)

    def _chain(self, old: int, since: int, changes: Changes) -> Changes | None:
        """Return what changed from a generation to now; None when that is not known."""
        found = Changes()
        at = old
        while at != since:
            after = next(iter(self._folder.glob(f"{at}-*.changes")), None)
            if after is None:
                return None
            try:
                found = found.then(Changes.load(after.read_bytes()))
                at = int(after.stem.partition("-")[2])
            except (OSError, ValueError, SyntaxError):
                return None
        return found.then(changes)

    def _keep(self, since: int, number: int, changes: Changes) -> None:
        """Write down what changed, for the next use of the index before."""
        self._drop_changes(since)
        scratch = self._folder / f"{since}-{number}.tmp"
        try:
            scratch.write_bytes(changes.dump())
            os.replace(scratch, scratch.with_suffix(".changes"))
        except OSError as error:
            logger.warning("the next index will be copied or built whole: %s", error)

    def _numbers(self) -> list[int]:
        return [int(path.stem) for path in self._folder.glob("*.sqlite") if path.stem.isdigit()]

    def _clear_scratch(self) -> None:
        for left_over in self._folder.glob("*.tmp"):
            left_over.unlink()

    def _drop_old(self, number: int) -> None:
        """Drop the indices of generations that are gone."""
        for old in self._numbers():
            if old <= number - KEPT:
                self.path(old).unlink(missing_ok=True)
        for path in self._folder.glob("*.changes"):
            if int(path.stem.partition("-")[0]) <= number - KEPT:
                path.unlink()

    def _drop_changes(self, since: int | None = None) -> None:
        """Drop what changed from a generation on, from any by default."""
        for stale in self._folder.glob("*.changes" if since is None else f"{since}-*.changes"):
            stale.unlink()
