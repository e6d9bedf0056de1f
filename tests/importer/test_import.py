"""The whole journey: what an import does to a store, the second time, after a correction, after a cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.articles import Options
from kg.importer import Plan, import_files
from kg.importer.report import ImportReport
from kg.store import open_store
from kg.store.base import Store

COURIER = (
    "Minister denies harbour deal\n\n"
    "STELLMARK — The harbour was agreed for Castellan before the tender, "
    "a senior official told the Stellmark Courier.\n\n"
    "“No price has been named,” Helena Brandvold said on Monday.\n"
)
LANTERN = "Brandvold said on Tuesday that a figure was mentioned.\n\n“It was not an offer,” the minister added.\n"


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with open_store("memory:" if request.param == "memory" else str(tmp_path / "store")) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    news = tmp_path / "news"
    news.mkdir()
    rows = [
        {"id": "c1", "outlet": "Stellmark Courier", "published": "2026-03-09", "title": "Denial", "text": COURIER},
        {"id": "l1", "outlet": "Daily Lantern", "published": "2026-03-10", "title": "A figure", "text": LANTERN},
    ]
    (news / "two.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return news


def dump(store: Store) -> str:
    return "".join(store.graph(name).nquads() for name in store.graph_names())


def digests(store: Store) -> dict[str, str]:
    return {name.value: store.graph(name).digest() for name in store.graph_names()}


def states(report: ImportReport) -> list[str]:
    return [outcome.state for outcome in report.outcomes]


def test_importing_twice_changes_nothing(store: Store, folder: Path) -> None:
    first = import_files([folder], store=store)
    before, version = dump(store), store.version()
    again = import_files([folder], store=store)
    assert states(first) == ["imported", "imported"]
    assert states(again) == ["unchanged", "unchanged"]
    assert (dump(store), store.version()) == (before, version)


def test_every_committed_edition_has_the_digest_that_the_journal_says(store: Store, folder: Path) -> None:
    import_files([folder], store=store)
    entries = store.journal.all()
    assert {entry.state for entry in entries} == {"committed"}
    for entry in entries:
        assert digests(store)[entry.iri] == entry.digest


def test_replacing_one_edition_leaves_every_other_edition_as_it_was(store: Store, folder: Path) -> None:
    import_files([folder], store=store)
    before = digests(store)
    rows = [json.loads(line) for line in (folder / "two.jsonl").read_text(encoding="utf-8").splitlines()]
    rows[1]["title"] = "A figure was mentioned"
    (folder / "two.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    report = import_files([folder], store=store)
    after = digests(store)
    changed = {iri for iri in before if after.get(iri) != before[iri] and "/edition/" in iri}
    assert states(report) == ["unchanged", "replaced"]
    assert len(changed) == 1
    assert "daily-lantern" in next(iter(changed))


def test_a_corrected_outlet_replaces_what_the_wrong_one_gave(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "lantern.txt"
    file.write_text(LANTERN, encoding="utf-8")
    import_files([file], store=store, options=Options(outlet="Daily Lantrn", published="2026-03-10"))
    import_files([file], store=store, options=Options(outlet="Daily Lantern", published="2026-03-10"))
    editions = [iri for iri in digests(store) if "/edition/" in iri]
    assert len(editions) == 1
    assert editions[0].endswith("-daily-lantern")


def test_the_same_text_at_two_outlets_is_two_editions(store: Store, tmp_path: Path) -> None:
    for outlet in ("Daily Lantern", "Breakwater Notes"):
        file = tmp_path / f"{outlet}.txt"
        file.write_text(LANTERN, encoding="utf-8")
        import_files([file], store=store, options=Options(outlet=outlet, published="2026-03-10"))
    assert len([iri for iri in digests(store) if "/edition/" in iri]) == 2


def test_a_bad_line_is_refused_and_the_rest_goes_on(store: Store, folder: Path) -> None:
    good = (folder / "two.jsonl").read_text(encoding="utf-8")
    (folder / "two.jsonl").write_text("{not json\n" + good, encoding="utf-8")
    report = import_files([folder], store=store)
    assert sorted(states(report)) == ["imported", "imported", "refused"]
    assert "two.jsonl" in report.refused[0].origin
    assert [entry.state for entry in store.journal.all()].count("quarantined") == 1


def test_a_record_that_claims_words_which_are_not_there_is_refused(store: Store, tmp_path: Path) -> None:
    source = {"key": "o1", "kind": "outlet", "name": "Daily Lantern", "unnamed": False, "roles": [], "mentions": []}
    statement = {
        "key": "s1", "speaker": None, "mode": "indirect", "act": "state",
        "polarity": "positive", "certainty": "certain",
        "content": [{"start": 0, "end": 5, "exact": "Other"}], "quoted": [], "confidence": 0.9, "rule": "model",
        "chain": [{"source": "o1", "act": "publishes", "certainty": "certain", "evidence": None}],
    }  # fmt: skip
    record = {
        "record": 1, "article": {"text": LANTERN, "language": "en"}, "sources": [source], "statements": [statement],
        "run": {"reader": "test", "version": "1"},
    }  # fmt: skip
    file = tmp_path / "record.jsonl"
    file.write_text(json.dumps(record) + "\n", encoding="utf-8")
    report = import_files([file], store=store)
    assert states(report) == ["refused"]
    assert "statements[0].content[0]" in (report.refused[0].reason or "")
    assert store.count() == 0


def test_more_processes_give_the_same_quads(folder: Path, tmp_path: Path) -> None:
    dumps = []
    for jobs in (1, 2):
        with open_store(str(tmp_path / f"store{jobs}")) as opened:
            import_files([folder], store=opened, plan=Plan(jobs=jobs))
            dumps.append(dump(opened))
    assert dumps[0] == dumps[1]


def test_an_import_that_was_cut_off_before_linking_is_finished_by_the_next(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(store: Store, **_: object) -> None:
        raise KeyboardInterrupt

    with open_store(str(tmp_path / "cut")) as opened:
        with monkeypatch.context() as patch:
            patch.setattr("kg.importer.journey.link", cut)
            with pytest.raises(KeyboardInterrupt):
                import_files([folder], store=opened)
        import_files([folder], store=opened)
        resumed = dump(opened)
    with open_store(str(tmp_path / "clean")) as opened:
        import_files([folder], store=opened)
        assert resumed == dump(opened)


def test_an_article_that_was_received_and_not_committed_is_read_again_from_the_spool(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(str(tmp_path / "cut")) as opened:
        with monkeypatch.context() as patch:
            patch.setattr(opened, "put", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                import_files([folder], store=opened)
        assert {entry.state for entry in opened.journal.all()} == {"received"}
        (folder / "two.jsonl").unlink()
        import_files([], store=opened)
        assert {entry.state for entry in opened.journal.all()} == {"committed"}
