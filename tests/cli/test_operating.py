"""The commands of an operator, from the shell's side: what they print, and their exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kg.cli import app
from kg.errors import KgError
from kg.store import open_store
from kg.store.tokens import Scope, check

ARTICLE = (
    "Ferry strands at Quarrow Point\n\n"
    "QUARROW — The ferry was overloaded, a port official told the Quarrow Herald.\n\n"
    "“Nobody was hurt,” Ottilie Varnhagen said on Monday.\n"
)
OTHER = "Mayor opens bridge\n\n“It took nine years,” Mayor Anselm Brecht said on Tuesday.\n"


def kg(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(result.exception, KgError):
        raise result.exception
    assert result.exit_code == status, (result.output, result.exception)
    return result


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store that `kg import` made of two articles."""
    for name, text in (("ferry.txt", ARTICLE), ("bridge.txt", OTHER)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        kg("import", tmp_path / name, "--store", tmp_path / "store", "--published", "2026-03-09", "--outlet", "Herald")
    return tmp_path / "store"


@pytest.mark.slow
def test_backup_restore_and_copy_keep_the_export(store: Path, tmp_path: Path) -> None:
    export = kg("export", "--store", store).stdout
    made = json.loads(kg("backup", tmp_path / "b.tar.zst", "--store", store, "--json").stdout)
    kg("restore", tmp_path / "b.tar.zst", "--store", tmp_path / "second")
    assert kg("export", "--store", tmp_path / "second").stdout == export
    done = json.loads(kg("copy", tmp_path / "second", tmp_path / "third", "--json").stdout)
    assert kg("export", "--store", tmp_path / "third").stdout == export
    assert done["digest"] == made["digest"]
    kg("verify", "--store", tmp_path / "third")
    again = kg(
        "import",
        tmp_path / "ferry.txt",
        "--store",
        tmp_path / "third",
        "--published",
        "2026-03-09",
        "--outlet",
        "Herald",
    )
    assert "1 unchanged" in again.output


@pytest.mark.slow
def test_a_purged_article_is_in_no_file(store: Path, tmp_path: Path) -> None:
    kg("backup", tmp_path / "backup", "--store", store)
    rows = json.loads(
        kg(
            "query",
            "PREFIX kg: <https://w3id.org/on-the-record/ns#> SELECT ?e WHERE { ?e a kg:Edition ; kg:text ?t "
            'FILTER(CONTAINS(?t, "Varnhagen")) }',
            "--store",
            store,
            "--json",
        ).stdout
    )
    [edition] = [row["e"]["value"] for row in rows["results"]["bindings"]]
    done = kg("purge", edition, "--store", store)
    assert str(tmp_path / "backup") in done.output
    left = [path for path in store.rglob("*") if path.is_file() and b"Varnhagen" in path.read_bytes()]
    assert left == []
    assert kg("export", "--store", store).stdout.count("Brecht") > 0
    kg("verify", "--store", store)


@pytest.mark.slow
def test_verify_tells_and_mends_and_the_next_import_reads_again(store: Path, tmp_path: Path) -> None:
    export = kg("export", "--store", store).stdout
    edition = next(line.split()[-2] for line in export.splitlines() if "Varnhagen" in line)
    with open_store(str(store)) as opened:
        opened.update(f"DROP GRAPH {edition}")
        for _ in range(3):  # so that no generation has it any more
            opened.update("INSERT DATA { GRAPH <urn:note> { <urn:a> <urn:b> 1 } }")
            opened.publish()
            opened.update("DROP GRAPH <urn:note>")
            opened.publish()
    told = kg("verify", "--store", store, status=1)
    assert "I2" in told.output
    assert "--repair" in told.output
    mended = kg("verify", "--repair", "--store", store)
    assert "received" in mended.output
    kg("import", tmp_path / "bridge.txt", "--store", store, "--published", "2026-03-09", "--outlet", "Herald")
    assert kg("export", "--store", store).stdout == export
    kg("verify", "--store", store)


def test_tokens_are_made_listed_and_revoked(tmp_path: Path) -> None:
    open_store(str(tmp_path / "store")).close()
    secret = kg("token", "create", "editor", "--store", tmp_path / "store", "--days", "30").stdout.strip()
    assert check(tmp_path / "store", secret) == Scope("editor", "curation")
    kg("token", "create", "loader", "--all", "--store", tmp_path / "store")
    listed = kg("token", "list", "--store", tmp_path / "store").stdout
    assert "editor" in listed
    assert "loader" in listed
    assert secret not in listed
    kg("token", "revoke", "editor", "--store", tmp_path / "store")
    assert check(tmp_path / "store", secret) is None


def test_verify_where_there_is_no_store_says_so(tmp_path: Path) -> None:
    with pytest.raises(KgError, match="there is no store here"):
        kg("verify", "--store", tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
