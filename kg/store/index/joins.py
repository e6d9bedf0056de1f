"""The pattern of a relation enters; SQL over the ties between nodes that finds the same pairs leaves, if there is one.

An index that is built whole has all ties in a table already: joining them there costs a tenth of asking the engine and
reading its terms. A pattern that looks at more than ties (a class, a concept, OPTIONAL, a sub-query) is asked.
"""

from __future__ import annotations

import re
from functools import cache

from kg.store.index.footprint import Branch, Edge, branches, is_variable
from kg.vocab import NAMESPACE

_MORE = re.compile(r"\b(OPTIONAL|FILTER|EXISTS|BIND|SELECT|VALUES|MINUS)\b", re.IGNORECASE)
_NODE, _TARGET = "?node", "?target"


@cache
def pairs(pattern: str) -> tuple[str, tuple[str, ...]] | None:
    """Return SQL that yields (node, target) as numbers, some pairs twice, and its parameters: names of properties.

    It reads ``temp.tie (p, s, o)``. None for a pattern that can't be told so.
    """
    if _MORE.search(pattern):
        return None
    found = [_branch(branch) for branch in branches(pattern)]
    texts = [one[0] for one in found if one is not None]
    if len(texts) < len(found):
        return None
    return " UNION ALL ".join(texts), tuple(name for one in found if one is not None for name in one[1])


def _branch(branch: Branch) -> tuple[str, list[str]] | None:
    """Join the triples of an alternative, each looked up by a subject that is known."""
    if not all(_is_tie(edge) for edge in branch):
        return None
    for first in branch:
        order = _order(first, branch)
        if order is not None:
            return _joined(order)
    return None


def _is_tie(edge: Edge) -> bool:
    own = edge.predicate.startswith(f"<{NAMESPACE}")
    return own and is_variable(edge.subject) and is_variable(edge.object)


def _order(first: Edge, branch: Branch) -> list[Edge] | None:
    done, known = [first], {first.subject, first.object}
    left = [edge for edge in branch if edge is not first]
    while left:
        following = next((edge for edge in left if edge.subject in known), None)
        if following is None:
            return None
        left.remove(following)
        done.append(following)
        known.add(following.object)
    return done


def _joined(order: list[Edge]) -> tuple[str, list[str]] | None:
    places: dict[str, str] = {}
    tests, names = [], []
    for number, edge in enumerate(order):
        tests.append(f"t{number}.p = (SELECT id FROM property WHERE name = ?)")
        names.append(edge.predicate[1 + len(NAMESPACE) : -1])
        for variable, place in ((edge.subject, f"t{number}.s"), (edge.object, f"t{number}.o")):
            if variable in places:
                tests.append(f"{place} = {places[variable]}")
            else:
                places[variable] = place
    if _NODE not in places or _TARGET not in places:
        return None
    # CROSS JOIN keeps SQLite to this order.
    tables = " CROSS JOIN ".join(f"tie t{number}" for number in range(len(order)))
    chosen = f"{places[_NODE]} AS node, {places[_TARGET]} AS target"
    return f"SELECT {chosen} FROM {tables} WHERE {' AND '.join(tests)}", names
