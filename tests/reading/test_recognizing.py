"""Entities recognised at once are those that the model's own recogniser finds, token by token."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc, Span

from kg.reading.parser import load
from kg.reading.recognizing import NAME, Moves, Recognizer, recognize_at_once

EXAMPLES = Path(__file__).parents[2] / "examples" / "articles"
WORDS = [
    "Anna", "Lind", "Mr", "New", "York", "the", "The", "United", "Nations", "of", "Monday", "last", "week", "$", "12",
    "million", "percent", "said", "Bank", "Reuters", "French", "in", "and", ",", ".", "“", " ", "\n", "-", "’s", "1987",
]  # fmt: skip


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load().nlp


def shown(doc: Doc) -> list[tuple[str, str, int]]:
    return [(t.ent_iob_, t.ent_type_, t.ent_kb_id) for t in doc]


def parsed(nlp: Language, texts: list[str]) -> list[Doc]:
    docs = [nlp.make_doc(text) for text in texts]
    for name, component in nlp.pipeline:
        if name == NAME:
            break
        docs = [component(doc) for doc in docs]
    return docs


def agree(nlp: Language, docs: list[Doc]) -> None:
    component = nlp.get_pipe(NAME)
    assert isinstance(component, Recognizer)
    others = [doc.copy() for doc in docs]
    assert list(map(shown, component.pipe(docs))) == list(map(shown, component.recognizer.pipe(others)))


def test_the_recognizer_is_gone_and_the_quicker_one_stands_where_it_was(nlp: Language) -> None:
    assert "ner" not in nlp.pipe_names
    assert nlp.pipe_names[-1] == NAME


def test_every_line_of_the_examples_has_the_same_entities(nlp: Language) -> None:
    lines = [line for file in sorted(EXAMPLES.rglob("*.txt"))[:8] for line in file.read_text("utf-8").splitlines()]
    docs = parsed(nlp, lines)
    agree(nlp, docs)
    assert sum(len(doc.ents) for doc in docs) > 50


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join), min_size=1, max_size=5))
def test_any_words_have_the_same_entities(texts: list[str]) -> None:
    nlp = load().nlp
    agree(nlp, parsed(nlp, texts))


def test_a_sentence_that_begins_inside_a_name_ends_it(nlp: Language) -> None:
    [doc] = parsed(nlp, ["Anna Lind of the United Nations spoke in New York on Monday 12 May 1987."])
    for place in range(1, len(doc)):
        one = Doc(nlp.vocab, [t.text for t in doc], [bool(t.whitespace_) for t in doc])
        for token in one:
            token.is_sent_start = token.i in (0, place)
        agree(nlp, [one])
        assert all(not span.start < place < span.end for span in one.ents)


def test_entities_that_are_set_before_bind_it(nlp: Language) -> None:
    [doc] = parsed(nlp, ["Anna Lind spoke in New York on Monday."])
    doc.set_ents([Span(doc, 0, 3, "ORG")], default="missing")
    other = doc.copy()
    agree(nlp, [doc, *parsed(nlp, ["Reuters said so."])])
    assert doc.ents[0].text == "Anna Lind spoke"
    assert [t.ent_type_ for t in other[:3]] == ["ORG"] * 3


@pytest.mark.parametrize("texts", [[""], ["", "Anna Lind spoke.", ""], [" "], []])
def test_docs_without_words_are_no_trouble(nlp: Language, texts: list[str]) -> None:
    agree(nlp, parsed(nlp, texts))


def test_moves_tell_what_they_do_by_their_names() -> None:
    moves = Moves.of(["B-A", "B-B", "I-A", "L-A", "L-B", "U-A", "U-", "O", "-"])
    assert list(moves.begins) == [True, True] + [False] * 7
    assert list(moves.units) == [False] * 5 + [True] + [False] * 3
    assert [score == 0 for score in moves.outside] == [True, True, False, False, False, True, False, True, False]
    assert (list(moves.goes_on[:2]), list(moves.ends[:2])) == ([2, -1], [3, 4])


def test_a_recognizer_that_decodes_with_a_beam_stays() -> None:
    nlp = spacy.blank("en")
    recognizer = nlp.add_pipe("ner")
    assert isinstance(recognizer, EntityRecognizer)
    recognizer.add_label("ORG")
    nlp.initialize()
    recognizer.cfg["beam_width"] = 4
    recognize_at_once(nlp)
    assert nlp.pipe_names == ["ner"]
