"""Parsed Docs enter; their named entities are set as the model's own recogniser says, by one product over all tokens.

spaCy's recogniser asks each move of each token, one after another, whether it is allowed: a third of the time of a
parse. Outside of an entity a token's scores hang on that token alone, so those of all tokens are one matrix product;
inside, two moves are allowed, to go on and to end. What is allowed: spaCy, pipeline/_parser_internals/ner.pyx; what a
state's scores are: spaCy, ml/parser_model.pyx.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import ENT_IOB, IS_SPACE, SENT_START  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc, Span

from kg.reading.vectors import one_thread

NAME = "recognized_at_once"
_RECOGNIZER = "ner"
_BATCH = 32
_FEATURES = 3  # of a state: its token; while an entity is open, that entity's first token and the token before

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def recognize_at_once(nlp: Language) -> None:
    """Put the quicker recogniser in the place of a pipeline's own; where it can't do its work, that one stays."""
    if _RECOGNIZER not in nlp.pipe_names:
        return
    recognizer = nlp.get_pipe(_RECOGNIZER)
    if not isinstance(recognizer, EntityRecognizer) or not _is_greedy(recognizer):
        return
    component = nlp.add_pipe(NAME, before=_RECOGNIZER)
    assert isinstance(component, Recognizer)
    component.learn_from(recognizer)
    nlp.remove_pipe(_RECOGNIZER)


def _is_greedy(recognizer: Any) -> bool:
    """Tell whether a recogniser decodes greedily, with the layers and features whose rules are written here."""
    model = recognizer.model
    lower = model.get_ref("lower")
    return bool(
        recognizer.cfg.get("beam_width", 1) == 1
        and model.attrs.get("has_upper")
        and not model.attrs.get("unseen_classes")
        and lower.get_dim("nF") == _FEATURES
        and lower.get_dim("nP") >= 2
    )


@Language.factory(NAME)
def _made(nlp: Language, name: str) -> Recognizer:
    return Recognizer()


@dataclass(frozen=True, slots=True)
class Moves:
    """What each class of a recogniser does, and which classes are allowed where no entity is open or set before."""

    names: tuple[str, ...]  # B-ORG, I-ORG, L-ORG, U-ORG, O …
    begins: NDArray[np.bool_]
    units: NDArray[np.bool_]
    outside: Floats  # 0 for what may be allowed, else minus infinity
    goes_on: Ints  # by a class that begins an entity: the class that goes on with it, -1 where there is none
    ends: Ints  # … and the one that ends it

    @classmethod
    def of(cls, names: Sequence[str]) -> Moves:
        """Read the moves by their names. "U-" and "-" belong to entities that were set before and are never allowed."""
        place = {name: i for i, name in enumerate(names)}
        begins = np.array([name.startswith("B-") and len(name) > 2 for name in names])
        units = np.array([name.startswith("U-") and len(name) > 2 for name in names])
        allowed = begins | units | np.array([name == "O" for name in names])
        inside = [(place.get(f"I-{name[2:]}", -1), place.get(f"L-{name[2:]}", -1)) for name in names]
        return cls(
            tuple(names),
            begins,
            units,
            np.where(allowed, 0, -np.inf).astype(np.float32),
            np.array([going for going, _ in inside]),
            np.array([ending for _, ending in inside]),
        )


class Recognizer:
    """A recogniser's weights and moves."""

    def __init__(self) -> None:
        self.recognizer: Any = None
        self.moves = Moves.of(["O"])

    def learn_from(self, recognizer: EntityRecognizer) -> None:
        """Take over a recogniser's model and moves."""
        self.recognizer = recognizer
        moves: Any = recognizer.moves
        self.moves = Moves.of([moves.get_class_name(i) for i in range(moves.n_moves)])

    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Doc], batch_size: int = _BATCH, **settings: object) -> Iterator[Doc]:
        rest = iter(docs)
        while batch := list(islice(rest, batch_size)):
            self._recognize(batch)
            yield from batch

    def _recognize(self, docs: Sequence[Doc]) -> None:
        looked_at = np.concatenate([doc.to_array([ENT_IOB, SENT_START, IS_SPACE]).reshape(-1, 3) for doc in docs])
        if looked_at[:, 0].any() or not len(looked_at):
            for doc in docs:  # entities that are set already bind the recogniser: it knows how
                self.recognizer(doc)
            return
        lasts = np.cumsum([len(doc) for doc in docs]) - 1
        ends_sentence = np.append(looked_at[1:, 1] == 1, True)  # no entity goes on behind such a token
        ends_sentence[lasts[lasts >= 0]] = True
        with one_thread():
            moves, ends = self._decide(docs, looked_at[:, 2] == 1, ends_sentence)
        first = 0
        for doc in docs:
            found = list(_walked(moves, ends, first, first + len(doc)))
            names = self.moves.names
            spans = [Span(doc, start - first, end - first, names[moves[start]][2:]) for start, end in found]
            doc.set_ents(spans, default="outside")
            first += len(doc)

    def _decide(
        self, docs: Sequence[Doc], spaces: NDArray[np.bool_], ends_sentence: NDArray[np.bool_]
    ) -> tuple[list[int], list[int]]:
        """Return by token the move where no entity is open (-1: out) and where what begins there ends, exclusive."""
        model, known = self.recognizer.model, self.moves
        lower, upper = model.get_ref("lower"), model.get_ref("upper")
        vectors = model.get_ref("tok2vec").predict(docs)
        features: Floats = lower.predict(vectors)  # row 0 is the padding: features[token + 1, feature, hidden, piece]
        bias: Floats = lower.get_param("b")
        weights, offsets = upper.get_param("W"), upper.get_param("b")

        def scored(summed: Floats) -> Floats:
            scores: Floats = lower.ops.gemm((summed + bias).max(axis=-1), weights, trans2=True) + offsets
            return scores

        scores = scored(features[1:, 0] + features[0, 1] + features[0, 2]) + known.outside
        scores[np.ix_(ends_sentence, known.begins)] = -np.inf
        scores[np.ix_(spaces, known.begins | known.units)] = -np.inf
        chosen = scores.argmax(axis=1)
        ends = np.arange(1, len(chosen) + 1)
        start = np.flatnonzero(known.begins[chosen])
        token = start + 1
        while len(start):
            inside = scored(features[token + 1, 0] + features[start + 1, 1] + features[token, 2])
            rows, move = np.arange(len(start)), chosen[start]
            going = known.goes_on[move]
            on = (going >= 0) & ~ends_sentence[token]
            on &= inside[rows, going] >= inside[rows, known.ends[move]]
            ends[start[~on]] = token[~on] + 1
            start, token = start[on], token[on] + 1
        entity = known.begins[chosen] | known.units[chosen]
        return np.where(entity, chosen, -1).tolist(), ends.tolist()


def _walked(moves: Sequence[int], ends: Sequence[int], token: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the entities that are met from left to right; one that begins inside another is never met."""
    while token < last:
        if moves[token] >= 0:
            yield token, ends[token]
        token = ends[token]
