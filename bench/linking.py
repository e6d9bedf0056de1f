"""How long linking takes: one article more beside all from scratch, both in one run, while the store grows.

    python bench/linking.py [EDITIONS …]           default 250 1000; generated records, about 100 triples each

For each size: links all from scratch; then, five times, one article more, and takes the median. The graph after the
last of them is compared with that of linking from scratch, triple for triple.
"""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / "importer")]

from importer_samples import records  # noqa: E402
from pyoxigraph import NamedNode  # noqa: E402

from kg.importer import Plan, import_sources  # noqa: E402
from kg.linking import link  # noqa: E402
from kg.store import Store, open_store  # noqa: E402

MORE = 5


def timed(store: Store) -> float:
    started = time.perf_counter()
    link(store)
    return time.perf_counter() - started


def grown(store: Store, first: int, count: int) -> None:
    """Import records without waiting for the index of each generation."""
    report = import_sources([("made.jsonl", records(range(first, first + count)))], store=store, plan=Plan(gate="fast"))
    assert report.counts == {"imported": count}, report.refused[:1]


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [250, 1000]
    print(f"{'editions':>9}{'scratch, s':>12}{'one more, s':>13}{'ratio':>8}   {platform.machine()}")
    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/store") as store:
        name = NamedNode(f"{store.base_iri}graph/linking")
        there = 0
        for size in sizes:
            grown(store, there, size - there)
            there = size
            (Path(folder) / "store" / "linking.sqlite").unlink()
            scratch = timed(store)
            more = []
            for _ in range(MORE):
                report = import_sources(
                    [("made.jsonl", records(range(there, there + 1)))], store=store, plan=Plan(gate="fast")
                )
                more.append(report.seconds["link"])
                there += 1
            one = statistics.median(more)
            print(f"{size:9}{scratch:12.2f}{one:13.3f}{scratch / one:8.1f}")
            grown_graph = store.graph(name).triples
            (Path(folder) / "store" / "linking.sqlite").unlink()
            link(store)
            assert store.graph(name).triples == grown_graph, "linked from scratch the graph is another one"


if __name__ == "__main__":
    main()
