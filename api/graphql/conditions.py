"""A filter of a connection enters; the conditions that it stands for leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from pyoxigraph import NamedNode

from api.graphql.filters import DateFilter, EventFilter, NumberFilter, SourceFilter
from api.graphql.scalars import SourceKind, bad_input
from kg.store.index.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Condition,
    Contains,
    Ids,
    Not,
    OneOf,
    Overlap,
    Range,
    Related,
    Search,
    words_of,
)

MOST_IDS = 100
LONGEST_TEXT = 200
MOST_WORDS = 12


def condition(wanted: Any, argument: str = "filter") -> Condition:
    """Return what a filter stands for; GraphQLError when a text or list is too long or an id is no IRI."""
    if wanted is None:
        return ALWAYS
    parts = [part for name, make in _FIELDS.items() if (value := getattr(wanted, name, None)) is not None
             for part in make(value, wanted, f"{argument}.{name.rstrip('_')}")]  # fmt: skip
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def iris(ids: Sequence[str], argument: str) -> tuple[str, ...]:
    """Return ids as IRIs; GraphQLError when one is none or there are too many."""
    if len(ids) > MOST_IDS:
        raise bad_input(f"At most {MOST_IDS} ids can be asked for at once", argument)
    for text in ids:
        try:
            NamedNode(text)
        except ValueError:
            raise bad_input(f"An id is the IRI of a node; {text[:200]!r} is none", argument) from None
    return tuple(map(str, ids))


def _text(text: str, argument: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise bad_input(f"At most {LONGEST_TEXT} characters can be searched for", argument)
    return text


def _search(text: str, argument: str) -> Condition:
    found = words_of(_text(text, argument))
    if len(found) > MOST_WORDS:
        raise bad_input(f"At most {MOST_WORDS} words can be searched for", argument)
    return Search(tuple(word.lower() for word in found))


def _related(relation: str) -> Any:
    def make(wanted: Any, owner: Any, argument: str) -> Iterable[Condition]:
        chosen = iris(wanted.ids, f"{argument}.ids") if wanted.ids is not None else None
        rest = condition(_without_ids(wanted), argument)
        yield Related(relation, chosen, rest if chosen is None or rest != ALWAYS else None)

    return make


def _without_ids(wanted: Any) -> Any:
    return replace(wanted, ids=None) if wanted.ids is not None else wanted


def _enum(column: str) -> Any:
    return lambda values, owner, argument: [OneOf(column, tuple(value.value for value in values))]


def _number(*columns: str) -> Any:
    """A range of a number; of two columns the least is held against the high one and the most against the low one."""

    def make(wanted: NumberFilter, owner: Any, argument: str) -> Iterable[Condition]:
        if not all(bound is None or isfinite(bound) for bound in (wanted.min, wanted.max)):
            raise bad_input("A bound is a finite number", argument)
        if len(columns) == 1:
            yield Range(columns[0], wanted.min, wanted.max)
            return
        low, high = columns
        if wanted.min is not None:
            yield Range(high, wanted.min, None)
        if wanted.max is not None:
            yield Range(low, None, wanted.max)

    return make


def _days(span: str) -> Any:
    def make(wanted: DateFilter, owner: Any, argument: str) -> Iterable[Condition]:
        if wanted.on is not None:
            yield Overlap(span, wanted.on, wanted.on, exactly=True)
        if wanted.from_ is not None or wanted.to is not None:
            yield Overlap(span, wanted.from_, wanted.to)

    return make


def _kinds(values: Sequence[SourceKind], owner: Any, argument: str) -> Iterable[Condition]:
    if isinstance(owner, EventFilter):
        return [OneOf("kind", tuple(value.value for value in values))]
    known = tuple(kind.value for kind in SourceKind if kind is not SourceKind.OTHER)
    chosen = OneOf("class", tuple(value.value for value in values if value is not SourceKind.OTHER))
    return [AnyOf((chosen, Not(OneOf("class", known)))) if SourceKind.OTHER in values else chosen]


def _articles(value: Any, owner: Any, argument: str) -> Iterable[Condition]:
    chosen = iris(value, argument)
    return [AnyOf((Related("article", chosen), Related("edition", chosen)))]


def _declared(value: bool, owner: Any, argument: str) -> Iterable[Condition]:
    found = OneOf("basis", ("declared",))
    return [found if value else Not(found)]


def _all(value: Any, owner: Any, argument: str) -> Iterable[Condition]:
    return [All(tuple(condition(one, argument) for one in value))]


def _any(value: Any, owner: Any, argument: str) -> Iterable[Condition]:
    return [AnyOf(tuple(condition(one, argument) for one in value))]


def _flag(column: str) -> Any:
    return lambda value, owner, argument: [OneOf(column, (value,))]


def _contains(value: str, owner: Any, argument: str) -> Iterable[Condition]:
    yield Contains("name" if isinstance(owner, SourceFilter) else "text", _text(value, argument))


#: Field of a filter -> what it means. A field has one meaning wherever it stands, but for those that ask who owns it.
_FIELDS: dict[str, Any] = {
    "ids": lambda value, owner, argument: [Ids(iris(value, argument))],
    "speaker": _related("speaker"),
    "source": _related("source"),
    "root": _related("root"),
    "outlet": _related("outlet"),
    "addressee": _related("addressee"),
    "corroborated_by": _related("corroborator"),
    "participant": _related("participant"),
    "statement": _related("statement"),
    "by": _related("by"),
    "from_": _related("from"),
    "to": _related("to"),
    "about_event": _related("event"),
    "in_claim": _related("claim"),
    "in_article": _related("article"),
    "about": lambda value, owner, argument: [Related("event", iris(value, argument))],
    "claim": lambda value, owner, argument: [Related("claim", iris(value, argument))],
    "article": _articles,
    "act": _enum("act"),
    "mode": _enum("mode"),
    "polarity": _enum("polarity"),
    "certainty": _enum("certainty"),
    "stance": _enum("stance"),
    "status": _enum("status"),
    "relation": _enum("relation"),
    "basis": _enum("basis"),
    "resolution": _enum("resolution"),
    "verdict": _enum("verdict"),
    "decided": _enum("verdict"),
    "kind": _kinds,
    "language": lambda value, owner, argument: [OneOf("language", tuple(value))],
    "unnamed": _flag("unnamed"),
    "second_hand": _flag("second_hand"),
    "same_speaker": _flag("same_speaker"),
    "has_place": _flag("has_place"),
    "denied": _flag("denied"),
    "declared": _declared,
    "articles": _number("articles"),
    "confidence": _number("confidence"),
    "outlets": _number("outlets"),
    "denials": _number("denials"),
    "roots": _number("roots_low", "roots_high"),
    "min_outlets": lambda value, owner, argument: [Range("outlets", value, None)],
    "max_named_roots": lambda value, owner, argument: [Range("named_roots", None, value)],
    "said_on": _days("said"),
    "published": _days("published"),
    "date": _days("date"),
    "name": _contains,
    "text": _contains,
    "search": lambda value, owner, argument: [_search(value, argument)],
    "and_": _all,
    "or_": _any,
    "not_": lambda value, owner, argument: [Not(condition(value, argument))],
}
