"""Connections on which plain queries follow one another enter; processes that answer them directly are given them.

A process of :mod:`api.direct` has the socket and the engine, so that a quick query crosses no other process. What it
does not answer comes back with its connection and goes the way of all requests. A query that holds one up for longer
than STALLED is asked elsewhere: the process is killed, which nobody notices but the one who asked (a little later), for
requests that it had not read wait in their sockets. Linux; elsewhere, and with a rate to keep to, nothing is handed
over.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from pathlib import Path

import orjson

from api.asking import read
from api.board import ASKING, IDLE, ROOM, SENDING, Note
from api.child import soon
from api.config import ServerSettings
from api.counters import COUNTERS
from api.counts import Counts, counts
from api.direct import MESSAGE, Why
from api.direct_process import LOOK, Connection, DirectProcess, Lent, start
from api.noting import note
from api.plain import Plain
from api.pool import Pool
from api.rates import client_of
from api.replies import SLOW

logger = logging.getLogger("api")
#: Plain queries that a connection asks before it is handed over, and at most when it came back again and again.
FIRST, LAST = 3, 4_096
#: Seconds for which a client is not handed over after a query of its own stalled a process.
BANNED = 5.0
#: Milliseconds that queries of a shape are taken to need after one of them stalled a process.
DEADLY = 1_000.0
_COUNT = 0xFFFFFFFF  # bytes are counted modulo one more than this
_GIVE_UP = 5  # processes in a row that died before they were ready


class Handover:
    """The direct processes of one server process. Everything happens on its event loop."""

    def __init__(self, root: Path, url: str, settings: ServerSettings, pool: Pool) -> None:
        self._root = root
        self._url = url
        self._settings = settings
        self._pool = pool
        self._count = settings.limits.direct if sys.platform == "linux" and not settings.rate else 0
        self._processes: list[DirectProcess] = []
        self._plain = Plain(frozenset(settings.hosts), settings.limits.url)
        self._numbers = 0
        self._banned: dict[str, float] = {}
        self._looking = False
        self._stillborn = 0
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self.stalls = 0  # processes killed because a query held them up

    @property
    def lent(self) -> int:
        """Return how many connections are with the processes."""
        return sum(len(process.lent) for process in self._processes)

    def consider(self, connection: Connection, peer: str, shape: str) -> None:
        """Hand over a connection, whose last plain query was of this shape, when that is worth it."""
        if not self._count or not shape or self._closed:
            return
        usual = self._pool.usual(shape)
        if usual is None or usual > SLOW:
            return
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            for _ in range(self._count):
                self._spawn()
        for process in self._processes:
            if shape not in process.known:
                process.teach(shape, usual)
        connection.plain += 1
        if connection.plain < connection.needed or self._banned.get(peer, 0.0) > time.monotonic():
            return
        if any(process.free for process in self._processes):
            connection.lend(self, peer)

    def recall(self, connection: Connection) -> bool:
        """Ask for a connection back; False when it is with no process."""
        for process in self._processes:
            for number, lent in process.lent.items():
                if lent.connection is connection:
                    return process.tell(b"B", number)
        return False

    def close(self) -> None:
        """Kill all processes."""
        self._closed = True
        for process in [*self._processes]:
            process.process.kill()
            self._end(process, -signal.SIGKILL)

    # --- to the processes

    def lend(self, connection: Connection, descriptor: int, peer: str) -> None:
        """Hand a connection, from which nobody reads, to the process with the fewest; back when there is none."""
        ready = [process for process in self._processes if process.free]
        if not ready or self._closed:
            connection.take_back()
            return
        process = min(ready, key=lambda process: len(process.lent))
        self._numbers = self._numbers + 1 & 0x7FFFFFFF
        if not process.lend(self._numbers, Lent(connection, peer, descriptor, counts(descriptor))):
            connection.take_back()
            return
        if not self._looking and self._loop is not None:
            self._looking = True
            self._loop.call_later(LOOK, self._look)

    # --- from the processes

    def _hear(self, process: DirectProcess) -> None:
        while True:
            try:
                message = process.control.recv(1 << 18)
            except BlockingIOError:
                return
            except OSError:
                message = b""
            if not message:
                self._died(process)
                return
            letter, number = MESSAGE.unpack_from(message)
            self._heard(process, letter, number, message[MESSAGE.size :])

    def _died(self, process: DirectProcess) -> None:
        assert self._loop is not None
        self._loop.remove_reader(process.control)
        process.dead = True
        if process.stalled:
            self._loop.call_soon(self._end, process, -signal.SIGKILL)
        else:
            soon(process.process, lambda status: self._end(process, status))

    def _heard(self, process: DirectProcess, letter: bytes, number: int, rest: bytes) -> None:
        match letter:
            case b"A":
                for of, identity, status, seconds, digest, via in orjson.loads(rest):
                    self._answered(process, of, identity, status, seconds, digest, via)
            case b"S":
                for shape, usual in orjson.loads(rest).items():
                    self._pool.learn(shape, usual)
                    for one in self._processes:
                        one.teach(shape, usual)
            case b"R":
                process.ready, self._stillborn = True, 0
                if "no sandbox" in rest.decode():
                    logger.warning("connections are handed over with %s", rest.decode())
            case b"W":
                if (lent := process.lent.get(number)) is not None:
                    lent.partly = True
                    lent.connection.send(rest)
            case b"H" | b"X":
                lent = process.lent.pop(number, None)
                if lent is not None:
                    self._back(process, lent.connection, letter, rest)

    def _back(self, process: DirectProcess, connection: Connection, letter: bytes, rest: bytes) -> None:
        if letter == b"X":
            connection.drop()
            return
        connection.plain = 0
        why, answered = rest[0], rest[1]
        if why in (Why.STALE, Why.ASKED):
            process.follow(*self._pool.newest())
            connection.plain = connection.needed - 1
        elif why in (Why.OTHER, Why.UNKNOWN):
            # Going to and fro costs more than it saves.
            connection.needed = FIRST if answered >= 8 else min(2 * connection.needed, LAST)
            if why == Why.UNKNOWN:
                process.known.clear()
        connection.take_back(rest[2:])

    def _answered(
        self, process: DirectProcess, number: int, identity: str, status: int, seconds: float, digest: str, via: str
    ) -> None:
        lent = process.lent.get(number)
        client = client_of(lent.peer, via, self._settings.proxies) if lent is not None else "unknown"
        note(identity, client, "GET", "/sparql", status, seconds, digest)

    # --- what they do

    def _look(self) -> None:
        """See whether a query holds up one of the processes, and whether the data are still the newest."""
        assert self._loop is not None
        self._looking = False
        for process in self._processes:
            if process.lent:
                self._looking = True
                if process.ready and not process.stalled and not process.dead:
                    process.follow(*self._pool.newest())
                    process.watch()
        self._level()
        if self._looking and not self._closed:
            self._loop.call_later(LOOK, self._look)

    def _level(self) -> None:
        """Have a connection of the process with the most come back, to go to the one with the fewest."""
        free = sorted((process for process in self._processes if process.free), key=lambda one: len(one.lent))
        if len(free) > 1 and len(free[-1].lent) > len(free[0].lent) + 1:
            free[-1].tell(b"B", next(iter(free[-1].lent)))

    def _end(self, process: DirectProcess, status: int | None) -> None:
        """A process is dead, with a status: its connections come back, and another is started."""
        if process not in self._processes:
            return
        self._processes.remove(process)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(process.control)
        last = process.board.read()
        process.control.close()
        process.board.close()
        if process.stalled:
            self.stalls += 1
            COUNTERS.killed("stalled")
        elif not self._closed:
            COUNTERS.killed("crash")
        killed = status == -signal.SIGKILL and not process.stalled
        for number, lent in process.lent.items():
            self._recover(number, lent, last, killed=killed)
        self._reap(process)
        if self._closed or self._loop is None or self._loop.is_closed():
            return
        if not process.ready and not killed:
            self._stillborn += 1
            if self._stillborn == _GIVE_UP:
                logger.error("the processes that answer directly die when they start; the workers answer all")
        self._loop.call_later(0.0 if self._stillborn < _GIVE_UP else 5.0, self._spawn)

    def _recover(self, number: int, lent: Lent, last: Note, *, killed: bool) -> None:
        """Take a connection back from a dead process; ``killed`` by somebody else than us and the query."""
        lent.connection.plain = 0
        if last.connection != number or last.does == IDLE:
            return lent.connection.take_back()
        if last.does == ASKING and not killed:
            # Queries of its shape are asked elsewhere from now on, as this one is.
            self._deadly(lent.peer, last.request)
        unanswered = None if lent.partly else unanswered_of(last, lent.since())
        if unanswered is None:
            return lent.connection.drop()
        return lent.connection.take_back(unanswered)

    def _deadly(self, peer: str, request: bytes) -> None:
        now = time.monotonic()
        self._banned = {one: until for one, until in self._banned.items() if until > now}
        self._banned[peer] = now + BANNED
        plain = self._plain.read(request)
        asked = read(plain[0], plain[1].accept) if plain is not None else None
        if asked is not None:
            self._pool.learn(asked.shape, DEADLY)
            for process in self._processes:
                process.teach(asked.shape, DEADLY)

    def _reap(self, process: DirectProcess) -> None:
        # The kernel needs a moment to free its memory.
        if process.process.poll() is None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_later(0.1, self._reap, process)

    def _spawn(self) -> None:
        if self._closed or self._loop is None:
            return
        started = start(self._root, self._url, self._settings, self._pool.newest())
        self._processes.append(started)
        self._loop.add_reader(started.control, self._hear, started)


def unanswered_of(last: Note, since: Counts | None) -> bytes | None:
    """Return what a process that is dead had read of its last request and not answered; None when it can't be told.

    ``since`` are the bytes of the connection since it was lent. Two things can't be told: what was read when the
    kernel does not count, in the instant after it was; and what is left of an answer that left in part.
    """
    if last.does != SENDING:
        if last.length or last.does == ASKING:
            return last.request
        if since is None:
            return None
        size = since.read - last.read & _COUNT
        return last.room[:size] if size <= ROOM else None
    if since is None:
        return None
    sent = since.written - last.written & _COUNT
    if sent == 0:
        return last.request
    return b"" if sent == last.answer else None
