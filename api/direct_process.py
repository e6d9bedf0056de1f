"""One process of :mod:`api.direct` as its server sees it: what it is told, what it was given, whether it is stuck."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import orjson

from api.board import ASKING, Board
from api.config import ServerSettings
from api.counts import Counts, counts
from api.direct import MESSAGE
from api.pool import allocator
from kg.store.generations import Stamp

if TYPE_CHECKING:
    from api.handover import Handover

#: Seconds of the processor, and of the clock, that one query may hold up a process.
STALLED, STUCK = 0.03, 0.5
#: Seconds between two looks at what the processes do.
LOOK = 0.025
#: Connections of one process.
MOST = 256
_KNOWN = 2_048


class Connection(Protocol):
    """A connection of the server's, as :class:`api.patience.Patient` is."""

    plain: int  # queries since it was last handed back
    needed: int  # of them, until it is handed over

    def lend(self, holder: Handover, peer: str) -> None:
        """Stop reading and, when all is written, call the holder's ``lend``; nothing when something is under way."""

    def send(self, data: bytes) -> None:
        """Send a part of an answer that its process could not."""

    def take_back(self, data: bytes = b"") -> None:
        """Go on with bytes that were read, and read again."""

    def drop(self) -> None:
        """Close it: its answer left in part, or whether it left can't be told."""


@dataclass(slots=True, eq=False)
class Lent:
    """A connection that a process has, who is at its other end, and its bytes when it was lent."""

    connection: Connection
    peer: str
    descriptor: int
    before: Counts | None
    partly: bool = False  # a part of an answer was sent for the process

    def since(self) -> Counts | None:
        """Return the bytes read and written since it was lent; None where the kernel does not count them."""
        now = counts(self.descriptor)
        if now is None or self.before is None:
            return None
        return Counts(now.read - self.before.read, now.written - self.before.written)


@dataclass(slots=True, eq=False)
class DirectProcess:
    """A process and what it was given."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    board: Board
    generation: int
    ready: bool = False
    lent: dict[int, Lent] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)  # shapes
    stalled: bool = False  # it is killed for that
    dead: bool = False
    _watched: tuple[float, float] = (0.0, 0.0)  # when the query at work began; the processor's seconds at first sight

    @property
    def free(self) -> bool:
        """Tell whether it can be given a connection."""
        return self.ready and not self.dead and not self.stalled and len(self.lent) < MOST

    def lend(self, number: int, lent: Lent) -> bool:
        """Give it a connection under a number; False when it can't take one now."""
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, lent.descriptor.to_bytes(4, sys.byteorder))]
        try:
            self.control.sendmsg([MESSAGE.pack(b"C", number)], rights)
        except OSError:
            return False
        self.lent[number] = lent
        return True

    def tell(self, letter: bytes, number: int, *rest: bytes) -> bool:
        """Send it a message; False when it is busy, or dead: what was to be told is told again."""
        try:
            self.control.send(b"".join((MESSAGE.pack(letter, number), *rest)))
        except OSError:
            return False
        return True

    def teach(self, shape: str, usual: float) -> None:
        """Tell it the milliseconds that queries of a shape take."""
        if self.ready and self.tell(b"L", 0, orjson.dumps({shape: usual})):
            if len(self.known) > _KNOWN:
                self.known.clear()
            self.known.add(shape)

    def follow(self, number: int, stamp: Stamp) -> None:
        """Tell it of a generation, unless it knows."""
        if number != self.generation and self.tell(b"G", 0, orjson.dumps([number, *stamp])):
            self.generation = number

    def watch(self) -> None:
        """Kill it when one query holds it up; to be called every LOOK seconds."""
        seen, now = self.board.read(), time.monotonic()
        if seen.does != ASKING or now - seen.began < LOOK:
            return
        spent = _spent(self.process.pid)
        if self._watched[0] != seen.began:
            self._watched = (seen.began, spent)
        elif spent - self._watched[1] >= STALLED or now - seen.began >= STUCK:
            # Should it answer just now, the board says so afterwards.
            self.stalled = True
            self.process.kill()


def start(root: Path, url: str, settings: ServerSettings, newest: tuple[int, Stamp]) -> DirectProcess:
    """Start a process over the store in a folder; it says when it is ready."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    board, memory = Board.create()
    number, stamp = newest
    limits = settings.limits
    about = {
        "generations": str(root / "generations"),
        "current": str(root / "CURRENT"),
        "url": url,
        "number": number,
        "stamp": stamp,
        "hosts": settings.hosts,
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
    return DirectProcess(process, ours, board, number)


def _spent(process: int) -> float:
    """Return the seconds of the processor that a process has used (Linux: its clock has a number made of its own)."""
    try:
        return time.clock_gettime(~process << 3 | 2)
    except OSError:
        return 0.0
