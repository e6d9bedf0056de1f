"""A question's name and its parameters go in; the rows that a store answers come out.

A question is a file ``kg/queries/NAME.rq`` that runs as it stands in any SPARQL 1.1 tool. Its first comment line is
the question; each parameter is declared by ``# param ?name  TYPE …`` and stands in it as ``VALUES ?name { UNDEF }``.
Files of one's own in the folder that ``KG_QUERIES`` names are questions as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.errors import NotFound, QueryError
from kg.graph import literal
from kg.store import Rows, Store, Term
from kg.store.guard import check, tokens
from kg.vocab import CONCEPTS, NAMESPACE, SCHEMES, concept

Value = Term | str | int | float | Decimal | bool | date | datetime
Values = Value | Iterable[Value] | None

PREFIXES = {"kg": NAMESPACE, "kgs": SCHEMES}
TYPES = ("IRI", "string", "integer", "decimal", "boolean", "date", "dateTime", "concept")
_PARAM = re.compile(r"#\s*param\s+\?(\w+)\s+(\w+)\b(.*)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter: its name without "?", its type (one of TYPES), what it means, and the scheme of a concept."""

    name: str
    type: str
    about: str
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """What a question asks, what it takes, and the names of the columns it answers with."""

    name: str
    question: str
    params: tuple[Param, ...]
    columns: tuple[str, ...]


def names() -> list[str]:
    """Return the names of all questions, sorted: the house's, and those of the folder ``KG_QUERIES``."""
    return sorted({*_house_names(), *_own_files()})


def load(name: str) -> str:
    """Return a question's SPARQL as it stands in its file. Raises NotFound, or QueryError where a file can't be read.

    A file of one's own does not replace a question of the house, on which the page and GraphQL rely.
    """
    if name in _house_names():
        return _house(name)
    own = _own_files().get(name)
    if own is None:
        raise NotFound(f"There is no question {name!r}; there are {', '.join(names())}")
    try:
        return own.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(f"{own} can't be read: {error}") from error


def describe(name: str) -> Description:
    """Return what a question asks, its parameters in the order of its file, and its columns.

    Raises NotFound, or QueryError when the head of the file does not say what it should.
    """
    sparql = load(name)
    first = sparql.lstrip().splitlines()[0] if sparql.strip() else ""
    if not first.startswith("#"):
        raise QueryError(f"{name}.rq, line 1: the question should stand here as a comment")
    return Description(name, first.lstrip("# ").strip(), tuple(_params(name, sparql)), tuple(columns(sparql)))


def bind(sparql: str, **values: Iterable[Term]) -> str:
    """Fill each ``VALUES ?name { UNDEF }`` of a query with terms; the RDF library writes them, never we by hand.

    A term without a gap raises QueryError. No terms make ``VALUES ?name { }``: no rows, though some engines refuse
    it; :func:`run` answers without asking.
    """
    for name, terms in values.items():
        gap = f"VALUES ?{name} {{ UNDEF }}"
        if gap not in sparql:
            raise QueryError(f"The query has no '{gap}' to fill")
        sparql = sparql.replace(gap, gap.replace("UNDEF", " ".join(map(str, terms))))
    return sparql


def prepare(name: str, **params: Values) -> str:
    """Return a question with its parameters filled in, to be asked with ``trusted=True``. Errors: see :func:`run`."""
    sparql = load(name)
    check(sparql)
    return bind(sparql, **_terms(name, sparql, params))


def run(store: Store, name: str, **params: Values) -> Rows:
    """Ask a store one of the questions.

    Each parameter takes a term, a plain value, or several of them; a plain string is read by the declared type: an IRI
    (``kg:`` and ``kgs:`` may be short), a date, a concept's value ("deny"). None, or left out, means any. An empty list
    gives no rows without asking. Raises NotFound for an unknown question, QueryError for a parameter that it does not
    have, that is not of its type, or at what the engine refuses.
    """
    sparql = load(name)
    check(sparql)
    terms = _terms(name, sparql, params)
    if any(not chosen for chosen in terms.values()):
        return Rows(tuple(columns(sparql)), ())
    return store.select(bind(sparql, **terms), trusted=True)


def columns(sparql: str) -> list[str]:
    """Return the variables that a SELECT names, in order; none for ``SELECT *`` and other forms."""
    found: list[str] = []
    depth = 0
    seen_select = False
    for kind, text in tokens(sparql):
        if not seen_select:
            seen_select = kind == "word" and text.upper() == "SELECT"
            continue
        if text == "{" or (kind == "word" and text.upper() in ("WHERE", "FROM")):
            break
        depth += (kind == "open") - (kind == "close")
        if kind == "var" and not depth:
            found.append(text[1:])
        elif kind == "var":
            in_brackets = text[1:]
        elif kind == "close" and not depth:
            # "(expression AS ?name)": the last variable is the name
            found.append(in_brackets)
    return found


def _params(name: str, sparql: str) -> Iterator[Param]:
    for number, line in enumerate(sparql.splitlines(), start=1):
        if not re.match(r"#\s*param\b", line):
            continue
        match = _PARAM.match(line)
        # "IRIs of …" and "dates" read better where several are usual
        kind = match.group(2) if match else ""
        kind = kind if kind in TYPES else kind.removesuffix("s")
        if match is None or kind not in TYPES:
            raise QueryError(f"{name}.rq, line {number}: write '# param ?name  TYPE …', TYPE one of {', '.join(TYPES)}")
        about = match.group(3).strip(" ,;")
        scheme = re.match(r"of (\w+)", about) if kind == "concept" else None
        if kind == "concept" and (scheme is None or scheme.group(1) not in CONCEPTS):
            raise QueryError(
                f"{name}.rq, line {number}: write 'concept of SCHEME', SCHEME one of {', '.join(CONCEPTS)}"
            )
        yield Param(match.group(1), kind, about, scheme.group(1) if scheme else None)


def _terms(name: str, sparql: str, params: dict[str, Values]) -> dict[str, list[Term]]:
    declared = {param.name: param for param in _params(name, sparql)}
    terms: dict[str, list[Term]] = {}
    for key, values in params.items():
        if key not in declared:
            has = ", ".join(declared) or "none"
            raise QueryError(f"The question {name!r} has no parameter {key!r}; it has {has}")
        if values is None:
            continue
        several = values if isinstance(values, Iterable) and not isinstance(values, str | Triple) else [values]
        terms[key] = [_term(name, declared[key], value) for value in several]
    return terms


def _term(name: str, param: Param, value: Value) -> Term:
    if isinstance(value, NamedNode | Literal | Triple):
        return value
    if isinstance(value, BlankNode):
        raise QueryError(f"{name}: {param.name} is a blank node, and those have no name in a query")
    if not isinstance(value, str):
        return literal(value)
    try:
        return _read(param, value)
    except (ValueError, InvalidOperation, KeyError) as error:
        raise QueryError(f"{name}: {param.name}={value!r} is not {_a(param)}") from error


def _read(param: Param, text: str) -> Term:
    """Read a string by a parameter's type. Raises ValueError, InvalidOperation or KeyError."""
    if param.type == "string":
        return literal(text)
    text = text.strip()
    match param.type:
        case "integer":
            return literal(int(text))
        case "decimal":
            return literal(Decimal(text))
        case "boolean":
            return literal({"true": True, "false": False}[text.lower()])
        case "date":
            return literal(date.fromisoformat(text))
        case "dateTime":
            return literal(datetime.fromisoformat(text))
        case "concept" if param.scheme is not None and ":" not in text:
            return concept(param.scheme, text)
    prefix, colon, local = text.partition(":")
    if not colon:
        raise ValueError("no scheme")
    return NamedNode(PREFIXES[prefix] + local if prefix in PREFIXES else text)


def _a(param: Param) -> str:
    match param.type:
        case "IRI":
            return "an IRI (https://…)"
        case "date":
            return "a date (YYYY-MM-DD)"
        case "dateTime":
            return "a date and time (YYYY-MM-DDThh:mm:ssZ)"
        case "concept" if param.scheme is not None:
            return f"one of {', '.join(CONCEPTS[param.scheme])}"
    return f"{'an' if param.type == 'integer' else 'a'} {param.type}"


@lru_cache
def _house_names() -> frozenset[str]:
    folder = files("kg") / "queries"
    return frozenset(path.name.removesuffix(".rq") for path in folder.iterdir() if path.name.endswith(".rq"))


@lru_cache
def _house(name: str) -> str:
    return (files("kg") / "queries" / f"{name}.rq").read_text(encoding="utf-8")


def _own_files() -> dict[str, Path]:
    folder = os.environ.get("KG_QUERIES")
    if not folder:
        return {}
    if not Path(folder).is_dir():
        raise QueryError(f"KG_QUERIES names {folder}, which is not a folder")
    return {path.stem: path for path in Path(folder).glob("*.rq") if _NAME.fullmatch(path.stem)}
