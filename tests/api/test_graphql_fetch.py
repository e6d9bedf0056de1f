"""importArticle(url): what is fetched from a real server, and what is refused and why."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from desk import ask, serving, write
from starlette.testclient import TestClient

from kg.articles.fetch import Fetcher
from kg.store import Store, open_store

PAGE = """<!DOCTYPE html><html lang="en"><head><title>Quay closed after the storm</title>
<meta property="article:published_time" content="2026-03-12T08:00:00Z"><meta property="og:site_name" content="The Wire">
</head><body><nav><a href="/">Home</a></nav><article><h1>Quay closed after the storm</h1>
<p>“The quay is closed until the crane has been mended,” said Petra Halloran, the harbour master of Port Alda.</p>
<p>The storm of Tuesday night had thrown the crane across two berths, and nobody was hurt when it fell on them.</p>
</article></body></html>"""
IMPORT = """mutation ($input: ArticleInput!) { importArticle(input: $input) {
  __typename
  ... on ImportAccepted { state statementCount article { title outlet { name } published { edtf } }
    edition { statements { nodes { text speaker { name } } } } submission { decidedBy reason } }
  ... on WriteRefused { message violations { message } } } }"""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


class Handler(BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012  the site's own record

    def do_GET(self) -> None:
        self.asked.append(self.path)
        match self.path:
            case "/robots.txt":
                self.answer(b"User-agent: *\nDisallow: /members/\n", "text/plain")
            case "/quay" | "/members/quay":
                self.answer(PAGE.encode())
            case "/moved":
                self.move("/quay")
            case "/moved-inside":
                self.move("/members/quay")
            case "/round":
                self.move("/round")
            case "/large":
                self.answer(b"<p>" + b"x" * 200_000)
            case "/picture":
                self.answer(PNG, "image/png")
            case _:
                self.answer(b"gone", status=404)

    def answer(self, body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def move(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def site() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"asked": asked}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("memory:") as opened:
        yield opened


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    with serving(store, private_articles=True) as client:
        yield client


def bring(client: TestClient, url: str, **more: Any) -> Any:
    answer = write(client, IMPORT, input={"url": url, "reason": "For the harbour dossier."} | more).json()
    assert "errors" not in answer, answer
    return answer["data"]["importArticle"]


@pytest.mark.parametrize("path", ["/quay", "/moved"])
def test_an_article_is_fetched_read_and_stored(client: TestClient, path: str) -> None:
    with site() as (base, asked):
        found = bring(client, base + path)
    assert (found["__typename"], found["state"], found["statementCount"]) == ("ImportAccepted", "IMPORTED", 1)
    assert found["article"] == {
        "title": "Quay closed after the storm", "outlet": {"name": "The Wire"}, "published": {"edtf": "2026-03-12"}
    }  # fmt: skip
    [said] = found["edition"]["statements"]["nodes"]
    assert said["speaker"] == {"name": "Petra Halloran"}
    assert found["submission"] == {"decidedBy": "m.amsel", "reason": "For the harbour dossier."}
    assert asked[0] == "/robots.txt"  # it asks whether it may, and once
    assert asked.count("/robots.txt") == 1
    assert ask(client, "{ statements { totalCount } }") == {"statements": {"totalCount": 1}}


def test_what_the_client_says_of_an_article_goes_before_what_its_page_says(client: TestClient) -> None:
    with site() as (base, _):
        found = bring(client, f"{base}/quay", outlet="The Courier", published="2026-03-11")
    assert found["article"]["outlet"] == {"name": "The Courier"}
    assert found["article"]["published"] == {"edtf": "2026-03-11"}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/members/quay", "robots.txt asks programs to stay away"),
        ("/moved-inside", "robots.txt asks programs to stay away"),
        ("/round", "more than 5 redirects"),
        ("/nothing", "the server answers 404"),
        ("/picture", "sends image/png, no text"),
    ],
)
def test_what_can_not_be_had_is_refused_in_words_and_leaves_nothing(
    client: TestClient, store: Store, path: str, words: str
) -> None:
    before = store.count()
    with site() as (base, asked):
        found = bring(client, base + path)
    assert found["__typename"] == "WriteRefused"
    assert words in found["message"]
    assert found["violations"] == []
    assert "/members/quay" not in asked
    assert store.count() == before


def test_a_page_that_is_too_large_is_not_read_to_its_end(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = Fetcher.__init__.__defaults__
    assert fields is not None
    # A bound that a test can reach: that of the server is 50 MB.
    monkeypatch.setattr(
        Fetcher.__init__, "__defaults__", tuple(100_000 if one == 50_000_000 else one for one in fields)
    )
    with site() as (base, _):
        found = bring(client, f"{base}/large")
    assert found["__typename"] == "WriteRefused"
    assert "more than 100,000 bytes" in found["message"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]"]
)
def test_a_private_address_is_refused_unless_a_setting_lets_it_in(store: Store, host: str) -> None:
    with site() as (base, asked), serving(store) as client:
        port = base.rpartition(":")[2]
        for url in (f"http://{host}/quay", f"http://{host}:{port}/quay"):
            found = bring(client, url)
            assert found["__typename"] == "WriteRefused"
            assert "private network" in found["message"] or "port" in found["message"]
    assert asked == []


def test_who_has_a_token_for_the_curation_graph_fetches_nothing(client: TestClient) -> None:
    with site() as (base, asked):
        answer = write(client, IMPORT, token="t-curation", input={"url": f"{base}/quay", "reason": "r"}).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert asked == []
