"""Changed editions enter; canonical events are brought up to date where they are touched."""

from __future__ import annotations

from collections.abc import Iterable

from kg.linking import quads
from kg.linking.corpus import LocalEvent, edition_of
from kg.linking.events import canonical_event, decided, group_events, is_dated, same
from kg.linking.growing.state import Change, State


def regroup_events(state: State, change: Change) -> None:
    """Compare changed events with those of related editions, and group the connected parts they are in."""
    apart, together = (decided(change.decided, pairs) for pairs in (change.decided.undone, change.decided.confirmed))
    before = decided(change.before, change.before.confirmed)
    gone = {event.iri for local in change.old.values() for event in local.events}
    seeds: set[str] = set()
    again = {event.iri for local in change.new.values() for event in local.events}
    for edition in {edition_of(source) for source in change.moved}:
        local = state.local(edition)
        for event in local.events if local else ():
            if not change.moved.isdisjoint({event.place, *(source for _, source in event.participants)}):
                again.add(event.iri)
    for iri in sorted(gone | again):
        seeds |= _part(state, iri)
    for iri in sorted(again):
        seeds |= _meet(state, state.events[iri], state.near(edition_of(iri)), again)
    for one, other in sorted(change.pairs):
        if one not in change.editions and other not in change.editions:
            for event in _events(state, one):
                seeds |= _part(state, event.iri, other) | {event.iri}
                if other in state.near(one):
                    seeds |= _meet(state, event, {other}, set())
    if change.before != change.decided:
        for was in (change.before, change.decided):
            for pairs in (was.undone, was.confirmed):
                seeds |= decided(was, pairs).keys()
    reached: set[str] = set()
    for iri in sorted(gone):
        home = state.of_node("happening", iri)
        if home:
            seeds |= set(_untell(state, change, home))
    for seed in sorted(seeds | again):
        if seed in reached or seed not in state.events:
            continue
        part = {seed}
        waiting = [seed]
        while waiting:
            iri = waiting.pop()
            for other in {*state.of_node("same", iri, ()), *together.get(iri, ()), *before.get(iri, ())}:
                if other not in part and other in state.events:
                    part.add(other)
                    waiting.append(other)
        reached |= part
        for iri in part:
            home = state.of_node("happening", iri)
            if home:
                _untell(state, change, home)
        events = sorted((state.events[iri] for iri in part), key=lambda event: event.iri)
        for group in group_events(events, state.identity, apart, together):
            shared, links = canonical_event(group, together, base=state.base)
            for member in shared.members:
                state.put_node("happening", member, [shared.iri, list(shared.members)])
            change.touched.add(shared.iri)
            change.say(quads.event_triples([shared]))
            for link in links:
                change.touched |= {link.local, quads.link_iri(link.local, shared.iri, base=state.base)}
            change.say(quads.link_triples(links, base=state.base))


def _untell(state: State, change: Change, home: tuple[str, list[str]]) -> list[str]:
    iri, members = home
    change.touched.add(iri)
    for member in members:
        change.touched |= {member, quads.link_iri(member, iri, base=state.base)}
        state.put_node("happening", member, None)
    return list(members)


def _events(state: State, edition: str) -> tuple[LocalEvent, ...]:
    local = state.local(edition)
    return local.events if local else ()


def _part(state: State, iri: str, edition: str | None = None) -> set[str]:
    mates = state.of_node("same", iri, {})
    gone = {other for other in mates if edition in (None, edition_of(other))}
    for other in gone:
        back = dict(state.of_node("same", other, {}))
        back.pop(iri, None)
        state.put_node("same", other, back)
    if gone:
        state.put_node("same", iri, {other: 1 for other in mates if other not in gone})
    return gone


def _meet(state: State, event: LocalEvent, editions: Iterable[str], again: set[str]) -> set[str]:
    if not is_dated(event):
        return set()
    found = {
        other.iri
        for edition in editions
        for other in state.dated(edition, event.kind)
        if not (other.iri in again and other.iri < event.iri) and same(event, other, state.identity)
    }
    if found:
        state.put_node("same", event.iri, {**state.of_node("same", event.iri, {}), **dict.fromkeys(found, 1)})
        for other in found:
            state.put_node("same", other, {**state.of_node("same", other, {}), event.iri: 1})
    return found
