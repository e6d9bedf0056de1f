"""Nothing that an article can hold stops the reader: one paragraph may fail, and says so; the others are read."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.model import Article, Problem, Reading, Span, Zone
from kg.reading import read
from kg.reading.draft import Draft, Paragraph
from kg.reading.guarding import MOST, guarded
from kg.record import from_record, to_record

SHARED = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[2].parent / "shared")
BODIES = [f"{name}/*.jsonl*" for name in (
    "polnear", "wikinews", "kremlin-ukraine", "resistinua", "gum", "meantime", "ecbplus", "digitalgov", "govuk",
    "reuters-21578",
)]  # fmt: skip


def article(text: str, language: str = "en") -> Article:
    return Article(
        "https://x.example/edition/1",
        text,
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        language=language,
    )


def failures(reading: Reading) -> list[Problem]:
    """Return the problems that tell of a failure, not of the text (unreadable characters, no word lists)."""
    return [p for p in reading.problems if p.step != "language" and "could not be read (U+FFFD)" not in p.message]


# --- a step that fails


def draft(*words: str) -> Draft:
    text = "\n".join(words)
    starts = [sum(len(word) + 1 for word in words[:i]) for i in range(len(words))]
    paragraphs = tuple(Paragraph(Span(at, at + len(w)), "body") for at, w in zip(starts, words, strict=True))
    return Draft(article(text), paragraphs=paragraphs)


def labels(step_draft: Draft) -> Draft:
    """A step that finds a zone in each paragraph and bears no paragraph that says "bad"."""
    zones = []
    for paragraph in step_draft.paragraphs:
        if paragraph.kind == "body":
            if "bad" in paragraph.span.of(step_draft.article.text):
                raise ValueError("can't read this")
            zones.append(Zone(paragraph.span, "title"))
    return replace(step_draft, zones=tuple(zones))


def test_the_paragraphs_that_a_step_fails_on_are_told_and_the_others_read():
    given_draft = draft("one", "bad two", "three", "four", "bad five", "six")
    read_draft = guarded("labels", labels, given_draft)
    text = given_draft.article.text
    assert [zone.span.of(text) for zone in read_draft.zones] == ["one", "three", "four", "six"]
    assert [(p.span.of(text) if p.span else None, p.step, p.message) for p in read_draft.problems] == [
        ("bad two", "labels", "ValueError: can't read this"),
        ("bad five", "labels", "ValueError: can't read this"),
    ]
    assert read_draft.paragraphs == given_draft.paragraphs


def test_a_step_that_fails_everywhere_is_left_out_whole():
    words = ["bad"] * (MOST + 1)
    read_draft = guarded("labels", labels, draft(*words))
    assert (read_draft.zones, [p.span for p in read_draft.problems]) == ((), [None])


def test_finding_a_bad_paragraph_among_a_thousand_takes_few_runs():
    runs = 0

    def counted(step_draft: Draft) -> Draft:
        nonlocal runs
        runs += 1
        return labels(step_draft)

    found = guarded("labels", counted, draft(*(["good"] * 700), "bad", *(["good"] * 300)))
    assert len(found.zones) == 1000
    assert runs < 20


# --- any text

SIGNS = [
    *"“”\"«»„‘’'.,:;—()|\n\t\u200f\ufffd\ud7ff漢🚢", "''", "``", "\n\n", "e\u0301", "<b>", "&nbsp;", "2024",
    "said", "told", "according to", "Ana Lind", "the minister", "he", "on Monday", "that", "denied", "U.S.", "Reuters",
    "PORT ALDA (MPA) —", "By Anna Bell", "laut", "sagte", "sei", "zufolge", "Die Behörde teilte", "mit",
]  # fmt: skip
# Control and non-characters are taken out on loading (kg.articles); a record may hold none.
WELCOME = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
WORDS = st.one_of(st.sampled_from(SIGNS), st.text(WELCOME, max_size=8))
TEXTS = st.builds(
    lambda words, glue: glue.join(words), st.lists(WORDS, max_size=60), st.sampled_from([" ", "", "\n"])
).filter(bool)


def holds(text: str, language: str) -> None:
    reading = read(article(text, language))
    assert failures(reading) == []
    assert from_record(to_record(reading)) == reading


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS, st.sampled_from(["en", "de", "el", "zz"]))
def test_any_text_is_read_into_a_valid_record(text: str, language: str):
    holds(text, language)


@pytest.mark.long
@settings(max_examples=6000, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS, st.sampled_from(["en", "de", "el", "zz"]))
def test_any_text_is_read_into_a_valid_record_at_length(text: str, language: str):
    holds(text, language)


ODD = [
    " ", "\n", "word", "no punctuation at all and no capital either", "“", "”", "“ “ ” “", '"A" "B" "', "He said",
    "said", "«»", "“”", "a" * 5000, "\u0301" * 300, "🚢" * 900, "“Go,” he said. “" * 40, "He said that " * 90,
]  # fmt: skip
UNITS = [
    "He said ", "“Yes,” he said. ", '"', "word ", "(", "a", "Ana Lind and ", "the minister ", "\n",
    "\n“Go on,” she said. “We go.”\n",
    "\nAna Lind of Oldwick said on Monday that the attack killed two people in Paris.\n",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_read(text: str):
    holds(text, "en")


@pytest.mark.long
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_long_texts_of_anything_are_read(unit: str, language: str):
    assert failures(read(article(unit * (100_000 // len(unit)), language))) == []


@pytest.mark.long
@pytest.mark.parametrize("unit", [UNITS[-1], "word ", "(", "\n"])
def test_two_megabytes_are_read(unit: str):
    assert failures(read(article(unit * (2_000_000 // len(unit))))) == []


# --- real articles


def bodies(pattern: str, most: int | None) -> Iterator[tuple[str, str]]:
    for path in sorted((SHARED / "corpora").glob(pattern)):
        unpack = gzip.decompress if path.suffix == ".gz" else bytes
        for number, line in enumerate(unpack(path.read_bytes()).decode("utf-8").split("\n")):
            if most is not None and number >= most:
                break
            if not line:
                continue
            data = json.loads(line)
            yield data.get("id", str(number)), data.get("text") or "-"


def told_of(pattern: str, most: int | None) -> tuple[int, list[tuple[str, Problem]]]:
    count, told = 0, []
    for key, text in bodies(pattern, most):
        count += 1
        told += [(key, problem) for problem in failures(read(article(text)))]
    return count, told


def test_a_few_articles_of_each_corpus_are_read_without_a_problem():
    if not (SHARED / "corpora").is_dir():
        pytest.skip(f"needs corpora in {SHARED}")
    assert [told for pattern in BODIES for told in told_of(pattern, 3)[1]] == []


@pytest.mark.long
@pytest.mark.parametrize("pattern", BODIES)
def test_all_articles_of_a_corpus_are_read_without_a_problem(pattern: str):
    if not (SHARED / "corpora").is_dir():
        pytest.skip(f"needs corpora in {SHARED}")
    # Two thousand wire stories stand for twenty thousand: they are alike, and take an hour.
    count, told = told_of(pattern, 2_000 if pattern.startswith("reuters") else None)
    assert (count > 0, told) == (True, [])


def test_control_characters_stop_nothing():
    assert failures(read(article("\x00“Go\x1f,” she\x07 said.\x0b\u2028\u0085 He said that it was."))) == []


def test_a_paragraph_that_the_parser_refuses_is_told_with_its_place():
    text = "Ana Lind said the \ud800 ships were ready.\n\nIlan Roth said the crews had slept well."
    reading = read(article(text))
    assert [(p.step, p.span) for p in reading.problems] == [("parse", Span(0, text.index("\n")))]
    assert [span.of(text) for one in reading.statements for span in one.content] == ["the crews had slept well"]
