"""Statements enter, claims leave: clusters of statements that affirm or deny the same thing."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from kg.linking import names
from kg.linking.corpus import Corpus, LocalStatement, edition_of
from kg.linking.identity import Identity
from kg.linking.terms import numbers, rarest, similarity, tokens

# Chosen together on the examples' gold (pairs of statements: precision 0.81 where either is in a claim of the gold).
SAME_CLAIM = 0.5
FEWEST_SHARED = 3  # terms; two, where they are all that the shorter one has, or a number is among them
PER_TERM = 0.05  # more shared words are more evidence than their weight says, up to MOST_TERMS of them
MOST_TERMS = 5
BOTH_LEAD = 0.1  # articles open with their main claim
SHARED_NUMBER = 0.15
RAREST = 8  # terms of a statement by which candidates are found
REACH = 3  # statements back to which a bare denial may refer
LEAD = 2  # the first statements of an edition
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


@dataclass(frozen=True, slots=True)
class Claim:
    """What several statements say; ``affirming`` and ``denying`` hold statement IRIs in order of edition and text."""

    key: str
    label: str
    affirming: tuple[str, ...]
    denying: tuple[str, ...]

    @property
    def statements(self) -> tuple[str, ...]:
        return self.affirming + self.denying


@dataclass(frozen=True, slots=True)
class Item:
    """A statement as it is compared; ``lead`` for the first of an edition."""

    statement: LocalStatement
    terms: frozenset[str]
    negative: bool
    lead: bool


class Known(Protocol):
    """What comparing has to know of identity."""

    def tells_of_the_same(self, one: str, other: str) -> bool: ...

    def same_speaker(self, one: LocalStatement, other: LocalStatement) -> bool: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """What clustering leaves for finding relations: the items, and the alike pairs of opposite polarity."""

    items: Mapping[str, Item]
    opposed: tuple[tuple[str, str], ...]


def items_of(statements: Iterable[LocalStatement]) -> list[Item]:
    """Return the items of whole editions, in the order of their texts."""
    count: Counter[str] = Counter()
    found = []
    for statement in sorted(statements, key=lambda statement: statement.order):
        lead = count[statement.edition] < LEAD
        count[statement.edition] += 1
        terms = frozenset(tokens(statement.text))
        found.append(Item(statement, terms, statement.polarity == "negative", lead))
    return found


def find_claims(corpus: Corpus, identity: Identity) -> tuple[list[Claim], Compared]:
    """Cluster statements of related editions by average link over weighted words.

    Compares only statements that share a rare term and whose editions tell of the same people. Each statement ends in
    exactly one claim. ``opposed`` holds pairs alike enough for one claim of which one is negative, whether or not
    their clusters became one.
    """
    items = items_of(corpus.statements)
    of_iri = {item.statement.iri: item for item in items}
    pairs = _pairs(items, identity)
    clusters = cluster(of_iri, pairs, identity)
    cluster_of = {iri: members for members in clusters for iri in members}
    by_edition: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_edition[item.statement.edition].append(item)
    attached: dict[str, list[str]] = defaultdict(list)
    moved = set()
    for sequence in by_edition.values():
        for denial, denied in attach(sequence, cluster_of).items():
            attached[cluster_of[denied][0]].append(denial)
            moved.add(denial)
    claims = [
        claim_of([of_iri[iri] for iri in [*members, *attached[members[0]]]])
        for members in clusters
        if members[0] not in moved
    ]
    opposed = tuple(pair for pair in sorted(pairs) if of_iri[pair[0]].negative != of_iri[pair[1]].negative)
    return sorted(claims, key=lambda claim: claim.key), Compared(of_iri, opposed)


def cluster(items: Mapping[str, Item], pairs: Mapping[tuple[str, str], float], known: Known) -> list[list[str]]:
    """Join alike pairs, the most alike first, while the average over both clusters is alike; clusters come sorted.

    Statements that no chain of pairs connects never meet: each connected part may be clustered alone.
    """
    cluster_of = {iri: [iri] for iri in items}
    scores = dict(pairs)

    def score(one: str, other: str) -> float:
        pair = (min(one, other), max(one, other))
        if pair not in scores:
            scores[pair] = compare(items[pair[0]], items[pair[1]], known)
        return scores[pair]

    for (one, other), _ in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])):
        a, b = cluster_of[one], cluster_of[other]
        if a is b:
            continue
        if math.fsum(score(x, y) for x in a for y in b) / (len(a) * len(b)) >= SAME_CLAIM:
            a += b
            for iri in b:
                cluster_of[iri] = a
    return [sorted(members) for iri, members in cluster_of.items() if iri == min(members)]


def _family(act: str) -> str:
    return FAMILIES.get(act, "assertive")


def compare(one: Item, other: Item, known: Known) -> float:
    """Return how alike two statements are; from SAME_CLAIM on they may be of one claim."""
    a, b = one.statement, other.statement
    if _is_repeated(a, b, known):
        return 1.0
    shared = one.terms & other.terms
    common = numbers(shared)
    if len(shared) < FEWEST_SHARED and not (
        len(shared) == 2 and (common or min(len(one.terms), len(other.terms)) == 2)
    ):
        return 0.0
    if _family(a.act) != _family(b.act) and "agree" not in (a.act, b.act):
        return 0.0
    if not known.tells_of_the_same(a.edition, b.edition):
        return 0.0
    if numbers(one.terms) and numbers(other.terms) and not common:
        return 0.0
    evidence = PER_TERM * min(len(shared) - FEWEST_SHARED, MOST_TERMS)
    evidence += BOTH_LEAD * (one.lead and other.lead) + SHARED_NUMBER * bool(common)
    return similarity(one.terms, other.terms) + evidence


def _is_repeated(a: LocalStatement, b: LocalStatement, known: Known) -> bool:
    """Tell whether two editions report the same words of the same named speaker, however few ("it would appeal")."""
    return (
        known.same_speaker(a, b)
        and names.words(a.text) == names.words(b.text)
        and known.tells_of_the_same(a.edition, b.edition)
    )


def _pairs(items: list[Item], identity: Identity) -> dict[tuple[str, str], float]:
    """Score the pairs that share one of each statement's rarest terms."""
    postings: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        for term in rarest(item.terms, RAREST):
            postings[term].append(item)
    found: dict[tuple[str, str], float] = {}
    for term in sorted(postings):
        group = postings[term]
        by_edition: dict[str, list[Item]] = defaultdict(list)
        for item in group:
            by_edition[item.statement.edition].append(item)
        for item in group:
            near = identity.neighbours.get(item.statement.edition, frozenset()) | {item.statement.edition}
            for edition in near & by_edition.keys():
                for other in by_edition[edition]:
                    pair = (item.statement.iri, other.statement.iri)
                    if pair[0] < pair[1] and pair not in found:
                        value = compare(item, other, identity)
                        if value >= SAME_CLAIM:
                            found[pair] = value
    return found


def attach(sequence: list[Item], cluster_of: Mapping[str, list[str]]) -> dict[str, str]:
    """ "It is not true," says the minister: a denial without content denies what others say just before.

    ``sequence`` is one edition in order; returns denial -> denied. Of the statements before it that is the one which
    most editions carry; of equals the nearest.
    """
    found: dict[str, str] = {}
    for number, item in enumerate(sequence):
        if not is_bare_denial(item) or len(cluster_of[item.statement.iri]) > 1:
            continue
        before = [
            other
            for other in sequence[max(0, number - REACH) : number]
            if other.statement.speaker != item.statement.speaker and not other.negative
        ]
        if before:
            denied = max(
                reversed(before),
                key=lambda other: len({edition_of(iri) for iri in cluster_of[other.statement.iri]}),
            )
            found[item.statement.iri] = denied.statement.iri
    return found


def is_bare_denial(item: Item) -> bool:
    """Tell whether a denial's first sentence holds nothing but words of denying."""
    if not item.negative:
        return False
    first = re.split(r" … |(?<=[.!?]) ", item.statement.text, maxsplit=1)[0]
    plain = {word for word in names.words(first) if word not in names.stop_words()}
    return plain <= names.denial_words() and (bool(plain) or item.statement.act == "deny")


def claim_of(members: list[Item]) -> Claim:
    """Tell affirmation from denial. If nobody affirms, the worded negation ("did not sign") is the claim itself."""
    members = sorted(members, key=lambda item: item.statement.order)
    affirming = [item for item in members if not item.negative]
    denying = [item for item in members if item.negative]
    if not affirming and not any(item.statement.act in DENIALS for item in denying):
        affirming, denying = denying, []
    voices = affirming or denying
    inner = {item.statement.iri for item in members}
    voices = [item for item in voices if item.statement.within not in inner] or voices
    label = max(voices, key=lambda item: (_centrality(item, voices), -len(item.statement.text), item.statement.iri))
    return Claim(
        key=min(item.statement.iri for item in members),
        label=_shorten(label.statement.text),
        affirming=tuple(item.statement.iri for item in affirming),
        denying=tuple(item.statement.iri for item in denying),
    )


def _centrality(item: Item, voices: list[Item]) -> float:
    return round(math.fsum(similarity(item.terms, other.terms) for other in voices if other is not item), 6)


def _shorten(text: str, longest: int = 240) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"
