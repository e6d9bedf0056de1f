"""Imports are cut off and taken up again, each in a forked process; one JSON line a trial says what was found.

    python tests/importer/kill_driver.py FOLDER SEED TRIALS

Trials go over the named points of kg.crash first, then over kills at random moments. This process opens no store on
disk itself: RocksDB's threads do not survive a fork. tests/importer/test_kills.py runs it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from importer_samples import dump, record, records
from pyoxigraph import NamedNode

from kg import crash
from kg.errors import StoreError
from kg.gate import open_engine
from kg.importer import Bounds, Outcome, Plan, import_sources
from kg.store import open_store, oxigraph
from kg.store.base import Store

# One article is too long, one line is no record: both must stand in quarantine whatever happens.
TOO_LONG = record(900, words="word " * 400 + "end")
PLAN = Plan(jobs=0, gate="fast", batch=5, bounds=Bounds(text_bytes=1500))


def newer(numbers: range) -> bytes:
    """The same texts with another title: each replaces the graph of its edition."""
    return b"".join(record(number).replace(b'"title":"Pier', b'"title":"PIER') for number in numbers)


SOURCES = [
    ("first.jsonl", records(range(12)) + b"{not json\n" + TOO_LONG),
    ("second.jsonl", newer(range(6)) + records(range(12, 20))),
]


@dataclass(frozen=True, slots=True)
class End:
    """How a forked process ended: its exit code (negative: the signal), what it acknowledged, and what it returned."""

    code: int
    acknowledged: frozenset[str]
    value: object


def forked(function: Callable[[Callable[[Outcome], None]], object], *, after: float | None = None, at: str = "") -> End:
    """Run a function in a fork, which dies at a crash point (``at``) or is killed ``after`` so many seconds."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        os.close(reading)
        crash.arm(at)

        def tell(outcome: Outcome) -> None:
            if outcome.iri and outcome.state in ("imported", "replaced", "unchanged"):
                os.write(writing, json.dumps(["ack", outcome.iri]).encode() + b"\n")

        try:
            value = function(tell)
            os.write(writing, json.dumps(["value", value]).encode() + b"\n")
            os._exit(0)
        except StoreError as error:
            os.write(writing, json.dumps(["value", str(error)]).encode() + b"\n")
            os._exit(3)
        except BaseException as error:  # noqa: BLE001 -- told to the trial
            os.write(writing, json.dumps(["value", repr(error)]).encode() + b"\n")
            os._exit(4)
    os.close(writing)
    if after is not None:
        time.sleep(after)
        os.kill(process, signal.SIGKILL)
    with os.fdopen(reading, "rb") as lines:
        told = [json.loads(line) for line in lines if line.endswith(b"\n")]
    _, status = os.waitpid(process, 0)
    values = [what for kind, what in told if kind == "value"]
    return End(
        os.waitstatus_to_exitcode(status),
        frozenset(what for kind, what in told if kind == "ack"),
        values[-1] if values else None,
    )


def run(root: Path, sources: list[tuple[str, bytes]]) -> Callable[[Callable[[Outcome], None]], object]:
    def go(tell: Callable[[Outcome], None]) -> object:
        with open_store(str(root)) as store:
            for source in sources:
                import_sources([source], store=store, plan=PLAN, notify=tell)
            if not sources:
                import_sources([], store=store, plan=PLAN, notify=tell)
        return None

    return go


def faults(store: Store) -> list[str]:
    """Return which of the invariants of facts on reliability do not hold (I2, I3, I4, I7)."""
    entries = store.journal.all()
    names = {name.value for name in store.graph_names()}
    found = []
    for entry in entries:
        graph = store.graph(NamedNode(entry.iri))
        if entry.state == "committed" and (graph.digest(), len(graph)) != (entry.digest, entry.triples):
            found.append(f"{entry.iri} has not the digest of the journal")
        if entry.state == "quarantined" and len(graph):
            found.append(f"{entry.iri} is in quarantine and has quads")
        if entry.raw_sha256 not in store.spool:
            found.append(f"{entry.iri}: its bytes are not in the spool")
    known = {entry.iri for entry in entries} | {f"{store.base_iri}graph/{name}" for name in ("linking", "runs")}
    found += [f"{name} is unknown to the journal" for name in sorted(names - known)]
    return found


def look(root: Path, *, whole: bool) -> Callable[[Callable[[Outcome], None]], object]:
    """Return the states, the faults, and with ``whole`` the dump, of which readers must see the same."""

    def go(tell: Callable[[Outcome], None]) -> object:
        with open_store(str(root)) as store:
            states = {entry.iri: entry.state for entry in store.journal.all()}
            found, quads = faults(store), dump(store) if whole else ""
        if whole:
            with open_store(str(root), read_only=True) as reader:
                if dump(reader) != quads:
                    found.append("readers see other quads than the writer")
        return {"states": states, "faults": found, "dump": quads}

    return go


def trial(root: Path, clean: dict[str, object], *, after: float | None, at: str) -> dict[str, object]:
    """Cut an import off, look, take it up without its files, give the files again, and compare with the clean run."""
    shutil.rmtree(root, ignore_errors=True)
    cut = forked(run(root, SOURCES), after=after, at=at)
    seen = forked(look(root, whole=False))
    problems: list[str] = []
    if cut.code not in (0, -signal.SIGKILL, 3):
        problems.append(f"the import ended with {cut.code}: {cut.value}")
    if isinstance(seen.value, dict):
        problems += seen.value["faults"]
        lost = sorted(iri for iri in cut.acknowledged if seen.value["states"].get(iri) not in ("committed", "received"))
        problems += [f"{iri} was acknowledged and is lost" for iri in lost]
    else:
        problems.append(f"the store can't be looked at: {seen.value}")
    problems += settle(root, clean, cut.acknowledged)
    return {"at": at, "after": after, "code": cut.code, "acknowledged": len(cut.acknowledged), "problems": problems}


def settle(root: Path, clean: dict[str, object], acknowledged: frozenset[str]) -> list[str]:
    """Take a cut import up without its files, then give the files again; return what is not as in the clean run."""
    problems = []
    resumed = forked(run(root, []))
    seen = forked(look(root, whole=False))
    states = seen.value["states"] if isinstance(seen.value, dict) else {}
    if resumed.code or "received" in states.values():
        problems.append(
            f"taking it up again ended with {resumed.code} ({resumed.value}); states {set(states.values())}"
        )
    problems += [f"{iri} was acknowledged and is lost" for iri in acknowledged if states.get(iri) != "committed"]
    again = forked(run(root, SOURCES))
    end = forked(look(root, whole=True))
    if again.code or not isinstance(end.value, dict):
        return [*problems, f"giving the files again ended with {again.code} ({again.value}); then {end.value}"]
    problems += end.value["faults"]
    if end.value["states"] != clean["states"]:
        problems.append("the states are not those of the clean run")
    if end.value["dump"] != clean["dump"]:
        problems.append("the dump is not that of the clean run")
    return problems


def plans(seed: int, count: int, seconds: float) -> Iterator[tuple[float | None, str]]:
    """Yield how each trial dies: at every named point early and late, then at random points and moments."""
    rng = random.Random(seed)
    early = [(None, f"{point}:{number}") for point in crash.POINTS for number in (1, 2)]
    full = [(None, "spool-written:2:ENOSPC"), (None, "generation:2:ENOSPC")]
    yield from [*early, *full][:count]
    for number in range(max(0, count - len(early) - len(full))):
        if number % 2:
            yield None, f"{rng.choice(crash.POINTS)}:{rng.randint(1, 12)}"
        else:
            # A new store is made in the first milliseconds: every other kill falls into the first fifth.
            yield rng.uniform(0, seconds if number % 4 else seconds / 5), ""


def clean_run(root: Path) -> tuple[dict[str, object], float]:
    """Return what an import without a cut leaves, and how long it takes."""
    started = time.monotonic()
    done = forked(run(root, SOURCES))
    seconds = time.monotonic() - started
    end = forked(look(root, whole=True))
    if done.code or not isinstance(end.value, dict) or end.value["faults"]:
        raise SystemExit(f"the clean run failed: {done.code} {done.value} {end.value}")
    shutil.rmtree(root)
    return end.value, seconds


def main() -> None:
    folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    open_engine("fast")  # here once, for all forks
    import_sources([("warm.jsonl", record(1))], store=open_store("memory:"), plan=PLAN)
    clean, seconds = clean_run(folder / "store")
    print(json.dumps({"states": sorted(clean["states"].values()), "seconds": seconds}), flush=True)  # type: ignore[attr-defined]
    pace = 1.0
    for number, (after, at) in enumerate(plans(seed, count, seconds)):
        # By turns in transactions and in bulk, as small and as large batches are put.
        oxigraph.BULK = (100, 10_000)[number // 2 % 2]
        told = trial(folder / "store", clean, after=None if after is None else after * pace, at=at)
        if after is not None and told["code"] == 0:
            pace *= 0.9  # the machine was slower when the clean run was timed: the kill came too late
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
