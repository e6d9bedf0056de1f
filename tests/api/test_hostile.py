"""What a stranger may send to harm: the server lives, answers in time, calls nobody, and serves others meanwhile."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Store
from serving import Canary, Server, fill, serving

from kg.errors import QueryError
from kg.store.guard import check

DEADLINE = 1.0
#: Beyond the deadline; a query that it does not stop goes on for minutes. How soon after it the answers come is for
#: bench/attack.py: here other tests run on the same cores.
MARGIN = 2.0
POINT = "SELECT ?o { <h:a> <h:b> ?o }"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = fill(tmp_path_factory.mktemp("hostile") / "store")
    with serving(folder, KG_QUERY_SECONDS=str(DEADLINE), KG_QUERY_SLOTS="3", KG_QUERY_MEMORY="256") as found:
        yield found


@pytest.mark.slow
def test_no_hostile_query_harms_the_server_or_its_other_clients(server: Server) -> None:
    with Canary() as canary:
        found = hostile.queries(canary.url)
        assert len(found) >= 60
        late: list[str] = []
        broken: list[str] = []
        other = Other(server)
        with other:
            for name, query in found:
                took, problem = attempt(server, query)
                if took > DEADLINE + MARGIN:
                    late.append(f"{name}: {took:.2f} s")
                if problem:
                    broken.append(f"{name}: {problem}")
        assert not broken
        assert not late
        assert not canary.called()
        assert not other.failures
        assert len(other.times) > 100
    assert server.process.poll() is None
    assert server.query(POINT)[0] == 200


def attempt(server: Server, query: str) -> tuple[float, str]:
    """Return the seconds until the answer and what is wrong with it, "" for nothing."""
    began = time.monotonic()
    try:
        status, headers, body = server.query(query, "*/*")
    except http.client.IncompleteRead:
        return time.monotonic() - began, ""  # cut off after the first byte: no client takes it for whole
    took = time.monotonic() - began
    if status not in (200, 400, 403, 413, 422, 504):
        return took, f"{status} {body[:200]!r}"
    if status >= 400 and headers["content-type"] != "application/problem+json":
        return took, headers["content-type"]
    return took, ""


class Other:
    """Another client (by its address), who asks small questions all the while."""

    def __init__(self, server: Server) -> None:
        self.times: list[float] = []
        self.failures: list[object] = []
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, source_address=("127.0.0.2", 0))
        number = 0
        while not self._stop.is_set():
            number += 1
            began = time.monotonic()
            connection.request("GET", "/sparql?" + urlencode({"query": f"SELECT ?o {{ <h:{number}> <h:b> ?o }}"}))
            answer = connection.getresponse()
            body = answer.read()
            self.times.append(time.monotonic() - began)
            if answer.status != 200:
                self.failures.append((answer.status, body))
            time.sleep(0.02)
        connection.close()

    def __enter__(self) -> Other:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


# --- the guard alone: mutated queries, evaluated in this process, where nothing else holds them back

WORDS = [
    *[
        "SELECT",
        "ASK",
        "CONSTRUCT",
        "WHERE",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<h:a>",
        "?s",
        "?p",
        ".",
        ";",
        ",",
        "#",
        "SERVICE",
        "service",
        "SeRvIcE",
        "SILENT",
        "LOAD",
        "load",
        "ERVICE",
        "S",
    ],
    *[
        "h:",
        "h:x",
        "PREFIX",
        "BASE",
        "FILTER",
        "EXISTS",
        "NOT",
        "BIND",
        "AS",
        "UNION",
        "OPTIONAL",
        "GRAPH",
        "MINUS",
        "VALUES",
        "UNDEF",
        "<",
        ">",
        "<<",
        ">>",
        "<<(",
        ")>>",
        "@en",
    ],
    *[
        "^^",
        "1",
        "1.5",
        "-",
        "+",
        "*",
        "/",
        "|",
        "!",
        "=",
        "&&",
        "||",
        "'",
        "<h:a#b>",
        "a",
        "true",
        "_:b",
        "INTO",
        "DROP",
        "ALL",
        "\\",
        "\\u0053",
        "\\U00000053",
        "'x'",
    ],
    *('"y"', '"', '"""', "'''", "\n", "\r", "\t", "\x00", "\u00a0", "\u200b"),
]


def mutated(rng: random.Random, canary: str) -> str:
    """Return one of the calls, with pieces taken out, doubled, swapped or put in."""
    text = rng.choice(list(hostile.CALLS.values())).format(canary=canary)[:2_000]
    pieces = text.split(" ")
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(pieces) + 1)
        match rng.randrange(5):
            case 0:
                pieces.insert(at, rng.choice(WORDS))
            case 1 if pieces:
                pieces.pop(min(at, len(pieces) - 1))
            case 2 if pieces:
                piece = pieces[min(at, len(pieces) - 1)]
                cut = rng.randrange(len(piece) + 1)
                pieces[min(at, len(pieces) - 1)] = piece[:cut] + rng.choice(WORDS) + piece[cut:]
            case 3 if pieces:
                other = rng.randrange(len(pieces))
                at = min(at, len(pieces) - 1)
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case _:
                pieces.insert(at, f"SERVICE <{canary}> {{ ?s ?p ?o }}")
    # The engine needs no space between many words.
    return "".join(piece + ("" if rng.random() < 0.15 else " ") for piece in pieces)


def passed(texts: Iterator[str], canary: Canary) -> int:
    """Evaluate what the guard lets through; returns how many it did."""
    store = Store()
    count = 0
    for text in texts:
        try:
            check(text)
        except QueryError:
            continue
        count += 1
        if canary.called():
            raise AssertionError(f"this text called, or the one before it: {text!r}")
        for evaluate in (lambda text: list(store.query(text)), store.update):  # type: ignore[arg-type]
            try:
                evaluate(text)
            except (SyntaxError, ValueError, OSError, RuntimeError, TypeError):
                continue
    return count


def test_no_mutated_query_that_passes_the_guard_calls_anybody() -> None:
    with Canary() as canary:
        rng = random.Random(20_261_128)
        count = passed((mutated(rng, canary.url) for _ in range(20_000)), canary)
        assert not canary.called()
        assert count > 500  # else the mutations say nothing about what gets through


@pytest.mark.long
def test_no_mutated_query_of_a_million_calls_anybody() -> None:
    with Canary() as canary:
        rng = random.Random(1)
        assert passed((mutated(rng, canary.url) for _ in range(1_000_000)), canary) > 25_000
        assert not canary.called()


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=14),
    spaces=st.lists(st.sampled_from(["", " ", "\n"]), min_size=22, max_size=22),
)
def test_no_text_put_together_at_random_calls_anybody(pieces: list[str], spaces: list[str]) -> None:
    with Canary() as canary:
        call = ["SELECT", "*", "{", "SERVICE", f"<{canary.url}>", "{", "}", "}"]
        words = [*call[:3], *pieces[:6], *call[3:5], *pieces[6:], *call[5:]]
        text = "".join(word + space for word, space in zip(words, spaces, strict=False))
        passed(iter([text]), canary)
        assert not canary.called()


def test_the_mutations_would_reach_the_canary_without_the_guard() -> None:
    """The test of the test: the same texts, unguarded, do call."""
    with Canary() as canary:
        rng = random.Random(2)
        store = Store()
        for _ in range(400):
            if canary.called():
                return
            text = mutated(rng, canary.url)
            thread = threading.Thread(target=_quietly, args=(store, text), daemon=True)
            thread.start()
            thread.join(0.05)
        raise AssertionError("no mutated query called anybody, even without the guard")


def _quietly(store: Store, text: str) -> None:
    try:
        list(store.query(text))  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001  any failure will do
        return
