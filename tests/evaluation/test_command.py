"""``kg eval`` as a command: figures to stdout, as a table or as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def kg(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kg", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    gold, predicted = tmp_path / "gold.jsonl", tmp_path / "predicted.jsonl"
    monday = {"start": 0, "end": 6, "value": "2031-03-03"}
    gold.write_text(json.dumps({"id": "d", "text": "Monday", "timex": [{**monday, "type": "DATE"}]}), encoding="utf-8")
    predicted.write_text(json.dumps({"id": "d", "timex": [monday]}), encoding="utf-8")
    return [gold, predicted]


def test_the_figures_of_a_file_of_predictions_are_printed_as_json(files: list[Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy.jsonl"
    done = kg("eval", "times", files[0], "--predictions", files[1], "--json", "--write-predictions", copy)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["value"] == {"P": 100.0, "R": 100.0, "F": 100.0}
    assert json.loads(copy.read_text(encoding="utf-8")) == json.loads(files[1].read_text(encoding="utf-8"))


def test_the_figures_are_printed_as_a_table(files: list[Path]) -> None:
    done = kg("eval", "times", files[0], "--predictions", files[1])
    assert done.returncode == 0, done.stderr
    assert "value              P 100.0  R 100.0  F 100.0" in done.stdout


def test_gold_of_another_kind_is_told_in_one_sentence(files: list[Path]) -> None:
    done = kg("eval", "quotes", files[0], "--predictions", files[1])
    assert done.returncode == 1
    assert "d: there is no field statements" in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
