"""A token enters, an utterance leaves that a frame of words gives: "would not discuss it", "in her view", a passive."""

from __future__ import annotations

from spacy.tokens import Token

from kg.reading import cues
from kg.reading.clauses import is_open
from kg.reading.cues import Cue
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.spans import spans_of
from kg.reading.speaking import can_speak, located
from kg.reading.syntax import children, phrase, subject, subtree_indices
from kg.reading.utterance import Utterance

REFUSAL = Cue("would not", "_", "refuse", "negative", "certain", "say")
VIEW = Cue("in the view of", "_", "believe", "positive", "certain", "say")
CLEAR = Cue("make clear", "s", "state", "positive", "certain", "say")
ESTIMATE = Cue("put", "_", "report", "positive", "certain", "say")


def of_refusal(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    """ "The office would not discuss the plan": who withholds an answer or a leave refuses it."""
    if token.lemma_.lower() not in cues.naming(draft.language, "withheld"):
        return None
    helper = next((c for c in children(token, "aux") if c.lower_ in ("would", "'d", "’d")), None)
    negation = next(iter(children(token, "neg")), None)
    who = next(iter(children(token, "nsubj")), None)
    if helper is None or negation is None or who is None or not can_speak(who, draft.language):
        return None
    if any(not is_open(clause) for clause in children(token, "ccomp")) or who.lower_ in (
        "it",
        "that",
        "this",
        "i",
        "you",
        "we",
    ):
        return None
    spans = spans_of(paragraph, {i for i in subtree_indices(token) if i >= token.i})
    if not spans:
        return None
    cue = paragraph.locate(token.doc[helper.i : negation.i + 1])
    return Utterance(where, "refusal", REFUSAL, cue, token, who, located(paragraph, who), spans)


def of_view(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    """ "In her view, the regime needs the conflict": the sentence is what she holds."""
    if token.lemma_.lower() not in cues.naming(draft.language, "view") or token.head.lower_ != "in":
        return None
    prep, verb = token.head, token.head.head
    who = next(iter(children(token, "poss")), None)
    if who is None or prep.dep_ != "prep" or verb.pos_ not in ("VERB", "AUX") or not can_speak(who, draft.language):
        return None
    spans = spans_of(paragraph, subtree_indices(verb) - subtree_indices(prep))
    if not spans:
        return None
    cue = paragraph.locate(token.doc[prep.i : token.i + 1])
    return Utterance(where, "view", VIEW, cue, verb, who, located(paragraph, who), spans)


def of_clear(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    """ "The minister made it clear that the plan stands": who makes something clear says it."""
    if token.lemma_ != "make" or token.pos_ != "VERB":
        return None
    known = cues.naming(draft.language, "clear")
    clear = next((c for c in children(token, "ccomp", "oprd", "acomp") if c.lower_ in known and c.i > token.i), None)
    who, passive = subject(token)
    if clear is None or clear.i - token.i > 4 or who is None or passive or not can_speak(who, draft.language):
        return None
    clause = next(
        (c for c in [*children(clear, "ccomp", "advcl"), *children(token, "ccomp", "advcl")] if c.i > clear.i), None
    )
    if clause is None or clause.left_edge.i != clear.i + 1:
        return None
    spans = spans_of(paragraph, subtree_indices(clause) - {m.i for m in children(clause, "mark") if m.lower_ == "that"})
    if not spans:
        return None
    cue = paragraph.locate(token.doc[token.i : clear.i + 1])
    return Utterance(where, "clear", CLEAR, cue, token, who, located(paragraph, who), spans)


def of_estimate(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    """ "Officials put the losses at 600 jobs", "placed the count in the hundreds": a figure on somebody's word."""
    if token.lemma_.lower() not in cues.naming(draft.language, "estimating") or token.pos_ != "VERB":
        return None
    who, passive = subject(token)
    measured = next((c for c in children(token, "dobj", "nsubjpass") if c.pos_ in ("NOUN", "PROPN")), None)
    figure = next((c for c in token.subtree if c.dep_ == "prep" and c.i > token.i and _is_figure(c)), None)
    if who is None or measured is None or figure is None or not can_speak(who, draft.language):
        return None
    spans = spans_of(paragraph, {i for i in subtree_indices(measured) | subtree_indices(figure) if i != token.i})
    rule = "estimate"
    return Utterance(where, rule, ESTIMATE, paragraph.locate(token), token, who, located(paragraph, who), spans,
                     passive=passive)  # fmt: skip


def _is_figure(prep: Token) -> bool:
    if prep.lower_ not in ("at", "in"):
        return False
    rounds = cues.naming(prep.lang_, "round-number")
    return any(token.like_num or token.lower_ in rounds for token in prep.subtree if token.ent_type_ != "DATE")


def of_passive(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    """ "The account was confirmed by a second engineer", "the figure was given by the Gazette": the agent speaks."""
    if token.tag_ != "VBN":
        return None
    agent = next(iter(children(token, "agent")), None)
    about = next((c for c in children(token, "nsubjpass") if c.pos_ in ("NOUN", "PROPN")), None)
    if agent is None or about is None:
        return None
    who = next(iter(children(agent, "pobj")), None)
    cue = cues.verbs(draft.language).get(token.lemma_.lower())
    account = about.lemma_.lower() in cues.naming(draft.language, "account-noun")
    if account and token.lemma_.lower() in cues.naming(draft.language, "giving"):
        cue = Cue(token.lemma_.lower(), "n", "report", "positive", "certain", "say")
    if cue is None or not ({"n", "_"} & set(cue.takes)) or who is None or not can_speak(who, draft.language):
        return None
    if "_" in cue.takes and not account:
        return None
    first, end = phrase(about)
    spans = spans_of(paragraph, set(range(first, end)))
    if not spans:
        return None
    return Utterance(where, "passive", cue, paragraph.locate(token), token, who, located(paragraph, who), spans,
                     passive=True)  # fmt: skip
