"""Feeds that are looked at again and again, served over HTTP: only what is new travels and is imported."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from importer_samples import plug_in

from kg.articles import Options
from kg.articles.fetch import Fetcher
from kg.errors import StoreBusy
from kg.importer import ImportReport, Plan, import_sources
from kg.importer import work as work_module
from kg.importer.feedmemory import FILE, FeedMemory
from kg.importer.watching import Addresses, Source, watch
from kg.store import open_store
from kg.store.base import Store

PLAN = Plan(jobs=0, reader="obedient")
FETCHER = partial(Fetcher, private=True, seconds=5.0)


def item(number: int, text: str, *, guid: str | None = None) -> str:
    known = f"<guid isPermaLink='false'>{guid}</guid>" if guid else f"<link>https://quay.example/{number}</link>"
    return f"<item><title>Pier {number}</title>{known}<description>{text}</description></item>"


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>The Quay</title>{''.join(items)}</channel></rss>".encode()


ONE, TWO = item(1, "The pier is closed, the mayor said."), item(2, "The ferry sails again, Ada Merrow said.")


@dataclass
class Site:
    """A server of feeds, and a record of what it was asked: path, the two headers, the status that it gave."""

    pages: dict[str, bytes] = field(default_factory=dict)
    etags: bool = True
    dates: bool = True
    moved: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str | None, str | None, int]] = field(default_factory=list)
    address: str = ""

    def url(self, path: str = "/feed") -> str:
        return f"{self.address}{path}"

    @property
    def given(self) -> list[int]:
        return [status for path, _, _, status in self.asked if path != "/robots.txt"]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            etag, date = self.headers["If-None-Match"], self.headers["If-Modified-Since"]
            body = site.pages.get(self.path)
            mark = f'"{hashlib.sha256(body or b"").hexdigest()[:12]}"'
            status = site.statuses.get(self.path, 404 if body is None else 200)
            if self.path in site.moved:
                status = 302
            elif body is not None and status == 200 and (etag == mark if site.etags else date == DATE and site.dates):
                status = 304
            site.asked.append((self.path, etag, date, status))
            if self.path == "/slow":
                time.sleep(30)
            self.send_response(status)
            if self.path in site.moved:
                self.send_header("Location", site.moved[self.path])
            if site.etags:
                self.send_header("ETag", mark)
            if site.dates:
                self.send_header("Last-Modified", DATE)
            self.end_headers()
            if status == 200 and body is not None:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    site.address = f"http://127.0.0.1:{server.server_address[1]}"
    site.pages["/feed"] = rss(ONE)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


DATE = "Mon, 09 Mar 2026 10:00:00 GMT"


@pytest.fixture(autouse=True)
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(plug_in(tmp_path / "plug")))
    work_module.open_reader.cache_clear()
    yield
    work_module.open_reader.cache_clear()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "store")) as opened:
        yield opened


def looks(
    store: Store,
    addresses: Addresses,
    *between: Callable[[], object],
    take: Callable[[Iterator[Source]], ImportReport] | None = None,
) -> list[list[str]]:
    """Look once, and once more after each of these; returns the states of the imports that there were."""
    todo = iter(between)
    reports = watch(
        [addresses],
        take or (lambda found: import_sources(found, store=store, plan=PLAN)),  # type: ignore[arg-type]
        every=1, rounds=len(between) + 1, sleep=lambda _: next(todo)(),
    )  # fmt: skip
    return [[outcome.state for outcome in report.outcomes] for report in reports]


def feeds(store: Store, *urls: str, how: str = "") -> Addresses:
    return Addresses(urls, memory=FeedMemory(store.root, how), fetcher=FETCHER)


def nothing() -> None:
    return


def revisions(store: Store) -> int:
    return len(store.select("SELECT ?a ?b WHERE { ?a <https://w3id.org/on-the-record/ns#revises> ?b }"))


@pytest.mark.parametrize(("etags", "dates", "again"), [(True, True, 304), (False, True, 304), (False, False, 200)])
def test_a_feed_that_is_as_before_is_no_news(site: Site, store: Store, etags: bool, dates: bool, again: int) -> None:
    site.etags, site.dates = etags, dates
    assert looks(store, feeds(store, site.url()), nothing, nothing) == [["imported"]]
    assert site.given == [200, again, again]
    assert bool(site.asked[-1][1]) is etags
    assert bool(site.asked[-1][2]) is dates


def test_of_a_feed_that_changed_what_is_new_is_imported(site: Site, store: Store) -> None:
    def more() -> None:
        site.pages["/feed"] = rss(TWO, ONE)

    assert looks(store, feeds(store, site.url()), more, nothing) == [["imported"], ["unchanged", "imported"]]
    assert site.given == [200, 200, 304]
    assert len(store.journal.all("committed")) == 2


@pytest.mark.parametrize("guid", [None, "post 17", "tag:quay.example,2026:17"])
def test_an_entry_whose_text_changed_is_a_new_edition_of_the_same_article(
    site: Site, store: Store, guid: str | None
) -> None:
    site.pages["/feed"] = rss(item(1, "Three were hurt, the mayor said.", guid=guid), TWO)

    def changed() -> None:
        site.pages["/feed"] = rss(item(1, "Four were hurt, the mayor said.", guid=guid), TWO)

    assert looks(store, feeds(store, site.url()), changed) == [["imported"] * 2, ["unchanged", "imported"]]
    assert revisions(store) == 1


def test_an_entry_that_moved_in_its_feed_and_has_another_title_is_mended(site: Site, store: Store) -> None:
    def corrected() -> None:
        site.pages["/feed"] = rss(TWO, ONE.replace("Pier 1", "Pier One"))

    assert looks(store, feeds(store, site.url()), corrected) == [["imported"], ["imported", "replaced"]]
    assert len(store.journal.all("committed")) == 2


def test_the_same_guid_in_another_feed_is_another_article(site: Site, store: Store) -> None:
    site.pages["/feed"] = rss(item(1, "Three were hurt, the mayor said.", guid="17"))
    site.pages["/other"] = rss(item(1, "The ferry sails again, Ada Merrow said.", guid="17"))
    looks(store, feeds(store, site.url(), site.url("/other")))
    assert len(store.journal.all("committed")) == 2
    assert revisions(store) == 0


def test_what_a_feed_had_is_known_after_a_restart(site: Site, store: Store) -> None:
    looks(store, feeds(store, site.url()))
    assert looks(store, feeds(store, site.url())) == []
    assert site.given == [200, 304]


def test_a_feed_is_fetched_whole_where_what_came_before_does_not_count(site: Site, store: Store) -> None:
    looks(store, feeds(store, site.url()))
    assert store.root is not None
    assert looks(store, feeds(store, site.url(), how="--since 2026-03-01")) == [["unchanged"]]
    (raw,) = store.spool
    store.spool.drop(raw)  # a restored store, or what came was dropped
    assert looks(store, feeds(store, site.url())) == [["unchanged"]]
    (store.root / FILE).write_text("{ half")
    assert looks(store, feeds(store, site.url())) == [["unchanged"]]
    assert site.given == [200] * 4


def test_an_import_that_failed_is_tried_again_at_the_next_look(site: Site, store: Store) -> None:
    told: list[StoreBusy] = []

    def take(found: Iterator[Source]) -> ImportReport:
        if not told:
            raise StoreBusy("another import writes")
        return import_sources(found, store=store, plan=PLAN)

    reports = watch(
        [feeds(store, site.url())], take,  # type: ignore[arg-type]
        every=1, rounds=3, sleep=lambda _: None, busy=told.append,
    )  # fmt: skip
    assert [[outcome.state for outcome in report.outcomes] for report in reports] == [["imported"]]
    assert site.given == [200, 200, 304]


def test_a_feed_that_can_not_be_had_is_told_and_asked_again(site: Site, store: Store) -> None:
    site.statuses["/feed"] = 503

    def back() -> None:
        del site.statuses["/feed"]

    assert looks(store, feeds(store, site.url()), nothing, back) == [["refused"], ["refused"], ["imported"]]


def test_a_feed_that_is_gone_is_told_once_and_the_others_go_on(site: Site, store: Store) -> None:
    site.pages["/other"] = rss(TWO)
    addresses = feeds(store, site.url(), site.url("/other"))

    def gone(path: str) -> None:
        site.statuses[path] = 410

    ends = partial(gone, "/other")
    assert looks(store, addresses, partial(gone, "/feed"), nothing, ends) == [
        ["imported"] * 2,
        ["refused"],
        ["refused"],
    ]
    assert [path for path, *_ in site.asked].count("/feed") == 2
    assert addresses.over
    assert list(watch([addresses], lambda found: pytest.fail("nothing is left to look at"), every=1)) == []


def test_a_slow_feed_costs_its_time_and_no_other_feed(site: Site, store: Store) -> None:
    fetcher = partial(Fetcher, private=True, seconds=0.5)
    addresses = Addresses([site.url("/slow"), site.url()], memory=FeedMemory(store.root, ""), fetcher=fetcher)
    started = time.monotonic()
    assert looks(store, addresses) == [["refused", "imported"]]
    assert time.monotonic() - started < 15  # the server would have answered after 30 s
    assert looks(store, addresses) == [["refused"]]


def test_validators_go_only_to_the_address_that_gave_them(site: Site, store: Store) -> None:
    site.moved["/moves"] = site.url("/feed")
    site.pages["/new"] = rss(TWO)

    def elsewhere() -> None:
        site.moved["/moves"] = site.url("/new")

    assert looks(store, feeds(store, site.url("/moves")), nothing, elsewhere) == [["imported"], ["imported"]]
    assert [(path, bool(etag)) for path, etag, _, _ in site.asked if path != "/robots.txt"] == [
        ("/moves", False), ("/feed", False), ("/moves", False), ("/feed", True), ("/moves", False), ("/new", False),
    ]  # fmt: skip


def test_a_server_that_says_unchanged_unasked_is_not_believed(site: Site, store: Store) -> None:
    site.statuses["/feed"] = 304
    assert looks(store, feeds(store, site.url())) == [["refused"]]


@pytest.mark.slow
def test_the_command_goes_on_until_it_is_stopped_and_starts_where_it_was(site: Site, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kg", "import", "--feed", site.url(), "--every", "1s", "--allow-private",
               "--jobs", "0", "--store", str(tmp_path / "store")]  # fmt: skip
    for _ in range(2):
        seen = len(site.given)
        # A shell starts what it puts into the background with SIGINT ignored, and so would be what a test starts there.
        with subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # type: ignore[arg-type, return-value]
        ) as process:
            deadline = time.monotonic() + 60
            while len(site.given) < seen + 3 and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            said = process.stderr.read()
        assert process.returncode == 0, said
        assert "stopped" in said
    assert site.given.count(200) == 1
    assert set(site.given) == {200, 304}
    with open_store(str(tmp_path / "store"), read_only=True) as reader:
        assert len(reader.journal.all("committed")) == 1


def test_options_are_a_part_of_what_is_remembered(site: Site, store: Store) -> None:
    looks(store, feeds(store, site.url(), how=repr(Options())))
    memory = FeedMemory(store.root, repr(Options(outlet="The Quay")))
    assert memory.known(site.url()) is None
    assert FeedMemory(store.root, repr(Options())).known(site.url()) is not None
