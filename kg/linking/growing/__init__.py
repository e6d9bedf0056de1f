"""Editions that came, changed or went enter; what is to be said anew of the linking graph leaves.

The same as :func:`kg.linking.derive` over all editions, quad for quad (tests/linking/test_growing.py), but looks only
at what a change can touch: names, acronyms and family names of the changed editions, the editions those relate, pairs
of statements and events between related editions, and the connected parts that they are in.
"""

from __future__ import annotations

from collections.abc import Mapping

from kg.linking import quads
from kg.linking.copies import Copy, age, bands, comes_before, near_copy, revisions
from kg.linking.corpus import Corpus
from kg.linking.growing.happened import regroup_events
from kg.linking.growing.notes import FILE, Notes
from kg.linking.growing.said import reconsider
from kg.linking.growing.state import TABLES, Change, Local, State
from kg.linking.growing.who import regroup

__all__ = ["FILE", "TABLES", "Change", "Local", "Notes", "State", "grow"]


def grow(state: State, changed: Mapping[str, Local | None], decided: Corpus) -> Change:
    """Take in editions (None: gone) and decisions; returns the subjects touched and all triples of them.

    ``decided`` is a corpus of which only people's decisions are looked at.
    """
    about = state.notes["about"]
    counted = int(about.get("editions", 0))
    old = {iri: local for iri in changed if (local := state.local(iri)) is not None}
    new = {iri: local for iri, local in changed.items() if local is not None}
    change = Change(old, new, decided, _decisions(about.get("decided")))
    count = counted + len(new) - len(old)
    _enter(state, change)
    _copy(state, change)
    regroup(state, change, count=count, counted=counted)
    reconsider(state, change)
    regroup_events(state, change)
    _tell_editions(state, change)
    about.put("editions", count)
    about.put("decided", _written(decided))
    return change


def _enter(state: State, change: Change) -> None:
    for iri in change.editions:
        for by, local in ((-1, change.old.get(iri)), (1, change.new.get(iri))):
            if local is None:
                continue
            state.put_in("sha", local.edition.sha256, iri, 1 if by > 0 else None)
            if local.edition.url:
                state.put_in("url", local.edition.url, iri, 1 if by > 0 else None)
        local = change.new.get(iri)
        for band in state.notes["day"].get(iri, ["", []])[1]:
            state.put_in("band", band, iri, None)
        state.put_local(iri, local)
        found = bands(state.shingles(iri)) if local else []
        for band in found:
            state.put_in("band", band, iri, 1)
        day = local.edition.published.isoformat() if local and local.edition.published else ""
        state.notes["day"].put(iri, [day, found] if local else None)


def _copy(state: State, change: Change) -> None:
    """Find copies and revisions anew where editions of the same words or the same address changed."""
    notes = state.notes
    locals_ = (*change.old.values(), *change.new.values())
    group = {iri for local in locals_ for iri in notes["sha"].get(local.edition.sha256, {})} | set(change.new)
    # An edition's bands are gone with it: who was its copy, or its original, is known by the copy itself.
    mates = {mate for iri in group for band in notes["day"].get(iri)[1] for mate in notes["band"].get(band, {})}
    for iri in change.old:
        mates |= notes["copied"].get(iri, {}).keys()
        copy = state.copy(iri)
        mates |= {copy.earlier} if copy else set()
    for iri in sorted(group | mates | change.old.keys()):
        before = state.copy(iri)
        now = _copy_of(state, iri) if state.local(iri) else None
        if before == now:
            continue
        change.unsettled.add(iri)
        if before:
            state.put_in("copied", before.earlier, iri, None)
            change.unsettled.add(before.earlier)
        if now:
            state.put_in("copied", now.earlier, iri, 1)
            change.unsettled.add(now.earlier)
        notes["copy"].put(iri, [now.earlier, now.basis, now.score] if now else None)
    urls = {local.edition.url for local in locals_ if local.edition.url}
    for url in urls:
        same = set(notes["url"].get(url, {}))
        pairs = dict(revisions(state.editions[iri] for iri in same))
        for iri in same | change.old.keys():
            earlier = pairs.get(iri)
            for table, value in (("revises", earlier), ("revised", iri in pairs.values() or None)):
                if (iri in same or iri not in change.new) and notes[table].get(iri) != value:
                    notes[table].put(iri, value)
                    change.unsettled.add(iri)
    for iri in change.old.keys() & change.new.keys():
        if not change.new[iri].edition.url and notes["revises"].get(iri):
            notes["revises"].put(iri, None)
        if not change.new[iri].edition.url and notes["revised"].get(iri):
            notes["revised"].put(iri, None)


def _copy_of(state: State, iri: str) -> Copy | None:
    """Return what an edition is a copy of, as :func:`kg.linking.copies.find_copies` does for all."""
    sha256 = state.editions[iri].sha256
    first = _first(state, sha256)
    if first != iri:
        return Copy(iri, first, "same-text", 1.0)
    mates = {mate for band in state.notes["day"].get(iri)[1] for mate in state.notes["band"].get(band, {})} - {iri}
    for mate in sorted(mates, key=lambda mate: (min(mate, iri), max(mate, iri))):
        if _first(state, state.editions[mate].sha256) != mate:
            continue
        pair = sorted((iri, mate))
        if comes_before(state.with_text(pair[0]), state.with_text(pair[1])):
            pair.reverse()
        if pair[0] != iri:
            continue
        copy = near_copy(state.editions[iri], state.editions[mate], state.shingles(iri), state.shingles(mate))
        if copy is not None:
            return copy
    return None


def _first(state: State, sha256: str) -> str:
    return min((state.editions[iri] for iri in state.notes["sha"].get(sha256, {})), key=age).iri


def _tell_editions(state: State, change: Change) -> None:
    notes = state.notes
    addresses: set[str] = set()
    for local in (*change.old.values(), *change.new.values()):
        iri = quads.article_iri(local.edition, base=state.base)
        change.touched |= {iri, local.edition.article, quads.link_iri(local.edition.article, iri, base=state.base)}
        addresses |= {local.edition.iri, *notes["url"].get(local.edition.url or "", {})}
    there = [state.editions[iri] for iri in sorted(addresses) if iri in state.editions]
    triples, links = quads.article_links(there, base=state.base)
    change.say(iter(triples))
    change.say(quads.link_triples(links, base=state.base))
    for iri in sorted(change.editions | change.unsettled):
        change.touched.add(iri)
        copy = state.copy(iri)
        earlier = notes["revises"].get(iri)
        change.say(quads.edition_triples([copy] if copy else [], [(iri, earlier)] if earlier else []))


def _written(decided: Corpus) -> list:  # type: ignore[type-arg]
    return [
        sorted(decided.confirmed),
        sorted(decided.undone),
        sorted([list(pair), list(nodes)] for pair, nodes in decided.alongside.items()),
        sorted(decided.related),
    ]


def _decisions(written: list | None) -> Corpus:  # type: ignore[type-arg]
    if not written:
        return Corpus()
    confirmed, undone, alongside, related = written
    return Corpus(
        confirmed=frozenset((one, other) for one, other in confirmed),
        undone=frozenset((one, other) for one, other in undone),
        alongside={(pair[0], pair[1]): tuple(nodes) for pair, nodes in alongside},
        related=frozenset((one, other, relation, verdict) for one, other, relation, verdict in related),
    )
