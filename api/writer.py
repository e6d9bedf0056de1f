"""Changes enter, one after another; their outcomes leave, from a process or, for a store in memory, from a thread.

On disk the writer is a process (:mod:`api.writer_process`) that holds the store's lock only while there is something to
write, so that `kg import` gets its turn; a change that takes too long or too much memory takes only that process along.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Protocol

import orjson

from api.limits import Limits, Runner, busy
from api.problems import Refusal
from kg import writing
from kg.store.base import Store
from kg.writing import Change, Outcome


class Writer(Protocol):
    """Makes changes, one at a time."""

    async def apply(self, change: Change) -> Outcome:
        """Make a change. Raises KgError or Refusal: then nothing was changed, unless it is a Refusal 504."""

    def close(self) -> None: ...


class ThreadWriter:
    """Writes from a thread of the server, into a store that no other process can open."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._turn = asyncio.Lock()

    async def apply(self, change: Change) -> Outcome:
        async with self._turn:
            return await self._runner.run(_apply, change)

    def close(self) -> None:
        """Nothing to do."""


def _apply(store: Store, change: Change) -> Outcome:
    outcome = writing.apply(store, change)
    store.publish()
    return outcome


class ProcessWriter:
    """Writes from a process that is started with the first change and killed at a change's deadline."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root = root
        self._limits = limits
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: Process | None = None

    async def apply(self, change: Change) -> Outcome:
        if self._waiting >= self._limits.waiting:
            raise busy()
        self._waiting += 1
        try:
            async with self._turn:
                return await self._apply(change)
        finally:
            self._waiting -= 1

    async def _apply(self, change: Change) -> Outcome:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "api.writer_process", str(self._root), str(self._limits.memory)),
                stdin=PIPE,
                stdout=PIPE,
                env={**os.environ, "MALLOC_ARENA_MAX": "2"},
            )
        try:
            async with asyncio.timeout(self._limits.seconds):
                answer = orjson.loads(await _exchange(self._process, pickle.dumps(change)))
        except TimeoutError:
            self.close()
            raise Refusal(
                504,
                f"The change was not made in {self._limits.seconds:g} seconds and was given up; ask the store whether "
                "it was made just before, and send less at a time",
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            raise Refusal(
                422, "The change needs more memory than one may take here; nothing was changed. Send less at a time"
            ) from None
        except asyncio.CancelledError:
            self.close()  # half an exchange must not be taken for the next one's answer
            raise
        if "status" in answer:
            headers = {"retry-after": "5"} if answer["status"] == 503 else {}
            raise Refusal(answer["status"], answer["detail"], headers=headers)
        return Outcome(**answer)

    def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        self._process = None


async def _exchange(process: Process, message: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(len(message).to_bytes(4) + message)
    await process.stdin.drain()
    return await process.stdout.readexactly(int.from_bytes(await process.stdout.readexactly(4)))
