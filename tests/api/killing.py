"""A store's folder enters; a writable server over it, clients that write, an import beside, and a killer of them all.

Each client writes batches under names of its own and keeps what it was told of each: acknowledged, refused ("nothing
was changed"), or not known, because the connection broke. The judge compares that with what readers see.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from engines import free_port
from newsroom import daily

from kg.store import open_store, tokens

LOG = "https://example.org/log/"
COUNTER = "https://example.org/counter"
BATCH = 7  # triples of one update
STEP = (
    f"WITH <{COUNTER}> DELETE {{ <h:n> <h:is> ?n }} INSERT {{ <h:n> <h:is> ?m }} "
    "WHERE { <h:n> <h:is> ?n BIND(?n + 1 AS ?m) }"
)
NOTE = 'mutation { annotate(input: { node: "%s", note: "%s", reason: "Heard." }) { __typename } }'
HERE = Path(__file__).parent
IMPORTER = """
import sys, time
from importer_samples import record
from kg.importer import Plan, import_sources
from kg.store import open_in_turn

number = int(sys.argv[2])
while True:
    with open_in_turn(sys.argv[1], patience=60) as store:
        source = (f"{number}.jsonl", record(number))
        report = import_sources([source], store=store, plan=Plan(jobs=0, gate="fast"))
    for outcome in report.outcomes:
        if outcome.state in ("imported", "unchanged") and outcome.origin.startswith(str(number)):
            print(number, outcome.iri, flush=True)
    number += 1
    time.sleep(0.3)
"""


class Broken(Exception):  # noqa: N818  it says what happened to the connection
    """The connection broke, or nobody listened: what became of the request is not known."""


@dataclass
class Told:
    """What one client was told of its batches, by their names."""

    acknowledged: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


class House:
    """The server's processes, as ``kg serve --workers 2 --writable`` starts them."""

    def __init__(self, root: Path, *, workers: int = 2) -> None:
        self.root = root
        self.port = free_port()
        self.secret = tokens.create(root, "killer", graphs="all")
        self._workers = workers
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ("serve", "--store", self.root, "--port", self.port, "--workers", self._workers, "--writable")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kg", *map(str, words)],
            env={**os.environ, "KG_QUERY_SLOTS": "2"},
            stdout=subprocess.DEVNULL,
            stderr=(self.root.parent / "server.log").open("ab"),
        )

    def free(self, seconds: float = 40) -> None:
        """Wait until nobody listens any more: workers whose supervisor is gone answer what they have begun, and end."""
        until = time.monotonic() + seconds
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                assert time.monotonic() < until, "workers go on without their supervisor"
                time.sleep(0.02)
                continue
            return

    def wait(self, seconds: float = 60) -> None:
        """Wait until the server answers."""
        until = time.monotonic() + seconds
        while True:
            with suppress(Broken):
                if self.ask("GET", "/health/ready")[0] == 200:
                    return
            assert time.monotonic() < until, "the server does not come back"
            time.sleep(0.05)

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body. Raises Broken where there is no whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Broken(str(error)) from error
        finally:
            connection.close()

    def rows(self, query: str) -> list[dict[str, str]]:
        """Return the rows of a SELECT, asking again until the server answers."""
        until = time.monotonic() + 60
        while True:
            with suppress(Broken):
                status, _, body = self.ask("GET", f"/sparql?query={quote(query)}")
                if status == 200:
                    return [{k: v["value"] for k, v in row.items()} for row in json.loads(body)["results"]["bindings"]]
                honest(status, body)
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)

    def processes(self) -> dict[str, list[int]]:
        """Return the ids of the living processes by what they do."""
        assert self.process is not None
        found: dict[str, list[int]] = {"supervisor": [self.process.pid], "worker": [], "reader": [], "writer": []}
        for child, words in children(self.process.pid):
            if b"spawn_main" in words:
                found["worker"].append(child)
                for grandchild, does in children(child):
                    kind = "writer" if b"api.writer_process" in does else "reader" if b"api.worker" in does else None
                    if kind:
                        found[kind].append(grandchild)
        return found

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def children(pid: int) -> Iterator[tuple[int, bytes]]:
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(OSError):
                yield int(child), Path(f"/proc/{child}/cmdline").read_bytes()


def honest(status: int, body: bytes) -> dict[str, Any]:
    """Return the problem document of an answer that is no success: there must be one, with the same status."""
    assert 400 <= status < 600, status
    found: dict[str, Any] = json.loads(body)
    assert found["status"] == status, found
    return found


class Campaign:
    """Clients at work on one store, whose processes are killed."""

    def __init__(self, root: Path, seed: int) -> None:
        self.house = House(root)
        self.rng = random.Random(seed)
        self.updates = Told()
        self.notes = Told()
        self.steps = Told()
        self.imported: dict[str, str] = {}
        self.slowest = 0.0
        self.kills: dict[str, int] = {}
        self.wrong: list[str] = []
        self._stop = threading.Event()
        self._importer: subprocess.Popen[str] | None = None

    # --- the clients

    def _client(self, told: Told, name: str, send: Callable[[str], bool | None]) -> None:
        number = 0
        while not self._stop.is_set():
            batch = f"{name}-{number}"
            number += 1
            try:
                landed = send(batch)
            except Broken:
                told.unknown.add(batch)
                time.sleep(0.05)
            except Exception as error:  # noqa: BLE001  told to the judge: a thread's error is nobody's
                self.wrong.append(f"{batch}: {error!r}")
                return
            else:
                (told.unknown if landed is None else told.acknowledged if landed else told.refused).add(batch)

    def _update(self, text: str) -> bool | None:
        headers = {"content-type": "application/sparql-update", "authorization": f"Bearer {self.house.secret}"}
        status, _, body = self.house.ask("POST", "/sparql", text, headers)
        if status == 204:
            return True
        return False if "nothing was changed" in honest(status, body)["detail"] else None

    def _insert(self, batch: str) -> bool | None:
        objects = " , ".join(map(str, range(BATCH)))
        return self._update(f"INSERT DATA {{ GRAPH <{LOG}{batch}> {{ <h:batch> <h:has> {objects} }} }}")

    def _annotate(self, batch: str) -> bool | None:
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.house.secret}"}
        query = json.dumps({"query": NOTE % (daily().article.iri, batch)})
        status, _, body = self.house.ask("POST", "/graphql", query, headers)
        found = json.loads(body)
        if status == 200 and "errors" not in found:
            return True
        assert found.get("errors") or found.get("status") == status, found
        return False if "nothing was changed" in body.decode() else None

    def _read(self) -> None:
        """Look for half a batch, again and again, and for answers that are no answers."""
        query = (
            f"SELECT ?g (COUNT(*) AS ?n) {{ GRAPH ?g {{ <h:batch> ?p ?o }} }} GROUP BY ?g HAVING (COUNT(*) != {BATCH})"
        )
        while not self._stop.is_set():
            try:
                if torn := self.house.rows(query):
                    self.wrong.append(f"half a batch: {torn}")
            except Exception as error:  # noqa: BLE001
                self.wrong.append(f"reading: {error!r}")
                return
            time.sleep(0.02)

    def _import(self) -> None:
        number = 0
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE.parent / "importer")]),
        }
        while not self._stop.is_set():
            command = [sys.executable, "-c", IMPORTER, str(self.house.root), str(number)]
            log = (self.house.root.parent / "importer.log").open("ab")
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment) as running:
                self._importer = running
                assert running.stdout is not None
                for line in running.stdout:
                    done, iri = line.split()
                    self.imported[done] = iri
                    number = int(done) + 1
            if running.returncode not in (-signal.SIGKILL, -signal.SIGTERM):
                self.wrong.append(f"the import ended with {running.returncode}")
                return

    # --- the killer and the judge

    def run(self, trials: int) -> None:
        self.house.start()
        self.house.wait()
        assert self._update(f"INSERT DATA {{ GRAPH <{COUNTER}> {{ <h:n> <h:is> 0 }} }}")
        work = [
            lambda: self._client(self.updates, "a", self._insert),
            lambda: self._client(self.updates, "b", self._insert),
            lambda: self._client(self.steps, "step", lambda batch: self._update(STEP)),
            lambda: self._client(self.notes, "note", self._annotate),
            self._read,
            self._import,
        ]
        threads = [threading.Thread(target=one) for one in work]
        for thread in threads:
            thread.start()
        try:
            for _ in range(trials):
                time.sleep(self.rng.uniform(0, 0.6))
                self._kill()
                self.house.wait()
                self.judge()
        finally:
            self._stop.set()
            if self._importer is not None:
                self._importer.terminate()
            for thread in threads:
                thread.join()
        self.judge()
        self.house.stop()

    def _kill(self) -> None:
        """Kill one process of a kind that is chosen by chance among those that live."""
        living = {kind: pids for kind, pids in self.house.processes().items() if pids}
        if self._importer is not None and self._importer.poll() is None:
            living["import"] = [self._importer.pid]
        kinds = ["supervisor", "worker", "worker", "reader", "reader", "writer", "writer", "writer", "import"]
        kind = self.rng.choice([one for one in kinds if one in living])
        self.kills[kind] = self.kills.get(kind, 0) + 1
        with suppress(ProcessLookupError):
            os.kill(self.rng.choice(living[kind]), signal.SIGKILL)
        if kind == "supervisor":
            assert self.house.process is not None
            self.house.process.wait()
            self.house.free()
            self.house.start()
            began = time.perf_counter()
            with open_store(str(self.house.root), read_only=True) as reader:
                reader.count()
            self.slowest = max(self.slowest, time.perf_counter() - began)

    def judge(self) -> None:
        """Compare what clients were told up to now with what readers see now."""
        told = [set(self.updates.acknowledged), set(self.notes.acknowledged), len(self.steps.acknowledged)]
        refused = set(self.updates.refused), set(self.notes.refused)
        seen = {
            row["g"].removeprefix(LOG) for row in self.house.rows("SELECT DISTINCT ?g { GRAPH ?g { <h:batch> ?p ?o } }")
        }
        notes = {row["t"] for row in self.house.rows("SELECT ?t { ?a <https://w3id.org/on-the-record/ns#note> ?t }")}
        counter = int(self.house.rows(f"SELECT ?n {{ GRAPH <{COUNTER}> {{ <h:n> <h:is> ?n }} }}")[0]["n"])
        assert not self.wrong, self.wrong
        assert not told[0] - seen, f"acknowledged and lost: {told[0] - seen}"
        assert not told[1] - notes, f"acknowledged and lost: {told[1] - notes}"
        assert not refused[0] & seen, f"refused and there: {refused[0] & seen}"
        assert not refused[1] & notes, f"refused and there: {refused[1] & notes}"
        most = len(self.steps.acknowledged) + len(self.steps.unknown) + 1
        assert told[2] <= counter <= most, f"{told[2]} steps were acknowledged, {most} sent, {counter} made"


@contextmanager
def campaign(root: Path, seed: int) -> Iterator[Campaign]:
    made = Campaign(root, seed)
    try:
        yield made
    finally:
        made.house.stop()
