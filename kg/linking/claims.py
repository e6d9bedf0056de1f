"""Statements enter, claims leave: clusters of statements that affirm or deny the same thing."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kg.linking.content import DENIALS, FAMILIES, Item, items_of
from kg.linking.corpus import Corpus, LocalStatement, edition_of
from kg.linking.identity import Identity
from kg.linking.terms import cosine, numbers, rarest, rarity, similarity, tokens

SAME_CLAIM = 0.5
# Log odds of a logistic regression over the pairs of the examples' gold, as read by hand and as our reader reads them,
# against these and all pairs of real news (tests/linking/gold_claims.py --fit; figures: docs/evaluation.md).
WEIGHTS = {
    "cosine": 1.75,  # of all terms, by their rarity
    "rarest": 0.5,  # rarity of the rarest shared term
    "no name": 2.53,  # a shared term that names nobody and no place
    "both lead": 1.18,  # articles open with their main claim
    "same speaker": 0.57,
    "same edition": -2.17,
    "near": 1.04,  # in that edition
    "nested": -1.03,  # what "the minister said that the union said" claims is rarely what the union claims
    "always": -7.2,
}
NEAR = 2  # statements apart
LEAST_ALIKE = 0.4  # cosine of two editions' statements: real leads share a rare word without being of one claim
SAME_TERMS = 3
RAREST = 8  # terms of a statement by which candidates are found


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


class Known(Protocol):
    """What comparing has to know of identity."""

    def tells_of_the_same(self, one: str, other: str) -> bool: ...

    def same_speaker(self, one: LocalStatement, other: LocalStatement) -> bool: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """What clustering leaves for finding relations: the items, and the alike pairs of opposite polarity."""

    items: Mapping[str, Item]
    opposed: tuple[tuple[str, str], ...]


def find_claims(corpus: Corpus, identity: Identity) -> tuple[list[Claim], Compared]:
    """Cluster statements of related editions by average link over weighted words.

    Compares only statements that share a rare term and whose editions tell of the same people. Each statement ends in
    exactly one claim. ``opposed`` holds pairs alike enough for one claim of which one is negative, whether or not
    their clusters became one.
    """
    items = items_of(corpus.statements, corpus.sources)
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
        for denial, denied in attach(sequence, cluster_of, of_iri).items():
            attached[cluster_of[denied][0]].append(denial)
            moved.add(denial)
    groups = [[*(iri for iri in members if iri not in moved), *attached[members[0]]] for members in clusters]
    claims = [claim_of([of_iri[iri] for iri in group]) for group in groups if group]
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


def compare(one: Item, other: Item, known: Known) -> float:
    """Return how likely two statements are of one claim, 0 to 1; they may be from SAME_CLAIM on."""
    if not known.tells_of_the_same(one.statement.edition, other.statement.edition):
        return 0.0
    if _is_repeated(one, other, known):
        return 1.0
    found = traits(one, other, known)
    if found is None:
        return 0.0
    return 1 / (1 + math.exp(-math.fsum(value * weight for value, weight in zip(found, WEIGHTS.values(), strict=True))))


def meet(one: Item, other: Item, known: Known) -> float:
    """Return how likely two statements are of one claim where that is enough to join them, else 0.

    The leads of real articles share a rare word and are not of one claim: those of two editions must be alike as well.
    """
    score = compare(one, other, known)
    if score < SAME_CLAIM:
        return 0.0
    if score < 1.0 and one.statement.edition != other.statement.edition:
        mine, theirs = one.terms | (one.around & other.terms), other.terms | (other.around & one.terms)
        if cosine(mine, theirs) < LEAST_ALIKE:
            return 0.0
    return score


def traits(one: Item, other: Item, known: Known) -> tuple[float, ...] | None:
    """Return what WEIGHTS weighs, in its order; None for two statements that cannot be of one claim.

    These share no term, or do different things (a request, a promise, an assertion), or give other numbers, or one is
    an interviewer's question.
    """
    a, b = one.statement, other.statement
    common = one.terms & other.terms
    if not common or not _acts_agree(one, other) or _is_of_nobody(a) or _is_of_nobody(b):
        return None
    if not numbers(common) and numbers(one.terms) and numbers(other.terms):
        return None
    mine, theirs = one.terms | (one.around & other.terms), other.terms | (other.around & one.terms)
    shared = mine & theirs
    inside = a.edition == b.edition
    speaker = known.same_speaker(a, b) or (inside and a.speaker is not None and a.speaker == b.speaker)
    return (
        cosine(mine, theirs),
        max(map(rarity, shared)),
        bool(shared - one.names - other.names),
        one.lead and other.lead,
        speaker,
        inside,
        inside and abs(one.number - other.number) <= NEAR,
        a.iri == b.within or b.iri == a.within,
        True,
    )


def _is_of_nobody(statement: LocalStatement) -> bool:
    """Tell whether a statement is an interviewer's question, of which many interviews have the same."""
    return statement.act == "ask" and statement.speaker is None


def _acts_agree(one: Item, other: Item) -> bool:
    """Tell whether two acts may say one thing: an offer, and a statement that it was offered ("had offered its …")."""
    a, b = one.statement.act, other.statement.act
    if FAMILIES.get(a, "assertive") == FAMILIES.get(b, "assertive") or "agree" in (a, b):
        return True
    if "assertive" not in (FAMILIES.get(a, "assertive"), FAMILIES.get(b, "assertive")):
        return False
    if one.statement.iri == other.statement.within or other.statement.iri == one.statement.within:
        return True
    act, told = (a, other) if a in FAMILIES else (b, one)
    return not told.terms.isdisjoint(tokens(act))


def _is_repeated(one: Item, other: Item, known: Known) -> bool:
    """Tell whether two statements have the same words: of one named speaker any ("it would appeal"), else SAME_TERMS.

    Names alone are none: "criticised Ivo Stranne" claims nothing that could be one with the next such criticism.
    """
    a, b = one.statement, other.statement
    if not one.terms - one.names or one.negative != other.negative or _is_of_nobody(a) or not _acts_agree(one, other):
        return False
    if one.terms == other.terms and len(one.terms) >= SAME_TERMS:
        return True
    return one.terms == other.terms and known.same_speaker(a, b)


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
                        value = meet(item, other, identity)
                        if value:
                            found[pair] = value
    return found


def attach(
    sequence: Iterable[Item], cluster_of: Mapping[str, Sequence[str]], items: Mapping[str, Item]
) -> dict[str, str]:
    """ "It is not true," says the minister: a denial, or "the same account", is of what stands before it.

    ``sequence`` is one edition in order; returns for each such statement the one that it denies or repeats: of those
    that may be meant that which is most like it, then that which most editions carry; of equals the nearest. A denial
    in a claim that others affirm stays there.
    """
    found: dict[str, str] = {}
    for item in sequence:
        iri = item.statement.iri
        if not item.about or any(items[mate].negative != item.negative for mate in cluster_of[iri]):
            continue
        last = items[item.about[-1]].statement.speaker
        found[iri] = max(
            reversed(item.about),
            key=lambda one: (
                len({edition_of(mate) for mate in cluster_of[one] if not items[mate].negative})
                + (items[one].statement.speaker == last)
            ),
        )
    return found


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
    said = Counter(item.statement.text for item in voices)
    label = max(
        voices,
        key=lambda item: (
            _centrality(item, voices),
            said[item.statement.text],
            -len(item.statement.text),
            item.statement.iri,
        ),
    )
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
