"""A worker's frames enter from its socket; what has come of its answer leaves, and when it dies, why."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections import deque
from collections.abc import Callable
from typing import Protocol, cast

import orjson

from api.counters import COUNTERS, Kill
from api.problems import Refusal
from api.turns import BEHIND, all_but_one, cores, place, set_cores
from api.worker import Kind
from kg.errors import KgError, QueryError, StoreError

#: Bytes of an answer that wait for a slow client before its worker has to wait too.
AHEAD = 4 * 1024 * 1024
#: Why a worker is killed, by the status that its client gets.
_REASONS: dict[int, Kill] = {504: "deadline", 499: "cancelled"}


#: Questions that one worker is given at a time: the one at work, and quick ones behind it.
DEPTH = 8


class Keeper(Protocol):
    """Who is told what becomes of a worker."""

    def welcome(self, worker: Child, sandbox: str) -> None:
        """It is ready; ``sandbox`` says what confines it."""

    def release(self, worker: Child, reply: Reply) -> None:
        """An answer is whole."""

    def bury(self, worker: Child) -> None:
        """It is dead."""


class Reply:
    """What has come of one answer so far; ``client`` asked, ``until`` is the loop's time at which it is too late."""

    def __init__(self, loop: asyncio.AbstractEventLoop, client: str = "", until: float = 0.0) -> None:
        self.client = client
        self.until = until
        self.began = 0.0  # when the worker came to it, by the loop's time
        self.dropped = False  # nobody waits for it; its worker may still come to it
        self.look: asyncio.Task[None] | None = None  # whether the client is still there
        self.first: asyncio.Future[None] = loop.create_future()
        self.pieces: deque[bytes] = deque()
        self.waiting = 0  # bytes in pieces
        self.timings: dict[str, float] | None = None  # known when the answer is whole
        self.failure: KgError | Refusal | None = None
        self._more: asyncio.Future[None] | None = None
        self.loop = loop

    @property
    def over(self) -> bool:
        return self.timings is not None or self.failure is not None

    def wake(self) -> None:
        if not self.first.done():
            self.first.set_result(None)
        if self._more is not None and not self._more.done():
            self._more.set_result(None)

    async def more(self) -> None:
        self._more = self.loop.create_future()
        await self._more


class Child(asyncio.Protocol):
    """One process and our end of its socket."""

    def __init__(self, pool: Keeper, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.replies: deque[Reply] = deque()  # of the questions that it was given, in their order
        self.ready = False
        self.dead = False
        self._behind = False  # it lets others go first
        self._cores: frozenset[int] = frozenset()  # that it gets back, while it leaves one to others
        self._pool = pool
        self._buffer = bytearray()
        self._outgoing: list[bytes] = []
        self._transport: asyncio.Transport | None = None

    @property
    def reply(self) -> Reply | None:
        """Return the answer that it works on."""
        return self.replies[0] if self.replies else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= 5:
            end = start + 5 + int.from_bytes(buffer[start + 1 : start + 5])
            if len(buffer) < end:
                break
            self._frame(buffer[start], bytes(buffer[start + 5 : end]))
            start = end
        if start:
            del buffer[:start]
        # Only now: a short answer and its end come in one read, and are sent whole.
        if self.replies and self.replies[0].pieces:
            self.replies[0].wake()

    def _frame(self, kind: int, body: bytes) -> None:
        if kind == Kind.READY:
            self._pool.welcome(self, body.decode())
            return
        if not self.replies:
            return
        reply = self.replies[0]
        if kind == Kind.DATA:
            if reply.dropped:
                return
            reply.pieces.append(body)
            reply.waiting += len(body)
            if reply.waiting > AHEAD and self._transport is not None:
                self._transport.pause_reading()
            return
        if kind == Kind.END:
            reply.timings = orjson.loads(body)
        else:
            reply.failure = _failure(**orjson.loads(body))
        self.replies.popleft()
        if self.replies:
            self.replies[0].began = reply.loop.time()
        reply.wake()
        self._pool.release(self, reply)

    def ask(self, message: bytes, reply: Reply) -> None:
        assert self._transport is not None
        if not self.replies:
            reply.began = reply.loop.time()
        self.replies.append(reply)
        self._outgoing.append(len(message).to_bytes(4) + message)
        if len(self._outgoing) == 1:
            reply.loop.call_soon(self._send)  # with those that come in the same turn of the loop

    def _send(self) -> None:
        if self._transport is not None and not self.dead:
            self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    def move(self) -> None:
        """Have all of its questions asked elsewhere: answers may wait here for the one that takes so long."""
        for reply in self.replies:
            if not reply.dropped and not reply.first.done():
                reply.dropped = True
                reply.failure = MovedError("One of the questions takes long")
                reply.wake()

    def resume(self) -> None:
        if self._transport is not None and not self.dead:
            self._transport.resume_reading()

    def defer(self) -> None:
        """Let every other process go first from now on: a long query must not make short ones wait for a core."""
        self._behind = self._behind or place(self.process.pid, BEHIND)

    def stand_aside(self) -> None:
        """Leave one core to others."""
        self._cores = cores()
        set_cores(self.process.pid, all_but_one(self._cores))

    def hurry(self) -> bool:
        """Take the usual place among processes again; False when the system does not allow that (it does to root)."""
        if self._cores:
            set_cores(self.process.pid, self._cores)
            self._cores = frozenset()
        self._behind = self._behind and not place(self.process.pid, 0)
        return not self._behind

    def kill(self, why: KgError | Refusal) -> None:
        """End the process; who waits for its answer is told why at once."""
        if not self.dead:
            self.dead = True
            self.process.kill()
            if (reason := _REASONS.get(why.status if isinstance(why, Refusal) else 0)) is not None:
                COUNTERS.killed(reason)
            self._fail(why)
            self._bury()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.dead:
            self.dead = True
            # Its memory is free by now; how it ended is known in a moment.
            soon(self.process, self._died)

    def _died(self, status: int | None) -> None:
        killed = status == -signal.SIGKILL
        COUNTERS.killed("crash" if killed else "memory")
        self._fail(
            KilledError("The process that answered was killed")
            if killed
            else Refusal(
                422,
                "The query needs more memory, or is nested more deeply, than one query may here; ask for less: "
                "bind more of it, add a LIMIT, group or sort fewer rows",
            )
        )
        self._bury()

    def _fail(self, why: KgError | Refusal) -> None:
        COUNTERS.killed(_reason(why))
        replies, self.replies = self.replies, deque()
        for reply in replies:
            if not reply.dropped:
                # Those behind the first had no part in its end.
                reply.failure = why if reply is replies[0] else MovedError("The question before it ended the process")
                reply.wake()

    def _bury(self) -> None:
        if self._transport is not None:
            self._transport.abort()
        self._pool.bury(self)


def soon(process: subprocess.Popen[bytes], told: Callable[[int | None], None], *, tries: int = 100) -> None:
    """Call ``told`` with the status of a process that has closed its socket; None when it still runs a second later.

    On a busy machine a process that is dead is not waited for at once.
    """
    status = process.poll()
    if status is None and tries:
        asyncio.get_running_loop().call_later(0.01, lambda: soon(process, told, tries=tries - 1))
    else:
        told(status)


class GoneError(StoreError):
    """The writer published so often that the generation which was asked for is removed already."""


def _reason(why: KgError | Refusal) -> Kill:
    if isinstance(why, KgError):
        return "crash"
    return {504: "deadline", 499: "cancelled"}.get(why.status, "memory")  # type: ignore[return-value]


class KilledError(StoreError):
    """Somebody killed the worker from outside; the question may be asked again."""


class MovedError(KilledError):
    """The question is to be asked elsewhere; it has not been looked at."""


def _failure(kind: str, words: str) -> KgError | Refusal:
    match kind:
        case "gone":
            return GoneError(words)
        case "syntax":
            return QueryError(f"The query is not SPARQL 1.1: {words}")
        case "format":
            return QueryError(f"This answer can't be written in the format asked for: {words}; ask for another")
    return StoreError(words)
