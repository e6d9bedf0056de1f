"""A polite client's p99 while a hostile one sends all queries of tests/api/hostile.py, beside its p99 when all is idle.

    python bench/attack.py [EDITIONS] [ROUNDS]       default 200 and 5; about 240 quads each

One server, two client addresses. The polite client asks for one statement after another, each once, 10 ms apart; the
hostile one keeps CONNECTIONS busy. Idle and attack take turns; an attack is all hostile queries, in another order each
time. Both clients stand for some on other machines: the polite one runs before all others where the system lets it
(root) and the hostile one behind them, so that it is not their turn on these cores that is measured. Prints
milliseconds and the ratio attack : idle; before that, how long after the deadline the last of the hostile queries is
answered when they come one by one, to the end of what the server had sent until then.
"""

from __future__ import annotations

import http.client
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from importlib.machinery import SourceFileLoader
from pathlib import Path
from urllib.parse import urlencode

from sparql import wait_for
from store import BASE, edition, node

from kg.graph import ArticleGraph
from kg.store import open_store
from kg.vocab import KG

CONNECTIONS, IDLE_SECONDS, PAUSE, DEADLINE = 4, 8.0, 0.01, 1
SERVER = """
import socket, sys, uvicorn
listening = socket.socket(fileno=int(sys.argv[1]))
config = uvicorn.Config(
    "api.app:create_app", factory=True, http="api.patience:Patient", log_level="warning", access_log=False
)
uvicorn.Server(config).run(sockets=[listening])
"""
#: The polite client: asks until its standard input ends, then prints the milliseconds that each answer took.
CLIENT = """
import http.client, os, random, sys, threading, time
from urllib.parse import quote

from api.turns import go_first

port, editions, first, pause = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
base, word = sys.argv[5:]
try:
    os.nice(-10)
except OSError:
    pass
go_first(quick=False)
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
connection = http.client.HTTPConnection("127.0.0.1", port, source_address=("127.0.0.2", 0))
rng, times = random.Random(first), []
while not ended.is_set():
    first += 1
    text = f"SELECT ?w {{ <{base}edition/{rng.randrange(editions)}#s{rng.randrange(10)}> <{word}> ?w }} #{first}"
    began = time.perf_counter()
    connection.request("GET", "/sparql?query=" + quote(text), headers={"accept": "application/sparql-results+json"})
    answer = connection.getresponse()
    answer.read()
    times.append((time.perf_counter() - began) * 1000)
    assert answer.status == 200, answer.status
    time.sleep(pause)
print(*times)
"""
WARM = 50  # answers that warm a new connection up


class Polite:
    """A client in a process of its own; ``times`` are milliseconds, once the block is left."""

    def __init__(self, port: int, editions: int, first: int) -> None:
        arguments = [str(port), str(editions), str(first), str(PAUSE), BASE, KG.contentText.value]
        self._process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.times: list[float] = []

    def __enter__(self) -> Polite:
        return self

    def __exit__(self, *_: object) -> None:
        told, _ = self._process.communicate()
        assert self._process.returncode == 0, "the polite client was not answered"
        self.times = [float(word) for word in told.split()][WARM:]


def send(port: int, query: str) -> int:
    """Return the status of a query's answer, 0 for one that broke off."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        kind = {"content-type": "application/x-www-form-urlencoded", "accept": "*/*"}
        connection.request("POST", "/sparql", urlencode({"query": query}), kind)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (http.client.IncompleteRead, ConnectionError):
        return 0
    finally:
        connection.close()


def latest(port: int, queries: list[tuple[str, str]]) -> tuple[float, str]:
    """Send the queries one by one; returns the seconds that the slowest answer took, and its query's name."""
    found = []
    for name, text in queries:
        began = time.perf_counter()
        send(port, text)
        found.append((time.perf_counter() - began, name))
    return max(found)


def attack(port: int, queries: list[str]) -> dict[int, int]:
    """Send all queries over CONNECTIONS at once; returns how often each status came, 0 for an answer that broke off."""
    todo = list(queries)
    found: list[int] = []

    def hammer() -> None:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)  # this thread alone
        while True:
            try:
                query = todo.pop()
            except IndexError:
                return
            found.append(send(port, query))

    threads = [threading.Thread(target=hammer) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {status: found.count(status) for status in sorted(set(found))}


def share(times: list[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def fill(folder: str, editions: int) -> int:
    """Make the store; returns its quads."""
    rng = random.Random(1)
    made = [edition(number, rng) for number in range(editions)]
    linking = ArticleGraph.of(node("graph/linking"), (triple for _, shared in made for triple in shared))
    with open_store(folder, base_iri=BASE) as store:
        store.put([*(graph for graph, _ in made), linking])
        store.publish()
        return store.count()


def main(editions: int, rounds: int) -> None:
    module = SourceFileLoader("hostile", str(Path(__file__).parents[1] / "tests" / "api" / "hostile.py")).load_module()
    named = module.queries("http://127.0.0.1:9/sparql")
    queries = [text for _, text in named]
    rng = random.Random(1)
    idle: list[float] = []
    busy: list[float] = []
    ratios: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = str(Path(scratch, "store"))
        quads = fill(folder, editions)
        print(
            f"{editions} editions, {quads:,} quads, {platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}, {len(queries)} hostile queries over {CONNECTIONS} connections"
        )
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            server = subprocess.Popen(
                [sys.executable, "-c", SERVER, str(listening.fileno())],
                env={**os.environ, "KG_STORE": folder, "KG_QUERY_SECONDS": str(DEADLINE), "KG_QUERY_MEMORY": "256"},
                pass_fds=[listening.fileno()],
                stderr=subprocess.DEVNULL,
            )
        try:
            wait_for(port)
            slowest, name = latest(port, named)
            print(f"one by one: the last answer came {slowest - DEADLINE:.3f} s after the deadline ({name})")
            for number in range(rounds):
                with Polite(port, editions, 2 * number * 10**6) as quiet:
                    time.sleep(IDLE_SECONDS)
                rng.shuffle(queries)
                with Polite(port, editions, (2 * number + 1) * 10**6) as attacked:
                    time.sleep(1)
                    answers = attack(port, queries)
                idle += quiet.times
                busy += attacked.times
                ratios.append(share(attacked.times, 0.99) / share(quiet.times, 0.99))
                print(f"round {number + 1}: the attack was answered {answers}, ratio {ratios[-1]:.2f}")
        finally:
            server.terminate()
            server.wait()
    print(f"{'milliseconds':12}{'answers':>9}{'p50':>9}{'p99':>9}{'worst':>9}")
    for name, times in (("idle", idle), ("attack", busy)):
        print(f"{name:12}{len(times):9}{share(times, 0.5):9.2f}{share(times, 0.99):9.2f}{max(times):9.2f}")
    ratio = share(busy, 0.99) / share(idle, 0.99)
    print(f"p99, attack : idle {ratio:.2f}; median of the rounds {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else 5)
