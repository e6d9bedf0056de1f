"""Questions from strangers enter; answers leave, from processes that a deadline or their own query can kill.

A worker (:mod:`api.worker`) opens a published generation for reading and answers one question at a time. The question
carries the number of the generation, so an answer's version is known before it is given, and a new generation is
followed by the next question. A worker that is killed, or dies of its query, is replaced at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from api.answers import Answer, CutOff, Gone, Question, sees_union
from api.child import AHEAD, Child, GoneError, KilledError, Reply, may_hurry
from api.counters import COUNTERS
from api.limits import Limits, busy, too_late
from api.problems import Refusal
from kg.errors import StoreError
from kg.store.formats import PREFIXES
from kg.store.generations import Generations, Stamp

logger = logging.getLogger("api")
#: Seconds after which it is worth looking whether the client is still there, and which it then gets to be answered.
PATIENCE = 0.05
#: Whether a process that let others go first can come forward again; an ordinary user's can't, and is replaced.
FREE = may_hurry()
#: Seconds after which a query lets others go first that also want a core.
QUICK = 0.01 if FREE else 1.0
#: Seconds for which a client whose query cost a worker its life stands back while workers are few.
DEADLY = 5.0
_GIVE_UP = 5  # workers in a row that died before they were ready


class Pool:
    """The workers of one server process over one store on disk.

    A client has at most ``running - 1`` of them at a time, so that no one keeps all others out; its further questions
    wait, as do those for which no worker is free.
    """

    def __init__(self, root: Path, limits: Limits) -> None:
        self._generations = Generations(root)
        self._folder = root / "generations"
        self._limits = limits
        self._seen: tuple[Stamp | None, int] = (None, -1)
        self._workers: set[Child] = set()
        self._idle: deque[Child] = deque()
        self._clients: dict[Child, str] = {}
        self._busy: Counter[str] = Counter()
        self._queue: deque[tuple[str, asyncio.Future[Child]]] = deque()
        self._queued: Counter[str] = Counter()
        self._deadly: dict[str, float] = {}  # clients whose queries workers died of, and until when that counts
        self._stillborn = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self.kills = 0  # how many workers have been killed or died of a query

    @property
    def waiting(self) -> int:
        """Return how many questions wait for a worker."""
        return len(self._queue)

    @property
    def working(self) -> int:
        """Return how many workers are at work."""
        return len(self._clients)

    @property
    def version(self) -> str:
        return str(self.generation())

    def generation(self) -> int:
        """Return the number of the newest generation; a look at CURRENT, no more, while it stays the same."""
        stamp = self._generations.stamp()
        if stamp is None or stamp != self._seen[0]:
            number = self._generations.current()
            if number is None:
                raise StoreError("The store holds no published data yet; run `kg import` on it")
            self._seen = (stamp, number)
        return self._seen[1]

    async def start(self) -> None:
        """Start the workers; they are ready some 60 ms later, and questions wait for that."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            for _ in range(self._limits.running):
                await self._spawn()

    def close(self) -> None:
        """Kill all workers; questions under way are refused."""
        self._closed = True
        for worker in list(self._workers):
            worker.kill(busy())
        for _, turn in self._queue:
            if not turn.done():
                turn.set_exception(busy())

    async def ask(self, question: Question, *, client: str, gone: Gone | None = None) -> Answer:
        await self.start()
        assert self._loop is not None
        until = self._loop.time() + self._limits.seconds
        for _ in range(3):
            number = self.generation()
            reply = Reply(self._loop)
            worker = self._take(client) or await self._turn(client)
            message = orjson.dumps(
                {
                    "text": question.text,
                    "accept": question.accept,
                    "union": sees_union(question),
                    "generation": number,
                    "seconds": self._limits.seconds,
                    "prefixes": PREFIXES,
                }
            )
            if worker.dead:
                continue
            worker.ask(message, reply)
            timers = _Timers(
                self._loop.call_at(until, _expire, worker, reply, self._limits.seconds),
                self._loop.call_later(QUICK, _defer, worker, reply),
            )
            if gone is not None:
                timers.look = self._loop.call_later(PATIENCE, self._watch, timers, worker, reply, gone)
            try:
                await reply.first
            except asyncio.CancelledError:
                timers.cancel()
                _stop(worker, reply)
                raise
            if not reply.over:
                return Answer(question.accept, str(number), pieces=self._pieces(worker, reply, timers))
            timers.cancel()
            if reply.failure is None:
                return Answer(question.accept, str(number), b"".join(reply.pieces), timings=reply.timings or {})
            if reply.pieces or not isinstance(reply.failure, GoneError | KilledError):
                raise reply.failure
        raise busy()

    async def _pieces(self, worker: Child, reply: Reply, timers: _Timers) -> AsyncIterator[bytes]:
        try:
            while True:
                while reply.pieces:
                    piece = reply.pieces.popleft()
                    reply.waiting -= len(piece)
                    if reply.waiting <= AHEAD // 2:
                        worker.resume()
                    yield piece
                if reply.failure is not None:
                    raise CutOff(str(reply.failure))
                if reply.timings is not None:
                    return
                await reply.more()
        finally:
            timers.cancel()
            _stop(worker, reply)

    # --- whose turn it is

    def _take(self, client: str) -> Child | None:
        """Take an idle worker, when the client may have one more.

        Counted are the workers that live: while killed ones are replaced, the last is not for the client whose queries
        they died of, unless it is the only one there ever is.
        """
        living = len(self._idle) + len(self._clients)
        last = int(self._limits.running == 1 or self._stillborn > 0 or time.monotonic() > self._deadly.get(client, 0.0))
        if not self._idle or self._busy[client] >= max(last, living - 1):
            return None
        worker = self._idle.popleft()
        self._clients[worker] = client
        self._busy[client] += 1
        COUNTERS.runs(1)
        return worker

    async def _turn(self, client: str) -> Child:
        assert self._loop is not None
        if self._closed or self._stillborn >= _GIVE_UP:
            raise busy()
        if len(self._queue) >= self._limits.waiting:
            COUNTERS.turned_away("queue")
            raise busy()
        if self._queued[client] >= max(1, self._limits.waiting // 2):
            COUNTERS.turned_away("queue")
            raise Refusal(
                429,
                "Too many of your queries wait already; send the next when one is answered",
                headers={"retry-after": "5"},
            )
        turn: asyncio.Future[Child] = self._loop.create_future()
        self._queue.append((client, turn))
        self._queued[client] += 1
        COUNTERS.waits(1)
        try:
            # Half of the time may go by in waiting: a query that begins at its deadline is work for nothing.
            async with asyncio.timeout(self._limits.seconds / 2):
                return await turn
        except TimeoutError:
            raise busy() from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release(turn.result())
            raise
        finally:
            COUNTERS.waits(-1)
            self._queued[client] -= 1
            if not self._queued[client]:
                del self._queued[client]
            self._queue = deque(entry for entry in self._queue if entry[1] is not turn)

    def release(self, worker: Child) -> None:
        """Take back a worker whose answer is whole, and give it to the next in the queue that may have one."""
        self._forget(worker)
        if not worker.dead and not worker.hurry():
            worker.kill(busy())
        if not worker.dead:
            self._idle.append(worker)
        self._serve()

    def _serve(self) -> None:
        for client, turn in self._queue:
            if not self._idle:
                return
            if not turn.done() and (worker := self._take(client)):
                turn.set_result(worker)

    def _forget(self, worker: Child) -> None:
        client = self._clients.pop(worker, None)
        if client is not None:
            COUNTERS.runs(-1)
            self._busy[client] -= 1
            if not self._busy[client]:
                del self._busy[client]

    # --- birth and death

    async def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            numbers = (self._limits.memory, self._limits.stack, self.generation())
            arguments = [str(theirs.fileno()), str(self._folder), *map(str, numbers)]
            process = subprocess.Popen(
                [sys.executable, "-m", "api.worker", *arguments],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # Each arena of the C library reserves 64 MiB of the address space that a query has.
                env={**os.environ, "MALLOC_ARENA_MAX": "2"},
            )
        ours.setblocking(False)
        worker = Child(self, process)
        self._workers.add(worker)
        assert self._loop is not None
        await self._loop.create_unix_connection(lambda: worker, sock=ours)

    def welcome(self, worker: Child, sandbox: str) -> None:
        """Put a worker to work that has just become ready."""
        if "no sandbox" in sandbox and not self._stillborn:
            logger.warning("queries are answered with %s; docs/sparql.md says what that means", sandbox)
        self._stillborn = 0
        worker.ready = True
        self._idle.append(worker)
        self._serve()

    def bury(self, worker: Child) -> None:
        """Forget a worker that is dead, and start another."""
        self._workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if client := self._clients.get(worker):
            now = time.monotonic()
            self._deadly = {name: until for name, until in self._deadly.items() if until > now}
            self._deadly[client] = now + DEADLY
        self._forget(worker)
        self._reap(worker)
        if self._closed or self._loop is None or self._loop.is_closed():
            return
        self.kills += 1
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn == _GIVE_UP:
                logger.error("the workers that answer queries die when they start; queries are refused until one lives")
        delay = 0.0 if self._stillborn < _GIVE_UP else 5.0
        self._loop.call_later(delay, lambda: self._closed or asyncio.ensure_future(self._spawn()))

    def _reap(self, worker: Child) -> None:
        # The kernel needs a moment to free a gigabyte; we don't wait for it.
        if worker.process.poll() is None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_later(0.1, self._reap, worker)

    def _watch(self, timers: _Timers, worker: Child, reply: Reply, gone: Gone) -> None:
        """Kill the worker when the client leaves before all of its answer is there."""

        async def look() -> None:
            await gone()
            await asyncio.sleep(PATIENCE)
            _stop(worker, reply)

        assert self._loop is not None
        timers.task = self._loop.create_task(look())


@dataclass(slots=True)
class _Timers:
    """What goes on beside one answer: the alarm at its deadline, and the look whether the client is still there."""

    alarm: asyncio.TimerHandle
    slow: asyncio.TimerHandle
    look: asyncio.TimerHandle | None = None
    task: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        self.alarm.cancel()
        self.slow.cancel()
        if self.look is not None:
            self.look.cancel()
        if self.task is not None:
            self.task.cancel()


def _stop(worker: Child, reply: Reply) -> None:
    if worker.reply is reply:
        worker.kill(Refusal(499, "The client has gone"))


def _defer(worker: Child, reply: Reply) -> None:
    if worker.reply is reply:
        worker.defer()


def _expire(worker: Child, reply: Reply, seconds: float) -> None:
    if worker.reply is reply:
        worker.kill(too_late(seconds))
