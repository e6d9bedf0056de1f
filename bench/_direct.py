"""What one query costs in a worker, on a connection that was handed over, and in this process; and what its parts cost.

Part of bench/sparql.py.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import uvloop

from api.answers import Question
from api.limits import Limits
from api.logs import Batched, PlainLines
from api.noting import note
from api.plain import Plain
from api.pool import Pool
from api.reader import Reader, whole
from api.replies import Replies

JSON = "application/sparql-results+json"
TIMES = 300


class Connection:
    """A kept connection to our server, handed over to the process that evaluates."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = b""

    def ask(self, text: str) -> bytes:
        self._socket.sendall(request(text))
        found = self._socket.recv(1 << 20)
        self._head, _, body = found.partition(b"\r\n\r\n")
        assert self._head.startswith(b"HTTP/1.1 200"), self._head
        length = int(self._head.partition(b"content-length: ")[2].split()[0])
        while len(body) < length:
            body += self._socket.recv(1 << 20)
        return body

    def handed_over(self, queries: Iterator[str]) -> Connection:
        before = b""
        for _ in range(2_000):
            self.ask(next(queries))
            now = self._head.partition(b"x-request-id: ")[2].split()[0]
            if before[:6] == now[:6] and int(before[6:], 16) + 1 == int(now[6:], 16):
                return self
            before = now
            time.sleep(0.005)
        raise AssertionError("the connection was not handed over")


def request(text: str) -> bytes:
    return f"GET /sparql?query={quote(text)} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {JSON}\r\n\r\n".encode()


def one_at_a_time(folder: Path, port: int, kinds: dict[str, Iterator[str]]) -> None:
    """Print the milliseconds of one query after the other: each way is asked another one in turn."""
    engine = ox.Store.read_only(str(generation(folder)))

    async def story() -> None:
        pool = Pool(folder, Limits(running=1))
        await pool.start()
        await pool.ask(Question("ASK {}", JSON), client="bench")
        print(f"{'milliseconds, one at a time':28}{'worker':>9}{'direct':>9}{'raw':>9}  over raw: worker, direct")
        for name, queries in kinds.items():
            connection = Connection(port).handed_over(queries)
            times: tuple[list[float], ...] = ([], [], [])
            for _ in range(TIMES):
                text = next(queries)
                began = time.perf_counter()
                await pool.ask(Question(text, JSON), client="bench")
                times[0].append((time.perf_counter() - began) * 1000)
                text = next(queries)
                times[1].append(timed(partial(connection.ask, text)))
                text = next(queries)
                times[2].append(timed(partial(whole, engine, text, JSON, union=True, prefixes=None)))
            worker, direct, raw = map(statistics.median, times)
            print(
                f"{name:28}{worker:9.3f}{direct:9.3f}{raw:9.3f}  {worker - raw:+.3f} ({worker / raw:.2f}), "
                f"{direct - raw:+.3f} ({direct / raw:.2f})"
            )
        pool.close()

    uvloop.run(story())


def parts(folder: Path, kinds: dict[str, Iterator[str]]) -> None:
    """Print what the steps of a direct answer cost, microseconds; the rest of a request is sockets and the system."""
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    reader = Reader(folder / "generations", 1 << 30, statm)
    number = int(generation(folder).name)
    replies = Replies(reader, {"url": "bench", "seconds": 20.0, "kept": 1 << 23, "number": number})
    plain = Plain({"127.0.0.1"}, 16_384)
    logger, lines = logging.getLogger("api"), Batched()
    lines.setStream(open(os.devnull, "w"))  # noqa: SIM115  as long as the process
    lines.setFormatter(PlainLines())
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    names = ("request", "kept?", "guard", "evaluate", "engine", "head", "log")
    print(f"{'microseconds of a direct answer':32}" + "".join(f"{name:>10}" for name in names))
    for name, queries in kinds.items():
        times: list[list[float]] = [[] for _ in names]
        for _ in range(TIMES):
            data, other = request(next(queries)), next(queries)
            clock = [time.perf_counter()]
            found = plain.read(data)
            assert found is not None
            clock.append(time.perf_counter())
            replies.kept(*found)
            clock.append(time.perf_counter())
            asked = replies.question(*found)
            if asked is None:  # its shape is new
                replies.learn({shape_of(data, plain): 1.0})
                continue
            clock.append(time.perf_counter())
            reply = replies.evaluate(asked, *found)
            assert reply is not None
            clock.append(time.perf_counter())
            engine = reader.open(number)
            began = time.perf_counter()
            whole(engine, other, JSON, union=True, prefixes=None)
            clock.append(clock[-1] + time.perf_counter() - began)
            began = time.perf_counter()
            reply.bytes_for(found[1], b"0123456789ab")
            clock.append(clock[-1] + time.perf_counter() - began)
            began = time.perf_counter()
            note("0123456789ab", "127.0.0.1", "GET", "/sparql", 200, 0.001, hashlib.sha256(found[0]).hexdigest()[:12])
            clock.append(clock[-1] + time.perf_counter() - began)
            for part, (first, last) in zip(times, pairwise(clock), strict=True):
                part.append((last - first) * 1e6)
        print(f"{name:32}" + "".join(f"{statistics.median(part):10.1f}" for part in times))
    lines.close()


def shape_of(data: bytes, plain: Plain) -> str:
    from api.asking import read

    found = plain.read(data)
    assert found is not None
    asked = read(found[0], found[1].accept)
    assert asked is not None
    return asked.shape


def generation(folder: Path) -> Path:
    return folder / "generations" / (folder / "CURRENT").read_text().strip()


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000
