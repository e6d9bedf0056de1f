"""Statements of an edition enter, what each of them says leaves: its terms, its polarity, and what "it" stands for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.linking import names
from kg.linking.corpus import LocalSource, LocalStatement
from kg.linking.terms import tokens

LEAD = 2  # the first statements of an edition
ANY = frozenset({"any", "such"})  # "denied having given any such assurance"
REACH = 3  # affirmed statements back to which a bare denial may refer
THIN = 3  # terms; a content of no more, with a pronoun for its subject, is understood from what stands before it
DENIALS = frozenset({"deny", "doubt"})  # a refusal to comment denies nothing
FAMILIES = {
    "urge": "directive",
    "ask": "directive",
    "threaten": "commissive",
    "offer": "commissive",
    "promise": "commissive",
    "refuse": "commissive",
    "agree": "commissive",
}  # fmt: skip  -- all other acts assert
LONGEST_ECHO = 6  # words
OWNERS = 2  # words that say whose account it is
PRONOUNS = frozenset(
    {"it", "its", "they", "their", "them", "this", "that", "these", "those", "he", "she", "his", "her"}
)
REVERSED = frozenset({"opposite", "contrary", "otherwise"})
BARE = frozenset({"it", "this", "that", "these", "those", "so", "the", "as", "much", "such", "same", "too"})
POINTING = frozenset({"the", "that", "this", "these", "those", "such", "his", "her", "their", "any", "all"})
CLAIMS = frozenset({"claim", "allegation", "accusation", "assertion", "suggestion"})  # of whoever spoke last
REPEATS = frozenset({"report", "confirm"})  # "The Gazette reported it"
QUESTIONS = frozenset({"why", "what", "which", "who", "whom", "how", "when", "where", "whether"})


@dataclass(frozen=True, slots=True)
class Item:
    """A statement as it is compared; ``lead`` for the first of an edition.

    ``around`` holds terms of what the pronoun of a thin content stands for. ``about`` holds the statements, by IRI, of
    which this one is nothing but a denial or a repetition ("It is not true", "the same account"): one of them is meant.
    """

    statement: LocalStatement
    terms: frozenset[str]
    negative: bool
    lead: bool
    number: int = 0  # of the statement in its edition
    around: frozenset[str] = frozenset()
    about: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()  # those of its terms that name somebody or a place


@dataclass(frozen=True, slots=True)
class _Around:
    """What sources are called, and the terms of all names of an edition."""

    called: Mapping[str, frozenset[str]]
    named: Mapping[str, frozenset[str]]


def items_of(statements: Iterable[LocalStatement], sources: Iterable[LocalSource] = ()) -> list[Item]:
    """Return the items of whole editions, in the order of their texts. Nothing depends on other editions."""
    named: dict[str, set[str]] = defaultdict(set)
    called = {}
    for source in sources:
        called[source.iri] = _callings(source)
        if not source.unnamed:
            named[source.edition].update(term for name in source.names for term in tokens(name))
    known = _Around(called, {edition: frozenset(terms) for edition, terms in named.items()})
    by_edition: dict[str, list[Item]] = defaultdict(list)
    for statement in sorted(statements, key=lambda statement: statement.order):
        before = by_edition[statement.edition]
        before.append(_item(statement, before, known))
    return [item for items in by_edition.values() for item in items]


def _item(statement: LocalStatement, before: Sequence[Item], known: _Around) -> Item:
    words = names.words(statement.text)
    terms = frozenset(tokens(statement.text))
    around: frozenset[str] = frozenset()
    about: tuple[str, ...] = ()
    negative = statement.polarity == "negative"
    last = before[-1] if before else None
    if is_bare_denial(statement):
        negative = True
        about = _denied(statement, before)
    elif is_echo(statement):
        negative = negative or not REVERSED.isdisjoint(words)
        about = _denied(statement, before) if negative else _echoed(statement, before, known.called)
        terms = frozenset()
    elif negative and last and _goes_on_denying(statement, last):
        about = last.about or (last.statement.iri,)
    elif statement.act in DENIALS and negative and not ANY.isdisjoint(words):
        about = _denied(statement, before)
    if len(terms) <= THIN and before and not PRONOUNS.isdisjoint(words[:2]):
        around = before[-1].terms | before[-1].around
    return Item(
        statement,
        terms,
        negative,
        lead=len(before) < LEAD,
        number=len(before),
        around=around,
        about=about,
        names=terms & (known.named.get(statement.edition, frozenset()) | _capitalised(statement.text)),
    )


def _capitalised(text: str) -> frozenset[str]:
    """Return the terms of words with a capital that no sentence opens with; none of a headline in capitals."""
    if text.upper() == text:
        return frozenset()
    return frozenset(term for word in _CAPITALISED.findall(text) for term in tokens(word))


_CAPITALISED = re.compile(r"(?<=[\w,;:] )[A-Z][\w’'-]+")


def _callings(source: LocalSource) -> frozenset[str]:
    texts = (*source.names, *(label for label, _ in source.roles))
    return frozenset(word for text in texts for word in names.words(text))


def is_echo(statement: LocalStatement) -> bool:
    """Tell whether a statement asserts what another one says, and has no words of its own."""
    if statement.polarity == "negative" or statement.act in FAMILIES or statement.act in DENIALS:
        return False
    words = names.words(statement.text)
    return (
        len(words) <= LONGEST_ECHO
        and QUESTIONS.isdisjoint(words)
        and ((BARE.issuperset(words) and statement.act in REPEATS) or not names.echo_words().isdisjoint(words))
        and len(_own(words)) <= OWNERS
    )


def _own(words: Iterable[str]) -> set[str]:
    return {word for word in words if word not in names.stop_words() and word not in names.echo_words()}


def _denied(statement: LocalStatement, before: Sequence[Item]) -> tuple[str, ...]:
    """Return what others affirm just before, and all that the last of them affirms."""
    if before and _goes_on_denying(statement, before[-1]):
        return before[-1].about or (before[-1].statement.iri,)
    affirmed = _affirmed(statement, before)
    if BARE.issuperset(names.words(statement.text)):
        return tuple(item.statement.iri for item in affirmed[-1:])
    last = _last_speaker(statement, before)
    own = [item for item in affirmed if item.statement.speaker == last]
    if own and not CLAIMS.isdisjoint(names.words(statement.text)):
        affirmed = own
    return tuple(item.statement.iri for item in affirmed if item in affirmed[-REACH:] or item in own)


def _goes_on_denying(statement: LocalStatement, last: Item) -> bool:
    """Tell whether the one who has just denied something says another sentence of it."""
    return (
        last.negative
        and last.statement.act == "deny"
        and statement.act not in FAMILIES
        and statement.speaker is not None
        and last.statement.speaker == statement.speaker
    )


def _last_speaker(statement: LocalStatement, before: Sequence[Item]) -> str | None:
    """Return who else speaks last before a statement, in the article's own voice."""
    others = (item.statement for item in reversed(before) if item.statement.speaker != statement.speaker)
    return next((one.speaker for one in others if one.within is None), None)


def _affirmed(statement: LocalStatement, before: Sequence[Item]) -> list[Item]:
    """Return what others affirm before a statement, requests and promises left out."""
    return [
        item
        for item in before
        if item.statement.speaker != statement.speaker
        and not item.negative
        and not item.about
        and item.statement.act not in FAMILIES
        and item.statement.act != "criticize"
    ]


def _echoed(statement: LocalStatement, before: Sequence[Item], called: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return whose account it is: what that one affirms who is named, else who speaks last before it."""
    own = _own(names.words(statement.text))
    affirmed = [item.statement for item in _affirmed(statement, before)]
    if own:
        return tuple(one.iri for one in affirmed if not own.isdisjoint(called.get(one.speaker or "", ())))
    last = _last_speaker(statement, before)
    return tuple(one.iri for one in affirmed if one.speaker == last)


def is_bare_denial(statement: LocalStatement) -> bool:
    """Tell whether a denial's first sentence holds nothing but words of denying, or names a claim to reject it."""
    words = names.words(re.split(r" … |(?<=[.!?]) ", statement.text, maxsplit=1)[0])
    claims = names.denial_words() | names.echo_words()
    if statement.act == "deny" and len(words) > 1 and words[0] in POINTING and words[1] in claims:
        return True
    if statement.polarity != "negative":
        return False
    plain = {word for word in words if word not in names.stop_words()}
    return plain <= names.denial_words() and (bool(plain) or statement.act == "deny")
