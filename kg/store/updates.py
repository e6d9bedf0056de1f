"""The text of a SPARQL Update enters; which graphs each of its operations may change leaves, without asking a store.

The tokens are those of :mod:`kg.store.guard`, the grammar https://www.w3.org/TR/sparql11-query/#rUpdate . What is not
recognised for sure counts as a change of any graph: a narrow permission then refuses it, and the engine, if it is no
SPARQL, all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from kg.errors import QueryError
from kg.store.guard import places
from kg.store.wording import COMMON

Token = tuple[str, str, int]
_SILENT = "SILENT"


@dataclass(slots=True)
class Targets:
    """What an update may change: graphs by name, the unnamed one, or any."""

    names: set[str] = field(default_factory=set)
    unnamed: bool = False
    any: bool = False
    drops_only: bool = True  # it takes whole graphs away and writes nothing


@dataclass(slots=True)
class _Operation:
    """One operation: its first words and the places of the text that a USING needs."""

    tokens: list[Token]
    own_dataset: bool = False  # it has WITH, USING or USING NAMED
    where: int | None = None  # its WHERE, when it is an INSERT or DELETE with one
    short: tuple[int, int] | None = None  # "DELETE WHERE { … }": the places of the pattern


def targets(sparql: str) -> Targets:
    """Return what an update may change."""
    found = Targets()
    prefixes = dict(COMMON)
    for operation in _operations(sparql):
        _read(operation, prefixes, found)
    return found


def data_of(sparql: str) -> str | None:
    """Return as TriG what an update inserts and deletes that consists of INSERT DATA and DELETE DATA; else None."""
    pieces = []
    for operation in _operations(sparql):
        if not operation.tokens:
            continue
        tokens = _prologue(operation.tokens, {})
        words = [text.upper() for _, text, _ in tokens[:3]]
        if words not in (["INSERT", "DATA", "{"], ["DELETE", "DATA", "{"]) or tokens[-1][1] != "}":
            return None
        end = "\n" if len(tokens) < 5 or tokens[-2][1] in (".", "}") else "\n."
        pieces += [sparql[operation.tokens[0][2] : tokens[0][2]], sparql[tokens[2][2] + 1 : tokens[-1][2]], end]
    return "".join(pieces)


def using(sparql: str, *, default: Sequence[str], named: Sequence[str]) -> str:
    """Return an update whose WHEREs see the graphs of a request's using-graph-uri and using-named-graph-uri.

    https://www.w3.org/TR/sparql11-protocol/#update-operation . Raises QueryError where the update names a dataset
    itself: the two must not meet.
    """
    if not default and not named:
        return sparql
    try:
        clauses = [f"USING {NamedNode(iri)}" for iri in default] + [f"USING NAMED {NamedNode(iri)}" for iri in named]
    except ValueError as error:
        raise QueryError(f"The request names a graph that is no IRI: {error}") from error
    pieces = []
    last = 0
    for operation in _operations(sparql):
        _read(operation, dict(COMMON), Targets())
        if operation.own_dataset:
            raise QueryError("The update has WITH or USING, and the request names graphs as well; leave out one")
        if operation.short is not None:
            start, end = operation.short
            pattern = sparql[start:end]
            assert operation.where is not None
            pieces += [sparql[last : operation.where], pattern, f" {' '.join(clauses)} WHERE {pattern}"]
            last = end
        elif operation.where is not None:
            pieces += [sparql[last : operation.where], f"{' '.join(clauses)} "]
            last = operation.where
    return "".join([*pieces, sparql[last:]])


def _operations(sparql: str) -> list[_Operation]:
    found: list[_Operation] = [_Operation([])]
    depth = 0
    for token in places(sparql):
        kind, text, _ = token
        depth += (kind == "open") - (kind == "close")
        if text == ";" and kind == "op" and depth == 0:
            found.append(_Operation([]))
        else:
            found[-1].tokens.append(token)
    return found


def _read(operation: _Operation, prefixes: dict[str, str], found: Targets) -> None:
    tokens = _prologue(operation.tokens, prefixes)
    words = [text.upper() if kind == "word" else "" for kind, text, _ in tokens]
    if not tokens:
        return
    match words[0]:
        case "CLEAR" | "DROP":
            _graph_reference(tokens[1:], prefixes, found)
        case "CREATE":
            _graph_reference(tokens[1:], prefixes, found)
        case "ADD" | "COPY" | "MOVE" if "TO" in words:
            found.drops_only = False
            middle = words.index("TO")
            _graph_reference(tokens[middle + 1 :], prefixes, found)
            if words[0] == "MOVE":
                _graph_reference(tokens[1:middle], prefixes, found)
        case "INSERT" | "DELETE" if words[1:2] == ["DATA"]:
            found.drops_only = False
            _template(tokens[2:], prefixes, found, "")
        case "DELETE" if words[1:2] == ["WHERE"] and len(tokens) > 2:
            found.drops_only = False
            operation.where = tokens[1][2]
            end = _template(tokens[2:], prefixes, found, "")
            last = tokens[2 + end - 1]
            operation.short = (tokens[2][2], last[2] + len(last[1]))
        case "INSERT" | "DELETE" | "WITH":
            found.drops_only = False
            _modify(operation, tokens, prefixes, found)
        case _:
            found.any, found.drops_only = True, False


def _modify(operation: _Operation, tokens: list[Token], prefixes: dict[str, str], found: Targets) -> None:
    inside, at = "", 0
    if tokens[0][1].upper() == "WITH":
        operation.own_dataset = True
        inside = _resolve(tokens[1], prefixes) if len(tokens) > 1 else ""
        at = 2
        if not inside:
            found.any = True
    while at < len(tokens) and tokens[at][1].upper() in ("DELETE", "INSERT"):
        at += 1
        at += _template(tokens[at:], prefixes, found, inside)
    for kind, text, start in tokens[at:]:
        if kind == "word" and text.upper() == "USING":
            operation.own_dataset = True
        elif kind == "word" and text.upper() == "WHERE":
            operation.where = start
            return
        elif kind == "open":
            # "WHERE" may be left out in a query, not in an update
            found.any = True
            return


def _prologue(tokens: list[Token], prefixes: dict[str, str]) -> list[Token]:
    """Take the declarations at the beginning of an operation; they hold for it and all after it."""
    at = 0
    while at < len(tokens) and tokens[at][0] == "word" and tokens[at][1].upper() in ("PREFIX", "BASE", "VERSION"):
        if tokens[at][1].upper() == "PREFIX":
            if at + 2 >= len(tokens) or tokens[at + 1][0] != "pn" or tokens[at + 2][0] != "iri":
                return tokens[at:]
            prefixes[tokens[at + 1][1][:-1]] = tokens[at + 2][1][1:-1]
            at += 3
        else:
            at += 2
    return tokens[at:]


def _graph_reference(tokens: list[Token], prefixes: dict[str, str], found: Targets) -> None:
    for kind, text, _ in tokens:
        word = text.upper() if kind == "word" else ""
        if word in (_SILENT, "GRAPH"):
            continue
        if word == "DEFAULT":
            found.unnamed = True
        elif word in ("NAMED", "ALL"):
            found.any = True
        elif name := _resolve((kind, text, 0), prefixes):
            found.names.add(name)
        else:
            found.any = True
        return


def _template(tokens: list[Token], prefixes: dict[str, str], found: Targets, inside: str) -> int:
    """Read a block of quads; returns how many tokens it has. ``inside`` is the graph of triples without GRAPH."""
    if not tokens or tokens[0][1] != "{":
        found.any = True
        return 0
    depth = 0
    at = 0
    while at < len(tokens):
        kind, text, _ = tokens[at]
        if kind == "close":
            depth -= 1
            if depth == 0:
                return at + 1
        elif kind == "open":
            if depth == 1 and text != "{":
                _loose(found, inside)
            depth += 1
        elif depth == 1 and kind == "word" and text.upper() == "GRAPH" and at + 1 < len(tokens):
            at += 1
            name = _resolve(tokens[at], prefixes)
            if name:
                found.names.add(name)
            else:
                found.any = True
        elif depth == 1 and text != ".":
            _loose(found, inside)
        at += 1
    found.any = True  # it never ends
    return at


def _loose(found: Targets, inside: str) -> None:
    if inside:
        found.names.add(inside)
    else:
        found.unnamed = True


def _resolve(token: Token, prefixes: dict[str, str]) -> str:
    """Return the absolute IRI that a token stands for, or "" where that can't be told."""
    kind, text, _ = token
    if kind == "iri":
        return text[1:-1] if ":" in text else ""
    if kind == "pn":
        prefix, _, local = text.partition(":")
        if prefix in prefixes and "\\" not in local and "%" not in local and ":" in prefixes[prefix]:
            return prefixes[prefix] + local
    return ""
