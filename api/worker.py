"""Questions enter on a socket, one after another; their answers leave on it, in pieces. A process of its own.

    python -m api.worker SOCKET GENERATIONS MEMORY STACK NUMBER

A frame to the worker is a length (4 bytes) and a question as JSON; one from it, a kind (1 byte), a length and what
:class:`Kind` says. The process is started and, at the deadline, killed by :mod:`api.pool`; a query that eats all memory
or overflows the stack takes only this process with it. Nothing of ``kg`` is imported: the faster it starts, the
cheaper is a kill.
"""

from __future__ import annotations

import io
import os
import resource
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyoxigraph as ox

from api import sandbox
from api.reader import Reader, UnfitError, fit_for_xml, write

#: A result that fails in its first bytes, as most that fail do, can still be answered with a status of its own.
HELD_BACK = 64 * 1024
#: Seconds that a short answer waits for the next one at most, before that is begun.
LONGEST_HELD = 0.001
_PACK = struct.Struct(">BI")


class Kind:
    """What a frame from a worker is."""

    READY = 0  # the words of the sandbox
    DATA = 1  # bytes of the answer
    END = 2  # the answer is whole: the milliseconds it took to plan, to the first byte and in all, as JSON
    FAILED = 3  # what went wrong and in whose words, as JSON


class Sink(io.RawIOBase):
    """Where the engine writes an answer: sends it on in pieces, and keeps the first ones back."""

    def __init__(self, send: Callable[[bytes], None], *, xml: bool = False) -> None:
        super().__init__()
        self._send = send
        self._xml = xml
        self._kept = bytearray()
        self.first = 0.0  # when the first byte came

    def write(self, data: Any) -> int:
        if not self.first:
            self.first = time.perf_counter()
        if self._xml:
            fit_for_xml(data)
        self._kept += data
        if len(self._kept) >= HELD_BACK:
            self._send(_PACK.pack(Kind.DATA, len(self._kept)) + self._kept)
            self._kept.clear()
        return len(data)

    def end(self, timings: dict[str, float]) -> None:
        last = orjson.dumps(timings)
        data = _PACK.pack(Kind.DATA, len(self._kept)) + self._kept if self._kept else b""
        self._send(data + _PACK.pack(Kind.END, len(last)) + last)


def answer(store: ox.Store, question: dict[str, Any], sink: Sink) -> None:
    """Evaluate a question and write its answer, on one thread. Raises what the engine raises."""
    began = time.perf_counter()
    planned = write(
        store, question["text"], question["accept"], sink, union=question["union"], prefixes=question["prefixes"]
    )
    ended = time.perf_counter()
    first = sink.first or ended
    times = {"plan": planned, "first": first, "total": ended}
    sink.end({name: round((then - began) * 1000, 3) for name, then in times.items()})


class Loop:
    """Reads questions from a socket and answers them until it is closed."""

    def __init__(self, descriptor: int, reader: Reader) -> None:
        self._socket = descriptor
        self._reader = reader
        self._ahead = b""  # read, and not used yet
        self._held = bytearray()  # answers to write
        self._since = 0.0  # when the first of them came

    def run(self) -> None:
        while (head := self._read(4)) is not None:
            body = self._read(int.from_bytes(head))
            if body is None:
                return
            self._one(orjson.loads(body))
            if self._held and not (self._another() and time.perf_counter() - self._since < LONGEST_HELD):
                self.flush()

    def _one(self, question: dict[str, Any]) -> None:
        self._reader.limit_cpu(question["seconds"])
        try:
            self._answered(question)
        finally:
            self._reader.let_go()

    def _answered(self, question: dict[str, Any]) -> None:
        sink = Sink(self.send, xml="xml" in question["accept"])
        try:
            store = self._reader.open(question["generation"])
        except (OSError, RuntimeError) as error:
            return self._fail("gone", error)
        try:
            return answer(store, question, sink)
        except UnfitError as error:
            return self._fail("format", error)
        except (SyntaxError, ValueError) as error:
            return self._fail("syntax", error)
        except (OSError, RuntimeError, MemoryError) as error:
            # What a format can't hold (JSON-LD: a triple term) and what can't be read both come as OSError.
            return self._fail("format" if "support" in str(error) else "store", error)

    def _fail(self, kind: str, error: BaseException) -> None:
        words = orjson.dumps({"kind": kind, "words": " ".join(str(error).split())[:400]})
        self.send(_PACK.pack(Kind.FAILED, len(words)) + words)

    def send(self, data: bytes) -> None:
        """Write frames; those of a short answer wait for the next, when its question is here already."""
        if not self._held:
            self._since = time.perf_counter()
        self._held += data
        if len(self._held) >= HELD_BACK:
            self.flush()

    def _another(self) -> bool:
        """Tell whether a whole question is here already."""
        return len(self._ahead) >= 4 and len(self._ahead) >= 4 + int.from_bytes(self._ahead[:4])

    def flush(self) -> None:
        view = memoryview(bytes(self._held))
        self._held.clear()
        while view:
            view = view[os.write(self._socket, view) :]

    def _read(self, size: int) -> bytes | None:
        while len(self._ahead) < size:
            piece = os.read(self._socket, 1 << 16)
            if not piece:
                return None
            self._ahead += piece
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        return data


def main(descriptor: int, generations: Path, memory: int, stack: int, number: int) -> None:
    sandbox.die_with_parent()
    statm = os.open("/proc/self/statm", os.O_RDONLY) if os.path.exists("/proc/self/statm") else -1
    nowhere = os.open(os.devnull, os.O_WRONLY)
    held = sandbox.confine(generations)
    reader = Reader(generations, memory, statm)
    loop = Loop(descriptor, reader)

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(nowhere, 2)  # what the engine says when it runs out of memory is no news for the server's log
        reader.warm(number)
        loop.send(_PACK.pack(Kind.READY, len(held)) + held.encode())
        loop.flush()
        loop.run()

    # The main thread's stack is what the shell gave it; the parser's needs grow with the nesting of a query.
    threading.stack_size(stack)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
