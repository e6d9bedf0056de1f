"""What publishing one article more costs in a store of some size: its index mended beside its index built whole.

    python bench/publish.py [STATEMENTS …]        default 1000 10000; 100000 takes some minutes more

Each side is a process of its own, so that its peak of memory is its own; the two take turns on one store on disk. Up to
10,000 statements the two indices are compared, too, by all that they say.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench._synthetic import article, quads
from kg.graph import ArticleGraph
from kg.store import open_store
from kg.store.index.digest import digests
from kg.store.oxigraph import DiskStore

ROUNDS = 3
COMPARED = 10_000
FIRST = 10_000_000  # the number of the first article that comes on top


def opened(folder: str) -> DiskStore:
    store = open_store(folder)
    assert isinstance(store, DiskStore)
    return store


def fill(folder: str, statements: int) -> dict[str, float]:
    with opened(folder) as store:
        store._engine().bulk_extend(quads(statements))
        store.republish()
        return {"quads": store.count()}


def publish(folder: str, number: int, *, whole: bool) -> dict[str, float]:
    """Write an article and what linking says of it, and publish; returns seconds, bytes and the quads written."""
    with opened(folder) as store:
        there = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        graph, shared = article(FIRST + number)
        linking = ArticleGraph.of(type(graph.name)(f"{store.base_iri}graph/linking"), shared)
        started = time.perf_counter()
        store.put([graph])
        store.update(f"INSERT DATA {{ GRAPH {linking.name} {{ {linking.ntriples().decode()} }} }}", trusted=True)
        written = time.perf_counter()
        if whole:
            store.republish()
        else:
            store.publish()
        done = time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {"write": written - started, "publish": done - written, "peak": peak / 1024, "before": there / 1024}


def said(folder: str) -> dict[str, str]:
    with opened(folder) as store:
        index = store.index()
        assert index is not None
        with index.lease() as database:
            return digests(database)


def child(*words: object) -> dict[str, float]:
    """Run one side in a process of its own."""
    done = subprocess.run([sys.executable, __file__, *map(str, words)], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    match sys.argv[1:]:
        case ["fill", folder, statements]:
            print(json.dumps(fill(folder, int(statements))))
        case ["mend" | "whole" as side, folder, number]:
            print(json.dumps(publish(folder, int(number), whole=side == "whole")))
        case ["said", folder]:
            print(json.dumps(said(folder)))
        case sizes:
            print(f"{platform.machine()}, {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
            print(f"{'statements':>10}{'quads':>11}{'write s':>9}{'mended s':>10}{'whole s':>9}{'ratio':>8}"
                  f"{'mended MB':>11}{'whole MB':>10}")  # fmt: skip
            for size in map(int, sizes or ("1000", "10000")):
                row(size)


def row(size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = f"{folder}/store"
        count = child("fill", store, size)["quads"]
        mended, whole = [], []
        # The file of the index before is taken over from the second time on; each side once at the large size.
        for number in range(ROUNDS if size <= COMPARED else 1):
            mended += [child("mend", store, 3 * number), child("mend", store, 3 * number + 1)]
            if size <= COMPARED:
                before = child("said", store)
                with opened(store) as writer:
                    writer.reindex()
                assert before == child("said", store), "the mended index says something else than one built whole"
            whole.append(child("whole", store, 3 * number + 2))
        write, mend = (statistics.median(one[key] for one in mended) for key in ("write", "publish"))
        build = statistics.median(one["publish"] for one in whole)
        most = [max(one["peak"] for one in side) for side in (mended, whole)]
        print(f"{size:10,}{int(count):11,}{write:9.2f}{mend:10.3f}{build:9.2f}{build / mend:8.0f}{most[0]:11.0f}"
              f"{most[1]:10.0f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
