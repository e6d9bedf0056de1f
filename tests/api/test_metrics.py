"""/metrics: what was asked, refused and killed, and how old and large the data are."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api.app import create_app
from api.config import ServerSettings
from api.counters import DOORS, Counters, door_of
from api.limits import Limits
from api.metrics import exposition, folder_bytes, forget_dead
from kg.store import Store, open_store

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> Figures:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape(client: TestClient) -> Figures:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return read(answer.text)


def test_each_answer_is_counted_by_door_and_status(client: TestClient) -> None:
    before = scrape(client)
    client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"})
    client.get("/sparql", params={"query": "ASK {"})
    client.get("/nowhere/at/all")
    after = scrape(client)

    def more(door: str, status: str) -> float:
        key = ("kg_requests_total", (("door", door), ("status", status)))
        return after[key] - before.get(key, 0)

    assert (more("sparql", "200"), more("sparql", "400"), more("other", "404")) == (1, 1, 1)
    count = ("kg_request_seconds_count", (("door", "sparql"),))
    assert after[count] - before.get(count, 0) == 2


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/", "page"),
        ("/sparql", "sparql"),
        ("/graphql/stream", "graphql"),
        ("/edition/ab12", "data"),
        ("/x/y", "other"),
    ],
)
def test_a_path_is_counted_under_its_door_never_by_itself(path: str, door: str) -> None:
    assert door_of(path) == door
    assert door in DOORS


def test_kills_queue_and_refusals_are_there_before_the_first_and_count_from_zero(store: Store) -> None:
    counters = Counters()
    quiet = read(exposition(store, counters).decode())
    assert quiet["kg_worker_kills_total", (("reason", "deadline"),)] == 0
    counters.killed("deadline")
    counters.turned_away("rate")
    counters.waits(1)
    counters.runs(1)
    counters.runs(-1)
    busy = read(exposition(store, counters).decode())
    assert busy["kg_worker_kills_total", (("reason", "deadline"),)] == 1
    assert busy["kg_refused_total", (("reason", "rate"),)] == 1
    assert (busy["kg_queue_waiting", ()], busy["kg_queue_running", ()]) == (1, 0)


def test_a_query_for_which_there_is_no_room_is_counted(store: Store) -> None:
    settings = ServerSettings(limits=Limits(waiting=0))
    with TestClient(create_app(settings, store=store), base_url="http://localhost") as client:
        before = scrape(client)
        assert client.get("/health/ready").status_code == 503
        key = ("kg_refused_total", (("reason", "queue"),))
        assert scrape(client)[key] - before[key] == 1


def test_a_store_on_disk_tells_generation_age_and_size(tmp_path: Path) -> None:
    url = str(tmp_path / "store")
    open_store(url).close()
    published = time.time() - 90
    os.utime(tmp_path / "store" / "CURRENT", (published, published))
    with (
        open_store(url, read_only=True) as opened,
        TestClient(create_app(ServerSettings(), store=opened), base_url="http://localhost") as client,
    ):
        figures = scrape(client)
    assert figures["kg_generation", ()] == 1
    assert 90 <= figures["kg_generation_age_seconds", ()] < 150
    assert figures["kg_store_bytes", ()] > 1_000


def test_a_hard_link_counts_once(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 1_000)
    os.link(tmp_path / "one", tmp_path / "two")
    assert folder_bytes(tmp_path) == 1_000


PROCESS = """
from api.counters import COUNTERS
from api.limits import Limits
from api.metrics import exposition
from kg.store import open_store
COUNTERS.answered("sparql", 200, 0.01)
COUNTERS.killed("memory")
print(exposition(open_store("memory:")).decode())
"""


def test_several_server_processes_are_added_up(tmp_path: Path) -> None:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for number in (1, 2):
        done = subprocess.run(
            [sys.executable, "-c", PROCESS], capture_output=True, text=True, env=environment, check=True
        )
        figures = read(done.stdout)
        assert figures["kg_requests_total", (("door", "sparql"), ("status", "200"))] == number
        assert figures["kg_worker_kills_total", (("reason", "memory"),)] == number


def test_what_a_killed_process_said_of_its_queue_is_forgotten(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    dead, alive = (tmp_path / f"gauge_livesum_{pid}.db" for pid in (gone.pid, os.getpid()))
    counted = tmp_path / f"counter_{gone.pid}.db"
    for path in (dead, alive, counted):
        path.touch()
    forget_dead(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([alive, counted])
