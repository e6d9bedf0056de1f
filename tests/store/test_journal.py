"""The journal and the spool: what an importer may count on after any crash."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kg.errors import NotFound, StoreError
from kg.store.journal import Commit, Journal, Receipt
from kg.store.spool import DiskSpool, MemorySpool, Spool

HARBOUR = Receipt("urn:harbour", raw_sha256="aa", text_sha256="bb", origin="harbour.jsonl", outlet="The Courier")
MINE = Receipt("urn:mine", raw_sha256="aa")


@pytest.fixture(params=["memory", "disk"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
    return Journal(None if request.param == "memory" else tmp_path)


@pytest.fixture(params=["memory", "disk"])
def spool(request: pytest.FixtureRequest, tmp_path: Path) -> Spool:
    return MemorySpool() if request.param == "memory" else DiskSpool(tmp_path)


def test_an_edition_is_received_then_committed(journal: Journal) -> None:
    assert journal.state("urn:harbour") is None
    journal.received([HARBOUR, MINE])
    assert journal.state("urn:harbour") == "received"
    journal.committed([Commit("urn:harbour", 163, "cc", "rules-en 0.1")])
    entry = journal.entry("urn:harbour")
    assert entry is not None
    assert (entry.state, entry.origin, entry.outlet) == ("committed", "harbour.jsonl", "The Courier")
    assert (entry.triples, entry.digest, entry.reader, entry.reason) == (163, "cc", "rules-en 0.1", None)
    assert journal.state("urn:mine") == "received"


def test_a_refused_edition_keeps_the_reason_and_no_digest(journal: Journal) -> None:
    journal.received([HARBOUR])
    journal.committed([Commit("urn:harbour", 163, "cc", "rules-en 0.1")])
    journal.quarantined("urn:harbour", "A statement names who said it", reader="rules-en 0.2")
    entry = journal.entry("urn:harbour")
    assert entry is not None
    assert (entry.state, entry.reason) == ("quarantined", "A statement names who said it")
    assert (entry.triples, entry.digest, entry.reader) == (None, None, "rules-en 0.2")


def test_what_comes_again_starts_again(journal: Journal) -> None:
    journal.received([HARBOUR])
    journal.quarantined("urn:harbour", "no date")
    journal.received([HARBOUR])
    entry = journal.entry("urn:harbour")
    assert entry is not None
    assert (entry.state, entry.reason) == ("received", None)
    assert len(journal.all()) == 1


def test_a_batch_is_committed_whole_or_not_at_all(journal: Journal) -> None:
    journal.received([HARBOUR])
    with pytest.raises(StoreError, match=r"knows no edition urn:unheard-of; call received\(\) first"):
        journal.committed([Commit("urn:harbour", 1, "cc", "r 1"), Commit("urn:unheard-of", 1, "dd", "r 1")])
    assert journal.state("urn:harbour") == "received"


def test_editions_are_found_by_raw_bytes_and_by_state(journal: Journal) -> None:
    journal.received([MINE, HARBOUR])
    journal.quarantined("urn:mine", "empty")
    assert [entry.iri for entry in journal.by_raw("aa")] == ["urn:harbour", "urn:mine"]
    assert [entry.iri for entry in journal.all()] == ["urn:harbour", "urn:mine"]
    assert [entry.iri for entry in journal.all("quarantined")] == ["urn:mine"]
    journal.forget(["urn:mine", "urn:never-came"])
    assert [entry.iri for entry in journal.all()] == ["urn:harbour"]


def test_the_file_itself_refuses_a_state_without_its_facts(tmp_path: Path) -> None:
    Journal(tmp_path).received([HARBOUR])
    connection = sqlite3.connect(tmp_path / "journal.sqlite")
    for lie in ("state = 'committed'", "state = 'quarantined'", "state = 'lost'", "reason = 'because'"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(f"UPDATE edition SET {lie}")
    connection.close()


def test_the_journal_is_written_ahead_and_synchronised(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    pragma = journal._connection.execute
    assert pragma("PRAGMA journal_mode").fetchone() == ("wal",)
    assert pragma("PRAGMA synchronous").fetchone() == (2,), "2 is FULL"


def test_an_acknowledged_state_survives_a_kill(tmp_path: Path) -> None:
    program = (
        "import os, signal\nfrom pathlib import Path\nfrom kg.store.journal import Journal, Receipt\n"
        f"journal = Journal(Path({str(tmp_path)!r}))\n"
        "journal.received([Receipt('urn:harbour', raw_sha256='aa')])\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert Journal(tmp_path).state("urn:harbour") == "received"


def test_bytes_come_back_by_their_hash(spool: Spool) -> None:
    sha256 = spool.put(b"harbour")
    assert spool.put(b"harbour") == sha256
    assert spool.get(sha256) == b"harbour"
    assert (sha256 in spool, "ab" in spool, list(spool)) == (True, False, [sha256])
    spool.drop(sha256)
    spool.drop(sha256)
    assert list(spool) == []
    with pytest.raises(NotFound, match=sha256):
        spool.get(sha256)


def test_changed_bytes_are_noticed(tmp_path: Path) -> None:
    spool = DiskSpool(tmp_path)
    sha256 = spool.put(b"harbour")
    (tmp_path / "spool" / sha256).write_bytes(b"harbor")
    with pytest.raises(StoreError, match="was changed since it was received"):
        spool.get(sha256)


def test_a_half_written_file_is_no_part_of_the_spool(tmp_path: Path) -> None:
    spool = DiskSpool(tmp_path)
    sha256 = spool.put(b"harbour")
    (tmp_path / "spool" / "abcdef.123.tmp").write_bytes(b"half")
    assert list(spool) == [sha256]
