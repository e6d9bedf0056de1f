"""A query that calls other services enters; leaves one of this store alone, and what each of the services is asked.

No process that evaluates queries reaches the network. So each ``SERVICE <iri> { pattern }`` is asked beforehand, by who
may, and its answer takes its place as ``VALUES``: a service's pattern is evaluated by itself and then joined
(https://www.w3.org/TR/sparql11-federated-query/#algebra_service), which is what VALUES says.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from kg.errors import QueryError
from kg.store.guard import places
from kg.store.wording import FORMS, declare, facts

MOST_CALLS = 4
MOST_ROWS = 10_000
_CALLS = re.compile("SERVICE", re.IGNORECASE)
_NOTHING = "VALUES () { () }"  # joins with everything and binds nothing: a silent failure
_BLANK = "urn:on-the-record:blank:"

Token = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Call:
    """One service and the query that it is asked; ``mark`` stands in the query where the answer belongs."""

    service: str
    question: str
    silent: bool
    mark: str


def calls(sparql: str) -> tuple[str, list[Call]]:
    """Return the query with a mark in place of each SERVICE, and the calls; the query itself when it has none.

    Raises QueryError for a service that is a variable, for a call within a call, for more than ``MOST_CALLS``.
    """
    if not _CALLS.search(sparql):
        return sparql, []
    found = list(places(sparql))
    start = next((at for kind, text, at in found if kind == "word" and text.upper() in FORMS), None)
    if start is None:
        return sparql, []
    prefixes, made, pieces, last = _prefixes(found), list[Call](), list[str](), 0
    index = 0
    while index < len(found):
        kind, text, at = found[index]
        if kind != "word" or text.upper() != "SERVICE":
            index += 1
            continue
        call, after, end = _call(sparql, found, index, sparql[:start], prefixes)
        made.append(call)
        if len(made) > MOST_CALLS:
            raise QueryError(f"The query calls more than {MOST_CALLS} services; ask in parts")
        pieces += [sparql[last:at], call.mark]
        index, last = after, end
    return "".join([*pieces, sparql[last:]]), made


def _call(
    sparql: str, found: Sequence[Token], index: int, prologue: str, prefixes: dict[str, str]
) -> tuple[Call, int, int]:
    """Return the call at a token, the number of the token behind it, and where that begins in the text."""
    index += 1
    silent = index < len(found) and found[index][1].upper() == "SILENT"
    index += silent
    kind, name, _ = found[index] if index < len(found) else ("", "", 0)
    service = _iri(kind, name, prefixes)
    opening = index + 1
    if opening >= len(found) or found[opening][1] != "{":
        raise QueryError(f"SERVICE <{service}> has no pattern; write {{ … }} behind it")
    depth = 0
    for closing in range(opening, len(found)):
        kind, text, at = found[closing]
        if kind == "word" and text.upper() == "SERVICE":
            raise QueryError(f"SERVICE <{service}> calls another service itself; ask the two side by side")
        depth += (kind == "open") - (kind == "close")
        if depth == 0:
            end = at + len(text)
            body = sparql[found[opening][2] : end]
            question = f"{prologue}SELECT * WHERE {body}"
            mark = f'VALUES ?call {{ "{secrets.token_hex(16)}" }}'
            return Call(service, declare(question, facts(question)), silent, mark), closing + 1, end
    raise QueryError(f"The pattern of SERVICE <{service}> is not closed; write }}")


def _iri(kind: str, name: str, prefixes: dict[str, str]) -> str:
    if kind == "iri":
        return name[1:-1]
    if kind == "pn":
        prefix, _, local = name.partition(":")
        if prefix in prefixes:
            return prefixes[prefix] + local
        raise QueryError(f"The prefix {prefix}: of a service is not declared; write the service's whole IRI")
    raise QueryError("A service is named by its IRI here, not by a variable; write SERVICE <iri> { … }")


def _prefixes(found: Sequence[Token]) -> dict[str, str]:
    return {
        found[i + 1][1].partition(":")[0]: found[i + 2][1][1:-1]
        for i in range(len(found) - 2)
        if found[i][1].upper() == "PREFIX" and found[i + 1][0] == "pn" and found[i + 2][0] == "iri"
    }


def inlined(sparql: str, answers: Iterable[tuple[Call, bytes | None]]) -> str:
    """Put the services' answers (SPARQL results as JSON) where their marks stand; None is a silent failure.

    Blank nodes get IRIs that mean the same node within one answer only. Raises QueryError for what is no answer, and
    for more than ``MOST_ROWS`` rows.
    """
    for call, body in answers:
        sparql = sparql.replace(call.mark, _NOTHING if body is None else _values(call, body))
    return sparql


def _values(call: Call, body: bytes) -> str:
    salt = secrets.token_hex(8)
    try:
        found = parse_query_results(body, format=QueryResultsFormat.JSON)
        if not isinstance(found, QuerySolutions):
            raise QueryError(f"The service <{call.service}> answered yes or no, not with rows")
        names = [variable.value for variable in found.variables]
        rows: list[str] = []
        for solution in found:
            if len(rows) == MOST_ROWS:
                raise QueryError(
                    f"The service <{call.service}> has more than {MOST_ROWS:,} rows for this; bind more of its pattern"
                )
            rows.append(f"({' '.join(_term(call, solution[name], salt) for name in names)})")
    except (SyntaxError, ValueError, OSError) as error:
        raise QueryError(f"The service <{call.service}> did not answer with SPARQL results: {error}") from None
    return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {' '.join(rows)} }}"


def _term(call: Call, term: object, salt: str) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, BlankNode):
        return f"<{_BLANK}{hashlib.sha256(f'{salt}{term.value}'.encode()).hexdigest()[:24]}>"
    if isinstance(term, NamedNode):
        return str(NamedNode(term.value))  # checked: a parser of results takes any string
    if isinstance(term, Literal):
        return str(term)
    raise QueryError(f"The service <{call.service}> answered with a triple term, which can't be joined here")


@dataclass(frozen=True, slots=True)
class Load:
    """An update that is one LOAD: what is read, and the graph that it goes into (None: the unnamed one)."""

    source: str
    graph: str | None
    silent: bool


def load_of(update: str) -> Load | None:
    """Return the LOAD that an update consists of; None for any other update.

    Raises QueryError for a LOAD among other operations: what it reads is taken in like a posted graph, alone.
    """
    found = list(places(update))
    start = next((i for i, (kind, text, _) in enumerate(found) if kind == "word" and text.upper() == "LOAD"), None)
    if start is None:
        return None
    prefixes = _prefixes(found)
    rest = found[start + 1 :]
    silent = bool(rest) and rest[0][1].upper() == "SILENT"
    rest = rest[silent:]
    if rest and rest[-1][1] == ";":
        rest = rest[:-1]
    head = [text.upper() for kind, text, _ in found[:start] if kind == "word"]
    into = [text.upper() for _, text, _ in rest[1:3]]
    if (
        any(word not in ("PREFIX", "BASE") for word in head)
        or len(rest) not in (1, 4)
        or into not in ([], ["INTO", "GRAPH"])
    ):
        raise QueryError("LOAD stands alone in an update here: LOAD <address> INTO GRAPH <iri>")
    source = _iri(*rest[0][:2], prefixes)
    return Load(source, _iri(*rest[3][:2], prefixes) if len(rest) == 4 else None, silent)
