"""The sources of many editions enter, canonical actors, documents and places leave, with each link's basis and score.

High precision: full names, known outlets and unambiguous organisations link by name anywhere; a bare family name or a
generic institution ("the Interior Ministry") only between editions that tell of the same people. Unnamed sources are
never linked. A link that a person has undone stays undone; one that a person has confirmed stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from kg import outlets
from kg.graph import short_hash, slug
from kg.linking import names
from kg.linking.copies import Copy
from kg.linking.corpus import Corpus, Edition, LocalSource, LocalStatement

NEAR_DAYS = 45  # editions further apart are not taken for one story on two shared names alone
SHARED_ACTORS = 2  # so many rare actors make two editions tell of the same people
RARE = 50  # an actor of more editions says nothing about one story …
FEW = 12  # … unless there are few editions at all

SPACES = {
    "person": "actor", "organization": "actor", "outlet": "actor", "channel": "actor", "group": "actor",
    "document": "document", "place": "place",
}  # fmt: skip
SCORES = {
    "same-name": 0.98, "outlet-table": 0.98, "name-variant": 0.9, "acronym": 0.88, "surname": 0.8, "person": 1.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Canonical:
    """One real-world source over all editions; ``kinds`` as in LocalSource, ``names`` with the preferred one first."""

    iri: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A local source, the canonical one, and why."""

    local: str
    canonical: str
    basis: str
    score: float


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is who over all editions; ``of`` maps a named local source to its canonical IRI."""

    canonicals: tuple[Canonical, ...]
    links: tuple[Link, ...]
    of: dict[str, str]
    neighbours: dict[str, frozenset[str]]

    def resolve(self, local: str) -> str:
        """Return the canonical IRI of a source, or the local one of an unnamed source."""
        return self.of.get(local, local)

    def tells_of_the_same(self, one: str, other: str) -> bool:
        """Tell whether two editions are one, or share so many actors that they are likely one story."""
        return one == other or other in self.neighbours.get(one, frozenset())

    def same_speaker(self, one: LocalStatement, other: LocalStatement) -> bool:
        """Tell whether one named person or body speaks in both."""
        speaker = self.of.get(one.speaker or "")
        return speaker is not None and speaker == self.of.get(other.speaker or "")


@dataclass(frozen=True, slots=True)
class _Keyed:
    source: LocalSource
    space: str
    key: str
    weak: bool
    basis: str | None = None


def identify(corpus: Corpus, copies: Iterable[Copy], *, base: str) -> Identity:
    """Link the named sources of all editions. Near-linear: names are compared by key, never pair by pair."""
    named = [source for source in corpus.sources if not source.unnamed and any(source.names)]
    keyed = [_key(source) for source in named]
    clusters: dict[tuple[str, str], list[_Keyed]] = defaultdict(list)
    for item in keyed:
        if not item.weak:
            clusters[item.space, item.key].append(item)
    _split_by_middle_names(clusters)
    _join_acronyms(clusters)
    neighbours = _neighbours(corpus.editions, clusters, copies)
    _place_weak([item for item in keyed if item.weak], clusters, neighbours)
    return _finish(clusters, corpus, neighbours, base=base)


def _key(source: LocalSource) -> _Keyed:
    if source.kind == "person":
        for name in source.names:
            key = names.person_key(name)
            if key is not None:
                return _Keyed(source, "person", " ".join((*key, names.generation(name))).strip(), weak=False)
        return _Keyed(source, "person", names.family_key(source.names[0]), weak=True)
    if source.kind in ("outlet", "organization", "channel", "group"):
        for name in source.names:
            entry = outlets.by_name(name)
            if entry is not None:
                return _Keyed(
                    source, "organization", names.organization_key(entry.name), weak=False, basis="outlet-table"
                )
        name = max(source.names, key=lambda name: (len(names.words(name)), name))
        weak = source.kind != "outlet" and names.is_generic(name)
        return _Keyed(source, "organization", names.organization_key(name), weak=weak)
    name = source.names[0]
    weak = source.kind == "document" and (name == name.lower() or len(names.words(name)) < 2)
    return _Keyed(source, source.kind, names.place_key(name), weak=weak)


def _split_by_middle_names(clusters: dict[tuple[str, str], list[_Keyed]]) -> None:
    """George W. Bush is not George H. W. Bush; a George Bush without initials then belongs to neither."""
    for (space, key), members in list(clusters.items()):
        if space != "person":
            continue
        initials = {found for item in members for found in _initials(item)} - {()}
        if any(a[: len(b)] != b[: len(a)] for a, b in combinations(sorted(initials), 2)):
            del clusters[space, key]
            for item in members:
                own = max(_initials(item), key=len)
                clusters[space, f"{key} {''.join(own)}"].append(item)


def _initials(item: _Keyed) -> set[tuple[str, ...]]:
    """Return the initials of those of a source's names that are its key ("the governor, Stepan Hryvko" is not)."""
    return {
        names.middle_names(name)
        for name in item.source.names
        if " ".join((*(names.person_key(name) or ()), names.generation(name))).strip() == item.key
    } or {()}


def _join_acronyms(clusters: dict[tuple[str, str], list[_Keyed]]) -> None:
    """ "FBI" joins the one organisation that some edition calls by both its name and this acronym."""
    owners: dict[str, set[str]] = defaultdict(set)
    for (space, key), members in clusters.items():
        if space == "organization" and " " in key:
            for item in members:
                for name in item.source.names:
                    if names.is_acronym(name):
                        owners["".join(names.words(name))].add(key)
    for acronym, keys in owners.items():
        alone = clusters.get(("organization", acronym))
        if alone and len(keys) == 1:
            clusters["organization", next(iter(keys))].extend(
                _Keyed(item.source, item.space, item.key, weak=False, basis="acronym") for item in alone
            )
            del clusters["organization", acronym]


def _neighbours(
    editions: tuple[Edition, ...], clusters: dict[tuple[str, str], list[_Keyed]], copies: Iterable[Copy]
) -> dict[str, frozenset[str]]:
    """Return for each edition those that tell of the same rare actors, are its copies or are of the same article."""
    of_iri = {edition.iri: edition for edition in editions}
    publishers = {edition.publisher for edition in editions}
    most = max(FEW, min(RARE, len(editions) // 10))
    shared: Counter[tuple[str, str]] = Counter()
    for (space, _), members in clusters.items():
        if space not in ("person", "organization"):
            continue
        present = sorted({item.source.edition for item in members if item.source.iri not in publishers})
        if 2 <= len(present) <= most:
            shared.update(combinations(present, 2))
    found = {pair for pair, count in shared.items() if count >= SHARED_ACTORS and _near(*pair, of_iri=of_iri)}
    found |= {(min(copy.later, copy.earlier), max(copy.later, copy.earlier)) for copy in copies}
    urls: dict[str, list[str]] = defaultdict(list)
    for edition in editions:
        if edition.url:
            urls[edition.url].append(edition.iri)
    for same in urls.values():
        found.update(combinations(sorted(same), 2))
    neighbours: dict[str, set[str]] = defaultdict(set)
    for one, other in found:
        neighbours[one].add(other)
        neighbours[other].add(one)
    return {iri: frozenset(others) for iri, others in neighbours.items()}


def _near(one: str, other: str, *, of_iri: dict[str, Edition]) -> bool:
    a, b = of_iri[one].published, of_iri[other].published
    return a is None or b is None or abs((a - b).days) <= NEAR_DAYS


def _place_weak(
    weak: list[_Keyed], clusters: dict[tuple[str, str], list[_Keyed]], neighbours: dict[str, frozenset[str]]
) -> None:
    families: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (space, key), members in clusters.items():
        if space == "person":
            for item in members:
                family = next((names.family_key(name) for name in item.source.names if names.person_key(name)), "")
                families[family][key].add(item.source.edition)
    left: dict[tuple[str, str], list[_Keyed]] = defaultdict(list)
    for item in weak:
        near = neighbours.get(item.source.edition, frozenset()) | {item.source.edition}
        holders = [key for key, where in families[item.key].items() if where & near] if item.space == "person" else []
        if len(holders) == 1:
            clusters["person", holders[0]].append(_Keyed(item.source, item.space, item.key, True, "surname"))
        else:
            left[item.space, item.key].append(item)
    for (space, key), items in sorted(left.items()):
        for group in _connected(items, neighbours):
            first = min(item.source.edition for item in group)
            clusters[space, f"{key} @{short_hash(first)}"].extend(group)


def _connected(items: list[_Keyed], neighbours: dict[str, frozenset[str]]) -> list[list[_Keyed]]:
    """Group sources of one weak key by editions that are related, directly or through another such edition."""
    groups: list[list[_Keyed]] = []
    waiting = sorted(items, key=lambda item: item.source.iri)
    while waiting:
        group = [waiting.pop(0)]
        for item in group:  # grows while it is walked
            near = neighbours.get(item.source.edition, frozenset()) | {item.source.edition}
            joined = [other for other in waiting if other.source.edition in near]
            group += joined
            waiting = [other for other in waiting if other not in joined]
        groups.append(group)
    return groups


def _finish(
    clusters: dict[tuple[str, str], list[_Keyed]], corpus: Corpus, neighbours: dict[str, frozenset[str]], *, base: str
) -> Identity:
    members: dict[str, list[_Keyed]] = defaultdict(list)
    for (space, key), items in clusters.items():
        members[canonical_iri(space, key, base=base)] += items
    confirmed = _obey(members, corpus, base=base)
    canonicals, links, of = [], [], {}
    for iri, items in sorted(members.items()):
        spellings = Counter(name for item in items for name in item.source.names)
        firsts = Counter(item.source.names[0] for item in items)
        ordered = sorted(spellings, key=lambda name: (-firsts[name], -len(names.words(name)), -spellings[name], name))
        fullest = max((len(names.words(name)) for name in ordered), default=0)
        if items[0].space == "person" and fullest > 1:  # "Lukashenko" is more frequent, but names him less well
            ordered.sort(key=lambda name: len(names.words(name)) < 2)
        kinds = Counter(item.source.kind for item in items)
        canonicals.append(
            Canonical(
                iri,
                tuple(sorted(kinds, key=lambda kind: (-kinds[kind], kind))),
                tuple(ordered),
                tuple(sorted(item.source.iri for item in items)),
            )
        )
        for item in sorted(items, key=lambda item: item.source.iri):
            basis = "person" if item.source.iri in confirmed else item.basis or _basis(item, ordered[0])
            score = 0.7 if item.weak and basis == "same-name" else SCORES[basis]
            links.append(Link(item.source.iri, iri, basis, score))
            of[item.source.iri] = iri
    return Identity(tuple(canonicals), tuple(links), of, neighbours)


def _obey(members: dict[str, list[_Keyed]], corpus: Corpus, *, base: str) -> set[str]:
    """Move sources as people decided: apart what they undid, then together what they confirmed; return the latter.

    A canonical node that has another IRI by now is known by the sources that stood alongside when the decision was
    made. A decision on nodes that are all gone waits for their return.
    """
    of = {item.source.iri: iri for iri, items in members.items() for item in items}

    def standing(pair: tuple[str, str]) -> str | None:
        if members.get(pair[1]):
            return pair[1]
        return next((of[iri] for iri in corpus.alongside.get(pair, ()) if iri in of), None)

    def move(local: str, target: str) -> None:
        item = next(item for item in members[of[local]] if item.source.iri == local)
        members[of[local]].remove(item)
        members.setdefault(target, []).append(item)
        of[local] = target

    for pair in sorted(corpus.undone):
        local = pair[0]
        if local in of and standing(pair) == of[local]:
            item = next(item for item in members[of[local]] if item.source.iri == local)
            move(local, canonical_iri(item.space, f"{item.key} #{local}", base=base))
    confirmed = set()
    for pair in sorted(corpus.confirmed):
        target = standing(pair)
        if pair[0] in of and target is not None:
            move(pair[0], target)
            confirmed.add(pair[0])
    for iri in [iri for iri, items in members.items() if not items]:
        del members[iri]
    return confirmed


def _basis(item: _Keyed, preferred: str) -> str:
    if any(names.words(name) == names.words(preferred) for name in item.source.names):
        return "same-name"
    return "name-variant"


def canonical_iri(space: str, key: str, *, base: str) -> str:
    """Mint the IRI of a canonical node from its folded key, so that a new spelling does not rename it."""
    return f"{base}{SPACES[space]}/{slug(key.partition(' @')[0].partition(' #')[0])}-{short_hash(space, key)}"
