"""Articles a second of an import by stage, of ready-made records or of real articles, and what a second import costs.

    python bench/import.py [--records N] [--jobs J] [--rounds R]      default 1000, 2 and 1; generated records
    python bench/import.py --reuters [N] [--jobs J] [--parts]         the first N bodies, or all 19,746 of them
    python bench/import.py --wikinews [N]                             longer articles, likewise
        [--corpora DIR] [--log FILE]

Records, of one statement (small) and of ten in 2,500 characters: the fast gate and pySHACL in turns, from an empty
store to the last commit ("store and gate"), then linking and publishing once. "Computing" is what all processes used
until that commit: two idle cores can do two seconds of it in one. It depends less on what else the machine does.

Articles: each thousand with its rate, the seconds of its puts, memory and refusals; the last whole thousand over the
first; linking, publishing, and the same import again. With --parts each thousand is an import of its own, linked and
published. The children are started and warm before the clock runs. Every line is printed, and written to the log, as
soon as it is known: a run that is cut off still has its figures. Needs the extra ``fast``.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "importer")]

from importer_samples import records, story  # noqa: E402

from kg.articles import Options  # noqa: E402
from kg.importer import ImportReport, Plan, Progress, import_sources, run  # noqa: E402
from kg.importer.bounds import seconds_of  # noqa: E402
from kg.importer.journey import Journey  # noqa: E402
from kg.store import open_store  # noqa: E402
from kg.store.base import Store  # noqa: E402

THOUSAND = 1_000
MEBIBYTE = 2**20
WALL = 0.9  # the last thousand over the first, which issue 6 asks for


@dataclass
class Talk:
    """Says each line at once, to the log as well, with the seconds since the start before it there."""

    log: TextIO | None = None
    started: float = field(default_factory=time.perf_counter)

    def __call__(self, line: str) -> None:
        print(line, flush=True)
        if self.log is not None:
            self.log.write(f"{time.perf_counter() - self.started:9.1f}  {line}\n")
            self.log.flush()
            os.fsync(self.log.fileno())


class Laps:
    """Says a line after every thousand articles; ``rates`` holds those of the whole thousands, articles a second."""

    def __init__(self, talk: Talk) -> None:
        self.rates: list[float] = []
        self.report = ImportReport()
        self._talk = talk
        self._stage = "read"
        self._start = self._at = time.perf_counter()
        self._put = 0.0
        self._done = 0

    def step(self, now: Progress) -> None:
        if now.stage != self._stage:
            self._stage = now.stage
            self._talk(f"{'':10}{now.stage}ing begins after {time.perf_counter() - self._start:.1f} s")
        if now.stage != "read" or now.done == self._done or now.done % THOUSAND:
            return
        self._done = now.done
        ended, put = time.perf_counter(), self.report.seconds.get("put", 0.0)
        self.rates.append(THOUSAND / (ended - self._at))
        self._talk(
            f"{now.done:10,}{self.rates[-1]:14.1f}{put - self._put:14.2f}{resident() / MEBIBYTE:14.0f}{now.refused:10,}"
        )
        self._at, self._put = ended, put


def resident() -> int:
    """Return what this process, the writer, holds in memory now, in bytes; 0 where Linux doesn't tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def computed() -> float:
    """Return the seconds of computing of this process and its children; of itself alone where Linux doesn't tell."""
    children = [
        int(word) for file in Path("/proc/self/task").glob("*/children") for word in file.read_text("ascii").split()
    ]
    return time.process_time() + sum(seconds_of(child) or 0.0 for child in children)


def lapped(raw: bytes, *, store: Store, plan: Plan, laps: Laps) -> ImportReport:
    """Import one file and count its laps."""

    def go(journey: Journey) -> None:
        laps.report = journey.report
        journey.receive([("articles.jsonl", raw)], Options())

    return run(go, store=store, plan=plan, progress=laps.step)


def reuters(corpora: Path, count: int | None) -> bytes:
    with gzip.open(corpora / "reuters-21578" / "articles.jsonl.gz") as lines:
        return b"".join(islice(lines, count))


def wikinews(corpora: Path, count: int | None) -> bytes:
    with (corpora / "wikinews" / "articles.jsonl").open("rb") as lines:
        return b"".join(islice(lines, count))


def warm(raw: bytes, plan: Plan) -> None:
    """Start the children and load what they need: they are kept for the imports that follow."""
    with open_store("memory:") as store:
        import_sources([("warm.jsonl", raw)], store=store, plan=plan)


def real(raw: bytes, plan: Plan, talk: Talk) -> None:
    """Import articles of a corpus at once, then again."""
    lines = raw.count(b"\n")
    warm(b"".join(raw.splitlines(keepends=True)[: 4 * max(1, plan.jobs)]), plan)
    talk(f"{lines:,} articles, {len(raw) / MEBIBYTE:.1f} MiB, {plan.jobs} jobs, gate {plan.gate}; {machine()}")
    talk(f"{'articles':>10}{'a second':>14}{'put, s':>14}{'writer, MiB':>14}{'refused':>10}")
    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/store") as store:
        laps = Laps(talk)
        first = lapped(raw, store=store, plan=plan, laps=laps)
        if len(laps.rates) > 1:
            growth = laps.rates[-1] / laps.rates[0]
            talk(f"last thousand : first thousand  {growth:.2f} ({'at least' if growth >= WALL else 'below'} {WALL})")
        read = first.elapsed - first.seconds.get("link", 0.0) - first.seconds.get("publish", 0.0)
        talk(f"read, checked and stored {len(first.outcomes) / read:.1f} articles a second, {read:.1f} s")
        talk(
            f"outcomes {first.counts}; {store.count():,} quads; the largest process had "
            f"{first.peak_bytes / MEBIBYTE:.0f} MiB, the writer has {resident() / MEBIBYTE:.0f}"
        )
        talk("seconds of all children: " + ", ".join(f"{stage} {spent:.1f}" for stage, spent in first.seconds.items()))
        reasons = Counter(outcome.reason.split(": ")[-1][:90] for outcome in first.refused if outcome.reason)
        for reason, times in reasons.most_common(10):
            talk(f"refused {times:5,}  {reason}")
        talk(f"end to end {len(first.outcomes) / first.elapsed:.1f} articles a second, {first.elapsed:.1f} s")
        before = store.version(), store.count()
        again = import_sources([("articles.jsonl", raw)], store=store, plan=plan)
        same = (store.version(), store.count()) == before
        talk(
            f"again: {again.counts}; {again.elapsed:.2f} s, {100 * again.elapsed / first.elapsed:.1f} % of the first, "
            f"{100 * again.elapsed / read:.1f} % of its reading and storing; same store: {same}"
        )


def in_parts(raw: bytes, plan: Plan, talk: Talk) -> None:
    """Import articles a thousand at a time, each import linked and published."""
    lines = raw.splitlines(keepends=True)
    warm(b"".join(lines[: 4 * max(1, plan.jobs)]), plan)
    talk(f"{len(lines):,} articles in imports of {THOUSAND:,}, {plan.jobs} jobs, gate {plan.gate}; {machine()}")
    talk(f"{'articles':>10}{'a second':>14}{'reading, s':>14}{'link, s':>10}{'publish, s':>12}{'quads':>12}")
    rates: list[float] = []
    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/store") as store:
        for start in range(0, len(lines), THOUSAND):
            part = lines[start : start + THOUSAND]
            report = import_sources([(f"articles-{start}.jsonl", b"".join(part))], store=store, plan=plan)
            rates.append(len(part) / report.elapsed)
            link, publish = (report.seconds.get(stage, 0.0) for stage in ("link", "publish"))
            talk(
                f"{start + len(part):10,}{rates[-1]:14.1f}{report.elapsed - link - publish:14.1f}{link:10.1f}"
                f"{publish:12.1f}{store.count():12,}"
            )
        talk(f"last import : first import  {rates[-1] / rates[0]:.2f}; {resident() / MEBIBYTE:.0f} MiB")


def once(raw: bytes, count: int, plan: Plan) -> dict[str, float]:
    """Import records into an empty store, then again; return rates in articles a second."""
    last = used = 0.0

    def note(_: object) -> None:
        nonlocal last
        last = time.perf_counter()

    def step(now: Progress) -> None:
        nonlocal used
        if now.stage == "link" and not used:
            used = computed() - before

    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/store") as store:
        started, before = time.perf_counter(), computed()
        report = import_sources([("made.jsonl", raw)], store=store, plan=plan, notify=note, progress=step)
        assert report.counts == {"imported": count}, report.refused[:1]
        again = import_sources([("made.jsonl", raw)], store=store, plan=plan)
        assert again.counts == {"unchanged": count}, again.counts
        triples = sum(outcome.triples for outcome in report.outcomes) / count
    spent = report.seconds
    return {
        "store and gate": count / (last - started),
        "computing, ms an article": 1000 * used / count,
        "two cores by computing": 2 * count / used,
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


def made(count: int, jobs: int, rounds: int, *, make: Callable[[range], bytes], what: str, talk: Talk) -> None:
    raw = make(range(count))
    gates = ("fast", "pyshacl")
    found: dict[str, list[dict[str, float]]] = {gate: [] for gate in gates}
    for gate in gates:
        warm(make(range(4 * max(1, jobs))), Plan(jobs=jobs, gate=gate))
    for number in range(rounds):
        for gate in gates:
            found[gate].append(once(raw, count, Plan(jobs=jobs, gate=gate)))
            rate = found[gate][-1]["store and gate"]
            print(
                f"round {number + 1}, {gate}: store and gate {rate:.1f} articles a second", file=sys.stderr, flush=True
            )
    talk(f"{count} {what} records of {len(raw) / count:.0f} bytes, {jobs} jobs, median of {rounds}; {machine()}")
    talk(f"{'articles a second':28}{'fast':>12}{'pyshacl':>12}{'ratio':>8}")
    for name in found["fast"][0]:
        fast, slow = (statistics.median(one[name] for one in found[gate]) for gate in gates)
        talk(f"{name:28}{fast:12.2f}{slow:12.2f}{fast / slow:8.2f}")


def stories(numbers: range) -> bytes:
    return b"".join(map(story, numbers))


def machine() -> str:
    return f"{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=1000, metavar="N")
    parser.add_argument("--reuters", type=int, nargs="?", const=0, metavar="N", help="all of them without a number")
    parser.add_argument("--wikinews", type=int, nargs="?", const=0, metavar="N", help="all of them without a number")
    parser.add_argument("--parts", action="store_true", help="an import of its own for each thousand")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    parser.add_argument("--log", type=Path, help="append every line to this file; default: import-bench.log here")
    given = parser.parse_args()
    with (given.log or Path("import-bench.log")).open("a", encoding="utf-8") as log:
        talk = Talk(log)
        sets = ((given.reuters, reuters), (given.wikinews, wikinews))
        for count, corpus in sets:
            if count is not None:
                go = in_parts if given.parts else real
                go(corpus(given.corpora, count or None), Plan(jobs=given.jobs, gate="fast"), talk)
        if all(count is None for count, _ in sets):
            for what, make in (("small", records), ("ten-statement", stories)):
                made(given.records, given.jobs, given.rounds, make=make, what=what, talk=talk)


if __name__ == "__main__":
    main()
