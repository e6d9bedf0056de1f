"""A token enters, the utterance that it introduces leaves: verbs, "according to", nouns and adjectives of saying."""

from __future__ import annotations

from functools import cache

from spacy.tokens import Token

from kg.reading import cues
from kg.reading.clauses import content_of, said_clause, spans_of
from kg.reading.cues import Cue
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.lexicon import table
from kg.reading.speaking import addressee, as_written, beside, issuer, located, main_speaker
from kg.reading.syntax import children, is_negated, subject, subtree_indices
from kg.reading.utterance import Utterance


def of_verb(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    if token.pos_ not in ("VERB", "AUX") and not token.tag_.startswith("VB"):
        return None
    cue = cues.verbs(draft.language).get(token.lemma_.lower())
    if cue is None:
        return None
    who, passive = subject(token)
    if token.dep_ == "conj" and token.head.dep_ == "ccomp" and token.head.tag_ != token.tag_ == token.head.head.tag_:
        # "demanded that she publish her papers and threatened to sue": the second cue goes with the first.
        who, passive = subject(token.head.head)
    if token.tag_ == "VBG" and cue.strong:
        who = main_speaker(token) or who
    if who is None and not passive and cue.strong:
        who = beside(token, quotes, paragraph)
    written = as_written(token, who)
    who = issuer(who, draft.language)
    clause, rule = said_clause(token, cue, passive)
    content, rule = content_of(token, clause, cue, rule)
    if rule == "infinitive" and clause is not None and clause.lemma_ in anonymity(draft.language):
        return None
    spans = spans_of(paragraph, content)
    if not spans and not cue.strong:
        return None
    utterance = Utterance(
        where=where,
        rule=rule or "quotation",
        cue=cue,
        cue_span=paragraph.locate(token),
        verb=token,
        speaker=who,
        speaker_span=located(paragraph, written),
        content=spans,
        addressee=addressee(token, clause, cue),
        negated=is_negated(token),
        passive=passive,
        cited=_cited(token, clause),
    )
    return utterance


@cache
def anonymity(language: str) -> frozenset[str]:
    """Return the verbs of "asked not to be named": a condition, nothing that is said about the matter."""
    return frozenset(row["word"] for row in table(language, "phrases") if row["class"] == "anonymity")


def _cited(verb: Token, clause: Token | None) -> Token | None:
    """Return whom the speaker cites: "the paper reported …, citing two officials"."""
    for head in (verb, clause):
        for child in head.children if head is not None else ():
            if child.lower_ == "citing" and child.dep_ in ("advcl", "prep", "acl"):
                return next(iter(children(child, "dobj", "pobj")), None)
    return None


def of_according(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    if token.lower_ != "according" or token.i + 1 >= len(token.doc):
        return None
    prep = token.doc[token.i + 1]
    if prep.lower_ != "to":
        return None
    who = next(iter(children(prep, "pobj", "pcomp")), None) or next(iter(children(token, "pobj")), None)
    if who is None:
        return None
    clause = token.head
    while clause.dep_ not in ("ROOT", "ccomp", "conj", "relcl", "advcl", "parataxis") and clause.head is not clause:
        clause = clause.head
    content = subtree_indices(clause) - subtree_indices(token) - subtree_indices(prep)
    for child in clause.children:
        if child.dep_ in ("cc",) or (child.dep_ == "mark"):
            content.discard(child.i)
    spans = spans_of(paragraph, content)
    if not spans:
        return None
    cue = Cue("according to", "p", "state", "positive", "certain", "say")
    return Utterance(where, "according-to", cue, paragraph.locate(token.doc[token.i : token.i + 2]), token, who,
                     located(paragraph, who), spans)  # fmt: skip


def of_adjective(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    if token.pos_ not in ("ADJ", "VERB") or token.dep_ not in ("acomp", "ccomp", "ROOT", "conj"):
        return None
    cue = cues.adjectives(draft.language).get(token.lower_)
    if cue is None:
        return None
    clause = next((child for child in token.children if child.dep_ == "ccomp"), None)
    if clause is None:
        return None
    who = subject(token.head if token.dep_ == "acomp" else token)[0]
    spans = spans_of(paragraph, subtree_indices(clause) - {mark.i for mark in clause.children if mark.dep_ == "mark"})
    if who is None or not spans:
        return None
    verb = token.head if token.dep_ == "acomp" else token
    return Utterance(where, "adjective", cue, paragraph.locate(token), verb, who, located(paragraph, who), spans,
                     negated=is_negated(verb))  # fmt: skip
