"""The nginx file and the first steps of docs/operate.md, run as they stand there."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from kg.store import open_store
from kg.store.copying import digest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found.group(1)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def until_there(url: str, context: ssl.SSLContext | None = None) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=2, context=context).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


@pytest.mark.slow
def test_the_steps_work_as_written(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    for name, words in (("ferry", "Nobody was hurt"), ("bridge", "It took nine years")):
        text = f"News of the {name}\n\n“{words},” Ottilie Varnhagen said on Monday.\n"
        (tmp_path / "articles" / f"{name}.txt").write_text(text, encoding="utf-8")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "kg").write_text(f'#!/bin/sh\nexec {sys.executable} -m kg "$@"\n')
    (bin_ / "kg").chmod(0o755)
    environment = os.environ | {"PATH": f"{bin_}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-e", "-c", block("sh")], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "no faults" in done.stderr
    assert "editor" in done.stdout
    with open_store(str(tmp_path / "store"), read_only=True) as one, open_store(str(tmp_path / "second")) as two:
        assert digest(one) == digest(two)


@pytest.mark.slow
def test_writing_over_http_works_as_written(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: apt-get install curl")
    (tmp_path / "bin").mkdir()
    kg = tmp_path / "bin" / "kg"
    kg.write_text(f'#!/bin/sh\nexec {sys.executable} -m kg "$@"\n')
    kg.chmod(0o755)
    port = free_port()
    open_store(str(tmp_path / "store")).close()
    environment = os.environ | {"PATH": f"{kg.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    command = ["kg", "serve", "--store", "store", "--writable", "--port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, env=environment, executable=kg)
    try:
        until_there(f"http://127.0.0.1:{port}/health/ready")
        script = block("bash").replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        done = subprocess.run(
            ["sh", "-e", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr + done.stdout
        assert '"state":"IMPORTED"' in done.stdout
        assert "no faults" in done.stderr
        assert "kg_generation" in done.stdout
    finally:
        server.terminate()
        server.wait(40)
    with open_store(str(tmp_path / "store"), read_only=True) as store:
        assert {"https://example.org/notes", "https://example.org/more"} <= {g.value for g in store.graph_names()}


@pytest.mark.slow
def test_the_nginx_file_works_as_written(tmp_path: Path) -> None:
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("nginx or openssl is not installed: apt-get install --no-install-recommends nginx-light openssl")
    subject = ["-subj", "/CN=kg.example.org", "-addext", "subjectAltName=DNS:kg.example.org"]
    command = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "kg.key",
        "-out",
        "kg.pem",
        *subject,
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    ours, theirs = free_port(), free_port()
    site = (
        block("nginx")
        .replace("listen 443", f"listen 127.0.0.1:{theirs}")
        .replace("/etc/ssl/kg.example.org", str(tmp_path / "kg"))
        .replace("127.0.0.1:8000", f"127.0.0.1:{ours}")
    )
    paths = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\nevents {{}}\n"
        f"http {{ access_log off;\n{paths}{site} }}\n"
    )
    open_store(str(tmp_path / "store")).close()
    settings = {
        "KG_HOSTS": "kg.example.org",
        "KG_PROXIES": "127.0.0.1",
        "KG_RATE": "0.001",
        "KG_BURST": "3",
        "KG_LOG": "json",
    }
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "kg", "serve", "--store", str(tmp_path / "store"), "--port", str(ours)],
        env=os.environ | settings,
        stderr=log,
    )
    proxy = subprocess.Popen([nginx, "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "error.log")])
    context = ssl.create_default_context(cafile=str(tmp_path / "kg.pem"))
    context.check_hostname = False
    try:
        until_there(f"http://127.0.0.1:{ours}/health/ready")

        def ask(path: str, **headers: str) -> tuple[int, dict[str, str]]:
            # From an address that is no proxy's.
            connection = http.client.HTTPSConnection(
                "127.0.0.1", theirs, timeout=10, context=context, source_address=("127.0.0.2", 0)
            )
            connection.request("GET", path, headers={"Host": "kg.example.org", **headers})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer.status, dict(answer.getheaders())

        until_there(f"https://127.0.0.1:{theirs}/health/live", context)
        status, headers = ask("/queries")
        assert status == 200
        assert headers["Strict-Transport-Security"]
        assert ask("/metrics")[0] == 403
        # What a client writes into the header itself does not make it another one.
        statuses = [ask("/queries", **{"X-Forwarded-For": f"192.0.2.{number}"})[0] for number in range(4)]
        assert statuses == [200, 200, 429, 429]
    finally:
        proxy.terminate()
        server.terminate()
        proxy.wait()
        server.wait()
        log.close()
