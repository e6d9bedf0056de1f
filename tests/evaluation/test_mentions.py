"""Triggers, names and speakers meant by a pronoun are counted against gold mentions, where the gold is annotated."""

from __future__ import annotations

import hashlib
from typing import Any

from kg.evaluation.mentions import annotated, names, pronoun_speakers, triggers
from kg.evaluation.run import article_of
from kg.model import Event, Link, Mention, Reading, Run, Source, Span, Statement

TEXT = "Ana Lind attacked Alda. She said it was late. Later Bo Ruth fled to Marlow."


def at(words: str) -> Span:
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


def gold(words: str, **more: object) -> dict[str, Any]:
    return {"start": at(words).start, "end": at(words).end, **more}


DOCUMENT: dict[str, Any] = {
    "id": "d1",
    "text": TEXT,
    "events": [gold("attacked"), gold("said"), gold("fled")],
    "entities": [gold("Ana Lind", syn="NAM", type="PER"), gold("Alda", syn="NAM", type="LOC"), gold("it", syn="PRO")],
    "mentions": [{**gold("Ana Lind"), "id": "1"}, {**gold("She"), "id": "1"}, {**gold("Bo Ruth"), "id": "2"}],
}


def reading(speaker: str = "a1") -> Reading:
    lind = Source("a1", "person", "Ana Lind", mentions=(Mention(at("Ana Lind"), "name"),))
    ruth = Source("a2", "person", "Bo Ruth", mentions=(Mention(at("Bo Ruth"), "name"),))
    alda = Source("a3", "organization", "Alda", mentions=(Mention(at("Alda"), "name"),))
    said = Statement("s1", speaker, (at("it was late"),), (Link("o1", "publishes"), Link(speaker, "say")), "indirect",
                     "state", speaker_span=at("She"), cue=at("said"))  # fmt: skip
    attack = Event("e1", "attack", "attacked Alda", "actual", at("attacked"))
    article = article_of({"id": "d1", "text": TEXT})
    assert article.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    return Reading(
        article, (), (Source("o1", "outlet", None), lind, ruth, alda), (said,), (), (attack,), (), Run("x", "1")
    )


def test_the_annotation_ends_with_the_sentence_of_the_last_name():
    assert TEXT[: annotated(DOCUMENT)].endswith("Alda")


def test_a_trigger_behind_the_annotation_counts_on_neither_side():
    assert triggers([DOCUMENT], [reading()]) == {"P": 100.0, "R": 100.0, "F": 100.0}


def test_a_name_of_another_kind_is_wrong_and_told_apart():
    found = names([DOCUMENT], [reading()])
    assert (found["F"], found["without_kind"]["F"]) == (50.0, 100.0)


def test_a_pronoun_is_right_where_the_gold_chain_names_its_speaker():
    assert pronoun_speakers([DOCUMENT], [reading()])["percent"] == 100.0
    assert pronoun_speakers([DOCUMENT], [reading("a2")])["percent"] == 0.0
