"""A trigger enters; who took part in it, where and when leave, by the sentence's dependencies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from kg.model import Participant, Span, TimeExpression
from kg.reading.draft import Paragraph
from kg.reading.events.triggers import Trigger
from kg.reading.places import lookup

_PLACE_PREPOSITIONS = frozenset(
    {"in", "at", "near", "on", "outside", "inside", "around", "across", "throughout", "over", "off", "within"}
)
# What a preposition says of a noun's phrase: "attack on", "arrest of", "meeting with", "raid by".
_BY_PREPOSITION = {
    "of": "patient", "on": "patient", "against": "patient", "by": "agent", "with": "partner", "between": "partner",
    "to": "recipient",
}  # fmt: skip

# Who dies, is hurt or crashes does nothing to anybody.
_SUFFERED = frozenset({"death", "injury", "accident"})


@dataclass(frozen=True, slots=True)
class Mentions:
    """Where sources are mentioned in one paragraph: the shortest mention that covers a token tells who it is."""

    spans: tuple[tuple[Span, str], ...]

    @classmethod
    def of(cls, spans: Sequence[tuple[Span, str]]) -> Mentions:
        return cls(tuple(sorted(spans, key=lambda found: (len(found[0]), found[0], found[1]))))

    def at(self, span: Span) -> str | None:
        return next((key for mention, key in self.spans if mention.contains(span)), None)


def participants(trigger: Trigger, mentions: Mentions) -> tuple[Participant, ...]:
    """Return agents, patients, partners and recipients that are sources, in text order of their heads."""
    found: dict[tuple[str, str], int] = {}
    for role, head in _arguments(trigger):
        for token in (head, *_conjuncts(head)):
            key = mentions.at(trigger.paragraph.locate(token))
            if key is not None:
                found.setdefault((role, key), token.i)
    return tuple(Participant(role, key) for role, key in sorted(found, key=lambda pair: (found[pair], pair)))


def _arguments(trigger: Trigger) -> Iterator[tuple[str, Token]]:
    if trigger.nominal:
        yield from _of_noun(trigger)
        return
    verb = trigger.token
    passive = any(child.dep_ in ("auxpass", "nsubjpass") for child in verb.children)
    suffers = trigger.kind in _SUFFERED and not any(child.dep_ == "dobj" for child in verb.children)
    yield from (("patient" if suffers else role, head) for role, head in _subjects(verb))
    for child in verb.children:
        if child.dep_ == "dobj" and not passive:
            yield "patient", child
        elif child.dep_ in ("dative", "iobj"):
            yield "recipient", next((c for c in child.children if c.dep_ == "pobj"), child)
        elif child.dep_ == "agent" or (child.dep_ == "prep" and child.lower_ == "by" and passive):
            yield from (("agent", grand) for grand in child.children if grand.dep_ == "pobj")
        elif child.dep_ == "prep" and child.lower_ in ("with", "against"):
            role = _BY_PREPOSITION[child.lower_]
            yield from ((role, grand) for grand in child.children if grand.dep_ == "pobj")
    if verb.dep_ == "acl" and verb.tag_ == "VBN" and verb.head.pos_ in ("NOUN", "PROPN", "PRON"):
        yield "patient", verb.head
    elif verb.dep_ == "acl" and verb.tag_ == "VBG" and verb.head.pos_ in ("NOUN", "PROPN", "PRON"):
        yield "agent", verb.head


def _subjects(verb: Token) -> Iterator[tuple[str, Token]]:
    """Yield the subject, own or inherited from the verb that this one is joined to; a relative "who" is its noun."""
    node = verb
    passive = any(child.dep_ == "auxpass" for child in verb.children)
    for _ in range(5):
        for child in node.children:
            if child.dep_ in ("nsubj", "nsubjpass"):
                role = "patient" if passive or (child.dep_ == "nsubjpass" and node is verb) else "agent"
                relative = child.tag_ in ("WP", "WDT") and node.dep_ == "relcl"
                yield role, node.head if relative else child
                return
        if node.dep_ not in ("conj", "xcomp", "advcl") or node.head is node:
            return
        # "asked him to leave": who leaves is the object, not the subject.
        if node.dep_ == "xcomp":
            objects = [child for child in node.head.children if child.dep_ == "dobj"]
            if objects:
                yield ("patient" if passive else "agent"), objects[0]
                return
        node = node.head


def _of_noun(trigger: Trigger) -> Iterator[tuple[str, Token]]:
    noun = trigger.token
    owner = False
    for child in noun.children:
        if child.dep_ == "poss":
            owner = True
            yield "agent", child
        elif child.dep_ in ("compound", "nmod") and child.ent_type_ in ("ORG", "PERSON", "GPE", "NORP"):
            yield "agent", child
        elif child.dep_ in ("prep", "agent") and child.lower_ in _BY_PREPOSITION:
            yield from ((_BY_PREPOSITION[child.lower_], grand) for grand in child.children if grand.dep_ == "pobj")
    # "held a meeting": its subject takes part.
    verb = noun.head
    if not owner and noun.dep_ == "dobj" and verb.pos_ == "VERB":
        yield from (("agent", head) for role, head in _subjects(verb) if role == "agent")


def _conjuncts(token: Token) -> tuple[Token, ...]:
    return tuple(other for other in token.conjuncts if other.i > token.i)


def place_tokens(trigger: Trigger) -> Iterator[Token]:
    """Yield the heads that may name the place: after "in", "at", "near" … in the event's clause, nearest first."""
    anchors = [trigger.token]
    if trigger.nominal and trigger.verb is not None:
        anchors.append(trigger.verb)
    elif trigger.token.dep_ in ("conj", "xcomp", "advcl"):
        anchors.append(trigger.token.head)
    for anchor in anchors:
        preps = [c for c in anchor.children if c.dep_ == "prep"]
        # "in a street in Kyiv": the phrase of the phrase.
        for prep in preps:
            for noun in (c for c in prep.children if c.dep_ == "pobj"):
                if prep.lower_ in _PLACE_PREPOSITIONS:
                    yield noun
                for inner in noun.children:
                    if inner.dep_ == "prep" and inner.lower_ in _PLACE_PREPOSITIONS:
                        yield from (c for c in inner.children if c.dep_ == "pobj")
        for direct in anchor.children:
            if direct.dep_ == "dobj" and direct is not trigger.token:
                for prep in direct.children:
                    if prep.dep_ == "prep" and prep.lower_ in _PLACE_PREPOSITIONS:
                        yield from (c for c in prep.children if c.dep_ == "pobj")


def place_name(token: Token) -> tuple[int, int] | None:
    """Return the characters (in the paragraph) of a place named at a token, by the gazetteer or the model's label."""
    if token.pos_ != "PROPN":
        return None
    entity = next((ent for ent in token.doc.ents if ent.start <= token.i < ent.end), None)
    if entity is not None and entity.label_ in ("GPE", "LOC", "FAC"):
        start = entity.start_char + (4 if entity.text.lower().startswith("the ") else 0)
        return start, entity.end_char
    if entity is None or entity.label_ not in ("PERSON", "ORG", "DATE", "TIME"):
        left = token.left_edge if token.left_edge.pos_ == "PROPN" else token
        words = token.doc[left.i : token.i + 1]
        if lookup(words.text) is not None:
            return words.start_char, words.end_char
    return None


def times_of(
    triggers: Sequence[Trigger], times: Sequence[TimeExpression], paragraph: Paragraph
) -> dict[int, TimeExpression]:
    """Give each trigger (by its place in the list) its time: attached by dependency, else alone in the sentence.

    A time that hangs on another verb (that of saying) belongs there.
    """
    doc = paragraph.doc
    assert doc is not None
    owners: dict[int, list[int]] = {}
    for index, trigger in enumerate(triggers):
        owners.setdefault(trigger.token.i, []).append(index)
    for index, trigger in enumerate(triggers):
        # "held a meeting on Monday": the day hangs on the light verb.
        if trigger.nominal and trigger.verb is not None and trigger.token.dep_ in ("dobj", "nsubj", "nsubjpass"):
            owners.setdefault(trigger.verb.i, []).append(index)
    found: dict[int, TimeExpression] = {}
    free: list[tuple[Token, TimeExpression]] = []
    for time in times:
        start, end = time.span.start - paragraph.span.start, time.span.end - paragraph.span.start
        words = doc.char_span(start, end, alignment_mode="expand")
        if words is None:
            continue
        owner = next(
            (node for node in (words.root, *words.root.ancestors) if node.pos_ == "VERB" or node.i in owners), None
        )
        if owner is not None and owner.i in owners:
            for index in owners[owner.i]:
                found.setdefault(index, time)
        if owner is None or owner.i in owners:
            free.append((words.root, time))
    for index, trigger in enumerate(triggers):
        if index in found:
            continue
        same = [time for root, time in free if root.sent == trigger.token.sent]
        if len(same) == 1 and _near(trigger.token, next(root for root, time in free if time is same[0])):
            found[index] = same[0]
    return found


def _near(token: Token, root: Token) -> bool:
    """Tell whether an event's word hangs on the verb that the time hangs on: "killed … in an attack on Monday"."""
    above = {node.i for node in (root, *root.ancestors)}
    return any(node.i in above and node.pos_ == "VERB" for node in (token, *list(token.ancestors)[:3]))
