"""Our SPARQL endpoint against `oxigraph serve-read-only` over the same data, and a worker against raw pyoxigraph.

    python bench/sparql.py [EDITIONS]       default 2000; about 240 quads each

Both servers run at once and take turns; the load comes from this process over CONNECTIONS kept-alive connections. Every
query but those of the last kind is asked once only, so that no cache answers it. Prints requests a second and the
ratio ours : theirs; then what one question costs in a worker and in this process.
"""

from __future__ import annotations

import asyncio
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import uvloop
from store import BASE, edition, node

from api.answers import Question
from api.limits import Limits
from api.pool import Pool
from kg import query
from kg.graph import ArticleGraph
from kg.store import open_store
from kg.vocab import KG

CONNECTIONS, ROUNDS, SECONDS = 8, 5, 1.0
JSON = "application/sparql-results+json"
SERVER = """
import socket, sys, uvicorn
listening = socket.socket(fileno=int(sys.argv[1]))
config = uvicorn.Config("api.app:create_app", factory=True, log_level="warning", access_log=False)
uvicorn.Server(config).run(sockets=[listening])
"""


def kinds(editions: int) -> dict[str, Iterator[str]]:
    """Return, for each kind of question, queries without end."""
    rng = random.Random(2)

    def points() -> Iterator[str]:
        for number in range(10**9):
            statement = f"{BASE}edition/{rng.randrange(editions)}#s{rng.randrange(10)}"
            yield f"SELECT ?w {{ <{statement}> <{KG.contentText.value}> ?w }} #{number}"

    def said_by() -> Iterator[str]:
        for number in range(10**9):
            yield query.prepare("said_by", actor=f"{BASE}actor/{20 + rng.randrange(180)}") + f"\n#{number}"

    def chain_of() -> Iterator[str]:
        for number in range(10**9):
            statement = f"{BASE}edition/{rng.randrange(editions)}#s{rng.randrange(10)}"
            yield query.prepare("chain_of", statement=statement) + f"\n#{number}"

    def outlets() -> Iterator[str]:
        for number in range(10**9):
            yield f"SELECT ?o (COUNT(*) AS ?n) {{ ?s <{KG.publishedBy.value}> ?o }} GROUP BY ?o #{number}"

    def same() -> Iterator[str]:
        while True:
            yield f"SELECT ?w {{ <{BASE}edition/3#s3> <{KG.contentText.value}> ?w }}"

    return {
        "point look-up": points(),
        "one chain": chain_of(),
        "statements of one actor": said_by(),
        "count by outlet": outlets(),
        "the same point again": same(),
    }


class Client(asyncio.Protocol):
    """One connection: sends a query, waits for the end of its answer, sends the next."""

    def __init__(self, path: str, queries: Iterator[str], until: float, done: asyncio.Future[int]) -> None:
        self.path, self.queries, self.until, self.done = path, queries, until, done
        self.count = 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._send()

    def _send(self) -> None:
        if time.perf_counter() > self.until:
            self.transport.close()
            self.done.set_result(self.count)
            return
        text = next(self.queries)
        head = f"GET {self.path}?query={quote(text)} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: {JSON}\r\n\r\n"
        self.transport.write(head.encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        assert head.startswith(b"HTTP/1.1 200"), self.buffer[:500]
        _, length, rest = head.lower().partition(b"content-length: ")
        whole = len(body) >= int(rest.split(b"\r\n")[0]) if length else body.endswith(b"0\r\n\r\n")
        if whole:
            self.count += 1
            self.buffer = b""
            self._send()


async def load(port: int, path: str, queries: Iterator[str]) -> float:
    """Return requests a second."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    futures = [loop.create_future() for _ in range(CONNECTIONS)]
    for future in futures:
        await loop.create_connection(
            lambda future=future: Client(path, queries, began + SECONDS, future), "127.0.0.1", port
        )
    counts = await asyncio.gather(*futures)
    return sum(counts) / (time.perf_counter() - began)


def over_http(folder: Path, editions: int) -> None:
    generation = folder / "generations" / (folder / "CURRENT").read_text().strip()
    with socket.create_server(("127.0.0.1", 0)) as free:
        their_port = free.getsockname()[1]
    theirs = subprocess.Popen(
        [
            *(Path(sys.executable).with_name("oxigraph"), "serve-read-only", "--location", generation),
            *("--bind", f"127.0.0.1:{their_port}", "--union-default-graph"),
        ],
        stderr=subprocess.DEVNULL,
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        our_port = listening.getsockname()[1]
        environment = {**os.environ, "KG_STORE": str(folder), "KG_QUERY_SLOTS": "3"}
        ours = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(listening.fileno())],
            env=environment, pass_fds=[listening.fileno()], stderr=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        for port in (our_port, their_port):
            wait_for(port)
        print(f"{'requests a second, median of ' + str(ROUNDS):34}{'ours':>10}{'oxigraph':>10}  ours : theirs")
        for name, queries in kinds(editions).items():
            rates: tuple[list[float], list[float]] = ([], [])
            for _ in range(ROUNDS):
                rates[0].append(uvloop.run(load(our_port, "/sparql", queries)))
                rates[1].append(uvloop.run(load(their_port, "/query", queries)))
            one, other = map(statistics.median, rates)
            print(f"{name:34}{one:10.0f}{other:10.0f}  {one / other:.2f}")
    finally:
        for process in (ours, theirs):
            process.terminate()
            process.wait()


def wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def workers(folder: Path, editions: int) -> None:
    """Print what a worker costs over the engine in this process; both on one question at a time."""
    generation = folder / "generations" / (folder / "CURRENT").read_text().strip()
    engine = ox.Store.read_only(str(generation))

    async def story() -> None:
        pool = Pool(folder, Limits(running=1))
        await pool.start()
        await pool.ask(Question("ASK {}", JSON), client="bench")
        print(f"{'milliseconds, one at a time':34}{'worker':>10}{'raw':>10}  difference")
        for name, queries in kinds(editions).items():
            times: tuple[list[float], list[float]] = ([], [])
            for _ in range(200):
                text = next(queries)
                times[1].append(timed(lambda text=text: raw(engine, text)))
                began = time.perf_counter()
                await pool.ask(Question(text, JSON), client="bench")
                times[0].append((time.perf_counter() - began) * 1000)
            one, other = map(statistics.median, times)
            print(f"{name:34}{one:10.3f}{other:10.3f}  {one - other:+.3f} ({one / other:.2f})")
        pool.close()

    uvloop.run(story())


def raw(engine: ox.Store, text: str) -> bytes | None:
    answer = engine.query(text, use_default_graph_as_union=True)
    return answer.serialize(format=ox.QueryResultsFormat.JSON)  # type: ignore[union-attr]


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def main(editions: int) -> None:
    rng = random.Random(1)
    made = [edition(number, rng) for number in range(editions)]
    linking = ArticleGraph.of(node("graph/linking"), (triple for _, shared in made for triple in shared))
    quads = sum(len(graph) for graph, _ in made) + len(linking)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "store")
        with open_store(str(folder), base_iri=BASE):
            pass
        filling = ox.Store(str(folder / "primary"))
        filling.bulk_extend(quad for graph, _ in made for quad in graph.quads())
        filling.bulk_extend(linking.quads())
        filling.optimize()
        number = int((folder / "CURRENT").read_text()) + 1
        filling.backup(str(folder / "generations" / str(number)))
        (folder / "CURRENT").write_text(f"{number}\n")
        del filling
        print(f"{editions} editions, {quads:,} quads, {platform.machine()}, {os.cpu_count()} cores, "
              f"Python {platform.python_version()}, {CONNECTIONS} connections")  # fmt: skip
        over_http(folder, editions)
        workers(folder, editions)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
