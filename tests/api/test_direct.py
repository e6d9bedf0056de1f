"""Connections with quick queries go to the processes that evaluate them, and nobody can tell by the answers."""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from newsroom import daily, evening
from serving import Server, fill, serving

from api import sandbox
from api.plain import Plain
from kg.mapping import to_graph
from kg.store import open_store
from kg.vocab import KG

pytestmark = pytest.mark.skipif(not sandbox.supported(), reason="connections are handed over on Linux only")

COUNT = f"SELECT (COUNT(?e) AS ?n) {{ ?e a {KG.Edition} }}"
NAMES = f"SELECT ?s ?n {{ ?s {KG.name} ?n }} ORDER BY ?s ?n"
DIGITS = " ".join(f"VALUES ?d{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(12))
#: Of one shape, and at once or never answered.
QUICK = f'SELECT (COUNT(*) AS ?n) {{ {DIGITS} FILTER("a" = "b") }}'
ENDLESS = f'SELECT (COUNT(*) AS ?n) {{ {DIGITS} FILTER("a" = "a") }}'
DOUBLING = "".join(f"BIND(CONCAT(?a{n},?a{n}) AS ?a{n + 1}) " for n in range(33))
SMALL, GREEDY = (f"SELECT ?a33 {{ BIND('{text}' AS ?a0) {DOUBLING} }}" for text in ("", "x"))


class Client:
    """One connection that is kept."""

    def __init__(self, server: Server) -> None:
        self.connection = server.connect()
        self.heads: dict[str, str] = {}
        self.status = 0

    def get(self, query: str, **headers: str) -> bytes:
        return self.ask("GET", "/sparql?query=" + quote(query), **headers)

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> bytes:
        given = {"accept": "text/csv", **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.connection.request(method, path, body, given)
        answer = self.connection.getresponse()
        self.status, self.heads = answer.status, {name.lower(): value for name, value in answer.getheaders()}
        return answer.read()

    def handed_over(self, query: str = COUNT) -> Client:
        """Ask until a direct process answers: then one request has the number after the other's."""
        until, before, asked = time.monotonic() + 30, "", query
        while time.monotonic() < until:
            # Another text of the same shape each time: an answer that is kept teaches the server nothing new, and the
            # first one may have been slow on a busy machine.
            asked = query if len(asked) > len(query) + 200 else asked + " "
            self.get(asked)
            now = self.heads["x-request-id"]
            if before and now[:6] == before[:6] and int(now[6:], 16) == int(before[6:], 16) + 1:
                return self
            before = now
            time.sleep(0.002)
        raise AssertionError("the connection was not handed over")

    @property
    def process(self) -> str:
        """Return what all answers of one direct process have in common."""
        return self.heads["x-request-id"][:6]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(fill(tmp_path_factory.mktemp("direct") / "store"))


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with serving(str(folder), KG_QUERY_SECONDS="2", KG_QUERY_MEMORY="256", KG_DIRECT="1") as running:
        yield running


@pytest.mark.parametrize("accept", ["text/csv", "application/json", "application/sparql-results+xml"])
@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd, gzip;q=0.5"])
def test_a_direct_answer_is_the_ordinary_one(server: Server, accept: str, coding: str) -> None:
    asked = {"accept": accept, "accept_encoding": coding}
    direct, other = Client(server).handed_over(NAMES), Client(server)
    bodies, heads = [], []
    for client in (direct, direct, other):
        bodies.append(client.get(NAMES + " ", **asked))
        heads.append({name: value for name, value in client.heads.items() if name not in ("x-request-id", "date")})
    assert bodies[0] == bodies[1] == bodies[2]
    assert heads[0] == heads[1] == heads[2]
    assert (heads[0].get("content-encoding") or "identity") == coding.partition(",")[0]
    direct.handed_over(NAMES)
    assert direct.get(NAMES + " ", **asked, if_none_match=f'"x", {heads[0]["etag"]}') == b""
    assert (direct.status, direct.heads["etag"]) == (304, heads[0]["etag"])


def test_whatever_is_no_quick_query_is_answered_on_the_same_connection(server: Server) -> None:
    client = Client(server).handed_over()
    count = client.get(COUNT)
    assert client.ask("POST", "/sparql", COUNT, content_type="application/sparql-query") == count
    client = Client(server).handed_over()  # a new one: one that came back is handed over later and later
    assert b"errors" not in client.ask("POST", "/graphql", '{"query": "{__typename}"}', content_type="application/json")
    client = Client(server).handed_over()
    client.ask("HEAD", "/sparql?query=" + quote(COUNT))
    assert client.status == 200
    for query, status in (("SELECT", 400), ("ASK { SERVICE <http://h/> {} }", 400), ("DROP ALL", 400)):
        client = Client(server).handed_over()
        client.get(query)
        assert client.status == status
        assert client.heads["content-type"] == "application/problem+json"
    client = Client(server).handed_over()
    client.get(COUNT, host="evil.example")
    assert client.status == 421
    client = Client(server).handed_over()
    client.get(COUNT, accept="image/png")
    assert client.status == 406
    client = Client(server).handed_over()
    client.get(COUNT, x_request_id="mine.1")
    assert (client.status, client.heads["x-request-id"]) == (200, "mine.1")


def test_requests_in_pieces_and_in_a_row_are_all_answered(server: Server) -> None:
    client = Client(server).handed_over()
    sock = client.connection.sock
    assert sock is not None
    request = f"GET /sparql?query={quote(COUNT)} HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv\r\n\r\n".encode()
    sock.sendall(request[:40])
    time.sleep(0.05)
    sock.sendall(request[40:] + request + request)
    found = b""
    while found.count(b"HTTP/1.1 200 OK") < 3 or not found.endswith(b"\r\n4\r\n"):
        piece = sock.recv(65_536)
        assert piece, found
        found += piece


def test_an_answer_that_the_client_is_slow_to_take_comes_whole(server: Server) -> None:
    # Below what a worker holds back: one that is longer comes in chunks when the connection is back.
    query = f'SELECT ("{"x" * 600}" AS ?a) ?d1 ?d2 {{ {DIGITS[: DIGITS.index("VALUES ?d2")]} }}'
    client = Client(server).handed_over(query.replace("x", "y"))
    whole = client.get(query)
    assert whole.count(b"\n") == 101
    sock = client.connection.sock
    assert sock is not None
    asked = f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv\r\n\r\n".encode()
    times = 200  # 12 MB: more than the system keeps for who does not read
    for _ in range(times):
        sock.sendall(asked)
        time.sleep(0.002)
    found = bytearray()
    while len(found) < times * len(whole) or found.count(whole) < times:
        piece = sock.recv(1 << 20)
        assert piece, (len(whole), [len(part) for part in bytes(found).split(b"HTTP/1.1 200 OK")])
        found += piece


def test_a_query_that_never_ends_holds_up_nobody_and_is_refused_at_its_deadline(server: Server) -> None:
    other, hostile = Client(server).handed_over(), Client(server).handed_over(QUICK)
    assert other.process == hostile.process
    refused: list[int] = []

    def attack() -> None:
        hostile.get(ENDLESS)
        refused.append(hostile.status)

    thread = threading.Thread(target=attack)
    began = time.monotonic()
    thread.start()
    slowest = 0.0
    while thread.is_alive():
        asked = time.monotonic()
        assert other.get(COUNT).split() == [b"n", b"4"]
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.005)
    assert refused == [504]
    assert 1.9 < time.monotonic() - began < 5
    assert slowest < 1.5, "who shared the process with it waited"
    assert other.process != hostile.process


def test_a_query_that_takes_all_memory_is_refused_and_others_go_on(server: Server) -> None:
    other, hostile = Client(server).handed_over(), Client(server).handed_over(SMALL)
    hostile.get(GREEDY)
    assert hostile.status in (422, 504)
    assert other.get(COUNT).split() == [b"n", b"4"]


def direct_processes(server: Server) -> list[int]:
    return [one for one in server.workers() if b"api.direct" in Path(f"/proc/{one}/cmdline").read_bytes()]


def test_a_process_that_somebody_kills_takes_no_connection_along(server: Server) -> None:
    clients = [Client(server).handed_over() for _ in range(3)]
    for process in direct_processes(server):
        os.kill(process, signal.SIGKILL)
    for client in clients:
        assert client.get(COUNT).split() == [b"n", b"4"]
    assert clients[0].handed_over().status == 200


@pytest.mark.slow
def test_kills_at_random_moments_never_mix_up_answers(server: Server) -> None:
    ended = threading.Event()
    wrong: list[bytes] = []
    answered, cut = [0], [0]

    def ask(first: int) -> None:
        client, number = Client(server), first
        while not ended.is_set():
            number += 1
            try:
                body = client.get(f'SELECT ("{number}" AS ?n) {{}}')
            except (http.client.HTTPException, OSError):
                cut[0] += 1
                client = Client(server)
                continue
            answered[0] += 1
            if client.status != 200 or body.split() != [b"n", str(number).encode()]:
                wrong.append(body)

    threads = [threading.Thread(target=ask, args=(10_000_000 * (n + 1),)) for n in range(4)]
    for thread in threads:
        thread.start()
    rng, killed = random.Random(3), 0
    until = time.monotonic() + 8
    while time.monotonic() < until:
        time.sleep(rng.uniform(0.0, 0.3))
        for process in direct_processes(server):
            os.kill(process, signal.SIGKILL)
            killed += 1
    ended.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert killed > 5
    assert answered[0] > 100
    assert not cut[0], "a request that a process had taken is answered elsewhere, and an answer that left is not lost"


def test_the_next_answer_is_from_the_newest_generation(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "store")) as store:
        store.put([to_graph(daily())])
        store.publish()
        with serving(str(tmp_path / "store"), KG_DIRECT="2") as server:
            clients = [Client(server).handed_over() for _ in range(3)]
            assert [client.get(COUNT).split()[1] for client in clients] == [b"1"] * 3
            tag = clients[0].heads["etag"]
            store.put([to_graph(evening())])
            store.publish()
            assert [client.get(COUNT).split()[1] for client in clients] == [b"2"] * 3
            assert clients[0].get(COUNT, if_none_match=tag).split()[1] == b"2"
            assert clients[0].handed_over().get(COUNT).split()[1] == b"2"


def test_direct_answers_are_counted_and_quiet_connections_close(server: Server) -> None:
    def counted() -> float:
        lines = server.request("GET", "/metrics")[2].decode().splitlines()
        return sum(
            float(line.split()[-1]) for line in lines if line.startswith('kg_requests_total{door="sparql",status="200"')
        )

    client = Client(server).handed_over()
    time.sleep(0.3)
    before = counted()
    for _ in range(50):
        client.get(COUNT)
    time.sleep(0.3)
    assert counted() == before + 50
    sock = client.connection.sock
    assert sock is not None
    sock.settimeout(20)
    assert sock.recv(1) == b"", "closed after a while, as every connection is"


def test_a_server_that_stops_takes_its_processes_along(folder: Path) -> None:
    with serving(str(folder), KG_DIRECT="2") as server:
        clients = [Client(server).handed_over() for _ in range(2)]
        processes = server.workers()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) in (0, -signal.SIGTERM)
        until = time.monotonic() + 5
        while any(Path(f"/proc/{process}/exe").exists() for process in processes):
            assert time.monotonic() < until
            time.sleep(0.05)
    for client in clients:
        client.connection.close()


def test_nothing_is_handed_over_where_a_rate_is_kept_or_it_is_turned_off(folder: Path) -> None:
    for setting in ({"KG_DIRECT": "0"}, {"KG_RATE": "100000"}):
        with serving(str(folder), **setting) as server:
            client = Client(server)
            for _ in range(20):
                client.get(COUNT)
            assert not direct_processes(server)


LINES = "Host: localhost\r\nAccept: text/csv\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        "POST /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES,
        "GET /sparql?query=ASK%7B%7D HTTP/1.0\r\n" + LINES,
        "GET /sparql?query=ASK%7B%7D&explain HTTP/1.1\r\n" + LINES,
        "GET /sparql?query=ASK%7B%7D#x HTTP/1.1\r\n" + LINES,
        "GET /sparql?query=ASK {} HTTP/1.1\r\n" + LINES,
        "GET /sparql HTTP/1.1\r\n" + LINES,
        "GET /queries?query=ASK%7B%7D HTTP/1.1\r\n" + LINES,
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: other.example\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nAccept: text/csv\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES + "Accept: text/html\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES + "Origin: http://localhost\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES + "Kg-Version: 7\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES + "Content-Length: 0\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES + "Transfer-Encoding: chunked\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES + "Connection: close\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES + "Upgrade: websocket\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES + " folded\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES + "no colon\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES + "X-Odd: \x01\r\n",
        "GET /sparql?query=" + "a" * 20_000 + " HTTP/1.1\r\n" + LINES,
    ],
)
def test_what_is_not_plain_is_not_read_here(request_: str) -> None:
    assert Plain({"localhost"}, 16_384).read(request_.encode() + b"\r\n") is None


def test_a_plain_request_is_one_and_whole() -> None:
    plain = Plain({"localhost"}, 16_384)
    request_ = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + LINES.encode() + b"\r\n"
    for _ in range(2):  # the second time from memory
        found = plain.read(request_)
        assert found is not None
        assert (found[0], found[1].accept) == (b"query=ASK%7B%7D", b"text/csv")
        for cut in range(len(request_)):
            assert plain.read(request_[:cut]) is None
        assert plain.read(request_ + b"G") is None
        assert plain.read(request_ + request_) is None
