"""Our SPARQL endpoint against `oxigraph serve-read-only` over the same data, and its ways against raw pyoxigraph.

    python bench/sparql.py [EDITIONS]       default 2000; about 240 quads each

Needs wrk (apt install wrk), which costs a tenth of what it measures: CONNECTIONS kept-alive connections, one thread.
`kg serve` with one process, `kg serve` with one a core, and oxigraph (a thread a core) are up at once and take turns.
Every query but those of the last kind is asked once only, so that no cache answers it. Prints requests a second, the
ratio ours : theirs, and what a request costs in processor time, which says more where others use the machine too;
then what one question costs in a worker, on a connection that is handed over, and in this process, and in which steps.
"""

from __future__ import annotations

import os
import platform
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
from _direct import one_at_a_time, parts
from store import BASE, edition, node

from kg import query
from kg.graph import ArticleGraph
from kg.store import open_store
from kg.vocab import KG

CONNECTIONS, ROUNDS, SECONDS = 8, 5, 2


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


@dataclass(frozen=True, slots=True)
class Side:
    """A server under load."""

    process: subprocess.Popen[bytes]
    port: int
    path: str

    def load(self, targets: Path, first: int, *, once: bool) -> tuple[int, float, float]:
        """Return requests, requests a second, and microseconds of the processor for each."""
        url = f"http://127.0.0.1:{self.port}"
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", Path(__file__).with_name("_load.lua"), url]
        before = spent(self.process.pid)
        ran = subprocess.run(
            [*command, "--", self.path, targets, str(first), "once" if once else "again"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "Non-2xx" not in ran.stdout, ran.stdout
        requests, microseconds = map(int, ran.stdout.split()[-4:-2])
        return requests, requests / microseconds * 1e6, (spent(self.process.pid) - before) / requests * 1e6


def spent(process: int) -> float:
    """Return the seconds of the processor that a process and its children have used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(map(spent, map(int, children)))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def ours(folder: Path, processes: int) -> Side:
    port = free_port()
    command = [Path(sys.executable).with_name("kg"), "serve", "--store", folder, "--port", str(port)]
    slots = {**os.environ, "KG_QUERY_SLOTS": "3"}
    started = subprocess.Popen([*command, "--workers", str(processes)], env=slots, stderr=subprocess.DEVNULL)
    return Side(started, port, "/sparql")


def theirs(generation: Path) -> Side:
    port = free_port()
    command = [Path(sys.executable).with_name("oxigraph"), "serve-read-only", "--location", generation]
    where = ["--bind", f"127.0.0.1:{port}", "--union-default-graph"]
    return Side(subprocess.Popen([*command, *where], stderr=subprocess.DEVNULL), port, "/query")


def over_http(folder: Path, editions: int) -> None:
    if shutil.which("wrk") is None:
        print("requests a second: left out, wrk is not installed (apt install wrk)")
        return
    generation = folder / "generations" / (folder / "CURRENT").read_text().strip()
    cores = os.cpu_count() or 1
    sides = {"1 process": ours(folder, 1), f"{cores} processes": ours(folder, cores), "oxigraph": theirs(generation)}
    try:
        for side in sides.values():
            wait_for(side.port)
        print(
            f"{'requests a second (us of CPU each)':36}" + "".join(f"{name:>18}" for name in sides) + "  ours : theirs"
        )
        first = 1
        for name, queries in kinds(editions).items():
            once = "again" not in name
            asked = [next(queries) for _ in range(5_000 if once else 1)]
            if once:
                asked = [text.rpartition("#")[0].rstrip() for text in asked]  # wrk numbers them
            targets = folder / "targets"
            targets.write_text("".join(f"?query={quote(text)}\n" for text in asked))
            runs: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
            for _ in range(ROUNDS):
                for which, side in sides.items():
                    count, rate, cost = side.load(targets, first, once=once)
                    first += count
                    runs[which].append((rate, cost))
            rates = {which: statistics.median(rate for rate, _ in found) for which, found in runs.items()}
            costs = {which: statistics.median(cost for _, cost in found) for which, found in runs.items()}
            columns = "".join(f"{rates[which]:11.0f} ({costs[which]:4.0f})" for which in sides)
            *our, their = rates.values()
            print(f"{name:36}{columns}  {' '.join(f'{rate / their:.2f}' for rate in our)}", flush=True)
    finally:
        for side in sides.values():
            side.process.terminate()
            side.process.wait()


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


def alone(folder: Path, editions: int) -> None:
    """Print what one query after the other costs, and where the time of a direct answer goes."""
    asked = {name: queries for name, queries in kinds(editions).items() if "again" not in name}
    side = ours(folder, 1)
    try:
        wait_for(side.port)
        one_at_a_time(folder, side.port, asked)
    finally:
        side.process.terminate()
        side.process.wait()
    parts(folder, asked)


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
        alone(folder, editions)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
