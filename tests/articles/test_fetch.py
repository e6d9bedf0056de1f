"""Web addresses: fetched from public hosts only, as robots.txt asks, within size and time, redirects as well."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from article_items import STORY
from test_formats import PAGE

from kg.addresses import AddressError, PrivateError, is_public, resolve
from kg.articles import Options, collect
from kg.articles.fetch import AGENT, Fetcher
from kg.errors import ArticleError
from kg.model import Article

ROBOTS = "User-agent: *\nDisallow: /private/\n"


class Handler(BaseHTTPRequestHandler):
    """A small site: a page, what moves, what is too much, what never ends."""

    seen: list[str] = []  # noqa: RUF012 - the test's own record of what was asked for
    robots = ROBOTS
    dribbled = 0

    def do_GET(self) -> None:
        self.seen.append(self.path)
        assert AGENT in (self.headers["User-Agent"] or "")
        if self.path == "/robots.txt":
            self.answer(self.robots.encode() if self.robots else b"", 200 if self.robots else 404)
        elif self.path.startswith("/move?"):
            self.send_response(302)
            self.send_header("Location", self.path.partition("?")[2])
            self.end_headers()
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            try:
                for _ in range(200):
                    self.wfile.write(b" ")
                    Handler.dribbled += 1
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                return
        elif self.path == "/large":
            self.answer(b"x" * 300_000)
        elif self.path == "/gone":
            self.answer(b"gone", 410)
        else:
            self.answer(PAGE.encode())

    def answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def site(robots: str = ROBOTS) -> Iterator[str]:
    handler = type("Own", (Handler,), {"seen": [], "robots": robots})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def why(got: bytes | ArticleError) -> str:
    assert isinstance(got, ArticleError), got
    return str(got)


def test_a_page_is_fetched_and_its_address_is_its_url() -> None:
    with site() as base:
        (item,) = collect([f"{base}/2026/03/09/harbour"], options=Options(private=True))
    assert isinstance(item, Article)
    assert (item.text, item.url) == (STORY, f"{base}/2026/03/09/harbour")
    assert item.published is not None
    assert item.published.origin == "url"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/x", "http://2130706433/"]
)
def test_an_address_of_this_machine_is_refused_unless_it_is_allowed(url: str) -> None:
    assert "private network" in why(Fetcher().get(url)) or "no host" in why(Fetcher().get(url))


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "127.0.0.1", "0.0.0.0", "::1", "fe80::1",
                                     "fd00::1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "224.0.0.1"])  # fmt: skip
def test_private_addresses_are_known_in_every_wrapping(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_a_redirect_to_a_private_address_is_refused() -> None:
    # What a public host may redirect to is checked by the same function as the first address.
    with pytest.raises(PrivateError, match="private network"):
        resolve("http://169.254.169.254/latest/meta-data")
    with pytest.raises(AddressError, match="no web address"):
        resolve("file:///etc/passwd")


def test_a_redirect_is_followed_and_one_to_a_file_is_not() -> None:
    with site() as base:
        assert Fetcher(private=True).get(f"{base}/move?/story") == PAGE.encode()
        assert "no web address" in why(Fetcher(private=True).get(f"{base}/move?file:///etc/passwd"))


def test_redirects_without_end_end() -> None:
    with site() as base:
        assert "redirects" in why(Fetcher(private=True).get(f"{base}/move?/move?{'/move?' * 20}/story"))


def test_what_robots_txt_closes_is_not_asked_for_also_behind_a_redirect() -> None:
    with site() as base:
        for path in ("/private/x", "/move?/private/x"):
            assert "robots.txt" in why(Fetcher(private=True).get(base + path))


def test_a_site_without_robots_txt_is_open() -> None:
    with site(robots="") as base:
        assert Fetcher(private=True).get(f"{base}/private/x") == PAGE.encode()


def test_robots_txt_is_asked_for_once_a_site() -> None:
    with site() as base:
        fetcher = Fetcher(private=True)
        fetcher.get(f"{base}/1")
        fetcher.get(f"{base}/2")
        assert len(fetcher._robots) == 1


def test_a_page_that_is_too_large_is_cut_off() -> None:
    with site() as base:
        assert "300,000" not in why(Fetcher(private=True, most=100_000).get(f"{base}/large"))
        assert "more than 100,000 bytes" in why(Fetcher(private=True, most=100_000).get(f"{base}/large"))


def test_a_server_that_dribbles_is_cut_off() -> None:
    with site() as base:
        assert "it took more than 1 s" in why(Fetcher(private=True, seconds=1.0).get(f"{base}/slow"))
    # It would have sent 200 bytes in ten seconds.
    assert Handler.dribbled < 150


def test_an_error_of_the_server_is_told() -> None:
    with site() as base:
        assert "410" in why(Fetcher(private=True).get(f"{base}/gone"))


@pytest.mark.parametrize("url", ["http://user:word@herald.example/", "http://", "http://herald.example:99999/"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    assert url in why(Fetcher().get(url))
