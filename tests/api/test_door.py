"""Who may come in, how often, and what the log says of it; versions that are waited for; a server that stops well."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from api.app import create_app
from api.config import ServerSettings
from api.logs import JsonLines, PlainLines
from api.rates import MOST_CLIENTS, Rates, client_of
from kg.errors import UsageError
from kg.store import Store, open_store

SECRET = "Zyxwvu said no"


# ---- rates


def test_a_client_may_send_a_burst_and_then_its_rate() -> None:
    now = 0.0
    rates = Rates(2, 3, clock=lambda: now)
    assert [rates.wait("a") for _ in range(3)] == [0, 0, 0]
    assert rates.wait("a") == pytest.approx(0.5)
    assert rates.wait("b") == 0, "each client has a bucket of its own"
    now = 0.5
    assert rates.wait("a") == 0
    assert rates.wait("a") > 0
    now = 100.0
    assert [rates.wait("a") for _ in range(4)] == [0, 0, 0, pytest.approx(0.5)]


def test_many_clients_take_bounded_memory() -> None:
    rates = Rates(1, 1)
    for number in range(MOST_CLIENTS + 50):
        rates.wait(str(number))
    assert len(rates._buckets) == MOST_CLIENTS


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "client"),
    [
        ("198.51.100.7", "", (), "198.51.100.7"),
        ("198.51.100.7", "203.0.113.1", (), "198.51.100.7"),  # nobody vouches for the header
        ("127.0.0.1", "203.0.113.1", ("127.0.0.1",), "203.0.113.1"),
        ("127.0.0.1", "192.0.2.66, 203.0.113.1", ("127.0.0.1",), "203.0.113.1"),  # the first is the client's own claim
        ("127.0.0.1", "203.0.113.1, 10.0.0.2", ("127.0.0.1", "10.0.0.2"), "203.0.113.1"),
        ("2001:db8:1:2:aaaa::1", "", (), "2001:db8:1:2::/64"),
        ("127.0.0.1", "nonsense", ("127.0.0.1",), "nonsense"),
    ],
)
def test_a_client_is_known_by_what_a_trusted_proxy_says(
    peer: str, forwarded: str, proxies: tuple[str, ...], client: str
) -> None:
    assert client_of(peer, forwarded, proxies) == client


def test_too_many_requests_are_answered_429_with_the_time_to_wait(store: Store) -> None:
    settings = ServerSettings.from_env({"KG_RATE": "0.001", "KG_BURST": "2", "KG_PROXIES": "testclient"})
    with TestClient(create_app(settings, store=store), base_url="http://localhost") as client:
        one = {"x-forwarded-for": "203.0.113.1"}
        statuses = [client.get("/queries", headers=one).status_code for _ in range(3)]
        refused = client.get("/queries", headers=one)
        assert statuses == [200, 200, 429]
        assert int(refused.headers["retry-after"]) > 1
        assert refused.headers["content-type"] == "application/problem+json"
        assert client.get("/queries", headers={"x-forwarded-for": "203.0.113.2"}).status_code == 200
        assert client.get("/health/live", headers=one).status_code == 200, "a probe is never turned away"


@pytest.mark.parametrize("setting", [{"KG_RATE": "often"}, {"KG_LOG": "xml"}])
def test_settings_that_cannot_be_read_are_refused(setting: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=next(iter(setting))):
        ServerSettings.from_env(setting)


# ---- bodies and WebSockets


def test_a_body_past_every_bound_is_refused_unread(client: TestClient) -> None:
    answer = client.post("/sparql", headers={"content-length": str(1 << 40)}, content=b"x")
    assert answer.status_code == 413


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
def test_a_websocket_of_another_host_or_origin_is_closed(client: TestClient, headers: dict[str, str]) -> None:
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/graphql", headers=headers):
        pass
    assert refused.value.code == 1008


# ---- logs


def test_a_line_of_the_log_is_json_with_the_requests_id_and_no_words_of_it(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    query = f'SELECT ?s {{ ?s ?p "{SECRET}" }}'
    with caplog.at_level(logging.INFO, logger="api"):
        client.post("/sparql", data={"query": query}, headers={"x-request-id": "abc-1"})
        client.get("/sparql", params={"query": query})
        client.post("/graphql", json={"query": f'{{ search(text: "{SECRET}") {{ nope }} }}'})
        client.get("/sparql", params={"query": query + "{"})
    lines = [JsonLines().format(record) for record in caplog.records if record.name == "api"]
    plain = [PlainLines().format(record) for record in caplog.records if record.name == "api"]
    found = [json.loads(line) for line in lines]
    assert found[0]["request"] == "abc-1"
    assert [line["status"] for line in found][:2] == [200, 200]
    assert {"time", "level", "client", "method", "path", "ms", "digest"} <= set(found[0])
    assert re.fullmatch("[0-9a-f]{12}", found[0]["digest"])
    digests = [line["digest"] for line in found]
    assert digests[0] == digests[1], "the same query by POST and by GET"
    assert len(set(digests)) == 3
    assert "Zyxwvu" not in "".join(lines + plain)


def test_an_error_is_logged_by_type_and_place_never_by_its_words() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        record = logging.LogRecord("api", logging.ERROR, __file__, 1, "%s failed", ("x",), (ValueError, error, None))
    for form in (JsonLines(), PlainLines()):
        line = form.format(record)
        assert "ValueError" in line
        assert "test_door.py" in line
        assert SECRET not in line


# ---- versions


def test_a_minimum_version_is_waited_for_at_every_door(store: Store) -> None:
    with (
        open_store("memory:") as growing,
        TestClient(create_app(ServerSettings(), store=growing), base_url="http://localhost") as client,
    ):
        there = client.get("/health", headers={"kg-version": "0"})
        assert (there.status_code, there.headers["kg-version"]) == (200, "0")
        late = client.post("/graphql", json={"query": "{ __typename }"}, headers={"kg-version": "1"})
        assert (late.status_code, late.headers["retry-after"]) == (503, "1")
        timer = threading.Timer(0.2, lambda: growing.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }"))
        timer.start()
        assert client.post("/graphql", json={"query": "{ __typename }"}, headers={"kg-version": "1"}).status_code == 200
        timer.join()
        assert client.get("/health", headers={"kg-version": "soon"}).status_code == 400


# ---- the running server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    folder = tmp_path_factory.mktemp("served")
    url = str(folder / "store")
    with open_store(url) as opened:
        opened.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }")
        opened.publish()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    log = folder / "log"
    command = [sys.executable, "-m", "kg", "serve", "--store", url, "--port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(command, stderr=out, text=True, env=os.environ | {"KG_LOG": "json"})
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process, port, log
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_connection_that_sends_no_request_is_closed_and_others_are_answered(
    served: tuple[subprocess.Popen[str], int, Path],
) -> None:
    _, port, _ = served
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
    for number, connection in enumerate(silent):
        connection.settimeout(20)
        if number % 2:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")  # a head that never ends
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5) as answer:
        assert answer.status == 200
    assert [connection.recv(100) for connection in silent] == [b""] * 50
    for connection in silent:
        connection.close()


@pytest.mark.slow
def test_a_server_that_is_told_to_stop_answers_what_it_has_begun(
    served: tuple[subprocess.Popen[str], int, Path],
) -> None:
    process, port, log = served
    body = b"query=" + b"ASK%20%7B%20%7D"
    head = (
        "POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode() + body[:10])
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(body[10:])
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"boolean":true' in answer
    assert process.wait(timeout=20) == 0 or process.returncode == -signal.SIGTERM
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert any(line.get("path") == "/sparql" and line["status"] == 200 for line in lines)
