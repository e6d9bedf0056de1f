"""The reader is not worse than it was: every score stands above its floor, on gold that is still the same.

The corpora lie beside the project (``../shared`` or KG_SHARED); without them the tests are skipped. Gold
of our own (a path that begins with ``tests/``) lies in the project; its ``texts`` are of the corpora, and each has to
be found. A lower floor needs a reason in ``floors.json`` ("why"), so that it is seen in review.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kg.evaluation import evaluate

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("KG_SHARED") or HERE.parents[1].parent / "shared")
FLOORS: list[dict[str, Any]] = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))


def located(name: str) -> Path:
    return HERE.parents[1] / name if name.startswith("tests/") else SHARED / name


def value(figures: Mapping[str, Any], path: str) -> float:
    found: Any = figures
    for part in path.split("/"):
        found = found[part]
    return float(found["percent"] if isinstance(found, dict) else found)


@pytest.mark.long
@pytest.mark.parametrize("case", FLOORS, ids=lambda case: str(case["name"]))
def test_no_score_falls_below_its_floor(case: dict[str, Any]) -> None:
    gold = [located(name) for name in case["gold"]]
    texts = [located(name) for name in case.get("texts", [])]
    missing = [path.name for path in (*gold, *texts) if not path.exists()]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not there; set KG_SHARED to the folder of the corpora")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in gold)).hexdigest()
    assert digest == case["sha256"], "the gold changed: measure again and pin floors and digest together"
    figures = evaluate(case["what"], [*gold, *texts]).figures
    assert not figures.get("without_text"), "texts of the gold are not among those of the corpora"
    below = {
        path: (value(figures, path), floor) for path, floor in case["floors"].items() if value(figures, path) < floor
    }
    assert not below, f"scores below their floors (found, floor): {below}"
