"""Statements enter, claims leave: clusters of statements that affirm or deny the same thing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from kg.linking import names
from kg.linking.corpus import Corpus, LocalStatement
from kg.linking.identity import Identity
from kg.linking.terms import Weights, has_negation, numbers, tokens

# Chosen together on the examples' gold (pairs of statements: precision 0.86 where either is in a claim of the gold).
SAME_CLAIM = 0.45
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


@dataclass(slots=True)
class _Item:
    statement: LocalStatement
    terms: frozenset[str]
    negative: bool
    worded: bool  # the negation stands in the words themselves
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """What clustering leaves for finding relations: terms and weights, and the alike pairs of opposite polarity."""

    terms: Mapping[str, frozenset[str]]
    weights: Weights
    opposed: tuple[tuple[str, str], ...]


def find_claims(corpus: Corpus, identity: Identity) -> tuple[list[Claim], Compared]:
    """Cluster statements of related editions by average link over weighted words.

    Compares only statements that share a rare term and whose editions tell of the same people. Each statement ends in
    exactly one claim. ``opposed`` holds pairs alike enough for one claim of which one is negative, whether or not
    their clusters became one.
    """
    items = [_item(statement) for statement in corpus.statements]
    _mark_leads(items)
    weights = Weights(item.terms for item in items)
    of_iri = {item.statement.iri: item for item in items}
    pairs = _pairs(items, weights, identity)
    cluster_of = {iri: [iri] for iri in of_iri}
    scores: dict[tuple[str, str], float] = dict(pairs)

    def score(one: str, other: str) -> float:
        pair = (min(one, other), max(one, other))
        if pair not in scores:
            scores[pair] = _score(of_iri[pair[0]], of_iri[pair[1]], weights, identity)
        return scores[pair]

    for (one, other), _ in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])):
        a, b = cluster_of[one], cluster_of[other]
        if a is b:
            continue
        if sum(score(x, y) for x in a for y in b) / (len(a) * len(b)) >= SAME_CLAIM:
            a += b
            for iri in b:
                cluster_of[iri] = a
    _attach_bare_denials(items, cluster_of)
    seen: set[int] = set()
    claims = []
    for iri in sorted(cluster_of):
        cluster = cluster_of[iri]
        if id(cluster) not in seen:
            seen.add(id(cluster))
            claims.append(_claim([of_iri[iri] for iri in cluster], weights))
    opposed = tuple(pair for pair in sorted(pairs) if of_iri[pair[0]].negative != of_iri[pair[1]].negative)
    return claims, Compared({item.statement.iri: item.terms for item in items}, weights, opposed)


def _item(statement: LocalStatement) -> _Item:
    terms = frozenset(tokens(statement.text))
    worded = has_negation(statement.text)
    return _Item(statement, terms, statement.polarity == "negative", worded)


def _mark_leads(items: list[_Item]) -> None:
    count: Counter[str] = Counter()
    for item in sorted(items, key=lambda item: item.statement.order):
        item.lead = count[item.statement.edition] < LEAD
        count[item.statement.edition] += 1


def _family(act: str) -> str:
    return FAMILIES.get(act, "assertive")


def _score(one: _Item, other: _Item, weights: Weights, identity: Identity) -> float:
    a, b = one.statement, other.statement
    if _is_repeated(a, b, identity):
        return 1.0
    shared = one.terms & other.terms
    common = numbers(shared)
    if len(shared) < FEWEST_SHARED and not (
        len(shared) == 2 and (common or min(len(one.terms), len(other.terms)) == 2)
    ):
        return 0.0
    if _family(a.act) != _family(b.act) and "agree" not in (a.act, b.act):
        return 0.0
    if not identity.tells_of_the_same(a.edition, b.edition):
        return 0.0
    if numbers(one.terms) and numbers(other.terms) and not common:
        return 0.0
    evidence = PER_TERM * min(len(shared) - FEWEST_SHARED, MOST_TERMS)
    evidence += BOTH_LEAD * (one.lead and other.lead) + SHARED_NUMBER * bool(common)
    return weights.similarity(one.terms, other.terms) + evidence


def _is_repeated(a: LocalStatement, b: LocalStatement, identity: Identity) -> bool:
    """Tell whether two editions report the same words of the same named speaker, however few ("it would appeal")."""
    return (
        a.speaker is not None
        and b.speaker is not None
        and a.speaker in identity.of
        and identity.of[a.speaker] == identity.of.get(b.speaker)
        and names.words(a.text) == names.words(b.text)
        and identity.tells_of_the_same(a.edition, b.edition)
    )


def _pairs(items: list[_Item], weights: Weights, identity: Identity) -> dict[tuple[str, str], float]:
    """Score the pairs that share one of each statement's rarest terms."""
    postings: dict[str, list[_Item]] = defaultdict(list)
    for item in items:
        for term in sorted(item.terms, key=lambda term: (weights.counts[term], term))[:RAREST]:
            postings[term].append(item)
    found: dict[tuple[str, str], float] = {}
    for term in sorted(postings):
        group = postings[term]
        by_edition: dict[str, list[_Item]] = defaultdict(list)
        for item in group:
            by_edition[item.statement.edition].append(item)
        for item in group:
            near = identity.neighbours.get(item.statement.edition, frozenset()) | {item.statement.edition}
            for edition in near & by_edition.keys():
                for other in by_edition[edition]:
                    pair = (item.statement.iri, other.statement.iri)
                    if pair[0] < pair[1] and pair not in found:
                        value = _score(item, other, weights, identity)
                        if value >= SAME_CLAIM:
                            found[pair] = value
    return found


def _attach_bare_denials(items: list[_Item], cluster_of: dict[str, list[str]]) -> None:
    """ "It is not true," says the minister: a denial without content denies what others say just before.

    Of the statements before it in its edition, that is the one which most editions carry; of equals the nearest.
    """
    edition_of = {item.statement.iri: item.statement.edition for item in items}
    by_edition: dict[str, list[_Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: item.statement.order):
        by_edition[item.statement.edition].append(item)
    for sequence in by_edition.values():
        for number, item in enumerate(sequence):
            if not _is_bare_denial(item) or len(cluster_of[item.statement.iri]) > 1:
                continue
            before = [
                other
                for other in sequence[max(0, number - REACH) : number]
                if other.statement.speaker != item.statement.speaker and not other.negative
            ]
            if before:
                denied = max(
                    reversed(before),
                    key=lambda other: len({edition_of[iri] for iri in cluster_of[other.statement.iri]}),
                )
                home = cluster_of[denied.statement.iri]
                home.append(item.statement.iri)
                cluster_of[item.statement.iri] = home


def _is_bare_denial(item: _Item) -> bool:
    """Tell whether a denial's first sentence holds nothing but words of denying."""
    if not item.negative:
        return False
    first = re.split(r" … |(?<=[.!?]) ", item.statement.text, maxsplit=1)[0]
    plain = {word for word in names.words(first) if word not in names.stop_words()}
    return plain <= names.denial_words() and (bool(plain) or item.statement.act == "deny")


def _claim(members: list[_Item], weights: Weights) -> Claim:
    """Tell affirmation from denial. If nobody affirms, the worded negation ("did not sign") is the claim itself."""
    members = sorted(members, key=lambda item: item.statement.order)
    affirming = [item for item in members if not item.negative]
    denying = [item for item in members if item.negative]
    if not affirming and not any(item.statement.act in DENIALS for item in denying):
        affirming, denying = denying, []
    voices = affirming or denying
    inner = {item.statement.iri for item in members}
    voices = [item for item in voices if item.statement.within not in inner] or voices
    label = max(
        voices, key=lambda item: (_centrality(item, voices, weights), -len(item.statement.text), item.statement.iri)
    )
    return Claim(
        key=min(item.statement.iri for item in members),
        label=_shorten(label.statement.text),
        affirming=tuple(item.statement.iri for item in affirming),
        denying=tuple(item.statement.iri for item in denying),
    )


def _centrality(item: _Item, voices: list[_Item], weights: Weights) -> float:
    return round(sum(weights.similarity(item.terms, other.terms) for other in voices if other is not item), 6)


def _shorten(text: str, longest: int = 240) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"
