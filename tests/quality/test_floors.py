"""The reader is not worse than it was: every score stands above its floor, on gold that is still the same.

The corpora lie beside the project (``../shared`` or KG_SHARED); without them the tests are skipped. A lower floor needs
a reason in ``floors.json`` ("why"), so that it is seen in review.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kg.evaluation import evaluate

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("KG_SHARED") or HERE.parents[1].parent / "shared")
FLOORS: list[dict[str, Any]] = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))


def value(figures: dict[str, Any], path: str) -> float:
    found: Any = figures
    for part in path.split("/"):
        found = found[part]
    return float(found["percent"] if isinstance(found, dict) else found)


@pytest.mark.long
@pytest.mark.parametrize("case", FLOORS, ids=lambda case: str(case["name"]))
def test_no_score_falls_below_its_floor(case: dict[str, Any]) -> None:
    gold = [SHARED / name for name in case["gold"]]
    missing = [path.name for path in gold if not path.exists()]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not there; set KG_SHARED to the folder of the corpora")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in gold)).hexdigest()
    assert digest == case["sha256"], "the gold changed: measure again and pin floors and digest together"
    figures = evaluate(case["what"], gold).figures
    below = {
        path: (value(figures, path), floor) for path, floor in case["floors"].items() if value(figures, path) < floor
    }
    assert not below, f"scores below their floors (found, floor): {below}"
