"""The events of many editions enter, canonical events leave: same kind, overlapping days, same place or people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from kg.graph import short_hash, slug
from kg.linking import names
from kg.linking.corpus import Corpus, LocalEvent
from kg.linking.identity import Decided, Identity, Link

LONGEST_DAYS = 8  # a vaguer time than "last week" does not identify an event


@dataclass(frozen=True, slots=True)
class CanonicalEvent:
    """One event over all editions; the days are those that all its dated members allow."""

    iri: str
    kind: str
    label: str
    earliest: date | None
    latest: date | None
    members: tuple[str, ...]


def link_events(corpus: Corpus, identity: Identity, *, base: str) -> tuple[list[CanonicalEvent], list[Link]]:
    """Cluster the events of related editions greedily, in order of IRI; compares within one kind and story only."""
    apart, together = decided(corpus, corpus.undone), decided(corpus, corpus.confirmed)
    canonicals, links = [], []
    for group in group_events(corpus.events, identity, apart, together):
        event, found = canonical_event(group, together, base=base)
        canonicals.append(event)
        links += found
    return sorted(canonicals, key=lambda event: event.iri), sorted(links, key=lambda link: link.local)


def canonical_event(
    group: list[LocalEvent], together: Mapping[str, Collection[str]], *, base: str
) -> tuple[CanonicalEvent, list[Link]]:
    """Name the event that several editions tell of, and link theirs to it."""
    labels = Counter(event.label for event in group)
    label = min(labels, key=lambda text: (-labels[text], len(text), text))
    first = min(group, key=lambda event: event.iri)
    iri = f"{base}event/{slug(label)}-{short_hash(first.iri)}"
    earliest = max((event.earliest for event in group if event.earliest), default=None)
    latest = min((event.latest for event in group if event.latest), default=None)
    members = tuple(sorted(event.iri for event in group))
    links = [
        Link(event.iri, iri, "person", 1.0)
        if not set(together.get(event.iri, ())).isdisjoint(members)
        else Link(event.iri, iri, "same-event", 0.75 if len(group) > 1 else 1.0)
        for event in group
    ]
    return CanonicalEvent(iri, first.kind, label, earliest, latest, members), links


Mates = Mapping[str, Collection[str]]


def group_events(
    events: Iterable[LocalEvent], identity: Related, apart: Mates, together: Mates
) -> list[list[LocalEvent]]:
    """Cluster events greedily, in order of IRI. Events that no chain of :func:`same` and ``together`` connects never
    meet: each connected part may be grouped alone.
    """
    clusters: list[list[LocalEvent]] = []
    home_of: dict[str, list[LocalEvent]] = {}
    # Only clusters with an event in a related edition can take another one in.
    by_edition: dict[tuple[str, str], list[list[LocalEvent]]] = defaultdict(list)
    for event in events:
        near = sorted(identity.neighbours.get(event.edition, ())) if is_dated(event) else []
        candidates = (group for edition in near for group in by_edition.get((event.kind, edition), ()))
        home = next((home_of[iri] for iri in sorted(together.get(event.iri, ())) if iri in home_of), None)
        if home is None:
            home = next(
                (group for group in candidates if _fits(event, group, identity, apart.get(event.iri, ()))), None
            )
        if home is None:
            home = []
            clusters.append(home)
        home.append(event)
        home_of[event.iri] = home
        by_edition[event.kind, event.edition].append(home)
    return clusters


def is_dated(event: LocalEvent) -> bool:
    """Tell whether an event's time is known well enough to compare it."""
    return (
        event.earliest is not None and event.latest is not None and (event.latest - event.earliest).days <= LONGEST_DAYS
    )


class Related(Protocol):
    """What comparing events has to know of identity."""

    @property
    def of(self) -> Mapping[str, str]: ...

    @property
    def neighbours(self) -> Mapping[str, Collection[str]]: ...


def decided(corpus: Decided, pairs: Iterable[tuple[str, str]]) -> defaultdict[str, set[str]]:
    """Return the events that people put with, or apart from, each event.

    A decision names an event and its canonical one, whose IRI comes and goes with its first member; what holds is that
    the event is, or is not, one with the events that stood alongside.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        for mate in (*corpus.alongside.get((one, other), ()), other):
            found[one].add(mate)
            found[mate].add(one)
    return found


def _fits(event: LocalEvent, group: list[LocalEvent], identity: Related, apart: Collection[str]) -> bool:
    if any(other.iri in apart for other in group):
        return False
    # Inside one edition the reader has decided already what is one event.
    return all(event.edition != other.edition for other in group) and all(
        same(event, other, identity) for other in group
    )


def same(one: LocalEvent, other: LocalEvent, identity: Related) -> bool:
    """Tell whether two editions' events may be one."""
    if one.edition != other.edition and other.edition not in identity.neighbours.get(one.edition, ()):
        return False
    if not (one.earliest and one.latest and other.earliest and other.latest and is_dated(one) and is_dated(other)):
        return False
    if one.earliest > other.latest or other.earliest > one.latest:
        return False
    places = {identity.of.get(event.place, event.place) for event in (one, other) if event.place}
    if len(places) == 2:
        return False
    same_place = len(places) == 1 and one.place is not None and other.place is not None
    same_people = _people(one, identity) & _people(other, identity)
    same_words = _stem(one.trigger) == _stem(other.trigger)
    return bool(same_people and (same_place or same_words)) or (same_place and same_words)


def _people(event: LocalEvent, identity: Related) -> set[str]:
    return {identity.of[source] for _, source in event.participants if source in identity.of}


def _stem(trigger: str) -> str:
    return next(iter(names.words(trigger)), "")[:5]
