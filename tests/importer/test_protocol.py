"""What is taken, left out, refused, tried again and read again; what a dump and a watched folder bring."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importer_samples import dump, plug_in, record, records, rows
from pyoxigraph import NamedNode, Triple

from kg import importer
from kg.articles.collect import find_files
from kg.errors import NotFound, UsageError
from kg.graph import BASE_IRI, ArticleGraph, literal
from kg.importer import Bounds, Outcome, Plan, import_files, import_files_async, import_sources, reread
from kg.importer import work as work_module
from kg.importer.quarantine import drop, find, listed, retry
from kg.importer.watching import Folder, seconds, watch
from kg.store import open_store
from kg.store.base import Store
from kg.vocab import KG, RDF_TYPE, concept

HERE = Plan(jobs=0)


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with open_store("memory:" if request.param == "memory" else str(tmp_path / "store")) as opened:
        yield opened


def states(report: importer.ImportReport) -> list[str]:
    return [outcome.state for outcome in report.outcomes]


def take(store: Store, raw: bytes, **changes: object) -> importer.ImportReport:
    return import_sources([("piers.jsonl", raw)], store=store, plan=Plan(jobs=0, **changes))  # type: ignore[arg-type]


# What is taken


def test_a_dry_run_says_what_would_happen_and_writes_nothing(store: Store) -> None:
    take(store, records(range(2)))
    before, version, known = dump(store), store.version(), store.journal.all()
    report = take(store, records(range(3)) + b"{no json\n", dry_run=True)
    assert states(report) == ["unchanged", "unchanged", "refused", "imported"]
    assert (dump(store), store.version(), store.journal.all()) == (before, version, known)
    assert len(list(store.spool)) == 1


def test_articles_from_before_a_day_are_left_out_and_undated_ones_stay(store: Store) -> None:
    undated = record(3).replace(b'"published":{"edtf":"2026-03-04","from":"metadata"}', b'"published":null')
    assert undated != record(3)
    report = take(store, records(range(3)) + undated, since="2026-03-02")
    assert sorted(states(report)) == ["imported", "imported", "imported", "skipped"]
    assert len(store.journal.all("committed")) == 3


def test_a_limit_counts_what_is_read_and_the_rest_waits_for_the_next_time(store: Store) -> None:
    assert states(take(store, records(range(5)), limit=2)) == ["imported", "imported"]
    assert store.journal.all("received") == []
    assert states(take(store, records(range(5)), limit=2)) == ["unchanged", "unchanged", "imported", "imported"]


def test_the_end_is_the_same_however_many_articles_a_batch_has(tmp_path: Path) -> None:
    dumps = set()
    for batch in (1, 3, 100, None):
        with open_store(str(tmp_path / f"store{batch}")) as opened:
            take(opened, records(range(7)), batch=batch)
            dumps.add(dump(opened))
    assert len(dumps) == 1


def test_importing_everything_again_reads_nothing_and_publishes_nothing(store: Store) -> None:
    take(store, records(range(10)))
    before, version = dump(store), store.version()
    again = take(store, records(range(10)))
    assert set(states(again)) == {"unchanged"}
    assert not {"read", "map", "check", "link"} & set(again.seconds)
    assert (dump(store), store.version()) == (before, version)


def test_a_report_tells_what_the_store_has_now_that_it_had_not(store: Store) -> None:
    first = take(store, record(1))
    assert first.added is not None
    assert first.added.counts == {"actors": 2, "claims": 1, "contradictions": 0}
    assert first.added.examples["actors"] == ("Harbour Post", "Joren Falkwyn")
    second = take(store, record(1) + record(5))  # another pier, the same speaker
    assert second.added is not None
    assert second.added.counts == {"actors": 0, "claims": 1, "contradictions": 0}


def test_an_error_of_a_record_names_its_line(store: Store) -> None:
    report = take(store, record(1) + record(2).replace(b'"act":"state"', b'"act":"mumble"'))
    assert report.refused[0].reason is not None
    assert report.refused[0].reason.startswith("piers.jsonl, line 2: ")


# After a cut


def test_rows_that_a_check_of_the_store_sets_back_to_received_are_read_again_from_the_spool(store: Store) -> None:
    take(store, records(range(4)))
    before = dump(store)
    lost = store.journal.all("committed")[1]
    store.put([], drop=[NamedNode(lost.iri)])
    store.journal.received([importer.journey.Receipt(lost.iri, lost.raw_sha256, given=lost.given)])
    import_files([], store=store, plan=HERE)
    assert dump(store) == before


def test_what_was_received_and_whose_bytes_are_gone_is_quarantined(store: Store) -> None:
    take(store, records(range(2)))
    lost = store.journal.all("committed")[0]
    store.put([], drop=[NamedNode(lost.iri)])
    store.journal.received([importer.journey.Receipt(lost.iri, lost.raw_sha256, given=lost.given)])
    store.spool.drop(lost.raw_sha256)
    report = import_files([], store=store, plan=HERE)
    assert states(report) == ["refused"]
    assert store.journal.state(lost.iri) == "quarantined"


# Quarantine


@pytest.fixture
def refused(store: Store) -> Store:
    """A store with one good article, one that is too long, and a line that is no JSON."""
    raw = record(1) + b"{no json\n" + record(2, words="word " * 500)
    report = take(store, raw, bounds=Bounds(text_bytes=1000))
    assert sorted(states(report)) == ["imported", "refused", "refused"]
    return store


def test_what_was_refused_is_listed_with_the_reason(refused: Store) -> None:
    found = listed(refused)
    assert len(found) == 2
    assert [one.origin for one in listed(refused, words="no JSON")] == ["piers.jsonl"]
    assert all(one.size for one in found)
    assert find(refused, [found[0].id[:8]]) == [found[0]]


def test_a_name_of_nothing_in_quarantine_is_an_error_that_says_where_names_are(refused: Store) -> None:
    with pytest.raises(NotFound, match="kg quarantine list"):
        find(refused, ["ffffffffffff"])
    with pytest.raises(UsageError, match="write more of it"):
        find(refused, [""])


def test_what_passes_now_is_imported_when_it_is_tried_again(refused: Store) -> None:
    report = retry(refused, listed(refused), plan=HERE)
    assert report.counts["imported"] == 1
    assert len(refused.journal.all("committed")) == 2
    assert [entry.reason for entry in refused.journal.all("quarantined") if "JSON" in (entry.reason or "")]
    assert refused.journal.all("received") == []


def test_what_is_dropped_leaves_the_journal_and_its_bytes_the_spool_unless_others_came_in_them(refused: Store) -> None:
    assert drop(refused, listed(refused)) == 0  # the good article came in the same file
    assert listed(refused) == []
    take(refused, b"{nothing else\n")
    assert drop(refused, listed(refused)) == 1
    assert len(list(refused.spool)) == 1


# Reading again


@pytest.fixture
def obedient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = plug_in(tmp_path / "plug")
    monkeypatch.syspath_prepend(str(folder))
    forget_reader()
    yield folder
    forget_reader()


def forget_reader() -> None:
    sys.modules.pop("obedient_reader", None)
    work_module.open_reader.cache_clear()


def newer(folder: Path) -> None:
    plug_in(folder, version="2")
    os.utime(folder / "obedient_reader.py", (1, 1))  # another time than the compiled one has
    forget_reader()


def test_a_newer_reader_reads_again_what_the_older_one_read_and_decisions_stay(
    store: Store, tmp_path: Path, obedient: Path
) -> None:
    plan = Plan(jobs=0, reader="obedient")
    import_files([rows(tmp_path / "rows.jsonl", ["one", "two"])], store=store, plan=plan)
    take(store, record(1))
    node = NamedNode(f"{BASE_IRI}decision/1")
    decision = [Triple(node, RDF_TYPE, KG.Decision), Triple(node, KG.verdict, concept("verdict", "undone"))]
    store.put([ArticleGraph.of(NamedNode(f"{BASE_IRI}graph/curation"), decision)])
    assert states(reread(store, plan=plan)) == []
    newer(obedient)
    report = reread(store, plan=plan)
    assert states(report) == ["replaced", "replaced"]
    assert sorted(entry.reader or "" for entry in store.journal.all()) == ["hand 1", "obedient 2", "obedient 2"]
    assert store.graph(NamedNode(f"{BASE_IRI}graph/curation")).triples == frozenset(decision)
    for entry in store.journal.all():
        assert store.graph(NamedNode(entry.iri)).digest() == entry.digest
    assert states(reread(store, plan=plan)) == []
    assert len(states(reread(store, plan=plan, everything=True))) == 3


def test_readers_go_on_with_the_generation_before_until_all_is_read_again(tmp_path: Path, obedient: Path) -> None:
    plan = Plan(jobs=0, reader="obedient", batch=1)
    seen = []
    with open_store(str(tmp_path / "store")) as store:
        import_files([rows(tmp_path / "rows.jsonl", ["one", "two", "three"])], store=store, plan=plan)
        newer(obedient)
        with open_store(str(tmp_path / "store"), read_only=True) as reader:
            before = dump(reader)
            reread(store, plan=plan, notify=lambda outcome: seen.append(dump(reader) == before))
            assert seen == [True, True, True]
            assert dump(reader) == dump(store) != before


# Another store's dump


def test_a_dump_of_another_store_brings_the_same_digests_and_decisions(store: Store, tmp_path: Path) -> None:
    with open_store("memory:") as other:
        take(other, records(range(6)))
        node = NamedNode(f"{BASE_IRI}decision/1")
        other.put(
            [ArticleGraph.of(NamedNode(f"{BASE_IRI}graph/curation"), [Triple(node, KG.reason, literal("as said"))])]
        )
        wanted = dump(other)
    for name, raw in (("dump.nq", wanted.encode()), ("dump.nq.gz", gzip.compress(wanted.encode()))):
        (tmp_path / name).write_bytes(raw)
        report = import_files([tmp_path / name], store=store, plan=HERE)
        assert len(report.outcomes) == 6
        assert dump(store) == wanted
    assert states(report) == ["unchanged"] * 6
    for entry in store.journal.all():
        assert (entry.state, entry.digest) == ("committed", store.graph(NamedNode(entry.iri)).digest())


def test_a_dump_of_another_base_iri_is_refused_with_the_way_out(store: Store) -> None:
    raw = b"<https://other.example/e> <https://other.example/p> <https://other.example/o> <https://other.example/g> .\n"
    report = import_sources([("x.nq", raw)], store=store, plan=HERE)
    assert "make one with --base" in (report.refused[0].reason or "")


def test_a_dump_with_a_triple_that_no_record_has_is_refused(store: Store) -> None:
    with open_store("memory:") as other:
        take(other, records(range(2)))
        entry = other.journal.all()[0]
        graph = other.graph(NamedNode(entry.iri))
        other.put([ArticleGraph(graph.name, graph.triples | {Triple(graph.name, KG.label, literal("planted"))})])
        raw = dump(other).encode()
    report = import_sources([("x.nq", raw)], store=store, plan=HERE)
    assert sorted(states(report)) == ["imported", "refused"]
    assert "no record has" in (report.refused[0].reason or "")


# Watching


def test_a_watched_folder_gives_files_once_they_stand_still_and_again_when_they_change(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    todo = iter([lambda: (folder / "a.jsonl").write_bytes(record(1)), lambda: None,
                 lambda: (folder / "a.jsonl").write_bytes(records([1, 2, 3])), lambda: None, lambda: None])  # fmt: skip

    def sleep(_: float) -> None:
        next(todo)()

    reports = watch(
        [Folder(folder, find_files)], lambda found: import_sources(found, store=store, plan=HERE),
        every=1, rounds=6, sleep=sleep,
    )  # fmt: skip
    assert [states(report) for report in reports] == [["imported"], ["unchanged", "imported", "imported"]]


def test_spans_of_time_are_written_with_a_unit() -> None:
    assert [seconds(words) for words in ("90", "90s", "15m", "2h", "1d")] == [90, 90, 900, 7200, 86400]
    with pytest.raises(UsageError, match="15m"):
        seconds("soon")


# Python


def test_an_import_in_an_event_loop_calls_back_on_it(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(records(range(3)))
    told: list[tuple[Outcome, bool]] = []

    async def main() -> importer.ImportReport:
        loop = asyncio.get_running_loop()
        return await import_files_async(
            [tmp_path / "a.jsonl"], store=store, plan=HERE,
            notify=lambda outcome: told.append((outcome, asyncio.get_running_loop() is loop)),
        )  # fmt: skip

    report = asyncio.run(main())
    assert states(report) == ["imported"] * 3
    assert [same for _, same in told] == [True] * 3


def test_a_cancelled_import_stops_and_is_taken_up_by_the_next(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(records(range(40)))

    async def main() -> None:
        task = asyncio.ensure_future(
            import_files_async([tmp_path / "a.jsonl"], store=store, plan=Plan(jobs=0, batch=5))
        )
        while not store.journal.all("committed"):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert 0 < len(store.journal.all("committed")) < 40
    import_files([], store=store, plan=HERE)
    assert len(store.journal.all("committed")) == 40


def test_events_for_machines_are_lines_of_json(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(records(range(2)) + b"{no\n")
    done = subprocess.run(
        [sys.executable, "-m", "kg", "import", "a.jsonl", "--json", "--store", "s"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events if event["event"] != "stage"] == ["article"] * 3 + ["end"]
    assert [event["stage"] for event in events if event["event"] == "stage"] == ["read", "link", "publish"]
    assert events[-1]["counts"] == {"imported": 2, "refused": 1}
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("articles", "quads", "seconds", "ends"),
    [
        (99, 10**6, 60.0, False),
        (100, 99_999, 0.5, False),
        (100, 100_000, 0.1, True),
        (100, 10, 2.0, True),
        (1_000, 10, 0.1, True),
    ],
)
def test_a_batch_grows_while_its_articles_are_small_and_quick(
    articles: int, quads: int, seconds: float, ends: bool
) -> None:
    assert Plan().ends_batch(articles, quads, seconds) is ends
    assert Plan(batch=7).ends_batch(7, 0, 0.0)
    assert not Plan(batch=7).ends_batch(6, 10**9, 1e9)
