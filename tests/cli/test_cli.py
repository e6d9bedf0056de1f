"""The command ``kg`` as a person and a pipe use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = "“No price has been named,” Helena Brandvold told the Stellmark Courier on Monday.\n"


def kg(*words: str, folder: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kg", *words],
        cwd=folder, input=stdin, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cli")
    (made / "denial.txt").write_text(TEXT, encoding="utf-8")
    done = kg("import", "denial.txt", "--outlet", "Daily Lantern", "--published", "2026-03-10", folder=made)
    assert done.returncode == 0, done.stderr
    return made


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['kg', '--help']\ntry:\n  import kg.cli; kg.cli.main()\nexcept SystemExit: pass\n"
    code += (
        "print([m for m in ('spacy', 'rdflib', 'pyshacl', 'strawberry', 'uvicorn', 'pyoxigraph') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_import_in_a_pipe_says_nothing_on_stdout(folder: Path) -> None:
    done = kg("import", "denial.txt", "--outlet", "Daily Lantern", "--published", "2026-03-10", folder=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 unchanged" in done.stderr


def test_a_refused_article_gives_exit_status_1(folder: Path) -> None:
    (folder / "broken.txt").write_bytes(b"caf\xe9 said no")
    done = kg("import", "broken.txt", "--store", "other", folder=folder)
    assert done.returncode == 1
    assert "byte 3" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["import"],
        ["import", "denial.txt", "--published", "Feb. 30"],
        ["query", "no_such_question"],
        ["import", "denial.txt", "--reader", "nobody"],
    ],
)
def test_misuse_gives_exit_status_2(folder: Path, words: list[str]) -> None:
    done = kg(*words, folder=folder)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr


def test_a_record_read_is_a_record_imported(folder: Path) -> None:
    read = kg("read", "denial.txt", "--json", "--outlet", "Daily Lantern", "--published", "2026-03-10", folder=folder)
    record = json.loads(read.stdout)
    assert record["record"] == 1
    assert record["article"]["published"] == {"edtf": "2026-03-10", "from": "option"}
    (folder / "record.jsonl").write_text(read.stdout, encoding="utf-8")
    assert kg("import", "record.jsonl", "--store", "from-record", folder=folder).returncode == 0
    exports = [kg("export", "--store", name, folder=folder).stdout for name in ("kg-store", "from-record")]
    assert exports[0] == exports[1]
    assert exports[0]


def test_a_named_question_sparql_text_and_a_file_are_answered_in_each_format(folder: Path) -> None:
    (folder / "count.rq").write_text(
        "SELECT (COUNT(*) AS ?n) WHERE { ?s a <https://w3id.org/on-the-record/ns#Edition> }"
    )
    assert (
        json.loads(kg("query", "count.rq", "--json", folder=folder).stdout)["results"]["bindings"][0]["n"]["value"]
        == "1"
    )
    assert "No price has been named" in kg("query", "said_by", "--format", "tsv", folder=folder).stdout
    assert "No price" in kg("query", "said_by", folder=folder).stdout
    assert kg("query", "ASK { ?s ?p ?o }", folder=folder).stdout == "yes\n"


def test_check_and_stats_answer(folder: Path) -> None:
    assert "conforms" in kg("check", "denial.txt", folder=folder).stdout
    counts = json.loads(kg("stats", "--json", folder=folder).stdout)
    assert counts["editions"] == 1
    assert counts["statements"] >= 1


def test_a_store_that_is_not_there_is_named_with_the_way_out(folder: Path) -> None:
    done = kg("query", "ASK { ?s ?p ?o }", "--store", "nowhere", folder=folder)
    assert done.returncode != 0
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_standard_input_is_a_file(folder: Path) -> None:
    done = kg("read", "-", folder=folder, stdin=TEXT)
    assert "Helena Brandvold" in done.stdout
