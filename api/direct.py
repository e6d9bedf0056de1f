"""Connections enter; plain queries on them are answered from this very process, and all else is handed back.

    python -m api.direct CONTROL BOARD TOKEN SETTINGS

A server (:mod:`api.handover`) hands over connections on which one plain query follows the other, so that nothing stands
between the socket and the engine. Only queries of a shape that is known to be quick are evaluated here; everything that
is not of this kind goes back with its connection, its bytes unanswered. The process is confined like any that meets
strangers' queries; besides it may take connections from its server, and makes none. What it is doing stands on the
board (:mod:`api.board`), so that the server can kill it and answer in its place.

Messages, one a packet: a letter, the number of a connection, bytes. From the server: connection (with its descriptor),
back (give it back), learn (milliseconds by shape, as JSON), generation (number and stamp). From here: ready, hand back
(why, how many were answered, bytes that were read), write (bytes of an answer that the client was too slow for; then
handed back), gone, slow (as learn), answered (a list, as JSON).
"""

from __future__ import annotations

import hashlib
import io
import os
import resource
import select
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from api import sandbox
from api.asking import Asked, read
from api.board import IDLE, ROOM, SENDING, TAKING, Board
from api.cache import Cache
from api.encoding import WORTH_COMPRESSING, compressed
from api.heads import SECURITY, head_of, headers_of, matches, raw, tag_of
from api.plain import Head, Plain
from api.reader import Reader, fit_for_xml, write
from kg.store.formats import PREFIXES
from kg.store.guard import has_dataset

#: Milliseconds of work that a query of a shape may take for others of that shape to be evaluated here.
SLOW = 10.0
#: Bytes of the longest answer: a longer one is streamed elsewhere.
LONGEST = 256 * 1024
#: Seconds for which lines of the log are gathered, and after which a connection that is quiet goes back.
GATHERED, QUIET = 0.05, 4.0
MESSAGE = struct.Struct("=cI")
_SHAPES = 2_048
_SECURITY = raw(SECURITY)


class Why:
    """Why a connection is handed back."""

    OTHER, UNKNOWN, STALE, QUIET, ASKED = range(5)


class TooLongError(Exception):
    """An answer that is not for here."""


class Short(io.RawIOBase):
    """Where the engine writes an answer of bounded length."""

    def __init__(self, *, xml: bool) -> None:
        super().__init__()
        self.body = bytearray()
        self._xml = xml

    def write(self, data: Any) -> int:
        if self._xml:
            fit_for_xml(data)
        self.body += data
        if len(self.body) > LONGEST:
            raise TooLongError
        return len(data)


@dataclass(slots=True)
class _Line:
    """A connection that is here; ``number`` is its name."""

    number: int
    seen: float
    answered: int = 0


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer: the two ends of its head, its body and its ETag."""

    head: bytes
    body: bytes
    tag: bytes
    unchanged: bytes  # the head of a 304

    def __len__(self) -> int:
        return len(self.body) + 2_048


class Direct:
    """Answers on connections until the server closes the control socket. Of one thread."""

    def __init__(self, control: socket.socket, board: Board, reader: Reader, settings: dict[str, Any]) -> None:
        self._control = control
        self._board = board
        self._reader = reader
        self._url: str = settings["url"]
        self._seconds: float = settings["seconds"]
        self._current: str = settings["current"]
        self._number, self._stamp = settings["number"], tuple(settings["stamp"])
        self._plain = Plain(frozenset(settings["hosts"]), settings["longest"])
        self._kept: Cache[_Kept] = Cache(settings["kept"])
        self._usual: dict[str, float] = {}
        self._lines: dict[int, _Line] = {}  # by descriptor
        self._done: list[tuple[int, str, int, float, str, str]] = []
        self._began = self._swept = 0.0  # the first of what is done
        self._salt, self._count = os.urandom(3).hex(), 0
        self._poll = select.epoll()
        self._poll.register(control, select.EPOLLIN)

    def run(self) -> None:
        control = self._control.fileno()
        while True:
            for descriptor, _ in self._poll.poll(GATHERED if self._done else 1.0):
                if descriptor == control:
                    if not self._hear():
                        return
                elif (line := self._lines.get(descriptor)) is not None:
                    self._serve(descriptor, line)
            now = time.monotonic()
            if self._done and now - self._began >= GATHERED:
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
                if len(self._usual) > _SHAPES:
                    self._usual.clear()
                self._usual.update(orjson.loads(rest))
            case b"G":
                self._number, *stamp = orjson.loads(rest)
                self._stamp = tuple(stamp)
                self._reader.warm(self._number)
        return True

    def tell(self, letter: bytes, number: int = 0, *rest: bytes) -> None:
        # Not send(): that is another system call, which is taken away.
        os.write(self._control.fileno(), b"".join((MESSAGE.pack(letter, number), *rest)))

    def _back(self, descriptor: int, line: _Line, why: int, data: bytes = b"") -> None:
        """Hand a connection back with what was read from it and not answered."""
        self._drop(descriptor)
        self.tell(b"H", line.number, bytes([why, min(line.answered, 255)]), data)
        self._board.does(IDLE, 0)

    def _drop(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        os.close(descriptor)
        del self._lines[descriptor]

    def _report(self) -> None:
        done, self._done = self._done, []
        for start in range(0, len(done), 1_000):
            self.tell(b"A", 0, orjson.dumps(done[start : start + 1_000]))

    def _sweep(self, now: float) -> None:
        self._swept = now
        for descriptor, line in [*self._lines.items()]:
            if now - line.seen > QUIET:
                self._back(descriptor, line, Why.QUIET)

    # --- the clients

    def _serve(self, descriptor: int, line: _Line) -> None:
        """Read a request and answer it, or hand its connection back."""
        began = time.perf_counter()
        self._board.does(TAKING, line.number)
        try:
            data = os.read(descriptor, ROOM)
        except BlockingIOError:
            return self._board.does(IDLE, 0)
        except OSError:
            data = b""
        if not data:
            return self._gone(descriptor, line)
        plain = self._plain.read(data) if len(data) < ROOM else None
        if plain is None:
            return self._back(descriptor, line, Why.OTHER, data)
        if self._moved():
            return self._back(descriptor, line, Why.STALE, data)
        target, head = plain
        key = (str(self._number), target, head.accept, head.encoding)
        kept, asked = self._kept.get(key), False
        if kept is None:
            question = read(target, head.accept)
            usual = self._usual.get(question.shape) if question is not None and question.shape else None
            if question is None or usual is None or usual > SLOW:
                return self._back(descriptor, line, Why.UNKNOWN, data)
            self._board.asks(line.number, data)
            kept, asked = self._evaluate(question, head.encoding, usual), True
            if kept is None:
                return self._back(descriptor, line, Why.OTHER, data)
            if question.steady:
                self._kept.put(key, kept)
        unchanged = bool(head.known) and bool(kept.tag) and matches(head.known, kept.tag)
        self._answer(descriptor, line, kept, unchanged, head, target, began, asked=asked)

    def _moved(self) -> bool:
        """Tell whether another generation is current than the one that the server named."""
        try:
            found = os.stat(self._current)
        except OSError:
            return True
        return (found.st_ino, found.st_mtime_ns) != self._stamp

    def _evaluate(self, asked: Asked, encoding: str, usual: float) -> _Kept | None:
        """Return the answer; None for whatever can't be answered here: who is asked next says why."""
        began = time.thread_time()
        self._reader.limit_cpu(self._seconds)
        sink = Short(xml="xml" in asked.accept)
        prefixes = PREFIXES if asked.accept == "text/turtle" else None
        try:
            store = self._reader.open(self._number)
            write(store, asked.text, asked.accept, sink, union=not _own_dataset(asked.shape), prefixes=prefixes)
        except (OSError, RuntimeError, ValueError, SyntaxError, MemoryError):
            return None
        except TooLongError:
            self._learn(asked.shape, SLOW * 10)
            return None
        finally:
            self._reader.let_go()
        took = (time.thread_time() - began) * 1000
        if took > SLOW:
            self._learn(asked.shape, took)
        else:
            self._usual[asked.shape] = max(took, 0.9 * usual + 0.1 * took)
        body = bytes(sink.body)
        coded = bool(encoding) and len(body) >= WORTH_COMPRESSING
        if coded:
            body = compressed(body, encoding)
        version = str(self._number)
        tag = tag_of(self._url, version, asked.media, asked.text, "True").encode() if asked.steady else b""
        whole, unchanged = _heads(asked.media, asked.steady, version, encoding if coded else "")
        return _Kept(
            whole.replace(b"\0", tag).replace(b"\1", b"%d" % len(body)), body, tag, unchanged.replace(b"\0", tag)
        )

    def _learn(self, shape: str, took: float) -> None:
        self._usual[shape] = took
        self.tell(b"S", 0, orjson.dumps({shape: took}))

    def _answer(
        self,
        descriptor: int,
        line: _Line,
        kept: _Kept,
        unchanged: bool,
        head: Head,
        target: bytes,
        began: float,
        *,
        asked: bool,
    ) -> None:
        self._count = self._count + 1 & 0xFFFFFF
        identity = head.identity or b"%s%06x" % (self._salt.encode(), self._count)
        ends = b"x-request-id: %s\r\n%s" % (identity, _defaults(int(time.time())))
        answer = b"".join((kept.unchanged, ends) if unchanged else (kept.head, ends, kept.body))
        if asked:
            while not self._board.take():
                time.sleep(0.001)  # the server looks, or is about to kill
            self._board.does(SENDING, line.number)
        rest = b""
        try:
            rest = answer[os.write(descriptor, answer) :]
        except BlockingIOError:
            rest = answer
        except OSError:
            self._gone(descriptor, line)
            return self._end(asked=asked)
        now = time.perf_counter()
        if not self._done:
            self._began = time.monotonic()
        status = 304 if unchanged else 200
        self._done.append((line.number, identity.decode(), status, now - began, _digest(target), head.via))
        line.seen = time.monotonic()
        line.answered += 1
        if rest:
            self._drop(descriptor)
            self.tell(b"W", line.number, rest)
        self._end(asked=asked)

    def _end(self, *, asked: bool) -> None:
        self._board.does(IDLE, 0)
        if asked:
            self._board.give()

    def _gone(self, descriptor: int, line: _Line) -> None:
        self._drop(descriptor)
        self.tell(b"X", line.number)
        self._board.does(IDLE, 0)


_own_dataset = lru_cache(1_024)(has_dataset)


def _digest(target: bytes) -> str:
    return hashlib.sha256(target).hexdigest()[:12]


@lru_cache(256)
def _heads(media: str, steady: bool, version: str, encoding: str) -> tuple[bytes, bytes]:
    """Return the heads of a whole answer and of a 304, NUL where the ETag belongs and U+0001 for the length."""
    headers = headers_of(media, "\0" if steady else None, version)
    if encoding:
        headers["content-encoding"] = encoding
    headers["content-length"] = "\1"
    pairs = [*raw(headers), *_SECURITY]
    less = [pair for pair in pairs if pair[0] not in (b"content-type", b"content-length")]
    return head_of(pairs), head_of(less, 304)


@lru_cache(1)
def _defaults(second: int) -> bytes:
    """Return the lines of the server's own headers (uvicorn's), and the empty one behind them."""
    return f"server: uvicorn\r\ndate: {formatdate(second, usegmt=True)}\r\n\r\n".encode()


def main(control: int, memory: int, token: int, settings: dict[str, Any]) -> None:
    sandbox.die_with_parent()
    statm = os.open("/proc/self/statm", os.O_RDONLY) if os.path.exists("/proc/self/statm") else -1
    nowhere = os.open(os.devnull, os.O_WRONLY)
    generations = Path(settings["generations"])
    reader = Reader(generations, settings["memory"], statm)
    direct = Direct(socket.socket(fileno=control), Board(memory, token), reader, settings)
    held = sandbox.confine(generations, serving=True)

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # os.dup2(nowhere, 2)  # what the engine says when it runs out of memory is no news for the server's log
        reader.warm(settings["number"])
        direct.tell(b"R", 0, held.encode())
        direct.run()

    threading.stack_size(settings["stack"])
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), orjson.loads(sys.argv[4]))
