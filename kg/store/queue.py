"""A writer that waits for a store enters; writers leave one after another, in the order in which they came.

Each puts a file named by the time of its coming into ``DIR/waiting`` and holds it locked for as long as it waits, so
that one that is killed waits no longer. Who holds the store looks whether anybody waits, and gives it back.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from kg.errors import StoreError
from kg.store.meta import META

FOLDER = "waiting"
_numbers = count()


class Place:
    """One writer's place in the queue of a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name

    def is_first(self) -> bool:
        """Tell whether nobody who came earlier waits still."""
        return next(_waiting(self._folder, before=self._name), None) is None


@contextmanager
def waiting(root: Path) -> Iterator[Place]:
    """Wait in the queue of a store's folder until the block ends. Raises StoreError when it can't be written."""
    folder = root / FOLDER
    name = f"{time.time_ns():020}-{os.getpid()}-{next(_numbers)}"
    scratch = folder / f"{name}.tmp"
    try:
        folder.mkdir(exist_ok=True)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise StoreError(f"{folder} can't be written: {error.strerror or error}") from error
    try:
        # Locked before it has its name: one without a lock is taken for a dead writer's.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        scratch.rename(folder / name)
        yield Place(folder, name)
    finally:
        scratch.unlink(missing_ok=True)
        (folder / name).unlink(missing_ok=True)
        os.close(descriptor)


def anybody(root: Path) -> bool:
    """Tell whether a writer waits for the store in a folder."""
    return next(_waiting(root / FOLDER), None) is not None


def has_queue(root: Path) -> bool:
    """Tell whether a folder is a store already: one that is not made yet has nobody to wait for."""
    return (root / META).exists()


def _waiting(folder: Path, *, before: str = "") -> Iterator[str]:
    """Yield the names of those that wait, in order, and remove what the dead left."""
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return
    for name in names:
        if before and name >= before:
            return
        if not name.endswith(".tmp") and _lives(folder / name):
            yield name


def _lives(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
