"""A paragraph's parse enters; the words that tell of events leave, with their kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc, Token

from kg.model import Span
from kg.reading.draft import Paragraph
from kg.reading.lexicon import table

_NONE = "-"
# Participles and clauses that tell something; a verb as a modifier ("armed men", "running water") does not.
_MODIFIERS = frozenset({"amod", "compound", "prep", "case", "mark", "nmod"})


@dataclass(frozen=True, slots=True)
class Trigger:
    """A word that tells of an event. ``verb`` is the one that says when and whether: the trigger, or what governs it.

    ``span`` is in the article and takes a particle that stands next to the verb ("step down") with it.
    """

    token: Token
    paragraph: Paragraph
    span: Span
    kind: str
    lemma: str
    verb: Token | None

    @property
    def nominal(self) -> bool:
        return self.token.pos_ in ("NOUN", "PROPN")


@cache
def _kinds(language: str) -> dict[tuple[str, str], str]:
    return {(row["lemma"], row["pos"]): row["kind"] for row in table(language, "event_triggers")}


def find_triggers(paragraph: Paragraph, language: str, given: Sequence[Span] = ()) -> Iterator[Trigger]:
    """Yield the triggers of one paragraph in text order, from ``event_triggers.tsv``, and those ``given`` beforehand.

    A verb that stands in no row is of kind "other" where it heads a clause. Verbs of speech and of states, light and
    aspectual verbs are no triggers; with "held a meeting" the noun is.
    """
    if paragraph.doc is None:
        return
    kinds = _kinds(language)
    known = {head.i: span for span in given if (head := _head(paragraph, span)) is not None}
    for token in paragraph.doc:
        if token.i in known:
            span, lemma = known[token.i], token.lemma_.lower()
            kind = kinds.get((lemma, "verb" if token.pos_ == "VERB" else "noun"), _NONE)
            verb = token if token.pos_ in ("VERB", "AUX") else governor(token)
            yield Trigger(token, paragraph, span, "other" if kind == _NONE else kind, lemma, verb)
        elif token.pos_ == "VERB" and token.tag_[0] == "V":
            yield from _verbal(token, paragraph, kinds)
        elif token.pos_ in ("NOUN", "PROPN"):
            yield from _nominal(token, paragraph, kinds)


def _head(paragraph: Paragraph, span: Span) -> Token | None:
    """Return the head of the words that a span covers; None where it stands in another paragraph."""
    if paragraph.doc is None or not paragraph.span.contains(span):
        return None
    start = paragraph.span.start
    piece = paragraph.doc.char_span(span.start - start, span.end - start, alignment_mode="expand")
    return piece.root if piece is not None else None


def _verbal(token: Token, paragraph: Paragraph, kinds: dict[tuple[str, str], str]) -> Iterator[Trigger]:
    lemma = token.lemma_.lower()
    if len(lemma) < 2 or not lemma.replace("-", "").isalpha():
        return
    phrase, last = _phrase(token, lemma, kinds)
    kind = kinds.get((phrase, "verb"))
    if kind is None:
        if token.dep_ in _MODIFIERS or (token.tag_ == "VBG" and token.dep_ in ("pobj", "nsubj", "dobj")):
            return
        kind = "other"
    elif token.dep_ == "case" or (token.dep_ == "amod" and token.tag_ == "VBG"):
        return
    if kind == _NONE:
        return
    if kind == "business" and _of_a_person(token):
        kind = "other"  # prices jump; so do people
    end = last if last.i == token.i + 1 else token
    span = Span(paragraph.locate(token).start, paragraph.locate(end).end)
    yield Trigger(token, paragraph, span, kind, phrase, token)


def _of_a_person(verb: Token) -> bool:
    """Tell whether a verb without an object has a person as its own subject."""
    children = {child.dep_: child for child in verb.children}
    subject = children.get("nsubj")
    return (
        subject is not None
        and "dobj" not in children
        and (subject.ent_type_ == "PERSON" or subject.lower_ in ("he", "she", "who", "i", "you", "we"))
    )


def _phrase(token: Token, lemma: str, kinds: dict[tuple[str, str], str]) -> tuple[str, Token]:
    """Return the longest phrase of the table that the verb makes with a particle or object: "step down"."""
    for child in token.children:
        if child.dep_ == "nsubjpass" or (child.dep_ in ("prt", "dobj", "advmod", "acomp") and child.i > token.i):
            phrase = f"{lemma} {child.lemma_.lower()}"
            if (phrase, "verb") in kinds:
                return phrase, child
    for child in token.children:
        if child.dep_ == "prt":
            # An unknown phrasal verb is not its verb: "give up", "set out".
            return (f"{lemma} {child.lemma_.lower()}" if kinds.get((lemma, "verb")) == _NONE else lemma), child
    return lemma, token


def _nominal(token: Token, paragraph: Paragraph, kinds: dict[tuple[str, str], str]) -> Iterator[Trigger]:
    if token.dep_ == "compound" and token.head.pos_ in ("NOUN", "PROPN"):
        return  # an "election campaign" is a campaign
    lemma = token.lemma_.lower()
    before = token.nbor(-1).lower_ if token.i else ""
    phrase = f"{before} {lemma}"
    kind = kinds.get((phrase, "noun")) or kinds.get((lemma, "noun"))
    if kind is None or kind == _NONE:
        return
    if token.pos_ == "PROPN" and not _in_title(token):
        return
    if lemma == "talk" and token.tag_ != "NNS":
        return
    yield Trigger(token, paragraph, paragraph.locate(token), kind, lemma, governor(token))


def _in_title(token: Token) -> bool:
    """Tell whether a capital says nothing here: headlines in title case make every noun a proper one."""
    doc: Doc = token.doc
    words = [word for word in doc if word.is_alpha]
    return len(words) > 3 and sum(word.text[0].isupper() for word in words) * 3 > len(words) * 2


def governor(token: Token) -> Token | None:
    """Return the nearest verb above a noun, at most five steps up."""
    node = token
    for _ in range(5):
        if node.head is node:
            return None
        node = node.head
        if node.pos_ in ("VERB", "AUX"):
            return node
    return None
