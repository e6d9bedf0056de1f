"""Quotation marks become stretches: by character, whatever their number."""

from __future__ import annotations

import pytest

from kg.model import Span
from kg.reading.draft import Draft, Paragraph
from kg.reading.quotes import find_quotes, inner
from tests.reading.articles import article


def quoted(*paragraphs: str) -> list[str]:
    """Return the words between the marks of each quotation."""
    text = "\n\n".join(paragraphs)
    spans, at = [], 0
    for paragraph in paragraphs:
        spans.append(Paragraph(Span(at, at + len(paragraph)), "body"))
        at += len(paragraph) + 2
    draft = find_quotes(Draft(article(text), paragraphs=tuple(spans)))
    return [inner(quote, text).of(text) for quote in draft.quotes]


@pytest.mark.parametrize(
    "marks", ['""', "“”", "«»", "„“", "„”"], ids=["straight", "curly", "guillemets", "low", "low-curly"]
)
def test_marks_of_every_kind_are_found(marks: str):
    assert quoted(f"She said {marks[0]}the dam holds{marks[1]} and left.") == ["the dam holds"]


def test_marks_of_typewriters_are_found():
    assert quoted("She said ``the dam holds'' and left.") == ["the dam holds"]


def test_apostrophes_are_no_marks():
    assert quoted("The dam’s owner said it “can’t break” in the Oldwicks’ time, and that's all.") == ["can’t break"]


def test_a_quotation_that_is_not_closed_runs_to_the_end_of_its_paragraph():
    found = quoted("“The dam holds. It was built for floods like this.", "“It will hold tomorrow,” she said.")
    assert found == ["The dam holds. It was built for floods like this.", "It will hold tomorrow,"]


def test_an_odd_number_of_marks_loses_only_the_odd_one():
    assert quoted('A 5" pipe burst. "We heard it," said the owner.')[-1] == "We heard it,"


def test_a_mark_inside_a_word_opens_nothing():
    assert quoted('The 12"deep hole was filled.') == []


def test_two_apostrophes_open_and_close():
    assert quoted("''Not now,'' she said. ''Not in the players' club.''") == ["Not now,", "Not in the players' club."]
