"""Changed editions enter; who is who and which editions are related is brought up to date for the names touched."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from kg.linking import names, quads
from kg.linking.corpus import LocalSource, edition_of
from kg.linking.growing.state import Change, State
from kg.linking.identity import (
    RARE,
    SHARED_ACTORS,
    Families,
    Keyed,
    are_near,
    canonical,
    canonical_iri,
    families_of,
    family_of,
    join_acronyms,
    key_of,
    links_to,
    most_editions,
    obey,
    place_weak,
    split_by_middle_names,
)

Raw = tuple[str, str]  # space, key
Clusters = dict[Raw, list[Keyed]]


def regroup(state: State, change: Change, *, count: int, counted: int) -> None:
    """Bring identity up to date: there are ``count`` editions now, and were ``counted``."""
    touched, weak, families = _enter(state, change)
    closed = _closure(state, touched)
    old = {raw: state.notes["final"].get(_name(raw), {}) for raw in closed}
    clusters = _clusters(state, closed)
    new = _finals(state, clusters, closed)
    for raw in closed:
        state.notes["final"].put(_name(raw), new[raw])
    most, most_before = most_editions(count), most_editions(counted)
    unsure = change.editions | change.unsettled
    if most != most_before:
        unsure |= set(state.notes["day"].keys())
    for raw in closed:
        unsure |= _moved_editions(old[raw], new[raw], most, set(change.editions))
    _relate(state, change, unsure, most)
    for one, other in change.pairs:
        if one not in change.editions and other not in change.editions:
            weak |= _weak_between(state, one, other)
    bases = {base for raw in closed if raw in touched or old[raw] != new[raw] for base in old[raw] | new[raw]}
    for raw in sorted(weak | {("person", family) for family in families}):
        bases |= _place(state, raw)
    _name_canonicals(state, change, bases | _decided_on(state, change))


def _name(raw: Raw) -> str:
    return "\t".join(raw)


def _raw(name: str) -> Raw:
    space, _, key = name.partition("\t")
    return space, key


def _enter(state: State, change: Change) -> tuple[set[Raw], set[Raw], set[str]]:
    """Take the names of old editions out and those of new ones in; returns strong keys, weak keys, family names."""
    strong: set[Raw] = set()
    weak: set[Raw] = set()
    families: set[str] = set()
    for locals_, by in ((change.old, -1), (change.new, 1)):
        for local in locals_.values():
            for source in local.sources:
                if source.unnamed or not any(source.names):
                    continue
                item = key_of(source)
                raw = (item.space, item.key)
                (weak if item.weak else strong).add(raw)
                info = [source.kind, list(source.names), item.basis, source.iri == local.edition.publisher]
                state.put_in("weak" if item.weak else "name", _name(raw), source.iri, info if by > 0 else None)
                if item.weak:
                    continue
                if item.space == "person":
                    families.add(family_of(source))
                    state.count("family", family_of(source), item.key, by)
                if item.space == "organization" and " " in item.key:
                    for acronym in {"".join(names.words(name)) for name in source.names if names.is_acronym(name)}:
                        state.count("acronym", acronym, item.key, by)
                        strong.add(("organization", acronym))
    return strong, weak, families


def _items(state: State, table: str, raw: Raw) -> list[Keyed]:
    found = state.notes[table].get(_name(raw), {})
    return [
        Keyed(
            LocalSource(iri, edition_of(iri), kind, tuple(spellings), False, None),
            *raw,
            weak=table == "weak",
            basis=basis,
        )
        for iri, (kind, spellings, basis, _) in sorted(found.items())
    ]


def _closure(state: State, raws: Iterable[Raw]) -> set[Raw]:
    """Return the keys that acronyms tie to these."""
    found: set[Raw] = set()
    waiting = list(raws)
    while waiting:
        raw = waiting.pop()
        if raw in found:
            continue
        found.add(raw)
        space, key = raw
        if space != "organization":
            continue
        if " " not in key:
            waiting += [(space, owner) for owner in state.notes["acronym"].get(key, {})]
        else:
            for _, spellings, _, _ in state.notes["name"].get(_name(raw), {}).values():
                waiting += [(space, "".join(names.words(name))) for name in spellings if names.is_acronym(name)]
    return found


def _clusters(state: State, closed: Iterable[Raw]) -> Clusters:
    clusters: Clusters = defaultdict(list)
    for raw in sorted(closed):
        items = _items(state, "name", raw)
        if items:
            clusters[raw] = items
    split_by_middle_names(clusters)
    join_acronyms(clusters)
    return clusters


def _finals(state: State, clusters: Clusters, closed: Iterable[Raw]) -> dict[Raw, dict[str, list[str]]]:
    """Return for each key the clusters in which its sources are, and which editions those relate.

    An edition's own publisher relates it to none, and whoever is in very many editions relates none at all.
    """
    found: dict[Raw, dict[str, list[str]]] = {raw: {} for raw in closed}
    for final, items in clusters.items():
        infos = {raw: state.notes["name"].get(_name(raw)) for raw in {(item.space, item.key) for item in items}}
        told: set[str] = set()
        if final[0] in ("person", "organization"):
            told = {item.source.edition for item in items if not infos[item.space, item.key][item.source.iri][3]}
        for raw in infos:
            found[raw][_name(final)] = sorted(told) if len(told) <= RARE else []
    return found


def _relates(told: list[str], most: int) -> list[str]:
    return told if 2 <= len(told) <= most else []


def _moved_editions(old: dict[str, list[str]], new: dict[str, list[str]], most: int, changed: set[str]) -> set[str]:
    """Return the unchanged editions of which a cluster says something else than before."""
    found: set[str] = set()
    for final in old.keys() | new.keys():
        before, now = (set(_relates(one.get(final, []), most)) for one in (old, new))
        if before != now and not (before and now and before ^ now <= changed):
            found |= before | now
    return found


def _relate(state: State, change: Change, unsure: set[str], most: int) -> None:
    days: dict[str, date | None] = {}

    def day(edition: str) -> date | None:
        if edition not in days:
            text = state.notes["day"].get(edition, [""])[0]
            days[edition] = date.fromisoformat(text) if text else None
        return days[edition]

    for edition in sorted(unsure):
        local = state.local(edition)
        near: set[str] = set()
        if local is not None:
            raws = {
                (item.space, item.key)
                for item in (key_of(source) for source in local.sources if not source.unnamed and any(source.names))
                if not item.weak and item.space in ("person", "organization")
            }
            told: dict[str, list[str]] = {}
            for raw in raws:
                told |= state.notes["final"].get(_name(raw), {})
            shared: Counter[str] = Counter()
            for present in told.values():
                if edition in present:
                    shared.update(_relates(present, most))
            near = {
                other
                for other, number in shared.items()
                if other != edition and number >= SHARED_ACTORS and are_near(day(edition), day(other))
            }
            near |= state.notes["copied"].get(edition, {}).keys()
            copy = state.copy(edition)
            near |= {copy.earlier} if copy else set()
            if local.edition.url:
                near |= state.notes["url"].get(local.edition.url, {}).keys() - {edition}
        before = state.near(edition)
        for other in before ^ near:
            change.pairs.add((min(edition, other), max(edition, other)))
            state.put_near(other, state.near(other) ^ {edition})
        if before != near:
            state.put_near(edition, frozenset(near))


def _weak_between(state: State, one: str, other: str) -> set[Raw]:
    """Return the weak keys that two editions' relation may join: both have it, or one has the full name."""
    keys: list[set[Raw]] = []
    families: list[set[Raw]] = []
    for edition in (one, other):
        local = state.local(edition)
        items = [key_of(s) for s in local.sources if not s.unnamed and any(s.names)] if local else []
        keys.append({(item.space, item.key) for item in items if item.weak})
        full = {family_of(item.source) for item in items if not item.weak and item.space == "person"}
        families.append({("person", family) for family in full})
    return (keys[0] & (keys[1] | families[1])) | (keys[1] & families[0])


def _place(state: State, raw: Raw) -> set[str]:
    """Place the sources of a weak key anew; returns the clusters that gain or lose some."""
    items = _items(state, "weak", raw)
    families: Families = {}
    if raw[0] == "person" and items:
        people = _closure(state, [("person", key) for key in state.notes["family"].get(raw[1], {})])
        families = families_of(_clusters(state, people))
    placed = place_weak(items, families, state.identity.neighbours)
    new = {
        _name(target): {item.source.iri: item.basis or "" for item in group}
        for target, group in placed.items()
        if group
    }
    old = state.notes["placed"].get(_name(raw), {})
    changed = {target for target in old.keys() | new.keys() if old.get(target) != new.get(target)}
    # What a weak source is called may have changed, though it stands where it stood.
    changed |= new.keys() if len(new) < 3 else set()
    state.notes["placed"].put(_name(raw), new)
    for target in changed:
        state.put_in("extra", target, _name(raw), new.get(target))
    return changed


def _decided_on(state: State, change: Change) -> set[str]:
    """Return the clusters of which people decided something, as they are now or were before."""
    found = set()
    for decided in (change.before, change.decided):
        for pair in decided.confirmed | decided.undone:
            for node in (*pair, *decided.alongside.get(pair, ())):
                found.add(state.notes["iri"].get(node, [""])[0])
                of = state.of_node("of", node)
                found.add(of[1] if of else "")
    return found - {""}


def _members(state: State, bases: Iterable[str]) -> dict[str, list[Keyed]]:
    """Return cluster -> its sources, strong ones and those placed there."""
    wanted = sorted(bases)
    raws = {(space, key.partition(" .")[0]) for space, key in map(_raw, wanted) if " @" not in key}
    clusters = _clusters(state, _closure(state, raws))
    found = {}
    for base in wanted:
        items = list(clusters.get(_raw(base), ()))
        for weak, placed in sorted(state.notes["extra"].get(base, {}).items()):
            infos = state.notes["weak"].get(weak, {})
            for iri, basis in sorted(placed.items()):
                kind, spellings, _, _ = infos[iri]
                source = LocalSource(iri, edition_of(iri), kind, tuple(spellings), False, None)
                items.append(Keyed(source, *_raw(weak), weak=True, basis=basis or None))
        found[base] = items
    return found


def _name_canonicals(state: State, change: Change, bases: set[str]) -> None:
    is_decided = any(one.confirmed or one.undone for one in (change.before, change.decided))
    kept: set[str] = set()
    members: dict[str, list[Keyed]] = {}
    base_of: dict[str, str] = {}
    stale = set()
    for base, items in _members(state, bases).items():
        iri = canonical_iri(*_raw(base), base=state.base)
        stale.add(iri)
        were = state.notes["base"].get(base, {})
        if is_decided:  # else all its sources stand for its own canonical node
            stale |= {found for found in map(state.identity.of.get, were) if found}
        kept |= {item.source.iri for item in items if item.source.iri in were}
        gone = were.keys() - {item.source.iri for item in items}
        for local in gone:
            of = state.of_node("of", local)
            if of and of[1] == base:
                state.put_node("of", local, None)
                change.moved.add(local)
        state.notes["base"].put(base, {item.source.iri: 1 for item in items})
        state.notes["iri"].put(iri, [base] if items else None)
        if items:
            members[iri] = items
            base_of.update((item.source.iri, base) for item in items)
    confirmed = obey(members, change.decided, base=state.base)
    for iri in sorted(stale | members.keys()):
        before = state.notes["canon"].get(iri)
        items = members.get(iri, [])
        now: dict[str, Any] | None = None
        if items:
            found = canonical(iri, items)
            links = {link.local: link for link in links_to(found, items, confirmed)}
            now = {
                "kinds": list(found.kinds),
                "names": list(found.names),
                "links": {local: [link.basis, link.score] for local, link in links.items()},
            }
            for item in items:
                local = item.source.iri
                if local in kept and before is not None and local in before["links"]:
                    continue
                of = state.of_node("of", local)
                if of is None or of[0] != iri:
                    change.moved.add(local)
                if of != [iri, base_of[local]]:
                    state.put_node("of", local, [iri, base_of[local]])
            if before is None or (before["kinds"], before["names"]) != (now["kinds"], now["names"]):
                change.touched.add(iri)
                change.say(quads.source_triples([found]))
        elif before is not None:
            change.touched.add(iri)
        were, are = (one["links"] if one else {} for one in (before, now))
        for local in were.keys() | are.keys():
            if were.get(local) != are.get(local):
                change.touched |= {local, quads.link_iri(local, iri, base=state.base)}
                if local in are:
                    change.say(quads.link_triples([links[local]], base=state.base))
        if before != now:
            state.notes["canon"].put(iri, now)
