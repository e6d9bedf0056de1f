"""The vectors of tokens that are computed at once are the model's own, whatever the text and whoever came before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from kg.reading import vectors
from kg.reading.parser import UNUSED, load
from kg.reading.vectors import Vectors, compute_at_once

TEXTS = (
    "The harbour master told the Gazette that “nobody was hurt” on Friday.",
    "",
    "U.S. officials can't say; they won't.  It's $3.5m,\n\nhe'd said. I'd not.",
    "ÉTÉ — 東京 🙂 \u200b\ufeff x" + "\u0301" * 40,
    "a" * 3_000,
    "no " * 400,
)


@pytest.fixture(scope="module")
def own() -> Language:
    """The model as it comes."""
    return spacy.load(load().name, exclude=UNUSED)


@pytest.fixture(scope="module", params=["tok2vec", "ner"])
def model(own: Language, request: pytest.FixtureRequest) -> Any:
    found: Any = own.get_pipe(request.param)
    return found.model if request.param == "tok2vec" else found.model.get_ref("tok2vec").layers[0]


@pytest.fixture(scope="module")
def quick(model: Any) -> Vectors:
    found = Vectors.of(model)
    assert found is not None
    return found


def same(quick: Vectors, model: Any, docs: list[Doc]) -> None:
    ours = quick.predict(docs)
    assert [one.shape for one in ours] == [(len(doc), quick.width) for doc in docs]
    if not any(map(len, docs)):
        return  # the model's own layers fail on nothing at all; their pipe does not ask them
    theirs = model.predict(docs)
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, atol=2e-5)


def test_vectors_are_the_models_own(own: Language, model: Any, quick: Vectors) -> None:
    docs = [own.make_doc(text) for text in TEXTS]
    same(quick, model, docs)
    same(quick, model, docs[::-1])  # from what is kept, beside other neighbours
    same(quick, model, docs[1:2])
    same(quick, model, [])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=80), max_size=4))
def test_any_text_has_the_vectors_of_the_model(own: Language, model: Any, quick: Vectors, texts: list[str]) -> None:
    same(quick, model, [own.make_doc(text) for text in texts])


def test_a_word_is_kept_with_its_norm_and_the_space_behind_it(own: Language, model: Any) -> None:
    quick = Vectors.of(model)
    assert quick is not None
    # "'d" is "had" or "would", "ca" is "can" before "n't"; the last word of a text has no space behind it.
    same(quick, model, [own.make_doc(text) for text in ("I'd say CA can", "I can't, I 'd", "ca ca", "wo n't wo")])
    seen = len(quick._places)
    same(quick, model, [own.make_doc("I can't, I 'd")])
    assert len(quick._places) == seen


def test_what_is_kept_is_bounded(own: Language, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "KEPT", 20)
    quick = Vectors.of(model)
    assert quick is not None
    for number in range(30):
        same(quick, model, [own.make_doc(f"The {number}th of {number + 100} ships, x{number}, came in")])
        assert len(quick._places) <= 20
    same(quick, model, [own.make_doc(" ".join(f"w{number}" for number in range(50)))])  # more kinds than are kept


def test_other_layers_keep_their_own_computation(own: Language) -> None:
    tagger: Any = own.get_pipe("tagger")
    assert Vectors.of(tagger.model) is None
    blank = spacy.blank("en")
    pipe: Any = blank.add_pipe("tok2vec")  # its weights are others, its layers the same
    blank.initialize()
    before = pipe.model
    compute_at_once(blank)
    assert pipe.model is not before
    other = spacy.blank("en")
    wide: Any = other.add_pipe("tok2vec", config={"model": {"window_size": 2}})
    other.initialize()
    before = wide.model
    compute_at_once(other)
    assert wide.model is before


def test_weights_that_say_otherwise_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = spacy.blank("en")
    pipe: Any = blank.add_pipe("tok2vec")
    blank.initialize()
    before = pipe.model
    monkeypatch.setattr(Vectors, "predict", lambda self, docs: [np.ones((len(doc), 96), np.float32) for doc in docs])
    compute_at_once(blank)
    assert pipe.model is before


def test_a_parse_is_the_models_own(own: Language) -> None:
    ours = load().nlp
    for one, other in zip(ours.pipe(TEXTS), own.pipe(TEXTS), strict=True):
        assert [(t.tag_, t.lemma_) for t in one] == [(t.tag_, t.lemma_) for t in other]
        assert [(e.start, e.end, e.label_) for e in one.ents] == [(e.start, e.end, e.label_) for e in other.ents]


def test_a_model_is_loaded_once() -> None:
    assert load() is load(None) is load(load().name)
