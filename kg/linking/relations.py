"""Claims enter, relations between statements leave: who contradicts whom, and who does not agree with himself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.linking.claims import Claim, Compared
from kg.linking.corpus import LocalStatement
from kg.linking.identity import Identity
from kg.linking.terms import numbers

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
    found: dict[tuple[str, str], Found] = {}
    for claim in claims:
        pairs = [(denial, affirmed) for denial in claim.denying for affirmed in claim.affirming]
        for denial, affirmed in pairs[:MOST_PAIRS]:
            same = _speaker(statements[denial], identity) == _speaker(statements[affirmed], identity)
            _add(found, denial, affirmed, "inTensionWith" if same else "contradicts", "opposite-polarity", 0.75)
    for one, other in compared.opposed:
        # Of two clusters that stayed apart: only where one named speaker does not agree with himself.
        if _is_same_person(statements[one], statements[other], identity):
            _add(found, one, other, "inTensionWith", "opposite-polarity", 0.6)
    for one, other, score in _different_values(statements, compared, identity):
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


def _is_same_person(one: LocalStatement, other: LocalStatement, identity: Identity) -> bool:
    return one.speaker in identity.of and _speaker(one, identity) == _speaker(other, identity)


def _different_values(
    statements: Mapping[str, LocalStatement],
    compared: Compared,
    identity: Identity,
) -> list[tuple[str, str, float]]:
    """Find statements of related editions that differ in their only number ("three killed", "one killed")."""
    terms, weights = compared.terms, compared.weights
    postings: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for iri, found in terms.items():
        plain = found - numbers(found)
        if len(numbers(found)) == 1 and len(plain) >= 3:
            for term in sorted(plain, key=lambda term: (weights.counts[term], term))[:3]:
                postings[term][statements[iri].edition].append(iri)
    pairs: dict[tuple[str, str], float] = {}
    for by_edition in postings.values():
        for edition, group in by_edition.items():
            near = identity.neighbours.get(edition, frozenset()) | {edition}
            for one in group:
                for other in (iri for where in near & by_edition.keys() for iri in by_edition[where]):
                    if one < other and (one, other) not in pairs and numbers(terms[one]) != numbers(terms[other]):
                        a, b = terms[one] - numbers(terms[one]), terms[other] - numbers(terms[other])
                        score = weights.similarity(a, b) if len(a & b) >= 3 else 0.0
                        if score >= DIFFERENT_VALUE:
                            pairs[one, other] = score
    return [(one, other, score) for (one, other), score in sorted(pairs.items())]
