"""The W3C's SPARQL 1.1 and 1.2 query, update and syntax tests, in process; every miss is named with why and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from w3c_queries import SUITES, Case, cases, solved

MISSES = Path(__file__).with_name("w3c_misses.tsv")


def misses() -> dict[str, str]:
    lines = MISSES.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {name: f"{reason}; {issue}" for name, reason, issue in rows}


@pytest.mark.skipif(not SUITES.is_dir(), reason="the W3C test suites are not in ../shared/conformance")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_w3c(case: Case) -> None:
    reason = misses().get(case.name)
    try:
        wrong = solved(case)
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        wrong = f"{type(error).__name__}: {error}"
    if reason is None:
        assert not wrong
    else:
        assert wrong, f"this passes now; take it from {MISSES.name}: {reason}"


@pytest.mark.skipif(not SUITES.is_dir(), reason="the W3C test suites are not in ../shared/conformance")
def test_each_miss_is_a_test_that_there_is() -> None:
    assert set(misses()) <= {case.name for case in cases()}
    assert all("oxigraph " in reason or "none found" in reason for reason in misses().values())
