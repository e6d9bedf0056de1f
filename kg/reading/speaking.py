"""A cue enters, the words for who speaks and who is spoken to leave."""

from __future__ import annotations

from functools import cache

from spacy.tokens import Token

from kg.model import Span
from kg.reading import cues
from kg.reading.cues import Cue
from kg.reading.draft import Paragraph, Quote
from kg.reading.lexicon import table
from kg.reading.syntax import children, phrase, subject


def as_written(verb: Token, who: Token | None) -> Token | None:
    """Return the speaker as it stands at the cue: the relative pronoun rather than what it refers to."""
    own = next(
        (child for child in verb.children if child.dep_ == "nsubj" and child.lower_ in ("who", "which", "that")), None
    )
    return own if own is not None and who is not None else who


def main_speaker(participle: Token) -> Token | None:
    """ "…, adding that": a participle behind a comma speaks for the subject of the cue before it."""
    before = participle.doc[participle.i - 1] if participle.i > participle.sent.start else None
    if before is None or before.text not in (",", "”", '"', "''"):
        return None
    for token in reversed(participle.doc[participle.sent.start : participle.i]):
        cue = cues.verbs(token.lang_).get(token.lemma_.lower())
        if cue is not None and cue.strong and token.tag_ in ("VBD", "VBZ", "VBP", "VBN") and token.pos_ == "VERB":
            who, passive = subject(token)
            if who is not None and not passive:
                return who
    return None


@cache
def _media(language: str) -> frozenset[str]:
    return frozenset(row["lemma"] for row in table(language, "media"))


@cache
def _pieces(language: str) -> frozenset[str]:
    return frozenset(row["word"] for row in table(language, "phrases") if row["class"] == "piece")


def issuer(who: Token | None, language: str) -> Token | None:
    """Return whose statement, letter or post it is; the noun itself where the sentence does not tell."""
    if who is None:
        return None
    if who.lemma_.lower() in _pieces(language):
        for prep in children(who, "prep"):
            found = next(
                (c for c in children(prep, "pobj") if c.pos_ == "PROPN" and prep.lower_ in ("in", "by", "from")), None
            )
            if found is not None:
                return found
    if who.lemma_.lower() not in _media(language):
        return who
    owner = next(iter(children(who, "poss")), None)
    if owner is not None:
        return owner
    for prep in children(who, "prep"):
        if prep.lower_ in ("from", "by", "of"):
            return next(iter(children(prep, "pobj")), who)
    from_whom = next((c for c in who.head.children if c.dep_ == "prep" and c.i == who.i + 1), None)
    if who.dep_ == "dobj" and from_whom is not None and from_whom.lower_ == "from":
        # "issued a statement from the king": the parser hangs the phrase under the verb.
        return next(iter(children(from_whom, "pobj")), who)
    if who.dep_ == "dobj" and who.head.pos_ == "VERB":
        return subject(who.head)[0] or who
    return who


def beside(verb: Token, quotes: list[Quote], paragraph: Paragraph) -> Token | None:
    """ "…,” Bozell notes.": the parser took the cue for a noun; the name between quotation and cue is the speaker."""
    after_quote = any(0 <= paragraph.span.start + verb.idx - quote.span.end <= 2 for quote in quotes)
    if after_quote:
        # "…,” said a protester who …": the parser takes the speaker for the object.
        speaker = next(
            (c for c in verb.children if c.i > verb.i and c.dep_ in ("dobj", "attr", "npadvmod", "oprd")), None
        )
        if speaker is not None and speaker.pos_ in ("NOUN", "PROPN", "PRON"):
            return speaker
    for at in (verb.i - 1, verb.i + 1):
        if not 0 <= at < len(verb.doc):
            continue
        token = verb.doc[at]
        if token.pos_ not in ("PROPN", "PRON") or token.tag_ in ("WP", "WDT"):
            continue
        start = at
        while start > 0 and verb.doc[start - 1].pos_ == "PROPN":
            start -= 1
        place = paragraph.span.start + verb.doc[start].idx
        if any(0 <= place - quote.span.end <= 2 for quote in quotes):
            return token
    return None


def addressee(verb: Token, clause: Token | None, cue: Cue) -> Token | None:
    """Return who is spoken to: the object of "told", the "to" phrase of "said to"."""
    if "a" in cue.takes:
        for child in verb.children:
            if child.dep_ in ("dobj", "dative") and child != clause:
                return child
        if clause is not None and clause.dep_ in ("ccomp", "xcomp"):
            inner = next((c for c in clause.children if c.dep_ == "nsubj" and clause.tag_ == "VB"), None)
            if inner is not None and any(c.dep_ == "aux" and c.lower_ == "to" for c in clause.children):
                return inner
        if any(child.dep_ == "auxpass" for child in verb.children):
            return next((child for child in verb.children if child.dep_ == "nsubjpass"), None)
    for child in verb.children:
        if child.dep_ in ("prep", "dative") and child.lower_ in ("to",):
            return next(iter(children(child, "pobj")), None)
    return None


def located(paragraph: Paragraph, head: Token | None) -> Span | None:
    if head is None:
        return None
    first, end = phrase(head)
    return paragraph.locate(head.doc[first:end])


def can_speak(who: Token, language: str) -> bool:
    """Tell whether a noun phrase may be somebody: a name, a pronoun, or a noun of the list of roles."""
    if who.pos_ in ("PRON", "PROPN") or who.ent_type_ in ("PERSON", "ORG", "GPE", "NORP") or who.tag_.startswith("PRP"):
        return True
    return who.lemma_.lower() in cues.roles(language) or who.lower_ in cues.roles(language)


def is_medium(noun: Token, language: str) -> bool:
    """Tell whether a noun carries somebody's words: a statement, a letter, a post."""
    return noun.lemma_.lower() in _media(language)
