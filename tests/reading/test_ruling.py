"""The remembered rules of a model say what its attribute ruler says, token by token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.pipeline import AttributeRuler
from spacy.tokens import Doc

from kg.reading.parser import UNUSED, load
from kg.reading.ruling import NAME, Named, Remembered, remember, remember_lemmas

EXAMPLES = Path(__file__).parents[2] / "examples" / "articles"
# What the patterns of several tokens are about, and what those of one token tell apart.
WORDS = [
    "gon", "na", "got", "ta", "Let", "'s", "there", "is", "was", "I", "you", "it", "It", "but", "that", "have", "'ve",
    "do", "not", "n't", "of", "which", "what", "to", "said", "Lind", "dam", "the", "these", "two", "more", "her", " ",
    "\n", ".", ",", "“",
]  # fmt: skip


@pytest.fixture(scope="module")
def pipelines() -> tuple[Language, AttributeRuler]:
    """The pipeline with its memory, and the ruler that it learnt from."""
    nlp = load().nlp
    memory = nlp.get_pipe(NAME)
    assert isinstance(memory, Remembered)
    return nlp, memory.ruler


def shown(doc: Doc) -> list[tuple[str, ...]]:
    return [(t.text, t.tag_, t.pos_, str(t.morph), t.dep_, t.lemma_) for t in doc]


def agree(pipelines: tuple[Language, AttributeRuler], text: str) -> None:
    nlp, ruler = pipelines
    doc = nlp.make_doc(text)
    for name, component in nlp.pipeline:
        if name == NAME:
            break
        doc = component(doc)
    other = doc.copy()
    assert shown(nlp.get_pipe(NAME)(doc)) == shown(ruler(other))


def test_the_ruler_is_gone_and_the_memory_stands_where_it_was(pipelines: tuple[Language, AttributeRuler]) -> None:
    names = pipelines[0].pipe_names
    assert "attribute_ruler" not in names
    assert names.index("parser") < names.index(NAME) < names.index("lemmatizer")


def test_every_line_of_the_examples_gets_the_same(pipelines: tuple[Language, AttributeRuler]) -> None:
    lines = [
        line for file in sorted(EXAMPLES.rglob("*.txt"))[:8] for line in file.read_text(encoding="utf-8").splitlines()
    ]
    assert len(lines) > 50
    for line in lines:
        agree(pipelines, line)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join))
def test_any_words_get_the_same(pipelines: tuple[Language, AttributeRuler], text: str) -> None:
    agree(pipelines, text)


def test_words_that_no_pattern_names_are_one(pipelines: tuple[Language, AttributeRuler]) -> None:
    nlp, _ = pipelines
    memory = nlp.get_pipe(NAME)
    assert isinstance(memory, Remembered)
    agree(pipelines, "The heron flew over the weir.")
    learnt = len(memory._said)
    agree(pipelines, "The otter swam over the moor.")
    assert len(memory._said) == learnt
    agree(pipelines, "The otter ai n't over the moor, y'all, and it was n't.")
    named = Named([{"REGEX": "^n'?t$"}, {"IN": ["is", "was"]}, {"NOT_IN": ["nor"]}, "let"], nlp.vocab.strings)
    words = ["n't", "nt", "is", "was", "nor", "let", "weir", "not"]
    found = [named[nlp.vocab.strings.add(word)] != 0 for word in words]
    assert found == [True] * 6 + [False] * 2


def test_conditions_of_another_kind_keep_the_ruler() -> None:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("attribute_ruler")
    assert isinstance(ruler, AttributeRuler)
    ruler.add([[{"LOWER": {"FUZZY": "heron"}}]], {"POS": "NOUN"})
    remember(nlp)
    assert nlp.pipe_names == ["attribute_ruler"]


def test_a_ruler_with_patterns_that_look_at_more_stays() -> None:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("attribute_ruler")
    assert isinstance(ruler, AttributeRuler)
    ruler.add([[{"SHAPE": "Xxxx"}]], {"POS": "X"})
    remember(nlp)
    assert nlp.pipe_names == ["attribute_ruler"]


def test_lemmas_are_asked_once_for_each_word_with_its_part_of_speech() -> None:
    nlp = spacy.load(load().name, exclude=UNUSED)
    lemmatizer: Any = nlp.get_pipe("lemmatizer")
    asked: list[str] = []
    before = lemmatizer.lemmatize
    lemmatizer.lemmatize = lambda token: [asked.append(token.text), *before(token)][1:]
    remember_lemmas(lemmatizer)
    text = "They saw the saw. She left the left bank; they saw the saws and leaves leave."
    wanted = [token.lemma_ for token in spacy.load(load().name, exclude=UNUSED)(text)]
    assert [token.lemma_ for token in nlp(text)] == wanted
    first = len(asked)
    assert [token.lemma_ for token in nlp(text)] == wanted
    assert len(asked) == first < len(wanted)
