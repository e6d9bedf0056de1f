"""The patterns of a kind enter; the ways from a changed triple to the nodes whose rows it may touch leave.

A pattern is read as what it joins: alternatives (UNION, the variables of a BIND) of triples between variables, where
OPTIONAL and EXISTS count as well. A triple that stands for one of them reaches ``?node`` along the others of its
alternative. So nothing has to be said twice: a new column knows by itself what changes it. The ways may lead to more
nodes than the change touches, never to fewer.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from kg.graph import literal
from kg.store.index.definitions import KINDS, Kind
from kg.vocab import KG, RDF_TYPE

_TOKEN = re.compile(r"<[^<>\s]*>|\?\w+|'[^']*'|\"[^\"]*\"|[{}().;,|/]|\w+|[^\s\w]")
_NODE = "?node"
#: Properties whose objects all editions share: links lead to a person or an event that is in many of them.
_SHARED = frozenset(map(str, (KG.to, KG.identifiedAs)))


@dataclass(frozen=True, slots=True)
class Edge:
    """One triple of a pattern: variables ("?node", "_1") or terms, as text."""

    subject: str
    predicate: str
    object: str


#: A step along a property, forwards or backwards.
Step = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Way:
    """How a changed triple of a property reaches nodes: it has these terms (None: any), starts at its subject or its
    object, and goes on by steps."""

    subject: str | None
    object: str | None
    from_object: bool
    steps: tuple[Step, ...]


Branch = tuple[Edge, ...]
#: Edges, and variables that are one.
_Found = tuple[tuple[Edge, ...], tuple[tuple[str, str], ...]]


@cache
def ways(kind_name: str) -> Mapping[str, frozenset[Way]]:
    """Return for each property (as "<iri>") the ways by which its triples touch nodes of a kind."""
    found: dict[str, set[Way]] = defaultdict(set)
    for pattern in patterns(KINDS[kind_name]):
        for branch in branches(pattern):
            for edge in branch:
                found[edge.predicate] |= set(_ways(edge, branch))
    return {predicate: frozenset(of) for predicate, of in found.items()}


def patterns(kind: Kind) -> Iterator[str]:
    """Yield every pattern that a row of a kind comes from."""
    for order in kind.orders.values():
        yield f"{kind.pattern} {order.sorting}"
    yield from (column.pattern for column in kind.columns.values())
    yield from (relation.pattern for relation in kind.relations.values())
    yield from kind.spans.values()
    yield from kind.texts.values()
    if kind.searched is not None:
        yield kind.searched


def branches(pattern: str) -> list[Branch]:
    """Return the alternatives of a pattern."""
    found = []
    for edges, same in _Parser(pattern).group():
        named = _joined(same)
        found.append(tuple(Edge(named(e.subject), e.predicate, named(e.object)) for e in edges))
    return found


def _joined(same: tuple[tuple[str, str], ...]) -> Callable[[str], str]:
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while name in parent:
            name = parent[name]
        return name

    for one, other in same:
        a, b = root(one), root(other)
        if a != b:
            # What is one with ?node is ?node.
            if a == _NODE:
                a, b = b, a
            parent[a] = b
    return root


def _ways(edge: Edge, branch: Branch) -> Iterator[Way]:
    """Yield the way from an edge of an alternative to ?node, from the end from which fewer are reached."""
    subject = None if is_variable(edge.subject) else edge.subject
    object_ = None if is_variable(edge.object) else edge.object
    ends = [(edge.subject, False)] + ([(edge.object, True)] if object_ is None else [])
    reached = [(steps, at_object) for end, at_object in ends if (steps := _path(end, edge, branch)) is not None]
    if not reached:
        raise ValueError(f"no way leads from {edge} to ?node: a pattern must hang together")
    steps, from_object = min(reached, key=_cost)
    yield Way(subject, object_, from_object, steps)


def _cost(way: tuple[tuple[Step, ...], bool]) -> int:
    """Return how far a way may spread: one points at few, many point at one, most of all at what all editions share."""
    steps, from_object = way
    return sum((6 if one in _SHARED else 3) if backwards else 1 for one, backwards in steps) + from_object


def _path(start: str, without: Edge, branch: Branch) -> tuple[Step, ...] | None:
    """Return the shortest way from a variable to ?node along the other edges of an alternative."""
    if start == _NODE:
        return ()
    seen = {start}
    todo: deque[tuple[str, tuple[Step, ...]]] = deque([(start, ())])
    while todo:
        at, steps = todo.popleft()
        for edge in branch:
            if edge == without:
                continue
            for near, far, backwards in ((edge.subject, edge.object, False), (edge.object, edge.subject, True)):
                if near != at or far in seen or not is_variable(far):
                    continue
                further = (*steps, (edge.predicate, backwards))
                if far == _NODE:
                    return further
                seen.add(far)
                todo.append((far, further))
    return None


def is_variable(term: str) -> bool:
    """Tell a variable of a pattern, or one that stands inside a path, from a term."""
    return term.startswith(("?", "_"))


def _object(token: str) -> str:
    """Return what stands in the place of an object, a term as the engine writes it."""
    if token in ("true", "false"):
        return str(literal(token == "true"))
    if not is_variable(token) and not token.startswith("<"):
        raise ValueError(f"{token!r} stands for no term here: definitions.py may name IRIs, true and false")
    return token


class _Parser:
    """Reads the part of SPARQL that definitions.py is written in. Anything else is an error, not a guess."""

    def __init__(self, pattern: str) -> None:
        self.tokens = _TOKEN.findall(pattern)
        self.at = 0
        self.fresh = 0

    def group(self) -> list[_Found]:
        """Read to the end of a group; returns its alternatives."""
        parts: list[list[_Found]] = []
        united = False
        while self.at < len(self.tokens) and self.tokens[self.at] != "}":
            token = self.tokens[self.at]
            word = token.upper()
            if token == "{":
                self.at += 1
                inner = self.group()
                self._take("}")
                if united:
                    parts[-1] = parts[-1] + inner
                else:
                    parts.append(inner)
                united = False
                continue
            if word == "UNION":
                united = True
                self.at += 1
            elif word in ("OPTIONAL", "NOT", "EXISTS", "."):
                self.at += 1
            elif word == "FILTER":
                self.at += 1
                if self.tokens[self.at] == "(":
                    parts += self._expression()
            elif word == "BIND":
                self.at += 1
                parts.append(self._bind())
            elif word == "SELECT":
                while self.tokens[self.at] != "{":
                    self.at += 1
            elif word == "GROUP":
                while self.tokens[self.at] != "}":
                    self.at += 1
            else:
                parts.append(self._triples())
        found = []
        for chosen in product(*parts):
            edges = tuple(edge for one, _ in chosen for edge in one)
            found.append((edges, tuple(pair for _, same in chosen for pair in same)))
        return found

    def _expression(self) -> list[list[_Found]]:
        """Skip an expression in parentheses; returns the groups in it, those of EXISTS."""
        found, depth = [], 0
        while True:
            token = self.tokens[self.at]
            self.at += 1
            depth += (token == "(") - (token == ")")
            if token == "{":
                found.append(self.group())
                self._take("}")
            if depth == 0:
                return found

    def _bind(self) -> list[_Found]:
        start = self.at
        self._expression()
        inside = self.tokens[start : self.at]
        bound = inside[-2]
        used = [token for token in dict.fromkeys(inside[:-2]) if token.startswith("?")]
        return [((), ((bound, one),)) for one in used] or [((), ())]

    def _triples(self) -> list[_Found]:
        """Read the triples of one subject."""
        subject = self._term()
        parts: list[list[_Found]] = []
        while True:
            alternatives = self._path()
            target = _object(self._term())
            parts.append([(tuple(self._edges(subject, way, target)), ()) for way in alternatives])
            if self.at >= len(self.tokens) or self.tokens[self.at] != ";":
                break
            self.at += 1
        return [(tuple(e for one, _ in chosen for e in one), ()) for chosen in product(*parts)]

    def _path(self) -> list[list[str]]:
        """Read a property path of sequences and alternatives of sequences."""
        found: list[list[str]] = [[]]
        while True:
            token = self._term()
            if token != "a" and not token.startswith("<"):
                raise ValueError(f"{token!r} is no property: definitions.py may use a/b and a|b only")
            found[-1].append(str(RDF_TYPE) if token == "a" else token)
            mark = self.tokens[self.at]
            if mark == "|":
                found.append([])
            elif mark != "/":
                return found
            self.at += 1

    def _edges(self, subject: str, way: list[str], target: str) -> Iterator[Edge]:
        at = subject
        for place, predicate in enumerate(way):
            if place + 1 == len(way):
                end = target
            else:
                self.fresh += 1
                end = f"_{self.fresh}"
            yield Edge(at, predicate, end)
            at = end

    def _term(self) -> str:
        token: str = self.tokens[self.at]
        self.at += 1
        return token

    def _take(self, wanted: str) -> None:
        if self._term() != wanted:
            raise ValueError(f"a group of {' '.join(self.tokens)} does not end")
