"""Files, folders and standard input; what is not there is told and the rest goes on."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from kg.articles import Container, Format, Options, collect, formats
from kg.errors import ArticleError
from kg.model import Article

TEXT = "The ferry made its last trip on Tuesday, its owner said."


def test_folders_are_searched_in_sorted_order_for_known_endings(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.txt").write_text(TEXT)
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": TEXT}))
    (tmp_path / "c.TXT").write_text(TEXT)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / ".hidden.txt").write_text(TEXT)
    names = [Path(item.origin or "").name for item in collect([tmp_path]) if isinstance(item, Article)]
    assert names == ["a.jsonl:1", "2.txt", "c.TXT"]


def test_a_missing_file_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    missing, read = collect([tmp_path / "nowhere.txt", tmp_path / "a.txt"])
    assert isinstance(missing, ArticleError)
    assert "nowhere.txt: there is no such file or folder" in str(missing)
    assert isinstance(read, Article)


def test_a_folder_without_articles_is_told(tmp_path: Path) -> None:
    (item,) = collect([tmp_path])
    assert isinstance(item, ArticleError)
    assert ".txt" in str(item)


@pytest.mark.parametrize("source", [TEXT, json.dumps({"text": TEXT})])
def test_a_dash_is_standard_input_whose_format_is_told_by_its_first_bytes(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source.encode())))
    (item,) = collect(["-"])
    assert isinstance(item, Article)
    assert item.text == TEXT


def test_options_and_base_reach_every_article(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (item,) = collect([tmp_path], options=Options(outlet="Capital Ledger"), base_iri="https://data.example/")
    assert isinstance(item, Article)
    assert item.iri.startswith("https://data.example/edition/")
    assert item.iri.endswith("-capital-ledger")


def test_the_houses_formats_are_found_even_where_it_was_never_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.articles.registry.entry_points", lambda group: [])
    formats.cache_clear()
    try:
        assert {"text", "jsonl"} <= {known.name for known in formats()}
    finally:
        formats.cache_clear()


def test_a_format_that_plugs_in_is_asked_before_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        name = "aaa"
        value = "kg.articles.jsonl:FORMAT"

    monkeypatch.setattr("kg.articles.registry.entry_points", lambda group: [Point()])
    formats.cache_clear()
    try:
        found: tuple[Format | Container, ...] = formats()
        assert [known.name for known in found].count("jsonl") == 2
        assert found[-1].name == "text"
    finally:
        formats.cache_clear()


def test_patterns_in_quotes_are_spread(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.txt").write_text(TEXT)
    (tmp_path / "2.txt").write_text(TEXT)
    names = [Path(item.origin or "").name for item in collect([f"{tmp_path}/**/*.txt"]) if isinstance(item, Article)]
    assert names == ["2.txt", "1.txt"]
    (missing,) = collect([f"{tmp_path}/*.html"])
    assert "no file has such a name" in str(missing)


def test_a_folders_file_without_a_known_ending_is_known_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "story-12").write_text(f"<!DOCTYPE html><html><body><p>{TEXT}</p></body></html>")
    (tmp_path / "LICENSE").write_text(TEXT)
    (item,) = collect([tmp_path])
    assert isinstance(item, Article)
    assert item.text == TEXT


def test_what_is_heavy_is_not_loaded_for_plain_text() -> None:
    code = (
        "import sys; from kg.articles import load; list(load(b'The ferry stops, he said.', origin='a.txt'));"
        "print([name for name in ('lxml', 'trafilatura', 'feedparser', 'pypdf', 'yaml', 'htmldate', 'ssl') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_a_format_that_fails_costs_its_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise KeyError("x")

    monkeypatch.setattr("kg.articles.text.build", broken)
    (tmp_path / "1.txt").write_text(TEXT)
    (tmp_path / "2.html").write_text(f"<html><body><p>{TEXT}</p></body></html>")
    failed, read = collect([tmp_path])
    assert "the format text failed" in str(failed)
    assert isinstance(read, Article)
