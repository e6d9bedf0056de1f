"""Bounded children: an article that hangs, dies or grows costs itself; the rest is read, and the quads are the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from importer_samples import dump, plug_in, records, rows
from pyoxigraph import NamedNode

from kg.importer import Bounds, ImportReport, Plan, import_files
from kg.importer import work as work_module
from kg.importer.children import SPARES, Child, TaskFailed
from kg.store import open_store
from kg.store.base import Store

BOUNDS = Bounds(seconds=1.0, memory=128 * 2**20)


@pytest.fixture
def obedient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.syspath_prepend(str(plug_in(tmp_path / "plug")))
    monkeypatch.setenv("VANISHED", str(tmp_path / "vanished"))
    sys.modules.pop("obedient_reader", None)
    work_module.open_reader.cache_clear()
    yield "obedient"
    work_module.open_reader.cache_clear()
    sys.modules.pop("obedient_reader", None)


def imported(store: Store, file: Path, reader: str, **changes: object) -> ImportReport:
    return import_files([file], store=store, plan=Plan(reader=reader, bounds=BOUNDS, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hang", "took more than 1 s"),
        ("spin", "took more than 1 s"),
        ("die", "died (SIGSEGV)"),
        ("grow", "needs more than 128 MiB of memory"),
        ("raise", "the reader stumbled"),
    ],
)
def test_an_article_that_goes_wrong_costs_itself_and_is_quarantined_with_the_reason(
    obedient: str, tmp_path: Path, text: str, reason: str
) -> None:
    file = rows(tmp_path / "three.jsonl", ["one", text, "three"])
    with open_store("memory:") as store:
        report = imported(store, file, obedient)
        assert [outcome.state for outcome in report.outcomes] == ["imported", "refused", "imported"]
        assert reason in (report.outcomes[1].reason or "")
        refused = store.journal.all("quarantined")
        assert [reason in (entry.reason or "") for entry in refused] == [True]
        assert not len(store.graph(NamedNode(refused[0].iri)))


def test_a_child_that_is_killed_from_outside_costs_nothing(obedient: str, tmp_path: Path) -> None:
    file = rows(tmp_path / "three.jsonl", ["one", "vanish", "three"])
    with open_store("memory:") as store:
        report = imported(store, file, obedient)
        assert [outcome.state for outcome in report.outcomes] == ["imported"] * 3


def test_what_a_library_prints_does_not_stand_between_two_answers(obedient: str, tmp_path: Path) -> None:
    with open_store("memory:") as store:
        report = imported(store, rows(tmp_path / "two.jsonl", ["print this", "two"]), obedient)
        assert [outcome.state for outcome in report.outcomes] == ["imported"] * 2


@pytest.mark.parametrize("changes", [{"jobs": 1}, {"jobs": 3}, {"jobs": 3, "ordered": False}])
def test_the_quads_are_those_of_the_serial_run(obedient: str, tmp_path: Path, changes: dict[str, object]) -> None:
    (tmp_path / "records.jsonl").write_bytes(records(range(40)))
    files = [rows(tmp_path / "rows.jsonl", [f"text {i}" for i in range(60)]), tmp_path / "records.jsonl"]
    with open_store("memory:") as serial, open_store("memory:") as parallel:
        import_files(files, store=serial, plan=Plan(jobs=0, reader=obedient))
        report = import_files(files, store=parallel, plan=Plan(reader=obedient, bounds=BOUNDS, **changes))  # type: ignore[arg-type]
        assert report.counts == {"imported": 100}
        assert dump(parallel) == dump(serial)


def test_ordered_outcomes_come_in_the_order_of_the_input(obedient: str, tmp_path: Path) -> None:
    file = rows(tmp_path / "many.jsonl", [f"text {i}" for i in range(50)])
    with open_store("memory:") as store:
        report = imported(store, file, obedient, jobs=3)
        assert [outcome.title for outcome in report.outcomes] == [f"Text {i}" for i in range(50)]


def test_a_text_above_the_bound_is_refused_before_it_is_read(obedient: str, tmp_path: Path) -> None:
    file = rows(tmp_path / "long.jsonl", ["a" * 2000])
    with open_store("memory:") as store:
        plan = Plan(reader=obedient, bounds=Bounds(text_bytes=1000))
        report = import_files([file], store=store, plan=plan)
        assert "2,000 bytes of text are more than the 1,000" in (report.outcomes[0].reason or "")


def test_a_file_whose_loading_takes_too_long_keeps_what_was_loaded_before(tmp_path: Path) -> None:
    child = Child("load", Bounds(seconds=0.5))
    try:
        assert child.call("more") == ([], False)
        os.kill(child.pid, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(TaskFailed, match=r"took more than 0\.5 s"):
            child.call("more")
        assert time.monotonic() - started < 10
        assert not child.alive
    finally:
        child.close()


def test_children_end_with_their_parent(tmp_path: Path) -> None:
    """Kill -9 of an import leaves no process behind."""
    code = (
        "from kg.importer.children import Child; from kg.importer.bounds import Bounds\n"
        "child = Child('load', Bounds()); child.call('more'); print(child.pid, flush=True)\n"
        "import os; os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    child = int(done.stdout)
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]:
            return
        time.sleep(0.1)
    raise AssertionError(f"process {child} is still there")


def test_a_child_waits_for_the_next_import_of_this_process() -> None:
    first = SPARES.take("load", BOUNDS)
    first.call("more")
    SPARES.give(first, BOUNDS)
    again = SPARES.take("load", BOUNDS)
    assert again is first
    again.close()
