"""Backups, restores and moves give the same digest; a purge leaves no byte; damage is found, told and mended."""

from __future__ import annotations

import json
import os
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple
from store_samples import BASE, edition

from kg.errors import NotFound, StoreError, UsageError
from kg.graph import ArticleGraph, literal
from kg.store import Store, open_store
from kg.store.backup import backup, base_of, known, restore
from kg.store.copying import copy, digest
from kg.store.generations import Generations
from kg.store.journal import Commit, Receipt
from kg.store.mend import mend
from kg.store.purge import purge
from kg.store.verify import verify
from kg.vocab import KG

WORDS = {"harbour": "The harbour was sold", "mine": "The mine was closed", "ferry": "The Zyxwvuferry was late"}
LINKING = NamedNode(f"{BASE}graph/linking")


def fill(store: Store) -> None:
    """Three editions as an import leaves them, one refused, and the shared graphs."""
    graphs = [edition(name, *words.split()) for name, words in WORDS.items()]
    for graph, (_, words) in zip(graphs, WORDS.items(), strict=True):
        sha256 = store.spool.put(f"raw {words}".encode())
        store.journal.received([Receipt(graph.name.value, sha256, origin=f"{words}.txt", given='{"file": "a.txt"}')])
    refused = store.spool.put(b"raw refused")
    store.journal.received([Receipt(f"{BASE}edition/refused", refused)])
    store.journal.quarantined(f"{BASE}edition/refused", "nobody is named")
    label = " / ".join(WORDS.values())
    shared = ArticleGraph.of(LINKING, [Triple(NamedNode(f"{BASE}claim/1"), KG.label, literal(label))])
    curated = NamedNode(f"{BASE}graph/curation")
    decided = ArticleGraph.of(curated, [Triple(NamedNode(f"{BASE}decision/1"), KG.label, literal("right"))])
    store.put([*graphs, shared, decided])
    store.journal.committed(Commit(graph.name.value, len(graph), graph.digest(), "hand 1") for graph in graphs)
    store.publish()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "store")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url, base_iri=BASE) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def closed(url: str) -> Path:
    """The folder of a filled store that nobody has open."""
    with open_store(url, base_iri=BASE) as opened:
        fill(opened)
    return Path(url)


def entries(store: Store) -> list[object]:
    return [(entry.iri, entry.state, entry.raw_sha256, entry.digest, entry.reason) for entry in store.journal.all()]


# ---- backup, restore, copy


@pytest.mark.parametrize("name", ["backup", "backup.tar", "backup.tar.zst"])
def test_a_restored_store_is_the_one_that_was_backed_up(store: Store, tmp_path: Path, name: str) -> None:
    made = backup(store, tmp_path / name)
    assert made.digest == digest(store)
    with open_store(str(tmp_path / "second"), base_iri=base_of(tmp_path / name)) as second:
        restore(tmp_path / name, second)
        assert digest(second) == digest(store)
        assert entries(second) == entries(store)
        assert [second.spool.get(sha) for sha in second.spool] == [store.spool.get(sha) for sha in store.spool]
        assert verify(second) == []
    with open_store(str(tmp_path / "second"), read_only=True) as reader:
        assert digest(reader) == digest(store)


def test_a_backup_is_taken_beside_the_writer_and_holds_what_is_published(
    store: Store, url: str, tmp_path: Path
) -> None:
    before = digest(store)
    late = edition("late", "Not", "published")
    store.journal.received([Receipt(late.name.value, store.spool.put(b"raw late"))])
    store.put([late])
    store.journal.committed([Commit(late.name.value, len(late), late.digest(), "hand 1")])
    with open_store(url, read_only=True) as reader:
        assert backup(reader, tmp_path / "backup").digest == before
    with open_store(str(tmp_path / "second"), base_iri=BASE) as second:
        restore(tmp_path / "backup", second)
        assert second.journal.state(late.name.value) == "received", "the next import reads it again"
        assert late.name.value not in {name.value for name in second.graph_names()}


def test_nothing_is_overwritten(store: Store, tmp_path: Path) -> None:
    backup(store, tmp_path / "backup")
    with pytest.raises(UsageError, match="never overwritten"):
        backup(store, tmp_path / "backup")
    with pytest.raises(UsageError, match="is not empty"):
        restore(tmp_path / "backup", store)
    with open_store("memory:") as other, pytest.raises(UsageError, match=f"base IRI {BASE}"):
        restore(tmp_path / "backup", other)


@pytest.mark.parametrize("damaged", ["graphs.nq", "journal.sqlite", "manifest.json", "spool"])
def test_a_damaged_backup_is_refused(store: Store, tmp_path: Path, damaged: str) -> None:
    backup(store, tmp_path / "backup")
    path = tmp_path / "backup" / damaged
    path = next(path.iterdir()) if path.is_dir() else path
    path.write_bytes(path.read_bytes()[:-3])
    with open_store("memory:", base_iri=BASE) as second:
        with pytest.raises(StoreError, match=r"damaged|no backup"):
            restore(tmp_path / "backup", second)
        assert second.graph_names() == []


def test_an_archive_that_leads_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "evil").write_text("x")
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        archive.add(tmp_path / "evil", arcname="../../escaped")
    with pytest.raises(StoreError, match="can't be unpacked"):
        base_of(tmp_path / "evil.tar")


@pytest.mark.parametrize("server", ["oxigraph_server", "virtuoso_server"])
def test_a_store_moved_to_a_server_and_back_has_the_same_digest(
    store: Store, tmp_path: Path, request: pytest.FixtureRequest, server: str
) -> None:
    url = f"{request.getfixturevalue(server)}#local={tmp_path / 'local'}"
    with open_store(url, base_iri=BASE) as there:
        there.put([], drop=there.graph_names())
        assert copy(store, there).digest == digest(store)
        assert verify(there) == []
        with open_store(str(tmp_path / "back"), base_iri=BASE) as back:
            copy(there, back)
            assert digest(back) == digest(store)
            assert entries(back) == entries(store)
            assert verify(back) == []
        there.put([], drop=there.graph_names())


def test_a_copy_goes_to_an_empty_store_or_its_own_beginning(store: Store) -> None:
    with open_store("memory:", base_iri=BASE) as target:
        target.put([edition("harbour", *WORDS["harbour"].split())])
        assert copy(store, target).digest == digest(store)
        target.put([edition("foreign", "word")])
        with pytest.raises(UsageError, match="holds 1 graphs that"):
            copy(store, target)


# ---- verify


def test_a_whole_store_has_no_faults(closed: Path) -> None:
    assert mend(closed, repair=False) == []
    with open_store(str(closed)) as opened:
        assert verify(opened) == []


def faults(store: Store, *, repair: bool = False) -> list[tuple[str, str]]:
    return [(fault.invariant, fault.place.removeprefix(BASE)) for fault in verify(store, repair=repair)]


def test_a_changed_graph_is_taken_back_from_an_earlier_generation(store: Store) -> None:
    store.update(f"DELETE WHERE {{ GRAPH <{BASE}edition/mine> {{ ?s {KG.exact} ?o }} }}")
    assert faults(store) == [("I2", "edition/mine"), ("I6", "generation 2")]
    [fault] = verify(store, repair=True)
    assert fault.repaired == "taken from an earlier generation"
    assert store.graph(NamedNode(f"{BASE}edition/mine")) == edition("mine", *WORDS["mine"].split())
    assert verify(store) == []


def test_a_graph_that_no_generation_has_is_read_again_from_the_spool(store: Store) -> None:
    Generations(Path(store.url)).clear()
    store.update(f"DROP GRAPH <{BASE}edition/mine>")
    store.publish()
    assert faults(store) == [("I2", "edition/mine")]
    [fault] = verify(store, repair=True)
    assert fault.repaired is not None
    assert "received" in fault.repaired
    assert store.journal.state(f"{BASE}edition/mine") == "received"
    assert LINKING not in store.graph_names(), "the next import links again"


def test_quads_of_a_refused_edition_and_an_unknown_edition_are_dropped(store: Store) -> None:
    store.put([edition("refused", "word"), edition("unknown", "word")])
    store.publish()
    assert faults(store) == [("I4", "edition/refused"), ("I3", "edition/unknown")]
    assert all(fault.repaired for fault in verify(store, repair=True))
    assert verify(store) == []


def test_a_graph_of_a_client_is_not_thrown_away(store: Store) -> None:
    store.put(
        [ArticleGraph.of(NamedNode("https://client.example/notes"), [Triple(LINKING, KG.label, literal("mine"))])]
    )
    store.publish()
    assert verify(store, repair=True) == []
    assert NamedNode("https://client.example/notes") in store.graph_names()


def test_spool_files_that_are_missing_changed_or_unknown_are_told(store: Store, url: str) -> None:
    first, second, *_ = store.spool
    Path(url, "spool", first).unlink()
    Path(url, "spool", second).write_bytes(b"changed")
    unknown = store.spool.put(b"nobody noted this")
    assert sorted(faults(store)) == sorted(
        [("I7", f"spool {first}"), ("I7", f"spool {second}"), ("I1", f"spool {unknown}")]
    )


def test_a_span_that_is_not_what_stands_there_is_told(store: Store) -> None:
    graph = edition("mine", *WORDS["mine"].split())
    wrong = {t for t in graph.triples if t.object == literal("closed")}
    changed = ArticleGraph(
        graph.name, graph.triples - wrong | {Triple(t.subject, t.predicate, literal("opened")) for t in wrong}
    )
    store.put([changed])
    store.journal.committed([Commit(changed.name.value, len(changed), changed.digest(), "hand 2")])
    store.publish()
    [fault] = verify(store)
    assert fault.invariant == "I9"
    assert fault.fact == "it says 'opened', the text 'closed'"


# ---- damage of each kind of file


def largest(folder: Path, pattern: str) -> Path:
    return max(folder.glob(pattern), key=lambda path: path.stat().st_size)


def flip(path: Path, at: float = 0.5) -> None:
    """Flip bytes in a file, in a copy of its own: damage in a hard link would be in all of them."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    for place in range(start, min(start + 16, len(data))):
        data[place] ^= 0xFF
    path.unlink()
    path.write_bytes(data)


DAMAGE: dict[str, Callable[[Path], None]] = {
    "primary gone": lambda root: (root / "primary").rename(root / "elsewhere"),
    "primary/CURRENT gone": lambda root: (root / "primary" / "CURRENT").unlink(),
    "primary/CURRENT empty": lambda root: (root / "primary" / "CURRENT").write_bytes(b""),
    "primary/MANIFEST flipped": lambda root: flip(largest(root / "primary", "MANIFEST-*")),
    "primary log emptied": lambda root: [os.truncate(path, 0) for path in (root / "primary").glob("*.log")] and None,
    "primary sst flipped": lambda root: flip(largest(root / "primary", "*.sst")),
    "primary sst gone": lambda root: largest(root / "primary", "*.sst").unlink(),
    "CURRENT gone": lambda root: (root / "CURRENT").unlink(),
    "CURRENT names nothing": lambda root: (root / "CURRENT").write_text("77\n") and None,
    "CURRENT is no number": lambda root: (root / "CURRENT").write_text("../etc") and None,
    "generation sst gone": lambda root: [p.unlink() for p in (root / "generations").glob("*/*.sst")] and None,
    "generations gone": lambda root: Generations(root).clear(),
    "journal overwritten": lambda root: (root / "journal.sqlite").write_bytes(b"not a database" * 99) and None,
    "journal gone": lambda root: (root / "journal.sqlite").unlink(),
    "store.json torn": lambda root: (root / "store.json").write_text("{") and None,
    "temporary files": lambda root: (root / "spool" / "ab.12.tmp").write_bytes(b"half") and None,
}  # fmt: skip


#: Nothing is lost by these: what was put was flushed, and generations are made again.
HARMLESS = {"primary log emptied", "CURRENT gone", "generations gone"}


@pytest.mark.parametrize("damage", DAMAGE, ids=str)
def test_damage_is_found_and_mended(closed: Path, damage: str) -> None:
    for number in range(2):  # so that there are files of several ages
        with open_store(str(closed)) as opened:
            opened.put([edition(f"more-{number}", "more")])
            graph = edition(f"more-{number}", "more")
            opened.journal.received([Receipt(graph.name.value, opened.spool.put(b"more %d" % number))])
            opened.journal.committed([Commit(graph.name.value, len(graph), graph.digest(), "hand 1")])
            opened.publish()
            whole, known_before = digest(opened), entries(opened)
    DAMAGE[damage](closed)
    seen = mend(closed, repair=False)
    mended = mend(closed, repair=True)
    assert [fault.place for fault in mended] == [fault.place for fault in seen]
    with open_store(str(closed)) as opened:
        more = verify(opened, repair=True)
        assert seen or more or damage in HARMLESS, "the damage was not noticed"
        assert verify(opened) == []
        assert digest(opened) == whole
        assert entries(opened) == known_before
    assert mend(closed, repair=False) == []
    with open_store(str(closed), read_only=True) as reader:
        assert digest(reader) == whole


def test_a_store_that_is_being_written_to_is_left_alone(closed: Path) -> None:
    with open_store(str(closed)), pytest.raises(StoreError, match="another process is writing"):
        mend(closed, repair=True)


# ---- purge


def bytes_of(root: Path, needle: bytes) -> list[str]:
    return [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and needle in path.read_bytes()]


def test_a_purge_leaves_no_byte_of_an_edition(closed: Path, tmp_path: Path) -> None:
    with open_store(str(closed), read_only=True) as reader:
        backup(reader, tmp_path / "backup")
    needle = b"Zyxwvuferry"
    assert bytes_of(closed, needle), "the words should stand in the files before"

    def relink(store: Store) -> None:
        words = [text for name, text in WORDS.items() if name != "ferry"]
        store.put(
            [ArticleGraph.of(LINKING, [Triple(NamedNode(f"{BASE}claim/1"), KG.label, literal(" / ".join(words)))])]
        )

    done = purge(lambda: open_store(str(closed)), f"{BASE}edition/ferry", relink=relink)
    assert done.quads == len(edition("ferry", *WORDS["ferry"].split()))
    assert bytes_of(closed, needle) == []
    assert bytes_of(closed, b"edition/ferry#") == []
    assert done.backups == tuple(known(closed))
    assert [path for path, _ in done.backups] == [str(tmp_path / "backup")]
    with open_store(str(closed)) as opened:
        assert verify(opened) == []
        assert {name.value for name in opened.graph_names()} >= {f"{BASE}edition/harbour", f"{BASE}edition/mine"}
        assert opened.graph(NamedNode(f"{BASE}graph/curation")).triples, "decisions of people stay"


def test_a_purge_names_what_came_in_the_same_file(closed: Path) -> None:
    with open_store(str(closed)) as opened:
        sha256 = opened.journal.by_raw(next(iter(opened.spool)))[0].raw_sha256
        twin = edition("twin", "same", "file")
        first = opened.journal.by_raw(sha256)[0].iri
        opened.journal.received([Receipt(twin.name.value, sha256)])
        opened.put([twin])
        opened.journal.committed([Commit(twin.name.value, len(twin), twin.digest(), "hand 1")])
    done = purge(lambda: open_store(str(closed)), first, relink=lambda store: None)
    assert done.siblings == (twin.name.value,)


def test_only_editions_are_purged(closed: Path) -> None:
    for name, error in ((LINKING.value, UsageError), (f"{BASE}edition/none", NotFound)):
        with pytest.raises(error):
            purge(lambda: open_store(str(closed)), name, relink=lambda store: None)


def test_a_swap_that_was_cut_off_is_finished_at_the_next_opening(closed: Path) -> None:
    (closed / "primary").rename(closed / "primary.rebuilt")
    with open_store(str(closed)) as opened:
        assert len(opened.graph_names()) == 5
    assert not (closed / "primary.rebuilt").exists()


def test_the_journal_of_a_generation_is_the_one_of_its_moment(closed: Path) -> None:
    path = Generations(closed).journal(2)
    with sqlite3.connect(path) as copied:
        states = dict(copied.execute("SELECT state, COUNT(*) FROM edition GROUP BY state"))
    assert states == {"committed": 3, "quarantined": 1}
    assert json.loads((closed / "store.json").read_text())["base"] == BASE
