"""Changes enter on standard input, one after another; their outcomes, as JSON, leave on standard output.

    python -m api.writer_process STORE MEMORY

The store is opened with the first change and given back after a second without one. The process has no network.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from api import sandbox
from kg import writing
from kg.errors import KgError, StoreError
from kg.store import Store, open_store
from kg.store.unchecked import Notes
from kg.writing import Change

#: Seconds without a change after which others may write.
IDLE = 1.0
#: Seconds that a change waits for a `kg import` to end.
PATIENCE = 3.0


class Clerk:
    """Holds the store while there are changes."""

    def __init__(self, root: Path, memory: int) -> None:
        self._root = root
        self._memory = memory
        self._store: Store | None = None

    def serve(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        while True:
            if self._store is not None and not select.select([incoming], [], [], IDLE)[0]:
                self.give_back()
            head = incoming.read(4)
            if len(head) < 4:
                return
            change = pickle.loads(incoming.read(int.from_bytes(head)))
            answer = orjson.dumps(self.answer(change))
            outgoing.write(len(answer).to_bytes(4) + answer)
            outgoing.flush()

    def answer(self, change: Change) -> dict[str, Any]:
        try:
            store = self._open()
            outcome = writing.apply(store, change, notes=Notes(self._root))
            store.publish()
            return {**asdict(outcome), "version": store.version()}
        except StoreError as error:
            print(error, file=sys.stderr)  # its words hold paths of this machine
            return {"status": 503, "detail": "Somebody else writes to the store at the moment; try again"}
        except KgError as error:
            return {"status": error.http_status, "detail": str(error)}

    def give_back(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _open(self) -> Store:
        if self._store is None:
            until = time.monotonic() + PATIENCE
            while True:
                try:
                    self._store = open_store(str(self._root))
                    break
                except StoreError:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.05)
            self._store.publish()  # what an import left unpublished is not this change's to take back
            _limit_memory(self._memory)
        return self._store


def _limit_memory(more: int) -> None:
    if sys.platform == "linux":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + more, hard))


def main(root: Path, memory: int) -> None:
    sandbox.die_with_parent()
    sandbox.confine(None, writing=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Unbuffered: select sees only what Python has not read ahead.
    with os.fdopen(0, "rb", buffering=0) as incoming, os.fdopen(1, "wb") as outgoing:
        Clerk(root, memory).serve(_Whole(incoming), outgoing)  # type: ignore[arg-type]


class _Whole:
    """A pipe whose reads are never short of what was asked for, unless it has ended."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe

    def fileno(self) -> int:
        return int(self._pipe.fileno())

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (piece := self._pipe.read(size - len(data))):
            data += piece
        return data


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
