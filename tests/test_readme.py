"""What the README shows is what its command prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_headline_answer_is_the_one_that_make_run_prints(tmp_path: Path) -> None:
    def kg(*arguments: str) -> str:
        command = [sys.executable, "-m", "kg", *arguments, "--store", str(tmp_path / "store")]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    kg("import", "examples/articles")
    printed = kg("headline").splitlines()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(.*?)```", readme, re.DOTALL)
    shown = next(block for block in blocks if block.startswith("“")).splitlines()
    assert len(shown) > 5
    for line, whole in zip(shown, printed, strict=False):
        assert whole.startswith(line.removesuffix("…")), "the README shows another line"
