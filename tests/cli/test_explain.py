"""``kg read --explain``: a person sees the marked text, and why it was read so."""

from __future__ import annotations

from hashlib import sha256

import pytest

from kg.cli.explaining import explain
from kg.model import Article, Outlet
from kg.reading import read
from kg.reading.weighing import keeping

TEXT = (
    "The mayor, Ana Lind, told the Stellmark Courier that the pier would close. She had met her rival, Ruth Berg. "
    "“We have no choice,” she said.\n\nSign up for our newsletter!\n"
)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    article = Article("urn:x", TEXT, sha256(TEXT.encode()).hexdigest(), outlet=Outlet("Daily Lantern", "option"))
    with keeping() as decisions:
        reading = read(article)
    assert reading == read(article), "who asks why must not change what is read"
    return list(explain(reading, decisions))


def test_the_text_is_whole_with_every_span_marked(lines: list[str]) -> None:
    shown = "\n".join(lines)
    assert "[s1: the pier would close]" in shown
    assert "{s1: told}" in shown
    assert "<s2: she> {s2: said}" in shown
    assert "(promotion) Sign up for our newsletter!" in shown


def test_a_statement_tells_rule_and_evidence(lines: list[str]) -> None:
    first = lines[next(i for i, line in enumerate(lines) if line.startswith("s1  ")) :]
    assert "rule clausal-complement" in first[0]
    cue = TEXT.index("told")
    assert f"  cue      {cue}-{cue + 4} “told”" in first
    assert any(line.startswith("  link 1   Stellmark Courier") and "on the word" in line for line in first)


def test_who_was_passed_over_is_named_with_the_reason(lines: list[str]) -> None:
    at = next(i for i, line in enumerate(lines) if "“she”" in line and "taken" in line)
    assert "means Ana Lind" in lines[at]
    assert "the last speaker" in lines[at] or "subject" in lines[at]
    assert any("passed over" in line and "Ruth Berg" in line for line in lines[at + 1 : at + 4])


def test_nothing_is_kept_while_nobody_asks() -> None:
    with keeping() as kept:
        pass
    article = Article("urn:x", TEXT, sha256(TEXT.encode()).hexdigest())
    read(article)
    assert kept == {}


def test_a_decision_is_told_once_though_a_step_ran_twice() -> None:
    article = Article("urn:x", TEXT, sha256(TEXT.encode()).hexdigest())
    with keeping() as kept:
        read(article)
        once = list(kept)
        read(article)
    assert once
    assert list(kept) == once
