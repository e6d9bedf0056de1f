"""kill -9 of the server, its workers, readers, its writer and an import beside: nothing acknowledged is lost."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from killing import Campaign, campaign
from pyoxigraph import NamedNode
from serving import fill

from kg.store import open_store
from kg.store.mend import mend
from kg.store.verify import verify

pytest.importorskip("shacl", reason="the import beside uses the fast gate (extra fast)")
if sys.platform != "linux":
    pytest.skip("the processes of a server are found in /proc", allow_module_level=True)


def trials(folder: Path, count: int, seed: int) -> Campaign:
    """Kill so many times on one store, then look at the store itself."""
    url = fill(folder / "store")
    editions = known(url)
    with campaign(folder / "store", seed) as made:
        made.run(count)
    began = time.perf_counter()
    store = open_store(url)
    made.slowest = max(made.slowest, time.perf_counter() - began)
    with store:
        for number, iri in made.imported.items():
            assert store.journal.state(iri) == "committed", f"the import of {number} was acknowledged and is lost"
            assert len(store.graph(NamedNode(iri)))
        # I1: bytes in the spool whose import was cut off. I3: what fill() put there is in no journal.
        faults = [f for f in verify(store) if f.invariant != "I1" and f.place not in editions]
        assert faults == []
    assert [fault for fault in mend(folder / "store", repair=False) if "temporary" not in fault.fact] == []
    assert made.updates.acknowledged
    assert made.notes.acknowledged
    assert made.steps.acknowledged
    return made


def known(url: str) -> set[str]:
    with open_store(url, read_only=True) as store:
        return {name.value for name in store.graph_names()}


@pytest.mark.slow
def test_six_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    made = trials(tmp_path, 6, seed=1)
    assert sum(made.kills.values()) == 6


@pytest.mark.long
def test_two_hundred_kills_lose_nothing_and_the_store_opens_within_a_second(tmp_path: Path) -> None:
    kills: dict[str, int] = {}
    slowest = 0.0
    acknowledged = refused = unknown = 0
    for part in range(10):  # ten stores, so that each stays small enough to be looked through after each kill
        folder = tmp_path / str(part)
        folder.mkdir()
        made = trials(folder, 20, seed=part)
        slowest = max(slowest, made.slowest)
        for kind, count in made.kills.items():
            kills[kind] = kills.get(kind, 0) + count
        for told in (made.updates, made.notes, made.steps):
            acknowledged += len(told.acknowledged)
            refused += len(told.refused)
            unknown += len(told.unknown)
    print(f"{kills}; {acknowledged} acknowledged, {refused} refused, {unknown} unknown; opened in {slowest:.3f} s")
    assert sum(kills.values()) == 200
    assert kills.keys() == {"supervisor", "worker", "reader", "writer", "import"}
    # The one figure that issue 4 names as a bound.
    assert slowest < 1, os.fspath(tmp_path)
