"""The snippets of docs/importing.md run as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "importing.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    ("snippet", "said"),
    [(SNIPPETS[0], ["imported news/a.txt", "1 imported; 0 refused", "1 unchanged"]), (SNIPPETS[1], ["['imported']"])],
)
def test_a_snippet_of_the_page_runs_and_says_what_it_should(snippet: str, said: list[str], tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("“No price has been named,” Helena Brandvold said on Monday.\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", snippet], cwd=tmp_path, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [line.strip() for line in done.stdout.splitlines()] == said
