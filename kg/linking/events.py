"""The events of many editions enter, canonical events leave: same kind, overlapping days, same place or people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date

from kg.graph import short_hash, slug
from kg.linking import names
from kg.linking.corpus import Corpus, LocalEvent
from kg.linking.identity import Identity, Link

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
    clusters: list[list[LocalEvent]] = []
    apart, together = _decided(corpus, corpus.undone), _decided(corpus, corpus.confirmed)
    home_of: dict[str, list[LocalEvent]] = {}
    # Only clusters with an event in a related edition can take another one in.
    by_edition: dict[tuple[str, str], list[list[LocalEvent]]] = defaultdict(list)
    for event in corpus.events:
        near = sorted(identity.neighbours.get(event.edition, ()))
        candidates = (group for edition in near for group in by_edition[event.kind, edition])
        home = next((home_of[iri] for iri in sorted(together[event.iri]) if iri in home_of), None)
        if home is None:
            home = next((group for group in candidates if _fits(event, group, identity, apart[event.iri])), None)
        if home is None:
            home = []
            clusters.append(home)
        home.append(event)
        home_of[event.iri] = home
        by_edition[event.kind, event.edition].append(home)
    canonicals, links = [], []
    for group in clusters:
        labels = Counter(event.label for event in group)
        label = min(labels, key=lambda text: (-labels[text], len(text), text))
        first = min(group, key=lambda event: event.iri)
        iri = f"{base}event/{slug(label)}-{short_hash(first.iri)}"
        earliest = max((event.earliest for event in group if event.earliest), default=None)
        latest = min((event.latest for event in group if event.latest), default=None)
        canonicals.append(
            CanonicalEvent(iri, first.kind, label, earliest, latest, tuple(sorted(event.iri for event in group)))
        )
        for event in group:
            if together[event.iri] & {other.iri for other in group}:
                links.append(Link(event.iri, iri, "person", 1.0))
            else:
                links.append(Link(event.iri, iri, "same-event", 0.75 if len(group) > 1 else 1.0))
    return sorted(canonicals, key=lambda event: event.iri), sorted(links, key=lambda link: link.local)


def _decided(corpus: Corpus, pairs: Iterable[tuple[str, str]]) -> defaultdict[str, set[str]]:
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


def _fits(event: LocalEvent, group: list[LocalEvent], identity: Identity, apart: Container[str]) -> bool:
    if any(other.iri in apart for other in group):
        return False
    # Inside one edition the reader has decided already what is one event.
    return all(event.edition != other.edition for other in group) and all(
        _same(event, other, identity) for other in group
    )


def _same(one: LocalEvent, other: LocalEvent, identity: Identity) -> bool:
    if not identity.tells_of_the_same(one.edition, other.edition):
        return False
    if not (one.earliest and one.latest and other.earliest and other.latest):
        return False
    if max((one.latest - one.earliest).days, (other.latest - other.earliest).days) > LONGEST_DAYS:
        return False
    if one.earliest > other.latest or other.earliest > one.latest:
        return False
    places = {identity.resolve(event.place) for event in (one, other) if event.place}
    if len(places) == 2:
        return False
    same_place = len(places) == 1 and one.place is not None and other.place is not None
    same_people = _people(one, identity) & _people(other, identity)
    same_words = _stem(one.trigger) == _stem(other.trigger)
    return bool(same_people and (same_place or same_words)) or (same_place and same_words)


def _people(event: LocalEvent, identity: Identity) -> set[str]:
    return {identity.of[source] for _, source in event.participants if source in identity.of}


def _stem(trigger: str) -> str:
    return next(iter(names.words(trigger)), "")[:5]
