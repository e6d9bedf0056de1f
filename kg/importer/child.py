"""A process of its own: tasks enter by a pipe, answers leave by another, and no task takes more than its bounds.

The parent (:mod:`kg.importer.children`) starts it, keeps the clock, and kills it when the time is over. It ends when
its input does, when its parent is gone, or after five idle minutes.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import struct
import threading
import time
from collections.abc import Iterator
from itertools import count
from typing import Any, BinaryIO

from kg.articles import Options
from kg.importer.bounds import Bounds, bound_task, memory_of, no_core_dump, unbound
from kg.importer.loading import Item, load_items

IDLE_SECONDS = 300
# What one answer of a file that is being loaded may hold, so that the clock starts anew and nothing piles up.
MOST_ITEMS, MOST_BYTES, MOST_SECONDS = 64, 4_000_000, 0.5
_LENGTH = struct.Struct(">Q")

OK, NO_MEMORY, FAILED = "ok", "no memory", "failed"


def send(out: BinaryIO, value: object) -> None:
    """Write one message: its length, then its pickle."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    out.write(_LENGTH.pack(len(data)))
    out.write(data)
    out.flush()


def receive(source: BinaryIO) -> Any:
    """Read one message. Raises EOFError when the other side is gone."""
    return pickle.loads(_exactly(source, _LENGTH.unpack(_exactly(source, _LENGTH.size))[0]))


def _exactly(source: BinaryIO, size: int) -> bytearray:
    # Unbuffered, so that no byte of the next message waits where select() does not see it.
    data = bytearray(size)
    view, filled = memoryview(data), 0
    while filled < size:
        read = source.readinto(view[filled:])  # type: ignore[attr-defined]  # a RawIOBase
        if not read:
            raise EOFError
        filled += read
    return data


def main() -> None:
    """Serve until the input ends."""
    source, out = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb")
    # What a library prints must not stand between two messages.
    os.dup2(2, 1)
    no_core_dump()
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    bounds: Bounds = receive(source)
    tasks = _Tasks(bounds)
    while select.select([source], [], [], IDLE_SECONDS)[0]:
        try:
            name, values = receive(source)
        except EOFError:
            break
        try:
            unbound()
            tasks.prepare(name, values)
            bound_task(bounds)
            answer = (OK, getattr(tasks, name)(*values))
        except MemoryError:
            answer = (NO_MEMORY, None)
        except Exception as error:  # noqa: BLE001 -- the boundary: told to the parent, which refuses the article
            answer = (FAILED, f"{type(error).__name__}: {error}")
        unbound()
        send(out, (*answer, memory_of(os.getpid())[1]))
    os._exit(0)


def _watch(parent: int) -> None:
    """End this process when its parent is gone, also in the middle of a task."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


class _Tasks:
    """What a child can do: work on an article, and load a file piece by piece."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._items: Iterator[Item] = iter(())
        self._warm: set[tuple[str, str, bool]] = set()

    def prepare(self, name: str, values: tuple[Any, ...]) -> None:
        """Load what is shared by all articles before the bounds of one begin: the model, the shapes."""
        if name == "work" and values[1:] not in self._warm:
            from kg.gate import open_engine
            from kg.importer.work import HOUSE_READER, open_reader

            open_reader(values[1])
            open_engine(values[2])
            if values[1] == HOUSE_READER and values[3]:
                from kg.reading.parser import load

                load(os.environ.get("KG_MODEL") or None)
            # What lives as long as the process is not to be looked through for each article.
            gc.collect()
            gc.freeze()
            self._warm.add(values[1:])

    def work(self, content: bytes, reader: str, gate: str, must_read: bool) -> object:
        """Read, map and check one pickled article; returns a Done."""
        from kg.importer.work import work

        return work(pickle.loads(content), reader=reader, gate=gate, bounds=self._bounds)

    def open(self, raw: bytes, origin: str, options: Options, base_iri: str, reader: str) -> None:
        """Begin with a file."""
        self._items = load_items(raw, origin=origin, options=options, base_iri=base_iri, reader=reader)

    def more(self) -> tuple[list[Item], bool]:
        """Return the next items of the file, and whether there may be more."""
        items: list[Item] = []
        started, size = time.monotonic(), 0
        for number in count(1):
            item = next(self._items, None)
            if item is None:
                return items, False
            items.append(item)
            size += len(getattr(item, "content", b""))
            if number >= MOST_ITEMS or size > MOST_BYTES or time.monotonic() - started > MOST_SECONDS:
                return items, True
        raise AssertionError("unreachable")
