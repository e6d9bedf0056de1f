"""Claims enter, relations between statements leave: who contradicts whom, and who does not agree with himself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.linking.claims import Claim, Compared
from kg.linking.corpus import LocalStatement
from kg.linking.identity import Identity
from kg.linking.terms import numbers, rarest, share_a_negation, similarity

DIFFERENT_VALUE = 0.62  # similarity without the numbers, above which two numbers speak of one thing
MOST_PAIRS = 40  # relations of one claim; a hundred denials of a hundred reports say nothing more


@dataclass(frozen=True, slots=True)
class Found:
    """One relation between two statements; ``relation`` and ``basis`` as in the schemes."""

    one: str
    other: str
    relation: str
    basis: str
    score: float


def find_relations(
    claims: list[Claim],
    statements: Mapping[str, LocalStatement],
    compared: Compared,
    identity: Identity,
) -> list[Found]:
    """Relate denials to what they deny, and statements that give one thing different values. Each pair once, sorted."""
    return relate(claims, statements, compared.opposed, _different_values(compared, identity), identity)


def relate(
    claims: Iterable[Claim],
    statements: Mapping[str, LocalStatement],
    opposed: Iterable[tuple[str, str]],
    values: Iterable[tuple[str, str, float]],
    identity: Identity,
) -> list[Found]:
    """Relate what was compared: ``opposed`` and ``values`` are pairs of statements, the lesser IRI first."""
    found: dict[tuple[str, str], Found] = {}
    for claim in claims:
        pairs = [(denial, affirmed) for denial in claim.denying for affirmed in claim.affirming]
        for denial, affirmed in pairs[:MOST_PAIRS]:
            if share_a_negation(statements[denial].text, statements[affirmed].text):
                continue
            same = _speaker(statements[denial], identity) == _speaker(statements[affirmed], identity)
            _add(found, denial, affirmed, "inTensionWith" if same else "contradicts", "opposite-polarity", 0.75)
    for one, other in opposed:
        # Of two clusters that stayed apart: only where one named speaker does not agree with himself.
        a, b = statements[one], statements[other]
        if identity.same_speaker(a, b) and not share_a_negation(a.text, b.text):
            _add(found, one, other, "inTensionWith", "opposite-polarity", 0.6)
    for one, other, score in values:
        same = _speaker(statements[one], identity) == _speaker(statements[other], identity)
        relation = "inTensionWith" if same else "contradicts"
        _add(found, one, other, relation, "different-value", round(score * 0.8, 2))
    return [found[pair] for pair in sorted(found)]


def obey(
    found: list[Found], decided: Iterable[tuple[str, str, str, str]], statements: Mapping[str, LocalStatement]
) -> list[Found]:
    """Return the relations as people decided: a confirmed one in the place of what was found, an undone one not at all.

    A pair of statements has one relation; a decision on a statement that is gone waits for its return.
    """
    by_pair = {(min(one.one, one.other), max(one.one, one.other)): one for one in found}
    for one, other, relation, verdict in sorted(decided):
        pair = (min(one, other), max(one, other))
        if verdict == "confirmed" and one in statements and other in statements:
            by_pair[pair] = Found(one, other, relation, "person", 1.0)
        elif verdict == "undone" and pair in by_pair and by_pair[pair].relation == relation:
            del by_pair[pair]
    return [by_pair[pair] for pair in sorted(by_pair)]


def _add(found: dict[tuple[str, str], Found], one: str, other: str, relation: str, basis: str, score: float) -> None:
    found.setdefault((min(one, other), max(one, other)), Found(one, other, relation, basis, score))


def _speaker(statement: LocalStatement, identity: Identity) -> str:
    return identity.resolve(statement.speaker or statement.root)


def value_terms(terms: frozenset[str]) -> list[str]:
    """Return the terms by which a statement of one number finds those that give another one; none of any other."""
    plain = terms - numbers(terms)
    return rarest(plain, 3) if len(numbers(terms)) == 1 and len(plain) >= 3 else []


def difference(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how alike two statements are that give one thing two numbers; 0 where they don't."""
    if numbers(one) == numbers(other):
        return 0.0
    a, b = one - numbers(one), other - numbers(other)
    score = similarity(a, b) if len(a & b) >= 3 else 0.0
    return score if score >= DIFFERENT_VALUE else 0.0


def _different_values(compared: Compared, identity: Identity) -> list[tuple[str, str, float]]:
    """Find statements of related editions that differ in their only number ("three killed", "one killed")."""
    postings: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for iri, item in compared.items.items():
        for term in value_terms(item.terms):
            postings[term][item.statement.edition].append(iri)
    pairs: dict[tuple[str, str], float] = {}
    for by_edition in postings.values():
        for edition, group in by_edition.items():
            near = identity.neighbours.get(edition, frozenset()) | {edition}
            for one in group:
                for other in (iri for where in near & by_edition.keys() for iri in by_edition[where]):
                    if one < other and (one, other) not in pairs:
                        score = difference(compared.items[one].terms, compared.items[other].terms)
                        if score:
                            pairs[one, other] = score
    return [(one, other, score) for (one, other), score in sorted(pairs.items())]
