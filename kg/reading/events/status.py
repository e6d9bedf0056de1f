"""A trigger and the statements around it enter; whether the article says that it happened leaves."""

from __future__ import annotations

from functools import cache

from spacy.tokens import Token

from kg.model import EventStatus, Statement
from kg.reading.events.triggers import Trigger
from kg.reading.lexicon import table

# What a statement's act makes of its content when the content itself only asserts.
_BY_ACT: dict[str, EventStatus] = {
    "allege": "alleged", "deny": "denied", "promise": "planned", "offer": "planned", "threaten": "planned",
    "urge": "hypothetical", "ask": "hypothetical", "suggest": "hypothetical", "doubt": "hypothetical",
    "refuse": "denied", "believe": "alleged",
}  # fmt: skip
_CONDITIONALS = frozenset({"if", "unless", "whether", "lest"})
_MODALS: dict[str, EventStatus] = {
    "will": "planned", "wo": "planned", "'ll": "planned", "’ll": "planned", "shall": "planned", "may": "hypothetical",
    "might": "hypothetical", "could": "hypothetical", "would": "hypothetical", "can": "hypothetical",
    "should": "hypothetical", "must": "hypothetical", "ought": "hypothetical", "cannot": "hypothetical",
}  # fmt: skip


@cache
def _cues(language: str) -> dict[str, EventStatus]:
    """Return word -> status by ``event_status.tsv``: verbs above, adverbs and adjectives beside a trigger."""
    known: dict[str, EventStatus] = {
        "planned": "planned", "denied": "denied", "alleged": "alleged", "hypothetical": "hypothetical",
    }  # fmt: skip
    return {row["word"]: known[row["status"]] for row in table(language, "event_status")}


def status(trigger: Trigger, statement: Statement | None, language: str, *, quoted: bool) -> EventStatus:
    """Return the status of an event at one mention.

    What stands in a statement's content is reported, alleged, planned, denied or hypothetical, never actual: its act
    and polarity decide, then the clause. ``quoted`` words count as reported, whoever said them. In the article's own
    voice the clause decides: negation, modals, "if", "plans to", "alleged".
    """
    clause = _clause(trigger, language)
    if statement is None or len(statement.chain) < 2:
        return "reported" if quoted and clause == "actual" else clause
    if clause != "actual":
        # "He denied that they would attack": denied; "she promised that there will be talks": planned.
        return "denied" if statement.act == "deny" and clause != "denied" else clause
    if statement.act in _BY_ACT:
        return _BY_ACT[statement.act]
    if statement.polarity == "negative":
        return "denied"
    return "alleged" if statement.certainty in ("probable", "possible") else "reported"


def _clause(trigger: Trigger, language: str) -> EventStatus:
    cues = _cues(language)
    token = trigger.token
    for child in token.children:
        if child.dep_ in ("amod", "advmod", "compound") and child.lower_ in cues:
            return cues[child.lower_]
        if child.dep_ == "det" and child.lower_ == "no":
            return "denied"
    if trigger.nominal:
        return _governed(token, cues)
    return _verb(token, cues)


def _governed(noun: Token, cues: dict[str, EventStatus]) -> EventStatus:
    """Return what the words above a noun make of it: "plans an attack", "the threat of war", "met for talks"."""
    node = noun
    for _ in range(4):
        head = node.head
        if head is node:
            return "actual"
        if head.pos_ == "ADP" and head.lower_ in ("without", "despite") and head.lower_ == "without":
            return "denied"
        if (
            head.pos_ in ("NOUN", "VERB", "ADJ")
            and node.dep_ not in ("nsubj", "nsubjpass")
            and head.lemma_.lower() in cues
        ):
            return cues[head.lemma_.lower()]
        if head.pos_ in ("VERB", "AUX"):
            return _verb(head, cues)
        node = head
    return "actual"


def _verb(verb: Token, cues: dict[str, EventStatus]) -> EventStatus:
    """Return what auxiliaries, negation, conditions and the verbs above make of a verb."""
    node = verb
    for _ in range(5):
        own = _own(node)
        if own is not None:
            return own
        for child in node.children:
            if child.dep_ == "advmod" and child.lower_ in cues:
                return cues[child.lower_]
        head = node.head
        if head is node or node.dep_ not in (
            "xcomp",
            "conj",
            "ccomp",
            "acl",
            "advcl",
            "auxpass",
            "acomp",
            "pcomp",
            "prep",
        ):
            return "actual"
        infinitive = any(child.dep_ == "aux" and child.lower_ == "to" for child in node.children)
        if node.dep_ in ("xcomp", "ccomp", "acl", "pcomp", "acomp", "prep") and head.lemma_.lower() in cues:
            above = cues[head.lemma_.lower()]
            # "told reporters that", "expects that": what a finite clause tells, its statement's act judges.
            finite = node.dep_ == "ccomp" and not infinitive
            return "actual" if finite and above in ("planned", "hypothetical") else above
        if infinitive and node.dep_ in ("advcl", "acl", "xcomp") and head.lemma_.lower() in ("be", "go"):
            return "planned"
        if infinitive and node.dep_ == "advcl":
            return "hypothetical"  # a purpose: whether it was reached is not said
        if node.dep_ == "conj" and _has_subject(node) and _finite(node):
            return "actual"
        if node.dep_ in ("ccomp", "advcl", "acl") and not infinitive:
            return "actual"
        node = head
    return "actual"


def _own(verb: Token) -> EventStatus | None:
    found: EventStatus | None = None
    perfect = False
    for child in verb.children:
        if child.dep_ == "neg" or child.lower_ in ("never", "not", "n't"):
            return "denied"
        if child.dep_ == "mark" and child.lower_ in _CONDITIONALS:
            return "hypothetical"
        if child.dep_ in ("aux", "auxpass"):
            found = _MODALS.get(child.lower_, found)
            perfect = perfect or child.lower_ == "have"
    if found is None and verb.dep_ == "ROOT" and verb.tag_ == "VB" and any(c.lower_ == "to" for c in verb.children):
        return "planned"  # a headline: "Leaders to meet"
    if found is None and verb.tag_ == "VBG" and any(c.lower_ == "going" for c in verb.children):
        return "planned"
    return found


def _has_subject(verb: Token) -> bool:
    return any(child.dep_ in ("nsubj", "nsubjpass") for child in verb.children)


def _finite(verb: Token) -> bool:
    return verb.tag_ in ("VBD", "VBZ", "VBP")
