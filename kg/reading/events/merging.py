"""Event mentions in text order enter; mentions of one event leave as groups."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice

import snowballstemmer

from kg.dates import bounds
from kg.model import EventStatus, Participant, When
from kg.reading.events.triggers import Trigger

Compared = tuple[str, str, str | None, str | None, bool, tuple[Participant, ...]]
BACK = 200  # events of its kind that a mention looks back at: no story has more, a text of 2 MB has
_DEFINITE = frozenset({"the", "this", "that", "these", "those", "his", "her", "its", "their"})


@dataclass(frozen=True, slots=True)
class Found:
    """One mention of an event with what its clause says of it."""

    trigger: Trigger
    status: EventStatus
    when: When | None
    where: str | None
    participants: tuple[Participant, ...]


def groups(found: Sequence[Found]) -> list[list[Found]]:
    """Group the mentions of one event: same kind and stem, nothing that contradicts, something that ties them.

    Days, places, agents and patients contradict where both are told and don't meet. Ties are a shared participant, the
    same day, or a definite noun ("the attack") after the event. Of another stem ("crashed", "the accident") only a
    definite noun of the same kind that shares a day or participant joins, and never of kind "other". In text order;
    each mention looks back at the last BACK groups of its kind, and in each at the first of those that compare alike.
    """
    made: list[list[Found]] = []
    by_word: dict[tuple[str, str], list[tuple[list[Found], dict[Compared, Found]]]] = {}
    for mention in found:
        kind = mention.trigger.kind
        known = by_word.setdefault((kind, _stem(mention.trigger.lemma) if kind == "other" else ""), [])
        home = next((group for group in islice(reversed(known), BACK) if _fits(mention, group[1].values())), None)
        if home is None:
            home = ([], {})
            made.append(home[0])
            known.append(home)
        home[0].append(mention)
        home[1].setdefault(_compared(mention), mention)
    return made


def _compared(mention: Found) -> Compared:
    """Return all of a mention that comparing it looks at."""
    trigger = mention.trigger
    when = mention.when.edtf if mention.when else None
    return (
        _stem(trigger.lemma),
        trigger.token.tag_,
        mention.where,
        when,
        mention.status == "denied",
        mention.participants,
    )


@cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


@cache
def _stem(lemma: str) -> str:
    """Return what "arrest", "arrested"; "explode", "explosion" share: five letters of the stem of the first word."""
    stem: str = _stemmer().stemWord(lemma.split()[0])
    return stem[:5]


def _fits(mention: Found, group: Collection[Found]) -> bool:
    if any(_contradicts(mention, other) for other in group):
        return False
    shares = any(_shares(mention, other) for other in group)
    definite = mention.trigger.nominal and any(
        child.lower_ in _DEFINITE or child.dep_ == "poss" for child in mention.trigger.token.children
    )
    if _stem(mention.trigger.lemma) in {_stem(other.trigger.lemma) for other in group}:
        return shares or definite
    return shares and definite


def _contradicts(one: Found, other: Found) -> bool:
    if one.where and other.where and one.where != other.where:
        return True
    if {one.trigger.token.tag_, other.trigger.token.tag_} == {"NN", "NNS"}:
        return True  # "accidents" in general, "the accident"
    if one.when and other.when and not _meet(one.when.edtf, other.when.edtf):
        return True
    if (one.status == "denied") != (other.status == "denied"):
        return False  # a denied attack is the attack that is denied
    for role in ("agent", "patient"):
        mine, theirs = _who(one, role), _who(other, role)
        if mine and theirs and not mine & theirs:
            return True
    return False


def _shares(one: Found, other: Found) -> bool:
    if {p.source for p in one.participants} & {p.source for p in other.participants}:
        return True
    return one.when is not None and other.when is not None and one.when.edtf == other.when.edtf


def _who(found: Found, role: str) -> set[str]:
    return {participant.source for participant in found.participants if participant.role == role}


def _meet(one: str, other: str) -> bool:
    first, last = bounds(one)
    begin, end = bounds(other)
    return (last or date.max) >= (begin or date.min) and (end or date.max) >= (first or date.min)
