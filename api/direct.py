"""Connections enter; plain queries on them are answered from this very process, and all else is handed back.

    python -m api.direct CONTROL BOARD SETTINGS

A server (:mod:`api.handover`) hands over connections on which one plain query follows the other, so that nothing stands
between the socket and the engine. Only what :mod:`api.replies` answers is answered here; everything else goes back with
its connection, its bytes untouched. The process is confined like any that meets strangers' queries; besides it may take
connections from its server, and makes none. What it does stands on the board (:mod:`api.board`), so that the server can
kill it and answer in its place.

Messages, one a packet: a letter, the number of a connection, bytes. From the server: connection (with its descriptor),
back (give it back), learn (milliseconds by shape, as JSON), generation (number and stamp). From here: ready, hand back
(why, how many were answered, bytes that were read), write (bytes of an answer that the client was too slow for, before
the connection goes back), x for gone, slow (as learn), answered (a list, as JSON).
"""

from __future__ import annotations

import hashlib
import os
import resource
import select
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from api import sandbox
from api.board import ANSWER, DOES, FOR, IDLE, READ, REQUEST, ROOM, SENDING, TAKING, WRITTEN, Board
from api.plain import Head, Plain
from api.reader import Reader
from api.replies import Replies, Reply
from api.turns import go_first

#: Seconds for which lines of the log are gathered, and after which a connection that is quiet goes back.
GATHERED, QUIET = 0.05, 4.0
MESSAGE = struct.Struct("=cI")
#: Bytes of an answer in one message: the system takes no packets of any size.
MOST = 64 * 1024


class Why:
    """Why a connection is handed back."""

    OTHER, UNKNOWN, STALE, QUIET, ASKED, SLOW = range(6)


@dataclass(slots=True)
class _Line:
    """A connection that is here; ``number`` is its name. Bytes are counted modulo 2**32."""

    number: int
    seen: float
    answered: int = 0
    read: int = 0
    written: int = 0


class Direct:
    """Answers on connections until the server closes the control socket. Of one thread."""

    def __init__(
        self, control: socket.socket, poll: select.epoll, board: Board, replies: Replies, settings: dict[str, Any]
    ) -> None:
        self._control = control
        self._board = board
        self._does, self._room = board.words, board.room
        self._replies = replies
        self._current: str = settings["current"]
        self._stamp = tuple(settings["stamp"])
        self._plain = Plain(frozenset(settings["hosts"]), settings["longest"])
        self._lines: dict[int, _Line] = {}  # by descriptor
        self._done: list[tuple[int, str, int, float, str, str]] = []
        self._since = self._swept = 0.0  # the first of what is done
        self._salt, self._count = os.urandom(3).hex().encode(), 0
        self._poll = poll
        poll.register(control, select.EPOLLIN)

    def run(self) -> None:
        control = self._control.fileno()
        while True:
            events = self._poll.poll(GATHERED if self._done else 1.0)
            now = time.monotonic()
            # Whatever is read below was sent before this look at what is current.
            moved = self._moved()
            for descriptor, _ in events:
                if descriptor == control:
                    if not self._hear():
                        return
                elif (line := self._lines.get(descriptor)) is not None:
                    line.seen = now
                    self._serve(descriptor, line, moved)
            if self._done and now - self._since >= GATHERED:
                self._report()
            if now - self._swept >= 1.0:
                self._sweep(now)

    # --- the server

    def _hear(self) -> bool:
        message, ancillary, _, _ = self._control.recvmsg(1 << 18, socket.CMSG_SPACE(4))
        if not message:
            return False
        letter, number = MESSAGE.unpack_from(message)
        rest = message[MESSAGE.size :]
        match letter:
            case b"C":
                for _, _, data in ancillary:
                    descriptor = int.from_bytes(data[:4], sys.byteorder)
                    self._lines[descriptor] = _Line(number, time.monotonic())
                    self._poll.register(descriptor, select.EPOLLIN)
            case b"B":
                for descriptor, line in [*self._lines.items()]:
                    if line.number == number:
                        self._back(descriptor, line, Why.ASKED)
            case b"L":
                self._replies.learn(orjson.loads(rest))
            case b"G":
                generation, *stamp = orjson.loads(rest)
                self._stamp = tuple(stamp)
                self._replies.follow(generation)
        return True

    def tell(self, letter: bytes, number: int = 0, *rest: bytes) -> None:
        # Not send(): that is another system call, which is taken away.
        os.write(self._control.fileno(), b"".join((MESSAGE.pack(letter, number), *rest)))

    def _back(self, descriptor: int, line: _Line, why: int, data: bytes = b"") -> None:
        """Hand a connection back with what was read from it and not answered."""
        self._drop(descriptor)
        self.tell(b"H", line.number, bytes([why, min(line.answered, 255)]), data)

    def _drop(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        os.close(descriptor)
        del self._lines[descriptor]

    def _report(self) -> None:
        done, self._done = self._done, []
        for start in range(0, len(done), 200):
            self.tell(b"A", 0, orjson.dumps(done[start : start + 200]))

    def _sweep(self, now: float) -> None:
        self._swept = now
        if self._lines:
            self._replies.go_on()
        else:
            self._replies.rest()
        for descriptor, line in [*self._lines.items()]:
            if now - line.seen > QUIET:
                self._back(descriptor, line, Why.QUIET)

    # --- the clients

    def _serve(self, descriptor: int, line: _Line, moved: bool) -> None:
        """Read a request and answer it, or hand its connection back; noted on the board from beginning to end."""
        does = self._does
        does[FOR], does[REQUEST], does[READ], does[WRITTEN] = line.number, 0, line.read, line.written
        does[DOES] = TAKING
        self._take(descriptor, line, moved)
        does[DOES] = IDLE
        if self._replies.learnt:
            self.tell(b"S", 0, orjson.dumps(self._replies.learnt))
            self._replies.learnt.clear()

    def _take(self, descriptor: int, line: _Line, moved: bool) -> None:
        began = time.perf_counter()
        try:
            size = os.readv(descriptor, [self._room])
        except BlockingIOError:
            return
        except OSError:
            size = 0
        if not size:
            return self._gone(descriptor, line)
        self._does[REQUEST] = size
        line.read = line.read + size & 0xFFFFFFFF
        data = bytes(self._room[:size])
        plain = self._plain.read(data) if len(data) < ROOM else None
        if plain is None:
            return self._back(descriptor, line, Why.OTHER, data)
        if moved:
            return self._back(descriptor, line, Why.STALE, data)
        target, head = plain
        reply = self._replies.kept(target, head)
        if reply is None:
            asked = self._replies.question(target, head)
            if asked is None:
                return self._back(descriptor, line, Why.UNKNOWN, data)
            self._board.asks()
            reply = self._replies.evaluate(asked, target, head)
            if reply is None:
                return self._back(descriptor, line, Why.OTHER, data)
        self._answer(descriptor, line, reply, head, target, began)

    def _moved(self) -> bool:
        """Tell whether another generation is current than the one that the server named."""
        try:
            found = os.stat(self._current)
        except OSError:
            return True
        return (found.st_ino, found.st_mtime_ns) != self._stamp

    def _answer(self, descriptor: int, line: _Line, reply: Reply, head: Head, target: bytes, began: float) -> None:
        self._count = self._count + 1 & 0xFFFFFF
        identity = head.identity or b"%s%06x" % (self._salt, self._count)
        status, answer = reply.bytes_for(head, identity)
        self._does[ANSWER] = len(answer)
        self._does[DOES] = SENDING
        try:
            sent = os.write(descriptor, answer)
        except BlockingIOError:
            sent = 0
        except OSError:
            return self._gone(descriptor, line)
        line.written = line.written + sent & 0xFFFFFFFF
        seconds = time.perf_counter() - began
        if not self._done:
            self._since = line.seen
        digest = hashlib.sha256(target).hexdigest()[:12]
        self._done.append((line.number, identity.decode(), status, seconds, digest, head.via))
        line.answered += 1
        if sent < len(answer):
            self._drop(descriptor)
            for start in range(sent, len(answer), MOST):
                self.tell(b"W", line.number, answer[start : start + MOST])
            self.tell(b"H", line.number, bytes([Why.SLOW, min(line.answered, 255)]))

    def _gone(self, descriptor: int, line: _Line) -> None:
        self._drop(descriptor)
        self.tell(b"X", line.number)


def main(control: int, memory: int, settings: dict[str, Any]) -> None:
    sandbox.die_with_parent()
    go_first()
    statm = os.open("/proc/self/statm", os.O_RDONLY) if os.path.exists("/proc/self/statm") else -1
    nowhere = os.open(os.devnull, os.O_WRONLY)
    generations = Path(settings["generations"])
    # Made before the process is confined, whose poll it holds.
    controls, board, reader = (
        socket.socket(fileno=control),
        Board(memory),
        Reader(generations, settings["memory"], statm),
    )
    poll = select.epoll()
    held = sandbox.confine(generations, serving=True)

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(nowhere, 2)  # what the engine says when it runs out of memory is no news for the server's log
        direct = Direct(controls, poll, board, Replies(reader, settings), settings)
        direct.tell(b"R", 0, held.encode())
        direct.run()

    # The main thread's stack is what the shell gave it; the parser's needs grow with the nesting of a query.
    threading.stack_size(settings["stack"])
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), orjson.loads(sys.argv[3]))
