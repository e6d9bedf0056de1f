"""The sources of many editions enter, canonical actors, documents and places leave, with each link's basis and score.

High precision: full names, known outlets and unambiguous organisations link by name anywhere; a bare family name or a
generic institution ("the Interior Ministry") only between editions that tell of the same people. Unnamed sources are
never linked. A link that a person has undone stays undone; one that a person has confirmed stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Protocol

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
    of: Mapping[str, str]
    neighbours: Mapping[str, frozenset[str]]

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


@dataclass(frozen=True, slots=True, eq=False)
class Keyed:
    """A named source and what it is compared by; a ``weak`` key names somebody only inside one story."""

    source: LocalSource
    space: str
    key: str
    weak: bool
    basis: str | None = None


def identify(corpus: Corpus, copies: Iterable[Copy], *, base: str) -> Identity:
    """Link the named sources of all editions. Near-linear: names are compared by key, never pair by pair."""
    named = [source for source in corpus.sources if not source.unnamed and any(source.names)]
    keyed = [key_of(source) for source in named]
    clusters: dict[tuple[str, str], list[Keyed]] = defaultdict(list)
    for item in keyed:
        if not item.weak:
            clusters[item.space, item.key].append(item)
    split_by_middle_names(clusters)
    join_acronyms(clusters)
    neighbours = _neighbours(corpus.editions, clusters, copies)
    placed = place_weak([item for item in keyed if item.weak], families_of(clusters), neighbours)
    for target, items in placed.items():
        clusters[target] += items
    return _finish(clusters, corpus, neighbours, base=base)


def key_of(source: LocalSource) -> Keyed:
    """Return the key under which a named source may be the same elsewhere."""
    if source.kind == "person":
        for name in source.names:
            key = names.person_key(name)
            if key is not None:
                return Keyed(source, "person", " ".join((*key, names.generation(name))).strip(), weak=False)
        return Keyed(source, "person", names.family_key(source.names[0]), weak=True)
    if source.kind in ("outlet", "organization", "channel", "group"):
        for name in source.names:
            entry = outlets.by_name(name)
            if entry is not None:
                return Keyed(
                    source, "organization", names.organization_key(entry.name), weak=False, basis="outlet-table"
                )
        name = max(source.names, key=lambda name: (len(names.words(name)), name))
        weak = source.kind != "outlet" and names.is_generic(name)
        return Keyed(source, "organization", names.organization_key(name), weak=weak)
    name = source.names[0]
    weak = source.kind == "document" and (name == name.lower() or len(names.words(name)) < 2)
    return Keyed(source, source.kind, names.place_key(name), weak=weak)


def split_by_middle_names(clusters: dict[tuple[str, str], list[Keyed]]) -> None:
    """George W. Bush is not George H. W. Bush; a George Bush without initials then belongs to neither."""
    for (space, key), members in list(clusters.items()):
        if space != "person":
            continue
        initials = {found for item in members for found in _initials(item)} - {()}
        if any(a[: len(b)] != b[: len(a)] for a, b in combinations(sorted(initials), 2)):
            del clusters[space, key]
            for item in members:
                own = max(_initials(item), key=len)
                clusters[space, f"{key} .{''.join(own)}"].append(item)


def _initials(item: Keyed) -> set[tuple[str, ...]]:
    """Return the initials of those of a source's names that are its key ("the governor, Stepan Hryvko" is not)."""
    return {
        names.middle_names(name)
        for name in item.source.names
        if " ".join((*(names.person_key(name) or ()), names.generation(name))).strip() == item.key
    } or {()}


def join_acronyms(clusters: dict[tuple[str, str], list[Keyed]]) -> None:
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
                Keyed(item.source, item.space, item.key, weak=False, basis="acronym") for item in alone
            )
            del clusters["organization", acronym]


def most_editions(count: int) -> int:
    """Return in how many editions an actor may be, of so many in all, to tell one story from another."""
    return max(FEW, min(RARE, count // 10))


def _neighbours(
    editions: tuple[Edition, ...], clusters: dict[tuple[str, str], list[Keyed]], copies: Iterable[Copy]
) -> dict[str, frozenset[str]]:
    """Return for each edition those that tell of the same rare actors, are its copies or are of the same article."""
    of_iri = {edition.iri: edition for edition in editions}
    publishers = {edition.publisher for edition in editions}
    most = most_editions(len(editions))
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
    return are_near(of_iri[one].published, of_iri[other].published)


def are_near(a: date | None, b: date | None) -> bool:
    """Tell whether editions of these days may be of one story."""
    return a is None or b is None or abs((a - b).days) <= NEAR_DAYS


Families = Mapping[str, Mapping[str, set[str]]]


def families_of(clusters: Mapping[tuple[str, str], list[Keyed]]) -> Families:
    """Return family name -> key of a person of that name -> the editions that give the full name."""
    families: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (space, key), members in clusters.items():
        if space == "person":
            for item in members:
                families[family_of(item.source)][key].add(item.source.edition)
    return families


def family_of(source: LocalSource) -> str:
    return next((names.family_key(name) for name in source.names if names.person_key(name)), "")


def place_weak(
    weak: Iterable[Keyed], families: Families, neighbours: Mapping[str, Collection[str]]
) -> dict[tuple[str, str], list[Keyed]]:
    """Give each weak source to the one person of that family name in its story, else group it with its like there."""
    placed: dict[tuple[str, str], list[Keyed]] = defaultdict(list)
    left: dict[tuple[str, str], list[Keyed]] = defaultdict(list)
    for item in weak:
        near = neighbours.get(item.source.edition, ())
        holders = []
        if item.space == "person":
            for key, where in families.get(item.key, {}).items():
                if item.source.edition in where or not where.isdisjoint(near):
                    holders.append(key)
        if len(holders) == 1:
            placed["person", holders[0]].append(Keyed(item.source, item.space, item.key, True, "surname"))
        else:
            left[item.space, item.key].append(item)
    for (space, key), items in left.items():
        for group in _connected(items, neighbours):
            first = min(item.source.edition for item in group)
            placed[space, f"{key} @{short_hash(first)}"] += group
    return placed


def _connected(items: list[Keyed], neighbours: Mapping[str, Collection[str]]) -> list[list[Keyed]]:
    """Group sources of one weak key by editions that are related, directly or through another such edition."""
    here: dict[str, list[Keyed]] = defaultdict(list)
    for item in items:
        here[item.source.edition].append(item)
    groups: list[list[Keyed]] = []
    while here:
        edition, group = here.popitem()
        reached = [edition]
        for edition in reached:  # grows while it is walked
            near = neighbours.get(edition, ())
            found = [other for other in near if other in here] if len(near) < len(here) else here.keys() & set(near)
            for other in list(found):
                group += here.pop(other)
                reached.append(other)
        groups.append(group)
    return groups


def _finish(
    clusters: dict[tuple[str, str], list[Keyed]], corpus: Corpus, neighbours: dict[str, frozenset[str]], *, base: str
) -> Identity:
    members: dict[str, list[Keyed]] = defaultdict(list)
    for (space, key), items in clusters.items():
        members[canonical_iri(space, key, base=base)] += items
    confirmed = obey(members, corpus, base=base)
    canonicals: list[Canonical] = []
    links: list[Link] = []
    of: dict[str, str] = {}
    for iri, items in sorted(members.items()):
        canonicals.append(canonical(iri, items))
        links += links_to(canonicals[-1], items, confirmed)
        of.update((item.source.iri, iri) for item in items)
    return Identity(tuple(canonicals), tuple(links), of, neighbours)


def canonical(iri: str, items: list[Keyed]) -> Canonical:
    """Name a canonical source as its members do, the fullest frequent name first."""
    spellings = Counter(name for item in items for name in item.source.names)
    firsts = Counter(item.source.names[0] for item in items)
    ordered = sorted(spellings, key=lambda name: (-firsts[name], -len(names.words(name)), -spellings[name], name))
    fullest = max((len(names.words(name)) for name in ordered), default=0)
    if (
        any(item.space == "person" for item in items) and fullest > 1
    ):  # "Lukashenko" is more frequent, but names him less well
        ordered.sort(key=lambda name: len(names.words(name)) < 2)
    kinds = Counter(item.source.kind for item in items)
    return Canonical(
        iri,
        tuple(sorted(kinds, key=lambda kind: (-kinds[kind], kind))),
        tuple(ordered),
        tuple(sorted(item.source.iri for item in items)),
    )


def links_to(found: Canonical, items: Iterable[Keyed], confirmed: Container[str]) -> Iterator[Link]:
    """Yield why each of these sources is taken for the canonical one, sorted."""
    for item in sorted(items, key=lambda item: item.source.iri):
        basis = "person" if item.source.iri in confirmed else item.basis or _basis(item, found.names[0])
        score = 0.7 if item.weak and basis == "same-name" else SCORES[basis]
        yield Link(item.source.iri, found.iri, basis, score)


class Decided(Protocol):
    """What people decided on identity, as a Corpus has it."""

    @property
    def confirmed(self) -> frozenset[tuple[str, str]]: ...

    @property
    def undone(self) -> frozenset[tuple[str, str]]: ...

    @property
    def alongside(self) -> Mapping[tuple[str, str], tuple[str, ...]]: ...


def obey(members: dict[str, list[Keyed]], corpus: Decided, *, base: str) -> set[str]:
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


def _basis(item: Keyed, preferred: str) -> str:
    if any(names.words(name) == names.words(preferred) for name in item.source.names):
        return "same-name"
    return "name-variant"


def canonical_iri(space: str, key: str, *, base: str) -> str:
    """Mint the IRI of a canonical node from its folded key, so that a new spelling does not rename it."""
    return f"{base}{SPACES[space]}/{slug(key.partition(' @')[0].partition(' #')[0])}-{short_hash(space, key)}"
