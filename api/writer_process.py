"""Changes enter on standard input, one after another; their outcomes, as JSON, leave on standard output.

    python -m api.writer_process STORE MEMORY

The store is opened with the first change and given back when somebody else waits for it, or after a second without a
change. A process that died may be asked, through the next one, what became of its change. There is no network here.
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
from api.writer import PATIENCE
from kg import writing
from kg.errors import KgError, StoreBusy, StoreError
from kg.store import Store, open_in_turn, queue
from kg.store.unchecked import Notes
from kg.writing import Change, Outcome

#: Seconds without a change after which the store is given back.
IDLE = 1.0
#: Seconds between two looks whether somebody else waits for the store.
LOOK = 0.02


class Clerk:
    """Holds the store while there are changes, and until others wait for it."""

    def __init__(self, root: Path, memory: int) -> None:
        self._root = root
        self._memory = memory
        self._notes = Notes(root)
        self._store: Store | None = None

    def serve(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        while True:
            self._wait(incoming)
            head = incoming.read(4)
            if len(head) < 4:
                return
            what, told = pickle.loads(incoming.read(int.from_bytes(head)))
            answer = orjson.dumps(self.became(told) if what == "became" else self.answer(told))
            outgoing.write(len(answer).to_bytes(4) + answer)
            outgoing.flush()

    def _wait(self, incoming: BinaryIO) -> None:
        """Wait for the next change; whoever waits for the store meanwhile, or comes after a second, gets it."""
        until = time.monotonic() + IDLE
        while self._store is not None:
            # Asked after each change: one who came before the next one goes before it.
            if queue.anybody(self._root) or time.monotonic() > until:
                self.give_back()
            elif select.select([incoming], [], [], LOOK)[0]:
                return

    def answer(self, change: Change) -> dict[str, Any]:
        """Make a change; returns its outcome, or the status and words of a refusal."""
        try:
            outcome = writing.apply(self._open(), change, notes=self._notes)
        except StoreBusy:
            return {"status": 503, "detail": "Somebody else writes to the store at the moment; try again"}
        except StoreError as error:
            print(error, file=sys.stderr)  # its words hold paths of this machine
            self.give_back()  # what was not checked is taken back when it is opened again
            return {"status": 503, "detail": "The store can't be written at the moment; nothing was changed"}
        except KgError as error:
            return {"status": error.http_status, "detail": str(error)}
        return self._finish(outcome)

    def became(self, change: str) -> dict[str, Any]:
        """Return the outcome of a change whose process died, nothing when it left nothing, or a status."""
        try:
            store = self._open()
        except StoreError as error:
            print(error, file=sys.stderr)
            return {"status": 503, "detail": "The store can't be opened at the moment"}
        if (landed := self._notes.landed(change)) is not None:
            return self._finish(Outcome(landed.existed, landed.triples, store.version()))
        return self._finish(Outcome(True, 0, store.version())) if store.journal.hand.knows(change) else {}

    def _finish(self, outcome: Outcome) -> dict[str, Any]:
        assert self._store is not None
        try:
            return asdict(writing.finish(self._store, outcome))
        except KgError as error:
            print(error, file=sys.stderr)
            self.give_back()
            detail = "The change was made, but readers can't be shown it yet; they see it with the next one"
            return {"status": 503, "detail": detail}

    def give_back(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _open(self) -> Store:
        if self._store is None:
            self._store = open_in_turn(str(self._root), patience=PATIENCE)
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
