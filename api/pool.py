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
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from ctypes.util import find_library
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

from api.answers import Answer, CutOff, Gone, Question, sees_union
from api.child import AHEAD, DEPTH, Child, GoneError, KilledError, MovedError, Reply
from api.counters import COUNTERS
from api.limits import Limits, busy, too_late
from api.problems import Refusal
from api.turns import may_hurry
from kg.errors import StoreError
from kg.store.formats import PREFIXES
from kg.store.generations import Generations, Stamp

logger = logging.getLogger("api")
#: Seconds after which it is worth looking whether the client is still there, and which it then gets to be answered.
PATIENCE = 0.05
#: Seconds between two looks at what is at work, for its deadline and its client.
LOOK = 0.02
#: Milliseconds of work that a question would rather wait for than have another worker woken.
WAKING = 0.25
#: Milliseconds that a question of a shape takes at most for others of that shape to be handed to a worker at work.
QUICK = 2.0
_SHAPES = 2_048  # remembered with the time that they take
#: Whether a process that let others go first can come forward again; an ordinary user's can't, and is replaced.
FREE = may_hurry()
#: Seconds after which a query lets others go first that also want a core.
LATE = LOOK / 2 if FREE else 1.0
#: Seconds for which a client whose query cost a worker its life stands back while workers are few.
DEADLY = 5.0
_GIVE_UP = 5  # workers in a row that died before they were ready


@dataclass(slots=True, eq=False)
class _Turn:
    """A question on its way to a worker; ``given`` is there when it has to wait for one."""

    client: str
    shape: str  # "": it stands behind no other
    message: bytes
    reply: Reply
    given: asyncio.Future[Child] | None = None


class Pool:
    """The workers of one server process over one store on disk.

    A client has at most ``running - 1`` of them at a time, so that no one keeps all others out; its further questions
    wait, as do those for which no worker is free. Only a question of a shape that is known to be quick is handed to a
    worker that is at work, in the same write as others where they come together: between two of them the worker never
    sleeps. When the one before it turns out to be slow it is asked elsewhere.
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
        self._queue: deque[_Turn] = deque()
        self._queued: Counter[str] = Counter()
        self._usual: OrderedDict[str, float] = OrderedDict()  # shape -> milliseconds
        self._looking = False
        self._gone: dict[Reply, Gone] = {}
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

    def newest(self) -> tuple[int, Stamp]:
        """Return the number of the newest generation and what CURRENT looks like while it is that."""
        number = self.generation()
        stamp = self._seen[0]
        assert stamp is not None
        return number, stamp

    def usual(self, shape: str) -> float | None:
        """Return the milliseconds that a question of a shape takes; None when none was answered."""
        return self._usual.get(shape)

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
        for turn in self._queue:
            if turn.given is not None and not turn.given.done():
                turn.given.set_exception(busy())

    async def ask(self, question: Question, *, client: str, gone: Gone | None = None) -> Answer:
        if self._loop is None:
            await self.start()
        loop = self._loop
        assert loop is not None
        until = loop.time() + self._limits.seconds
        follow = question.shape != ""
        for _ in range(4):
            number = self.generation()
            reply = Reply(loop, client, until)
            turn = _Turn(client, question.shape if follow else "", self._message(question, number), reply)
            worker = self._give(turn) or await self._wait(turn)
            if gone is not None:
                self._gone[reply] = gone
            if not self._looking:
                self._looking = True
                loop.call_later(LOOK, self._look)
            try:
                await reply.first
            except asyncio.CancelledError:
                self._leave(worker, reply)
                raise
            if not reply.over:
                return Answer(question.accept, str(number), pieces=self._pieces(worker, reply))
            self._leave(worker, reply)
            if reply.timings is not None and reply.failure is None:
                if question.shape:
                    self.learn(question.shape, reply.timings["total"])
                return Answer(question.accept, str(number), b"".join(reply.pieces), timings=reply.timings)
            assert reply.failure is not None
            if reply.pieces or not isinstance(reply.failure, GoneError | KilledError):
                raise reply.failure
            follow = follow and not isinstance(reply.failure, MovedError)
        raise busy()

    def _message(self, question: Question, number: int) -> bytes:
        return orjson.dumps(
            {
                "text": question.text,
                "accept": question.accept,
                "union": sees_union(question),
                "generation": number,
                "seconds": self._limits.seconds,
                "prefixes": PREFIXES if question.accept == "text/turtle" else None,
            }
        )

    async def _pieces(self, worker: Child, reply: Reply) -> AsyncIterator[bytes]:
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
            self._leave(worker, reply)

    # --- what takes how long

    def learn(self, shape: str, milliseconds: float) -> None:
        """Remember what a question of a shape took."""
        usual = self._usual.pop(shape, 0.0)
        # One slow answer counts for long, so that others do not wait behind the next.
        self._usual[shape] = max(milliseconds, 0.9 * usual + 0.1 * milliseconds)
        if len(self._usual) > _SHAPES:
            self._usual.popitem(last=False)

    def _look(self) -> None:
        """See to the deadline, the client, and those behind, of every question at work."""
        assert self._loop is not None
        now = self._loop.time()
        for worker in list(self._clients):
            reply = worker.reply
            if reply is None:
                continue
            if now >= reply.until:
                worker.kill(too_late(self._limits.seconds))
                continue
            took = now - reply.began
            if took > LATE:
                worker.defer()
            if took > 5 * LOOK and reply.dropped:
                worker.kill(Refusal(499, "Its questions were asked elsewhere"))
                continue
            if took > LOOK and len(worker.replies) > 1:
                worker.move()
            if took > PATIENCE and reply.look is None and (gone := self._gone.get(reply)) is not None:
                reply.look = self._loop.create_task(self._watch(worker, reply, gone))
        self._looking = bool(self._clients)
        if self._looking:
            self._loop.call_later(LOOK, self._look)

    async def _watch(self, worker: Child, reply: Reply, gone: Gone) -> None:
        """Kill the worker when the client leaves before all of its answer is there."""
        await gone()
        await asyncio.sleep(PATIENCE)
        self._leave(worker, reply)

    def _leave(self, worker: Child, reply: Reply) -> None:
        """Nobody waits for an answer any more: where it is not whole, its worker is stopped, or it is skipped."""
        self._gone.pop(reply, None)
        if reply.look is not None and reply.look is not asyncio.current_task():
            reply.look.cancel()
        if reply.over:
            return
        if worker.reply is reply:
            worker.kill(Refusal(499, "The client has gone"))
        else:
            reply.dropped = True

    # --- whose turn it is

    def _take(self, client: str) -> Child | None:
        """Take an idle worker, when the client may have one more."""
        while self._idle and self._idle[-1].dead:
            self._idle.pop()
        if not self._idle or not self._may_have_more(client):
            return None
        worker = self._idle.pop()  # whose caches are warm
        if time.monotonic() < self._deadly.get(client, 0.0):
            worker.stand_aside()
            if FREE:
                worker.defer()
        self._clients[worker] = client
        self._busy[client] += 1
        COUNTERS.runs(1)
        return worker

    def _may_have_more(self, client: str) -> bool:
        """Tell whether a client may have one more of the workers that live.

        While killed ones are replaced, the last is not for the client whose queries they died of, unless there is but
        one at all times.
        """
        if self._busy[client] >= max(1, self._limits.running - 1):
            return False
        living = len(self._idle) + len(self._clients)
        if self._busy[client] < living - 1 or self._limits.running == 1 or self._stillborn:
            return True
        return self._busy[client] == 0 and time.monotonic() > self._deadly.get(client, 0.0)

    def _follow(self, client: str, shape: str) -> Child | None:
        """Return a worker at quick work, for a quick question to stand behind; None when it had better wait its turn.

        The client may stand behind its own questions, and behind others' only when it may have a worker more.
        """
        usual = self._usual.get(shape, QUICK)
        if usual >= QUICK or not self._clients:
            return None
        assert self._loop is not None
        more = self._may_have_more(client)
        # Waking another worker takes longer than some quick questions.
        most = min(DEPTH, int(WAKING / usual)) if more and self._idle else DEPTH
        late = self._loop.time() - LOOK / 4
        best: Child | None = None
        for worker, owner in self._clients.items():
            count = len(worker.replies)
            if not 0 < count < most or worker.dead or not (more or owner == client):
                continue
            head = worker.replies[0]
            if head.began > late and not head.first.done() and not head.pieces:
                best, most = worker, count
        return best

    def _give(self, turn: _Turn) -> Child | None:
        """Hand a question that is new to a worker, unless others wait; None when it has to wait as well."""
        if self._queue:
            return None
        return self._hand(turn)

    def _hand(self, turn: _Turn) -> Child | None:
        worker = self._follow(turn.client, turn.shape) or self._take(turn.client)
        if worker is not None:
            worker.ask(turn.message, turn.reply)
        return worker

    async def _wait(self, turn: _Turn) -> Child:
        """Wait for a worker; returns it with the question handed to it."""
        assert self._loop is not None
        client = turn.client
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
        turn.given = self._loop.create_future()
        self._queue.append(turn)
        self._queued[client] += 1
        COUNTERS.waits(1)
        self._serve()  # who waits before it may be waiting for something else
        try:
            # Half of the time may go by in waiting: a query that begins at its deadline is work for nothing.
            async with asyncio.timeout(self._limits.seconds / 2):
                return await turn.given
        except TimeoutError:
            raise busy() from None
        except asyncio.CancelledError:
            if turn.given.done() and not turn.given.cancelled() and turn.given.exception() is None:
                self._leave(turn.given.result(), turn.reply)
            raise
        finally:
            COUNTERS.waits(-1)
            self._queued[client] -= 1
            if not self._queued[client]:
                del self._queued[client]
            if turn in self._queue:
                self._queue.remove(turn)

    def release(self, worker: Child, reply: Reply) -> None:
        """Take back a worker whose answer is whole, and give it to the next in the queue that may have one."""
        if following := worker.reply:
            worker.hurry()
            owner = self._clients.get(worker)
            if owner is not None and owner != following.client:
                self._less(owner)
                self._clients[worker] = following.client
                self._busy[following.client] += 1
            if self._queue:
                self._serve()
            return
        self._forget(worker)
        if not worker.dead and not worker.hurry():
            worker.kill(busy())
        if not worker.dead:
            self._idle.append(worker)
        self._serve()

    def _serve(self) -> None:
        """Hand workers to those that wait, in their order; who may have no more of them now lets the next go first."""
        waiting, self._queue = self._queue, deque()
        # Somebody before waits for a worker to be free, of all or of the client's: who came later keeps none at work.
        blocked, behind = False, set()
        for turn in waiting:
            if turn.given is None or turn.given.done():
                continue
            worker = None if blocked or turn.client in behind else self._hand(turn)
            if worker is not None:
                turn.given.set_result(worker)
                continue
            self._queue.append(turn)
            behind.add(turn.client)
            blocked = blocked or self._may_have_more(turn.client)

    def _forget(self, worker: Child) -> None:
        client = self._clients.pop(worker, None)
        if client is not None:
            COUNTERS.runs(-1)
            self._less(client)

    def _less(self, client: str) -> None:
        self._busy[client] -= 1
        if not self._busy[client]:
            del self._busy[client]

    # --- birth and death

    async def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            numbers = (self._limits.memory, self._limits.stack, self._likely())
            arguments = [str(theirs.fileno()), str(self._folder), *map(str, numbers)]
            process = subprocess.Popen(
                [sys.executable, "-m", "api.worker", *arguments],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # Each arena of the C library reserves 64 MiB of the address space that a query has.
                env={"LD_PRELOAD": allocator(), **os.environ, "MALLOC_ARENA_MAX": "2"},
            )
        ours.setblocking(False)
        worker = Child(self, process)
        if self.kills:
            worker.stand_aside()  # to start costs as much as a hundred quick queries
        self._workers.add(worker)
        assert self._loop is not None
        await self._loop.create_unix_connection(lambda: worker, sock=ours)

    def _likely(self) -> int:
        """Return the generation that a new worker opens; -1 while none is to be had: then the first question tells."""
        try:
            return self.generation()
        except StoreError:
            return -1

    def welcome(self, worker: Child, sandbox: str) -> None:
        """Put a worker to work that has just become ready."""
        if "no sandbox" in sandbox and not self._stillborn:
            logger.warning("queries are answered with %s; docs/sparql.md says what that means", sandbox)
        self._stillborn = 0
        worker.ready = True
        worker.hurry()
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


@cache
def allocator() -> str:
    """Return the library for the memory of workers, "" when the machine has only that of its C library.

    A fifth to two fifths of the engine's time for a small query are malloc and free in glibc; jemalloc halves that
    (Debian: libjemalloc2). ``oxigraph serve`` has an allocator built in. An LD_PRELOAD of the operator goes before.
    """
    return (find_library("jemalloc") or "") if sys.platform == "linux" else ""
