"""Articles a second of an import of ready-made records, by stage, with the fast gate and with pySHACL in turns.

    python bench/import.py [RECORDS] [JOBS]        default 1000 and 2; generated, about 100 triples each

Prints the rate of a first import, by stage (the first includes the start of the processes; linking and publishing run
once, at the end), what an unchanged second one costs of it, and the memory.
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

from kg.importer import Outcome, Plan, import_sources  # noqa: E402
from kg.store import open_store  # noqa: E402

ROUNDS = 3


def once(raw: bytes, count: int, plan: Plan) -> dict[str, float]:
    """Import into an empty store, then again; return rates in articles a second."""
    times: list[float] = []

    def note(outcome: Outcome) -> None:
        times.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/store") as store:
        started = time.perf_counter()
        report = import_sources([("made.jsonl", raw)], store=store, plan=plan, notify=note)
        assert report.counts == {"imported": count}, report.refused[:1]
        again = import_sources([("made.jsonl", raw)], store=store, plan=plan)
        triples = sum(outcome.triples for outcome in report.outcomes) / count
    return {
        "store and gate": count / (times[-1] - started),
        "publish, seconds": report.seconds["publish"],
        "end to end": count / report.elapsed,
        "link": count / report.seconds["link"],
        "put": count / report.seconds["put"],
        "check, a worker": count / report.seconds["check"],
        "map, a worker": count / report.seconds["map"],
        "again : first": again.elapsed / report.elapsed,
        "peak MiB": report.peak_bytes / 2**20,
        "triples": triples,
    }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    raw = records(range(count))
    gates = ("fast", "pyshacl")
    found: dict[str, list[dict[str, float]]] = {gate: [] for gate in gates}
    for _ in range(ROUNDS):
        for gate in gates:
            found[gate].append(once(raw, count, Plan(jobs=jobs, gate=gate)))
    print(f"{count} records, {jobs} jobs, median of {ROUNDS}; {platform.machine()}, Python {platform.python_version()}")
    print(f"{'articles a second':28}{'fast':>12}{'pyshacl':>12}{'ratio':>8}")
    for name in found["fast"][0]:
        fast, slow = (statistics.median(one[name] for one in found[gate]) for gate in gates)
        print(f"{name:28}{fast:12.2f}{slow:12.2f}{fast / slow:8.2f}")


if __name__ == "__main__":
    main()
