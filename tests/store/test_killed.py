"""kill -9 of the writer at random points: nothing that was acknowledged is lost, and the store is whole at once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from store_samples import BASE, edition

from kg.store import Store, open_store
from kg.store.mend import mend
from kg.store.verify import verify

WRITER = """
import sys
sys.path.insert(0, {tests!r})
from store_samples import BASE, edition
from kg.store import open_store
from kg.store.journal import Commit, Receipt

number = int(sys.argv[1])
with open_store({url!r}, base_iri=BASE) as store:
    print("ready", flush=True)
    while True:
        batch = [edition(f"number-{{n}}", "word", str(n), *["and"] * (n % 40)) for n in range(number, number + 5)]
        batch.append(edition("same", *str(number).split(), *["again"] * 60))
        for graph in batch:
            raw = store.spool.put(graph.name.value.encode() + str(number).encode())
            store.journal.received([Receipt(graph.name.value, raw)])
        store.put(batch)
        store.journal.committed(Commit(g.name.value, len(g), g.digest(), "hand 1") for g in batch)
        print(number, flush=True)
        if number % 3 == 0:
            store.publish()
        number += 5
"""

BIRTHS = """
import os, random, shutil, signal, sys, time
from kg.store import open_store, oxigraph

rng = random.Random(1)
for number in range(40):
    url = f"{sys.argv[1]}/{number}"
    process = os.fork()
    if not process:
        with open_store(url):
            os._exit(0)
    time.sleep(rng.uniform(0, 0.06))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    process = os.fork()
    if not process:
        with open_store(url):
            os._exit(0)
    print(os.waitpid(process, 0)[1], flush=True)
"""


def campaign(folder: Path, *, trials: int, seed: int) -> dict[str, float]:
    """Kill a writer at random times, again and again on the same store; returns the slowest reopening in seconds."""
    rng = random.Random(seed)
    url = str(folder / "store")
    program = WRITER.format(tests=str(Path(__file__).parent), url=url)
    acknowledged, slowest, unfinished = -5, 0.0, 0
    for _ in range(trials):
        command = [sys.executable, "-c", program, str(acknowledged + 5)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(rng.uniform(0, 0.25))
            os.kill(process.pid, signal.SIGKILL)
            for line in process.stdout:
                acknowledged = int(line)
        began = time.perf_counter()
        store = open_store(url, base_iri=BASE)
        slowest = max(slowest, time.perf_counter() - began)
        with store:
            check_acknowledged(store, acknowledged)
            faults = [fault for fault in verify(store) if fault.invariant not in ("I1", "I6")]
            # I1: bytes in the spool whose import did not come to its journal. I6: put, not yet published.
            assert faults == []
            unfinished += len(store.journal.all("received"))
            store.publish()
        with open_store(url, read_only=True) as reader:
            check_acknowledged(reader, acknowledged)
    assert [fault for fault in mend(Path(url), repair=False) if "temporary" not in fault.fact] == []
    assert acknowledged > 0, "no writer lived long enough to write"
    return {"slowest": slowest, "unfinished": unfinished, "acknowledged": acknowledged}


def check_acknowledged(store: Store, last: int) -> None:
    for number in range(last + 5):
        graph = edition(f"number-{number}", "word", str(number), *["and"] * (number % 40))
        assert store.graph(graph.name) == graph, f"{graph.name} was acknowledged and is lost or torn"
    if last >= 0:
        text = store.graph(NamedNode(f"{BASE}edition/same"))
        assert len(text) == 7 + 4 * 61, "a replaced graph is torn"


@pytest.mark.slow
def test_ten_kills_lose_nothing(tmp_path: Path) -> None:
    campaign(tmp_path, trials=10, seed=1)


@pytest.mark.slow
def test_a_store_that_was_killed_while_it_was_made_opens(tmp_path: Path) -> None:
    # The engine's first files take some milliseconds; in one of ten such kills its folder had no CURRENT.
    made = subprocess.run(
        [sys.executable, "-c", BIRTHS, str(tmp_path)], capture_output=True, text=True, check=True
    )  # fmt: skip
    assert made.stdout.split() == ["0"] * 40, made.stderr


@pytest.mark.long
def test_two_hundred_kills_lose_nothing_and_the_store_opens_within_a_second(tmp_path: Path) -> None:
    figures = {"slowest": 0.0}
    for part in range(10):  # ten stores, so that each stays small enough to be looked through after each kill
        folder = tmp_path / str(part)
        folder.mkdir()
        figures["slowest"] = max(figures["slowest"], campaign(folder, trials=20, seed=part)["slowest"])
    # The one figure that issue 4 names as a bound; it holds with a wide margin on any machine (some 50 ms).
    assert figures["slowest"] < 1
    print(figures)
