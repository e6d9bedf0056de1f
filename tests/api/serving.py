"""A real server of a store on disk, on a free port of this machine, and a canary that notices who calls.

With KG_WRITABLE the server knows two tokens, which are called as their scopes are: "all" and "curation".
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from newsroom import readings

from kg.mapping import to_graph
from kg.store import open_store

PROGRAM = """
import dataclasses, hashlib, socket, sys, uvicorn
from api.app import create_app
from api.logs import to_stderr
from api.config import ServerSettings

to_stderr()
known = tuple((hashlib.sha256(scope.encode()).hexdigest(), scope) for scope in ("all", "curation"))
app = create_app(dataclasses.replace(ServerSettings.from_env(), tokens=known))
listening = socket.socket(fileno=int(sys.argv[1]))
config = uvicorn.Config(app, log_level="warning", timeout_keep_alive=5, http="api.patience:Patient")
uvicorn.Server(config).run(sockets=[listening])
"""


def fill(folder: Path) -> str:
    """Make a store of the newsroom's articles in a folder and return its URL."""
    with open_store(str(folder)) as store:
        store.put([to_graph(reading) for reading in readings()])
        store.publish()
    return str(folder)


class Server:
    """A running server: how to ask it, and the process."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process

    def connect(self, timeout: float = 30) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(
        self, method: str, path: str, body: bytes | str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers (lower-case names) and body; IncompleteRead when the answer breaks off."""
        connection = self.connect()
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def query(self, sparql: str, accept: str = "text/csv", **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        kind = {"content-type": "application/x-www-form-urlencoded", "accept": accept, **headers}
        return self.request("POST", "/sparql", urlencode({"query": sparql}), kind)

    def workers(self) -> list[int]:
        """Return the process ids of the server's children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children]


@contextmanager
def serving(store: str, **settings: str) -> Iterator[Server]:
    """Serve a store until the block ends; ``settings`` are KG_… variables."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        environment = {**os.environ, "KG_STORE": store, **settings}
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(listening.fileno())], env=environment, pass_fds=[listening.fileno()]
        )
    server = Server(port, process)
    try:
        until = time.monotonic() + 30
        while True:
            try:
                if server.request("GET", "/health/ready")[0] == 200:
                    break
            except OSError:
                if time.monotonic() > until or process.poll() is not None:
                    raise
                time.sleep(0.05)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Canary:
    """A listening socket of this machine that nobody should call; who does is hung up on at once."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/sparql"
        self._calls = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def called(self) -> bool:
        return self._calls > 0

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self._calls += 1
            connection.close()

    def __enter__(self) -> Canary:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
