"""The index beside a generation: of the same number, rebuilt by one command, and never needed for an answer."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sample_readings import by_hand

from kg.graph import BASE_IRI
from kg.importer import import_files
from kg.linking import link
from kg.mapping import to_graph
from kg.store import open_store, pinned
from kg.store.index import Index, index_of
from kg.store.index.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Condition,
    Contains,
    Ids,
    Not,
    OneOf,
    Overlap,
    Range,
    Related,
    Search,
    words_of,
)
from kg.store.index.definitions import ACTOR, ARTICLE, KINDS, SOURCE, STATEMENT
from kg.store.index.reading import After, Wanted

NEWEST = Wanted(STATEMENT, "newest")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def fill(url: str) -> None:
    with open_store(url) as store:
        store.put([to_graph(by_hand())])
        link(store)
        store.publish()


def files(url: str) -> list[int]:
    return sorted(int(path.stem) for path in Path(url, "index").glob("*.sqlite"))


def texts(index: Index, wanted: Wanted) -> list[str]:
    found = index.page(wanted, first=50)
    return [found.nodes[node]["contentText"][0] for node, _ in found.places.get(0, [])]


def test_an_index_that_nobody_reads_becomes_that_of_the_next_generation(url: str) -> None:
    with open_store(url) as store:
        for number in range(4):
            store.update(f"INSERT DATA {{ <https://a/{number}> <https://a/p> 1 }}")
            store.publish()
    kept = sorted(int(path.name) for path in Path(url, "generations").iterdir() if path.is_dir())
    assert kept == [3, 4, 5]
    assert files(url) == [4, 5]


def test_a_reader_uses_the_index_of_its_own_generation(url: str) -> None:
    fill(url)
    with open_store(url, read_only=True) as reader:
        before = pinned(reader)
        old = index_of(before)
        assert old is not None
        assert old.generation == before.version()
        assert old.count(NEWEST) == {0: 4}
        with open_store(url) as writer:
            writer.put([], drop=[to_graph(by_hand()).name])
            writer.publish()
        assert index_of(before) is old  # what was begun goes on with one generation
        assert before.count() > reader.count()
        new = index_of(reader)
        assert new is not None
        assert new.generation == reader.version() != before.version()
        assert new.count(NEWEST) == {0: 0}


def test_a_writer_has_no_index_of_what_it_has_not_published(url: str) -> None:
    with open_store(url) as writer:
        writer.put([to_graph(by_hand())])
        assert index_of(writer) is None
        writer.publish()
        assert index_of(writer) is not None


def test_a_store_in_memory_is_indexed_when_it_is_published() -> None:
    with open_store("memory:") as store:
        store.put([to_graph(by_hand())])
        assert index_of(store) is None
        store.publish()
        found = index_of(store)
        assert found is not None
        assert found.count(NEWEST) == {0: 4}
        store.put([], drop=store.graph_names())
        assert index_of(store) is None


@pytest.mark.parametrize("harm", ["missing", "of another generation", "cut off", "no database", "of another form"])
def test_an_index_that_does_not_fit_is_not_used(url: str, harm: str) -> None:
    fill(url)
    path = Path(url, "index", f"{files(url)[-1]}.sqlite")
    if harm == "missing":
        path.unlink()
    elif harm == "cut off":
        os.truncate(path, 3_000)
    elif harm == "no database":
        path.write_bytes(b"x" * 10_000)
    else:
        with sqlite3.connect(path) as database:
            name = "generation" if harm == "of another generation" else "format"
            database.execute("UPDATE meta SET value = '99' WHERE key = ?", (name,))
        database.close()
    with open_store(url, read_only=True) as reader:
        assert index_of(reader) is None
        assert reader.count() > 100


def test_an_index_is_built_again_by_one_command_and_is_the_same(url: str) -> None:
    fill(url)
    path = Path(url, "index", f"{files(url)[-1]}.sqlite")

    def dump() -> list[str]:
        with open_store(url, read_only=True) as reader:
            found = index_of(reader)
            assert found is not None
            with found.lease() as database:
                rows = [f"{table}{row}" for table in ("node", "statement", "source__name", "facet")
                        for row in database.execute(f"SELECT * FROM {table}")]  # fmt: skip
        return sorted(row.partition("(")[0] + row.partition(",")[2] for row in rows if not row.startswith("node"))

    before = dump()
    path.unlink()
    done = subprocess.run(
        [sys.executable, "-m", "kg", "reindex", "--store", url], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "indexed generation" in done.stderr
    assert len(dump()) == len(before) > 30


def test_an_import_leaves_its_index_beside_its_generation(url: str, tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text(
        "Ferry held\n\n“The ferry is held,” said Ilse Brandt, the mayor of Alda Bay.\n", encoding="utf-8"
    )
    with open_store(url) as store:
        import_files([article], store=store)
    with open_store(url, read_only=True) as reader:
        found = index_of(reader)
        assert found is not None
        assert texts(found, NEWEST) == ["The ferry is held"]
        assert texts(found, Wanted(STATEMENT, "newest", Search(("ferry", "held")))) == ["The ferry is held"]


def test_what_has_no_name_is_not_indexed_and_breaks_nothing(url: str) -> None:
    with open_store(url) as store:
        store.update("INSERT DATA { GRAPH <https://a/g> { _:x <https://a/p> 1 . <https://a/b> <https://a/p> _:x } }")
        store.publish()
        found = index_of(store)
        assert found is not None
        assert found.count(NEWEST) == {0: 0}


def test_a_build_that_is_cut_off_leaves_no_half_index(url: str) -> None:
    fill(url)
    program = f"""
import os, signal
from kg.store import open_store
from kg.store.index.docs import Numbers
Numbers.save = lambda self: os.kill(os.getpid(), signal.SIGKILL)
open_store({url!r}).reindex()
"""
    before = files(url)
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -9
    assert files(url) == before
    with open_store(url, read_only=True) as reader:
        found = index_of(reader)
        assert found is not None
        assert found.count(NEWEST) == {0: 4}
    with open_store(url) as writer:
        writer.update("INSERT DATA { <https://a/b> <https://a/c> 1 }")
        writer.publish()
    assert not list(Path(url, "index").glob("*.tmp"))


@pytest.fixture(scope="module")
def index() -> Index:
    store = open_store("memory:")
    store.put([to_graph(by_hand())])
    link(store)
    store.publish()
    found = index_of(store)
    assert found is not None
    return found


HELD = "The ferry 🛥 is held, … until the crew is paid."
NIGHT = "two sailors were arrested on Sunday night"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (ALWAYS, [HELD, NIGHT, "the arrests", "the report"]),
        (OneOf("act", ("deny",)), ["the arrests"]),
        (OneOf("act", ()), []),
        (Not(OneOf("act", ("deny", "doubt"))), [HELD, NIGHT]),
        (AnyOf((OneOf("act", ("deny",)), OneOf("mode", ("direct",)))), [HELD, "the arrests"]),
        (AnyOf(()), []),
        (All((OneOf("mode", ("indirect",)), Not(Search(("report",))))), [NIGHT, "the arrests"]),
        (Contains("text", "SUNDAY"), [NIGHT]),
        (Search(words_of("night  sailors")), [NIGHT]),
        (Search(words_of("sailor")), []),  # whole words
        (Search(()), []),
        (Search(('"', "OR")), []),
        (Overlap("published", date(2031, 3, 4), None), [HELD, NIGHT, "the arrests", "the report"]),
        (Overlap("published", None, date(2031, 3, 3)), []),
        (Overlap("said", date(2031, 3, 3), date(2031, 3, 3), exactly=True), [HELD]),
        (Related("speaker", where=Contains("name", "brandt")), [HELD, "the arrests"]),
        (Related("speaker", where=OneOf("unnamed", (True,))), [NIGHT]),
        (Related("addressee"), [NIGHT]),
        (Not(Related("addressee")), [HELD, "the arrests", "the report"]),
        (Related("speaker", iris=("https://example.org/nobody",)), []),
        (Ids(("https://example.org/nobody",)), []),
        (Range("confidence", 0.0, 1.0), [HELD, NIGHT, "the arrests", "the report"]),
        (Range("confidence", 2.0, None), []),
    ],
)
def test_a_condition_keeps_what_meets_it(index: Index, condition: Condition, expected: list[str]) -> None:
    wanted = Wanted(STATEMENT, "in_text", condition)
    assert texts(index, wanted) == expected
    assert index.count(wanted) == {0: len(expected)}


def test_a_page_goes_on_behind_any_place_even_one_that_is_gone(index: Index) -> None:
    for order in STATEMENT.orders:
        wanted = Wanted(STATEMENT, order)
        whole = index.page(wanted, first=50)
        places = whole.places[0]
        for at, (node, key) in enumerate(places):
            found = index.page(wanted, first=50, after=After(key, whole.iris[node]))
            assert found.places.get(0, []) == places[at + 1 :]
            gone = index.page(wanted, first=50, after=After(key, whole.iris[node] + "-gone"))
            assert gone.places.get(0, []) == places[at + 1 :]


def test_words_of_a_client_never_become_sql(index: Index) -> None:
    for text in ("'", '"', "'; DROP TABLE node; --", '" OR text MATCH "', "\\", "NEAR(", "*", "\x00"):
        assert index.count(Wanted(STATEMENT, "newest", Contains("text", text))) == {0: 0}
        assert index.count(Wanted(STATEMENT, "newest", Search((*words_of(text), "zzz")))) == {0: 0}
        assert index.count(Wanted(STATEMENT, "newest", OneOf("act", (text,)))) == {0: 0}
        assert index.count(Wanted(STATEMENT, "newest", Ids((text,)))) == {0: 0}


def test_every_kind_can_be_listed_and_counted_by_every_facet(index: Index) -> None:
    for kind in KINDS.values():
        for order in kind.orders:
            places = index.page(Wanted(kind, order), first=100).places.get(0, [])
            assert len(places) == index.count(Wanted(kind, order))[0]
        for name, column in {**kind.columns, **kind.relations}.items():
            if column.facet:
                kept = index.facet(Wanted(kind, kind.usual), name, 100).places
                counted = index.facet(Wanted(kind, kind.usual, AnyOf((ALWAYS,))), name, 100).places
                assert kept == counted
    assert index.count(Wanted(ACTOR, "name"))[0] < index.count(Wanted(SOURCE, "name"))[0]
    assert index.count(Wanted(ARTICLE, "newest")) == {0: 1}
    assert BASE_IRI.endswith("/")
