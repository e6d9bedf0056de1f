"""A change enters; what became of it leaves, from a process that is killed at the change's deadline.

When the process dies in the middle, whether by its deadline, its memory or a stranger's hand, the store itself is asked
what became of the change: :mod:`kg.store.unchecked` remembers the last ones that passed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from api.counters import COUNTERS
from api.limits import Limits
from api.problems import Refusal, request_id
from kg.store.generations import Generations
from kg.writing import Change, Outcome

logger = logging.getLogger("api")
#: Seconds in which a new process must have looked what became of a change.
LOOK = 10.0


class WriterChild:
    """The process of :mod:`api.writer_process` as the server sees it: started by the first change, replaced when dead.

    One change at a time: the caller sees to that.
    """

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root = root
        self._limits = limits
        self._process: Process | None = None
        self._closed = False

    async def apply(self, change: Change) -> Outcome:
        """Make a change; one whose process is killed by others' hands, and that left nothing, is tried once more."""
        change = replace(change, id=uuid.uuid4().hex)
        before = Generations(self._root).current() or 0
        for last in (False, True):
            try:
                return _outcome(await self._ask(("apply", change), self._limits.seconds))
            except TimeoutError:
                await self.end()
                COUNTERS.killed("deadline")
                status, way_out = 504, "Send less at a time"
                why = f"The change was not made in {self._limits.seconds:g} seconds and was given up"
            except (asyncio.IncompleteReadError, ConnectionError):
                if await self.end() == -signal.SIGKILL:
                    COUNTERS.killed("crash")
                    status, why, way_out = 503, "The process that writes was killed", "Send the change again"
                else:
                    COUNTERS.killed("memory")
                    status, why, way_out = 422, "The change needs more memory than one may take", "Send less at a time"
            found = await self._became(change)
            if found is None:
                raise Refusal(
                    504 if status == 504 else 503,
                    f"{why}, and the store can't be looked at now: it is not known whether the change was made. Look "
                    f"at the data of a version after {before} before you send it again",
                    headers={"retry-after": "5"},
                    changed=None,
                    version=before,
                )
            if found:
                logger.warning("%s %s; the change stands all the same", request_id.get(), why)
                return found[0]
            if status != 503 or last:
                headers = {"retry-after": "1"} if status == 503 else {}
                raise Refusal(status, f"{why}; nothing was changed. {way_out}", headers=headers, changed=False)
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._closed = True
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        self._process = None

    async def _became(self, change: Change) -> list[Outcome] | None:
        """Return the outcome of a change that stands, nothing for one that does not; None when it can't be told."""
        try:
            answer = await self._ask(("became", change.id), LOOK)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            await self.end()
            return None
        if "status" in answer:
            return None
        return [_outcome(answer)] if answer else []

    async def _ask(self, message: tuple[str, Any], seconds: float) -> Any:
        if self._closed:
            raise ConnectionError("the server stops")
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "api.writer_process", str(self._root), str(self._limits.memory)),
                stdin=PIPE,
                stdout=PIPE,
                env={**os.environ, "MALLOC_ARENA_MAX": "2"},
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        async with asyncio.timeout(seconds):
            data = pickle.dumps(message)
            process.stdin.write(len(data).to_bytes(4) + data)
            await process.stdin.drain()
            return orjson.loads(await process.stdout.readexactly(int.from_bytes(await process.stdout.readexactly(4))))

    async def end(self) -> int | None:
        """End the process, and see it dead: only then does the store belong to the next one. Returns how it ended."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.returncode is None and process.stdout is not None and not process.stdout.at_eof():
            process.kill()
        return await process.wait()


def _outcome(answer: dict[str, Any]) -> Outcome:
    if "status" in answer:
        headers = {"retry-after": "5"} if answer["status"] == 503 else {}
        raise Refusal(answer["status"], answer["detail"], headers=headers)
    return Outcome(**answer)
