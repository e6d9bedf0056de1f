"""Articles a second of an import by stage, of ready-made records or of real articles, and what a second import costs.

    python bench/import.py [--records N] [--jobs J] [--rounds R]     default 1000, 2 and 1; generated records
    python bench/import.py --reuters [N] [--jobs J] [--corpora DIR]  the first N bodies, or all 19,746 of them

Records: the fast gate and pySHACL in turns, from an empty store to the last commit ("store and gate"), then linking and
publishing once. Reuters: each thousand articles with its rate, the seconds of its puts, memory and refusals; the last
whole thousand over the first; linking, publishing, and the same import again. The children are started and warm before
the clock runs. A line is printed as soon as it is known. Needs the extra ``fast``.
"""

from __future__ import annotations

import argparse
import gzip
import platform
import statistics
import sys
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "importer")]

from importer_samples import records  # noqa: E402

from kg.articles import Options  # noqa: E402
from kg.importer import ImportReport, Plan, Progress, import_sources, run  # noqa: E402
from kg.importer.journey import Journey  # noqa: E402
from kg.store import open_store  # noqa: E402
from kg.store.base import Store  # noqa: E402

THOUSAND = 1_000
MEBIBYTE = 2**20


class Laps:
    """Prints a line after every thousand articles; ``rates`` holds those of the whole thousands, articles a second."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.report = ImportReport()
        self._at = time.perf_counter()
        self._put = 0.0
        self._done = 0

    def step(self, now: Progress) -> None:
        if now.stage != "read" or now.done == self._done or now.done % THOUSAND:
            return
        self._done = now.done
        ended, put = time.perf_counter(), self.report.seconds.get("put", 0.0)
        self.rates.append(THOUSAND / (ended - self._at))
        print(
            f"{now.done:10,}{self.rates[-1]:14.1f}{put - self._put:14.2f}",
            f"{resident() / MEBIBYTE:13.0f}{now.refused:10,}",
            flush=True,
        )
        self._at, self._put = ended, put


def resident() -> int:
    """Return what this process, the writer, holds in memory now, in bytes; 0 where Linux doesn't tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096
    except OSError:
        return 0


def lapped(raw: bytes, *, store: Store, plan: Plan, laps: Laps) -> ImportReport:
    """Import one file and count its laps."""

    def go(journey: Journey) -> None:
        laps.report = journey.report
        journey.receive([("articles.jsonl", raw)], Options())

    return run(go, store=store, plan=plan, progress=laps.step)


def bodies(corpora: Path, count: int | None) -> bytes:
    """Return the first so many lines of the Reuters set."""
    with gzip.open(corpora / "reuters-21578" / "articles.jsonl.gz") as lines:
        return b"".join(islice(lines, count))


def warm(raw: bytes, plan: Plan) -> None:
    """Start the children and load what they need: they are kept for the imports that follow."""
    with open_store("memory:") as store:
        import_sources([("warm.jsonl", raw)], store=store, plan=plan)


def reuters(corpora: Path, count: int | None, plan: Plan) -> None:
    raw = bodies(corpora, count)
    lines = raw.count(b"\n")
    warm(b"".join(raw.splitlines(keepends=True)[: 4 * max(1, plan.jobs)]), plan)
    print(f"{lines:,} articles, {len(raw) / MEBIBYTE:.1f} MiB, {plan.jobs} jobs, gate {plan.gate}; {machine()}")
    print(f"{'articles':>10}{'a second':>14}{'put, s':>14}{'writer, MiB':>14}{'refused':>10}", flush=True)
    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/store") as store:
        laps = Laps()
        first = lapped(raw, store=store, plan=plan, laps=laps)
        if len(laps.rates) > 1:
            print(f"last thousand : first thousand  {laps.rates[-1] / laps.rates[0]:.2f}")
        print(
            f"outcomes {first.counts}; {store.count():,} quads; "
            f"the largest process had {first.peak_bytes / MEBIBYTE:.0f} MiB"
        )
        print("seconds of all children: " + ", ".join(f"{stage} {spent:.1f}" for stage, spent in first.seconds.items()))
        reasons = Counter(outcome.reason.split(": ")[-1][:90] for outcome in first.refused if outcome.reason)
        for reason, times in reasons.most_common(10):
            print(f"refused {times:5,}  {reason}")
        print(
            f"end to end {len(first.outcomes) / first.elapsed:.1f} articles a second, {first.elapsed:.1f} s", flush=True
        )
        before = store.version(), store.count()
        again = import_sources([("articles.jsonl", raw)], store=store, plan=plan)
        same = (store.version(), store.count()) == before
        print(f"again: {again.counts}; {100 * again.elapsed / first.elapsed:.1f} % of the first; same store: {same}")


def once(raw: bytes, count: int, plan: Plan) -> dict[str, float]:
    """Import records into an empty store, then again; return rates in articles a second."""
    last = 0.0

    def note(_: object) -> None:
        nonlocal last
        last = time.perf_counter()

    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/store") as store:
        started = time.perf_counter()
        report = import_sources([("made.jsonl", raw)], store=store, plan=plan, notify=note)
        assert report.counts == {"imported": count}, report.refused[:1]
        again = import_sources([("made.jsonl", raw)], store=store, plan=plan)
        assert again.counts == {"unchanged": count}, again.counts
        triples = sum(outcome.triples for outcome in report.outcomes) / count
    spent = report.seconds
    return {
        "store and gate": count / (last - started),
        "triples a second": triples * count / (last - started),
        "load": count / spent["load"],
        "map, a worker": count / spent["map"],
        "check, a worker": count / spent["check"],
        "put": count / spent["put"],
        "link": count / spent["link"],
        "publish, seconds": spent["publish"],
        "end to end": count / report.elapsed,
        "again : first": again.elapsed / report.elapsed,
        "peak MiB": report.peak_bytes / MEBIBYTE,
        "triples an article": triples,
    }


def made(count: int, jobs: int, rounds: int) -> None:
    raw = records(range(count))
    gates = ("fast", "pyshacl")
    found: dict[str, list[dict[str, float]]] = {gate: [] for gate in gates}
    for gate in gates:
        warm(records(range(4 * max(1, jobs))), Plan(jobs=jobs, gate=gate))
    for number in range(rounds):
        for gate in gates:
            found[gate].append(once(raw, count, Plan(jobs=jobs, gate=gate)))
            rate = found[gate][-1]["store and gate"]
            print(
                f"round {number + 1}, {gate}: store and gate {rate:.1f} articles a second", file=sys.stderr, flush=True
            )
    print(f"{count} records of {len(raw) / count:.0f} bytes, {jobs} jobs, median of {rounds}; {machine()}")
    print(f"{'articles a second':28}{'fast':>12}{'pyshacl':>12}{'ratio':>8}")
    for name in found["fast"][0]:
        fast, slow = (statistics.median(one[name] for one in found[gate]) for gate in gates)
        print(f"{name:28}{fast:12.2f}{slow:12.2f}{fast / slow:8.2f}")


def machine() -> str:
    return f"{platform.machine()}, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=1000, metavar="N")
    parser.add_argument("--reuters", type=int, nargs="?", const=0, metavar="N", help="all of them without a number")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    given = parser.parse_args()
    if given.reuters is None:
        made(given.records, given.jobs, given.rounds)
    else:
        reuters(given.corpora, given.reuters or None, Plan(jobs=given.jobs, gate="fast"))


if __name__ == "__main__":
    main()
