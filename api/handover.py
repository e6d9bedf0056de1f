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
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import orjson

from api.asking import read
from api.board import ASKING, SENDING, TAKING, Board, Note
from api.config import ServerSettings
from api.counters import COUNTERS
from api.direct import MESSAGE, Why
from api.noting import note
from api.plain import Plain
from api.pool import Pool, allocator
from api.rates import client_of
from api.replies import SLOW

logger = logging.getLogger("api")
#: Seconds of the processor, and of the clock, that one query may hold up a process.
STALLED, STUCK = 0.03, 0.5
#: Seconds between two looks at what the processes do.
LOOK = 0.02
#: Plain queries that a connection asks before it is handed over, and at most when it came back again and again.
FIRST, LAST = 3, 4_096
#: Connections of one process.
MOST = 256
#: Seconds for which a client is not handed over after a query of its own stalled a process.
BANNED = 5.0
#: Milliseconds that queries of a shape are taken to need after one of them stalled a process.
DEADLY = 1_000.0
_GIVE_UP = 5  # processes in a row that died before they were ready
_KNOWN = 2_048


class Connection(Protocol):
    """A connection of the server's, as :class:`api.patience.Patient` is."""

    plain: int  # queries since it was last handed back
    needed: int  # of them, until it is handed over

    def lend(self, holder: Handover, peer: str) -> None:
        """Stop reading and, when all is written, call the holder's ``lend``; nothing when something is under way."""

    def take_back(self, data: bytes = b"", unsent: bytes = b"") -> None:
        """Send what is left of an answer, go on with bytes that were read, and read again."""

    def drop(self) -> None:
        """Close it: whether its request was answered can't be told."""


@dataclass(slots=True)
class _Lent:
    connection: Connection
    peer: str


@dataclass(slots=True, eq=False)
class _Process:
    """One process and what it was given."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    board: Board
    ready: bool = False
    lent: dict[int, _Lent] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)  # shapes
    generation: int = -1
    watched: tuple[float, float] = (0.0, 0.0)  # when the query at work began; the processor's seconds at first sight
    stalled: bool = False  # it is killed for that
    dead: bool = False

    @property
    def free(self) -> bool:
        """Tell whether it can be given a connection."""
        return self.ready and not self.dead and not self.stalled and len(self.lent) < MOST


class Handover:
    """The direct processes of one server process. Everything happens on its event loop."""

    def __init__(self, root: Path, url: str, settings: ServerSettings, pool: Pool) -> None:
        self._root = root
        self._url = url
        self._settings = settings
        self._pool = pool
        self._count = settings.limits.direct if sys.platform == "linux" and not settings.rate else 0
        self._processes: list[_Process] = []
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
                self._teach(process, shape, usual)
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
                    return self._tell(process, b"B", number)
        return False

    def close(self) -> None:
        """Kill all processes."""
        self._closed = True
        for process in [*self._processes]:
            process.process.kill()
            self._end(process)

    # --- to the processes

    def lend(self, connection: Connection, descriptor: int, peer: str) -> None:
        """Hand a connection, from which nobody reads, to the process with the fewest; back when there is none."""
        ready = [process for process in self._processes if process.free]
        if not ready or self._closed:
            connection.take_back()
            return
        process = min(ready, key=lambda process: len(process.lent))
        self._numbers = self._numbers + 1 & 0x7FFFFFFF
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor.to_bytes(4, sys.byteorder))]
        try:
            process.control.sendmsg([MESSAGE.pack(b"C", self._numbers)], rights)
        except OSError:
            connection.take_back()
            return
        process.lent[self._numbers] = _Lent(connection, peer)
        if not self._looking and self._loop is not None:
            self._looking = True
            self._loop.call_later(LOOK, self._look)

    def _tell(self, process: _Process, letter: bytes, number: int, *rest: bytes) -> bool:
        try:
            process.control.send(b"".join((MESSAGE.pack(letter, number), *rest)))
        except OSError:
            return False  # it is busy, or dead: what was to be told is told again
        return True

    def _teach(self, process: _Process, shape: str, usual: float) -> None:
        if process.ready and self._tell(process, b"L", 0, orjson.dumps({shape: usual})):
            if len(process.known) > _KNOWN:
                process.known.clear()
            process.known.add(shape)

    def _follow(self, process: _Process) -> None:
        """Tell a process of a generation that is new."""
        number, stamp = self._pool.newest()
        if number != process.generation and self._tell(process, b"G", 0, orjson.dumps([number, *stamp])):
            process.generation = number

    # --- from the processes

    def _hear(self, process: _Process) -> None:
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

    def _died(self, process: _Process) -> None:
        assert self._loop is not None
        self._loop.remove_reader(process.control)
        process.dead = True
        # Its memory is free by now; how it ended is known in a moment.
        self._loop.call_later(0.0 if process.stalled else 0.01, self._end, process)

    def _heard(self, process: _Process, letter: bytes, number: int, rest: bytes) -> None:
        match letter:
            case b"A":
                for of, identity, status, seconds, digest, via in orjson.loads(rest):
                    self._answered(process, of, identity, status, seconds, digest, via)
            case b"S":
                for shape, usual in orjson.loads(rest).items():
                    self._pool.learn(shape, usual)
                    for one in self._processes:
                        self._teach(one, shape, usual)
            case b"R":
                process.ready, self._stillborn = True, 0
                if "no sandbox" in rest.decode():
                    logger.warning("connections are handed over with %s", rest.decode())
            case b"H" | b"W" | b"X":
                lent = process.lent.pop(number, None)
                if lent is not None:
                    self._back(process, lent.connection, letter, rest)

    def _back(self, process: _Process, connection: Connection, letter: bytes, rest: bytes) -> None:
        if letter == b"X":
            connection.drop()
            return
        connection.plain = 0
        if letter == b"W":
            connection.take_back(unsent=rest)
            return
        why, answered = rest[0], rest[1]
        if why in (Why.STALE, Why.ASKED):
            self._follow(process)
            connection.plain = connection.needed - 1
        elif why in (Why.OTHER, Why.UNKNOWN):
            # Going to and fro costs more than it saves.
            connection.needed = FIRST if answered >= 8 else min(2 * connection.needed, LAST)
            if why == Why.UNKNOWN:
                process.known.clear()
        connection.take_back(rest[2:])

    def _answered(
        self, process: _Process, number: int, identity: str, status: int, seconds: float, digest: str, via: str
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
                    self._follow(process)
                    self._watch(process)
        self._level()
        if self._looking and not self._closed:
            self._loop.call_later(LOOK, self._look)

    def _level(self) -> None:
        """Have a connection of the process with the most come back, to go to the one with the fewest."""
        free = sorted((process for process in self._processes if process.free), key=lambda one: len(one.lent))
        if len(free) > 1 and len(free[-1].lent) > len(free[0].lent) + 1:
            self._tell(free[-1], b"B", next(iter(free[-1].lent)))

    def _watch(self, process: _Process) -> None:
        seen = process.board.read()
        if seen.does != ASKING or time.monotonic() - seen.began < LOOK:
            return
        spent = _spent(process.process.pid)
        if process.watched[0] != seen.began:
            process.watched = (seen.began, spent)
            return
        if spent - process.watched[1] < STALLED and time.monotonic() - seen.began < STUCK:
            return
        # Should it answer just now, the board says so afterwards.
        process.stalled = True
        process.process.kill()

    def _end(self, process: _Process) -> None:
        """A process is dead: its connections come back, and another is started."""
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
        elif not self._closed:
            COUNTERS.killed("crash")
        killed = process.process.poll() == -signal.SIGKILL and not process.stalled
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

    def _recover(self, number: int, lent: _Lent, last: Note, *, killed: bool) -> None:
        """Take a connection back from a dead process; ``killed`` by somebody else than us and the query."""
        lent.connection.plain = 0
        if last.connection != number or last.does not in (ASKING, TAKING, SENDING):
            lent.connection.take_back()
        elif last.does == ASKING:
            # It was not answered, and is asked elsewhere; queries of its shape are, from now on.
            if not killed:
                self._deadly(lent.peer, last.request)
            lent.connection.take_back(last.request)
        else:
            lent.connection.drop()

    def _deadly(self, peer: str, request: bytes) -> None:
        now = time.monotonic()
        self._banned = {one: until for one, until in self._banned.items() if until > now}
        self._banned[peer] = now + BANNED
        plain = self._plain.read(request)
        asked = read(plain[0], plain[1].accept) if plain is not None else None
        if asked is not None:
            self._pool.learn(asked.shape, DEADLY)
            for process in self._processes:
                self._teach(process, asked.shape, DEADLY)

    def _reap(self, process: _Process) -> None:
        # The kernel needs a moment to free its memory.
        if process.process.poll() is None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_later(0.1, self._reap, process)

    def _spawn(self) -> None:
        if self._closed or self._loop is None:
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        board, memory = Board.create()
        number, stamp = self._pool.newest()
        limits = self._settings.limits
        about = {
            "generations": str(self._root / "generations"),
            "current": str(self._root / "CURRENT"),
            "url": self._url,
            "number": number,
            "stamp": stamp,
            "hosts": self._settings.hosts,
            "longest": limits.url,
            "seconds": limits.seconds,
            "memory": limits.memory,
            "stack": limits.stack,
            "kept": limits.kept // 8,
        }
        with theirs:
            descriptors = (theirs.fileno(), memory)
            process = subprocess.Popen(
                [sys.executable, "-m", "api.direct", *map(str, descriptors), orjson.dumps(about).decode()],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                env={"LD_PRELOAD": allocator(), **os.environ, "MALLOC_ARENA_MAX": "2"},
            )
        os.close(memory)
        ours.setblocking(False)
        started = _Process(process, ours, board, generation=number)
        self._processes.append(started)
        self._loop.add_reader(ours, self._hear, started)


def _spent(process: int) -> float:
    """Return the seconds of the processor that a process has used (Linux: its clock has a number made of its own)."""
    try:
        return time.clock_gettime(~process << 3 | 2)
    except OSError:
        return 0.0
