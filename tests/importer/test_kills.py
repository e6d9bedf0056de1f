"""Imports that are killed, or run into a full disk, at any point: nothing acknowledged is lost, the end is the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("shacl", reason="the trials use the fast gate (extra fast)")
if not hasattr(os, "fork"):
    pytest.skip("no fork on this platform", allow_module_level=True)

HERE = Path(__file__).parent


def driven(script: str, *words: object) -> list[dict[str, object]]:
    """Run a driver in a process of its own and return its trials."""
    done = subprocess.run(
        [sys.executable, str(HERE / script), *map(str, words)],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE)])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr or done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge(told: list[dict[str, object]], *, killed: int) -> None:
    head, *trials = told
    assert head["states"] == ["committed"] * 20 + ["quarantined"] * 2
    assert [trial for trial in trials if trial["problems"]] == []
    # A kill that never came proves nothing.
    assert sum(trial["code"] != 0 for trial in trials) >= killed


@pytest.mark.slow
def test_an_import_that_is_cut_off_at_any_point_ends_as_one_that_was_not(tmp_path: Path) -> None:
    judge(driven("kill_driver.py", tmp_path, 1, 30), killed=22)


@pytest.mark.long
def test_two_hundred_imports_that_are_cut_off_end_as_ones_that_were_not(tmp_path: Path) -> None:
    judge(driven("kill_driver.py", tmp_path, 2, 200), killed=140)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MB of its own; skips where none can be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a tmpfs can't be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_a_disk_that_fills_up_during_an_import_loses_nothing(small_disk: Path) -> None:
    full_disk_trials(small_disk, 3)


@pytest.mark.long
def test_fifty_fill_levels_of_a_small_disk_lose_nothing(small_disk: Path) -> None:
    full_disk_trials(small_disk, 50)


def full_disk_trials(disk: Path, levels: int) -> None:
    _, *trials = driven("full_disk_driver.py", disk, levels)
    assert len(trials) == levels
    assert [trial for trial in trials if trial["problems"]] == []
    assert any(trial["code"] for trial in trials), "no level was low enough to fill the disk"
