"""A noun of saying enters, its utterance leaves: "her claim that …", "a demand for talks", "his refusal to"."""

from __future__ import annotations

from spacy.tokens import Token

from kg.model import Span
from kg.reading import cues
from kg.reading.clauses import clause_in_medium
from kg.reading.cues import Cue
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.spans import spans_of
from kg.reading.speaking import can_speak, is_medium, located
from kg.reading.syntax import children, has_infinitive_mark, phrase, quoting_verb, subject, subtree_indices
from kg.reading.utterance import Utterance

BY = ("by", "from")
CLAUSES = ("ccomp", "advcl", "acl", "relcl")


def of_noun(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    """Return what a noun reports. A clause with "that" needs no speaker; an infinitive or a phrase needs one."""
    if token.pos_ != "NOUN":
        return None
    cue = cues.nouns(draft.language).get(token.lemma_.lower())
    passed_on = _passed_on(token, draft.language)
    if cue is None and passed_on is not None:
        cue = Cue(token.lemma_.lower(), "p", "report", "positive", "certain", "say")
    if cue is None:
        return None
    clause = next((child for child in children(token, "acl", "ccomp", "relcl") if _has_that(child)), passed_on)
    who = _speaker(token) or (token if _is_of_outlet(token) else None)
    rule = "noun-that"
    if clause is not None and _is_taken(token, clause):
        return None
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


def _is_taken(noun: Token, clause: Token) -> bool:
    """Tell whether the verb before says the clause: "said in a statement that", "rejected suggestions that"."""
    verb = noun.head.head if noun.dep_ == "pobj" else noun.head
    cue = cues.verbs(verb.lang_).get(verb.lemma_.lower())
    if cue is None or subject(verb)[0] is None:
        return False
    if noun.dep_ == "pobj":
        return clause_in_medium(verb) == clause and (cue.strong or "p" in cue.takes)
    return noun.dep_ == "dobj" and cue.act == "deny" and "n" in cue.takes and not children(noun, "poss", "prep")


def _passed_on(noun: Token, language: str) -> Token | None:
    """Return what "a message was shared among diplomats that …" says, wherever the parser hangs the clause."""
    verb = noun.head
    if noun.dep_ != "nsubjpass" or verb.lemma_.lower() not in cues.naming(language, "pass-on"):
        return None
    if noun.lemma_.lower() not in cues.nouns(language) and not is_medium(noun, language):
        return None
    return next((t for t in verb.subtree if t.i > verb.i and t.dep_ in CLAUSES and _has_that(t)), None)


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
    if noun.dep_ != "dobj" or noun.head.lemma_.lower() not in light:
        return None
    quoting = quoting_verb(noun.head)  # "was quoted as repeating her claim"
    if quoting is not None:
        return next(iter(children(quoting, "nsubjpass", "dobj")), None)
    return subject(noun.head)[0]


def _is_of_outlet(noun: Token) -> bool:
    """Tell whether an outlet that is not named wrote it: "a newspaper report that …", "press reports that …"."""
    if noun.lemma_.lower() not in cues.naming(noun.lang_, "account-noun"):
        return False
    kinds = cues.roles(noun.lang_)
    words = [child.lemma_.lower() for child in children(noun, "compound", "nmod", "amod")]
    return any(kinds.get(word) == "outlet" or word in cues.naming(noun.lang_, "outlets-at-large") for word in words)


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
