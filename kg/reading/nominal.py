"""A noun of saying enters, its utterance leaves: "her claim that …", "a demand for talks", "his refusal to"."""

from __future__ import annotations

from spacy.tokens import Token

from kg.model import Span
from kg.reading import cues
from kg.reading.clauses import spans_of
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.speaking import can_speak, located
from kg.reading.syntax import children, has_infinitive_mark, phrase, subject, subtree_indices
from kg.reading.utterance import Utterance

BY = ("by", "from")


def of_noun(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    """Return what a noun reports. A clause with "that" needs no speaker; an infinitive or a phrase needs one."""
    if token.pos_ != "NOUN":
        return None
    cue = cues.nouns(draft.language).get(token.lemma_.lower())
    if cue is None:
        return None
    clause = next((child for child in children(token, "acl", "ccomp", "relcl") if _has_that(child)), None)
    who = _speaker(token)
    rule = "noun-that"
    if clause is not None:
        said = subtree_indices(clause) - {mark.i for mark in children(clause, "mark")}
    elif who is not None and can_speak(who, draft.language):
        said, rule = _phrase_of(token, draft.language), "noun-speech"
    else:
        return None
    spans: list[Span] = spans_of(paragraph, said)
    if not spans:
        return None
    return Utterance(where, rule, cue, paragraph.locate(token), token, who, located(paragraph, who), spans)


def _has_that(clause: Token) -> bool:
    return any(mark.dep_ == "mark" and mark.lower_ == "that" for mark in clause.children)


def _speaker(noun: Token) -> Token | None:
    """Return whose claim it is: "her claim", "a claim by the party", "the party made the claim"."""
    owner = next(iter(children(noun, "poss")), None)
    if owner is not None:
        return owner
    name = next((child for child in children(noun, "compound") if child.ent_type_ in ("PERSON", "ORG")), None)
    if name is not None:
        return name
    for prep in children(noun, "prep"):
        if prep.lower_ in BY:
            return next(iter(children(prep, "pobj")), None)
    light = cues.naming(noun.lang_, "light-verb")
    if noun.dep_ == "dobj" and noun.head.lemma_.lower() in light:
        return subject(noun.head)[0]
    return None


def _phrase_of(noun: Token, language: str) -> set[int]:
    """Return the tokens of the infinitive or of the phrase that says what the noun is about."""
    for child in children(noun, "acl"):
        if child.tag_ == "VB" and has_infinitive_mark(child):
            return subtree_indices(child)
    wanted = cues.prepositions(language, "noun").get(noun.lemma_.lower(), frozenset())
    for prep in children(noun, "prep"):
        inner = next(iter(children(prep, "pobj", "pcomp")), None)
        if prep.lower_ in wanted and inner is not None and inner.i > prep.i:
            first = min(phrase(inner)[0], inner.i) if inner.dep_ == "pobj" else inner.i
            return {i for i in subtree_indices(inner) if i >= first}
    return set()
