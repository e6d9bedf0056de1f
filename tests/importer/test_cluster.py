"""Reading on a Dask cluster gives the quads of the serial run, also when its workers are killed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from importer_samples import dump, records

from kg.articles import Options
from kg.errors import UsageError
from kg.importer import Outcome, Plan, import_sources
from kg.importer.cluster import TASK, Cluster
from kg.importer.journey import Journey
from kg.store import open_store

pytest.importorskip("distributed", reason="the extra dask is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")


def serial(count: int) -> str:
    with open_store("memory:") as store:
        import_sources([("piers.jsonl", records(range(count)))], store=store, plan=Plan(jobs=0, gate="fast"))
        return dump(store)


def running(cluster: Cluster) -> list[Any]:
    """Return the nannies of the workers that the scheduler knows."""
    known = cluster.local.scheduler.workers
    return [nanny for nanny in cluster.local.workers.values() if nanny.worker_address in known]


def spread(count: int, *, kills: int) -> tuple[str, int]:
    """Import on a local cluster of two; kill a worker after every so many articles. Returns the dump and the kills."""
    plan = Plan(jobs=2, gate="fast", batch=TASK)
    cluster = Cluster("local", jobs=2, reader=plan.reader, gate=plan.gate, bounds=plan.bounds)
    killed: set[int] = set()
    seen = 0

    def kill(outcome: Outcome) -> None:
        nonlocal seen
        seen += 1
        if seen % (count // max(kills, 1)) == 0 and len(killed) < kills:
            deadline = time.monotonic() + 120
            # One that dies while it starts is not replaced: the kill before must be made good.
            while not (pids := [nanny.pid for nanny in running(cluster) if nanny.pid not in killed]):
                assert time.monotonic() < deadline, "no worker came back"
                time.sleep(0.05)
            process = pids[0]
            os.kill(process, signal.SIGKILL)
            killed.add(process)

    try:
        with open_store("memory:") as store:
            journey = Journey(store, plan, cluster, notify=kill)
            journey.receive([("piers.jsonl", records(range(count)))], Options())
            journey.finish()
            assert journey.report.counts == {"imported": count}
            return dump(store), len(killed)
    finally:
        cluster.close()


@pytest.mark.slow
def test_a_cluster_gives_the_quads_of_the_serial_run_though_two_of_its_workers_are_killed() -> None:
    assert spread(200, kills=2) == (serial(200), 2)


@pytest.mark.long
def test_a_cluster_gives_the_quads_of_the_serial_run_though_twenty_of_its_workers_are_killed() -> None:
    assert spread(2000, kills=20) == (serial(2000), 20)


@pytest.mark.long
def test_a_cluster_that_lost_all_its_workers_for_good_is_done_without() -> None:
    plan = Plan(jobs=2, gate="fast", batch=TASK)
    cluster = Cluster("local", jobs=2, reader=plan.reader, gate=plan.gate, bounds=plan.bounds, patience=3)
    told: list[Outcome] = []

    def tell(outcome: Outcome) -> None:
        told.append(outcome)
        if len(told) == 1:
            # None is started in their place, which killed ones would be.
            cluster.local.scale(0)

    try:
        with open_store("memory:") as store:
            journey = Journey(store, plan, cluster, notify=tell)
            journey.receive([("piers.jsonl", records(range(400)))], Options())
            journey.finish()
            assert dump(store) == serial(400)
        assert sum(cluster.client.nthreads().values()) == 0, "nobody was left to read the rest"
    finally:
        cluster.close()


def test_a_scheduler_that_does_not_answer_is_an_error_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="dask scheduler"):
        Cluster("tcp://127.0.0.1:9", jobs=1, reader="rules-en", gate="pyshacl", bounds=Plan().bounds, patience=1)
