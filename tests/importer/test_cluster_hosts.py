"""A Dask cluster of hosts, each in a network namespace of its own: one dies, one loses its network, nothing is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from importer_samples import dump, records

from kg.articles import Options
from kg.importer import Outcome, Plan, import_sources
from kg.importer.cluster import TASK, Cluster
from kg.importer.journey import Journey
from kg.store import open_store

pytest.importorskip("distributed", reason="the extra dask is not installed")
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore")]

HOSTS = 3
ARTICLES = 600
# A host that vanishes without a word is given up after so long; distributed's own default is five minutes.
SILENT = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "15s", "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "20s"}


@dataclass(frozen=True, slots=True)
class Host:
    """A namespace, its cable's end on our side, our address on that cable and the host's."""

    name: str
    cable: str
    ours: str
    theirs: str


def ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.strip() or f"ip {' '.join(words)} failed")


@contextmanager
def host(number: int) -> Iterator[Host]:
    """Make a namespace and a cable to it; both go with the block."""
    mark = f"{os.getpid() % 10_000}-{number}"
    made = Host(f"kgn{mark}", f"kgc{mark}", f"10.231.{number}.1", f"10.231.{number}.2")
    with ExitStack() as stack:
        ip("netns", "add", made.name)
        stack.callback(ip, "netns", "del", made.name)  # its end of the cable goes with it, and so does ours
        ip("link", "add", made.cable, "type", "veth", "peer", "name", "up0", "netns", made.name)
        ip("addr", "add", f"{made.ours}/30", "dev", made.cable)
        ip("link", "set", made.cable, "up")
        ip("-n", made.name, "addr", "add", f"{made.theirs}/30", "dev", "up0")
        ip("-n", made.name, "link", "set", "up0", "up")
        ip("-n", made.name, "link", "set", "lo", "up")
        yield made


@pytest.fixture
def hosts() -> Iterator[list[Host]]:
    with ExitStack() as stack:
        try:
            made = [stack.enter_context(host(number)) for number in range(HOSTS)]
        except OSError as error:
            pytest.skip(f"no network namespaces can be made here (it takes root and `ip`): {error}")
        yield made


@contextmanager
def started(*command: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, env={**os.environ, **SILENT}, start_new_session=True
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_hosts_that_die_or_lose_their_network_cost_no_article_and_no_quad(hosts: list[Host], tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("0.0.0.0", 0))
        port = free.getsockname()[1]
    dask = [sys.executable, "-m", "dask"]
    plan = Plan(jobs=1, gate="fast", batch=TASK)
    told = 0
    with ExitStack() as stack:
        stack.enter_context(
            started(
                *dask,
                "scheduler",
                "--host",
                "0.0.0.0",
                "--port",
                str(port),
                "--no-dashboard",
                folder=tmp_path / "scheduler",
            )
        )
        workers = [
            stack.enter_context(
                started(
                    "ip",
                    "netns",
                    "exec",
                    one.name,
                    *dask,
                    "worker",
                    f"tcp://{one.ours}:{port}",
                    "--no-nanny",
                    "--nthreads",
                    "1",
                    "--no-dashboard",
                    "--host",
                    one.theirs,
                    folder=tmp_path / one.name,
                )
            )
            for one in hosts
        ]
        cluster = Cluster(
            f"tcp://127.0.0.1:{port}", jobs=1, reader=plan.reader, gate=plan.gate, bounds=plan.bounds, patience=60
        )
        stack.callback(cluster.close)
        cluster.client.wait_for_workers(HOSTS, timeout=120)
        places = {address.split("//")[1].partition(":")[0] for address in cluster.client.nthreads()}
        assert places == {one.theirs for one in hosts}

        def happen(_: Outcome) -> None:
            nonlocal told
            told += 1
            if told == ARTICLES // 6:
                os.killpg(workers[0].pid, signal.SIGKILL)
            if told == ARTICLES // 3:
                ip("link", "set", hosts[1].cable, "down")

        store = stack.enter_context(open_store("memory:"))
        journey = Journey(store, plan, cluster, notify=happen)
        started_at = time.monotonic()
        journey.receive([("piers.jsonl", records(range(ARTICLES)))], Options())
        journey.finish()
        assert journey.report.counts == {"imported": ARTICLES}
        assert {address.split("//")[1].partition(":")[0] for address in cluster.client.nthreads()} <= {
            hosts[2].theirs, hosts[1].theirs
        }  # fmt: skip
        print(f"{ARTICLES} articles, {time.monotonic() - started_at:.0f} s, a host killed and a cable pulled")
        spread = dump(store)
    with open_store("memory:") as alone:
        import_sources([("piers.jsonl", records(range(ARTICLES)))], store=alone, plan=Plan(jobs=0, gate="fast"))
        assert spread == dump(alone)
