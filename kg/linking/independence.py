"""A claim's affirming statements enter, its outlets and independent roots leave, as a range.

Two outlets that quote one unnamed source are one root, not two confirmations. A root reached through a cited outlet is
that outlet's own root where we hold its article; copies of one story count once; unnamed roots of different editions
may be one person, so the count is a range: ``high`` takes all for different, ``low`` merges those whose descriptions
do not exclude each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from kg.linking import names
from kg.linking.claims import Claim
from kg.linking.copies import Copy
from kg.linking.corpus import Edition, LocalSource, LocalStatement
from kg.linking.identity import Identity

# Descriptions that cannot be of one person, by the word that says who it is.
CALLINGS: tuple[frozenset[str], ...] = (
    frozenset({"official", "officials", "minister", "adviser", "advisor", "aide", "aides", "diplomat", "diplomats"}),
    frozenset({"journalist", "journalists", "reporter", "reporters", "editor"}),
    frozenset({"witness", "witnesses", "resident", "residents", "neighbour", "neighbor", "passer"}),
    frozenset({"doctor", "doctors", "nurse", "medic", "medics"}),
    frozenset({"lawyer", "lawyers", "attorney", "prosecutor", "prosecutors"}),
    frozenset({"employee", "employees", "worker", "workers", "staff"}),
    frozenset({"soldier", "soldiers", "officer", "officers", "commander"}),
)


@dataclass(frozen=True, slots=True)
class Board:
    """The headline answer for one claim; roots are canonical IRIs, or local ones of unnamed sources."""

    outlets: tuple[str, ...]
    roots: tuple[str, ...]
    low: int
    high: int
    named: int
    root_of: Mapping[str, str]  # statement -> its root after resolution


@dataclass(frozen=True, slots=True)
class Facts:
    """What independence needs to look up."""

    statements: Mapping[str, LocalStatement]
    by_edition: Mapping[str, Sequence[LocalStatement]]
    sources: Mapping[str, LocalSource]
    editions: Mapping[str, Edition]
    copy_of: Mapping[str, Copy]
    revised: Container[str]
    identity: Identity

    def outlet(self, statement: LocalStatement) -> str:
        """Return the canonical outlet that publishes a statement."""
        publisher = self.editions[statement.edition].publisher
        return self.identity.resolve(publisher) if publisher else statement.edition


def board(claim: Claim, facts: Facts) -> Board:
    """Count the outlets and independent roots behind a claim; denials are not roots."""
    affirming = [facts.statements[iri] for iri in claim.affirming]
    # "An official said the government agreed to sell": for the sale this is one voice, the official's.
    affirming = [statement for statement in affirming if statement.within not in claim.affirming]
    # An edition that a later one revises no longer speaks for its outlet, unless it alone carries the claim.
    current = [statement for statement in affirming if statement.edition not in facts.revised] or affirming
    outlets = sorted({facts.outlet(statement) for statement in current})
    own = _own_roots(current, facts)
    root_of = {statement.iri: _resolve(statement, own, facts) for statement in current}
    roots = sorted(set(root_of.values()))
    # "The ministry" and "a senior official" of one chain are one root; an outlet that only passes on is none.
    if len(roots) > 1:
        passing = {facts.outlet(statement) for statement in current}
        only_outlets = [root for root in roots if root in passing and not _speaks_itself(root, current, facts)]
        if len(only_outlets) < len(roots):
            roots = [root for root in roots if root not in only_outlets]
    unnamed = [root for root in roots if root in facts.sources and facts.sources[root].unnamed]
    named = len(roots) - len(unnamed)
    return Board(tuple(outlets), tuple(roots), named + _fewest(unnamed, facts), named + len(unnamed), named, root_of)


def _speaks_itself(outlet: str, statements: list[LocalStatement], facts: Facts) -> bool:
    """Tell whether an outlet stands behind a claim on its own word somewhere ("the Ledger has learned").

    A headline or a first sentence that only says before what the same article then has from somebody does not count.
    """
    attributed = {statement.edition for statement in statements if len(statement.chain) > 1}
    return any(
        facts.identity.resolve(statement.root) == outlet
        and len(statement.chain) == 1
        and statement.edition not in attributed
        and facts.outlet(statement) == outlet
        for statement in statements
    )


def _own_roots(statements: list[LocalStatement], facts: Facts) -> dict[str, set[str]]:
    """Return, per outlet, the roots that it reached without another outlet in between."""
    own: dict[str, set[str]] = defaultdict(set)
    outlets = {facts.outlet(statement) for statement in statements}
    for statement in statements:
        between = {facts.identity.resolve(link) for link in statement.chain[1:]} & outlets
        if not between - {facts.outlet(statement)} and len(statement.chain) > 1:
            own[facts.outlet(statement)].add(_original(statement, facts))
    return own


def _original(statement: LocalStatement, facts: Facts) -> str:
    """Return the root of a statement; that of a copy is the original's root with the same place in the text."""
    root = facts.identity.resolve(statement.root)
    copy = facts.copy_of.get(statement.edition)
    if copy is not None and root == statement.root:
        twin = _twin(statement, copy.earlier, facts)
        if twin is not None:
            return _original(twin, facts)
    return root


def _twin(statement: LocalStatement, edition: str, facts: Facts) -> LocalStatement | None:
    wanted = " ".join(statement.text.split())
    same = [other for other in facts.by_edition.get(edition, ()) if " ".join(other.text.split()) == wanted]
    return min(same, key=lambda other: other.order, default=None)


def _resolve(statement: LocalStatement, own: Mapping[str, set[str]], facts: Facts) -> str:
    """Follow a statement's chain through the outlets that it cites to the root that those outlets themselves have."""
    root = _original(statement, facts)
    publisher = facts.outlet(statement)
    for link in reversed(statement.chain[1:]):
        cited = facts.identity.resolve(link)
        if cited in own and cited != publisher:
            candidates = own[cited]
            if root == cited or (root in facts.sources and facts.sources[root].unnamed):
                unnamed = {item for item in candidates if item in facts.sources and facts.sources[item].unnamed}
                pool = unnamed if root != cited else candidates
                if len(pool) == 1:
                    return next(iter(pool))
    return root


def _fewest(unnamed: list[str], facts: Facts) -> int:
    """Return how few persons these unnamed roots can be: a greedy colouring of "cannot be the same"."""
    groups: list[list[LocalSource]] = []
    for source in (facts.sources[iri] for iri in unnamed):
        home = next((group for group in groups if all(may_be_same(source, other) for other in group)), None)
        if home is None:
            groups.append([source])
        else:
            home.append(source)
    return len(groups)


def may_be_same(one: LocalSource, other: LocalSource) -> bool:
    """Tell whether two unnamed sources could be one: never inside one edition, nor against number, kind or calling."""
    if one.edition == other.edition:
        return False
    if one.number is not None and other.number is not None and one.number != other.number:
        return False
    if ((one.number or 1) > 1 and other.number == 1) or ((other.number or 1) > 1 and one.number == 1):
        return False
    if {one.kind, other.kind} & {"organization", "outlet", "document", "channel"} and one.kind != other.kind:
        return False
    a, b = _callings(one), _callings(other)
    return not a or not b or bool(a & b)


def _callings(source: LocalSource) -> set[int]:
    spoken = {word for name in source.names for word in names.words(name)}
    return {number for number, words in enumerate(CALLINGS) if words & spoken}
