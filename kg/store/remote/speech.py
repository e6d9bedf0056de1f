"""A query's text enters; what must be known of it before it is sent, or a refusal, leaves."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.errors import QueryError
from kg.store.guard import _TOKEN, tokens

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
# Engines call into themselves by such IRIs: Virtuoso its SQL and C functions, Jena any Java class, some read files.
_INSIDE = re.compile(r"<\s*(bif|sql|java|jar|file|javascript|data|ftp)\s*:", re.IGNORECASE)
_PLAIN = re.compile(r"<(https?|urn|tag|mailto|did|info):[^>]+>", re.IGNORECASE)


def form_of(sparql: str) -> str:
    """Return the form of a query: one of FORMS. Raises QueryError for what is none."""
    for kind, text in tokens(sparql):
        word = text.upper()
        if kind == "word" and word in FORMS:
            return word
        if kind == "word" and word not in ("PREFIX", "BASE", "VERSION"):
            break
    raise QueryError("The query is not SPARQL 1.1: it is none of SELECT, ASK, CONSTRUCT and DESCRIBE")


def is_distinct(sparql: str) -> bool:
    """Tell whether a SELECT wants each row once."""
    words = [text.upper() for kind, text in tokens(sparql) if kind == "word"]
    return "DISTINCT" in words[words.index("SELECT") : words.index("SELECT") + 2]


def check(sparql: str) -> None:
    """Refuse what reaches into a server's machine: pragmas (DEFINE), and functions that are not SPARQL's.

    Prefixes must be whole: ``PREFIX b: <bi>`` could be completed to ``bif:``. Raises QueryError.
    """
    whole = False
    for kind, text in tokens(sparql):
        if kind == "word" and text.upper() == "DEFINE":
            raise QueryError("DEFINE is no SPARQL 1.1, and is not passed on to the server")
        if kind == "pn" and re.match(r"(bif|sql|java):", text, re.IGNORECASE):
            raise QueryError(f"{text} calls into the server's engine and is not passed on")
        if kind == "iri" and (match := _INSIDE.match(text)):
            raise QueryError(f"An IRI of {match.group(1)}: calls into the server's engine and is not passed on")
        if kind == "iri" and whole and not _PLAIN.match(text):
            raise QueryError(
                f"The prefix {text[:80]} is not whole; write one that begins with https://, http:// or urn:"
            )
        if kind in ("word", "iri"):
            whole = kind == "word" and text.upper() in ("PREFIX", "BASE")


@dataclass(frozen=True, slots=True)
class Scope:
    """The graphs that a query speaks of: has it FROM, FROM NAMED, GRAPH with a variable; the names behind GRAPH."""

    plain: bool
    named: bool
    any_graph: bool
    names: frozenset[str]


def scope(sparql: str) -> Scope:
    """Return which graphs a query speaks of; names are IRIs in angle brackets, or short as they stand there."""
    marks: set[str] = set()
    names: set[str] = set()
    before = ""
    for kind, text in tokens(sparql):
        word = text.upper() if kind == "word" else ""
        if before == "FROM":
            marks.add("named" if word == "NAMED" else "plain")
        elif before == "GRAPH" and kind == "var":
            marks.add("any")
        elif before == "GRAPH":
            names.add(text)
        before = word
    return Scope("plain" in marks, "named" in marks, "any" in marks, frozenset(names))


def describe(sparql: str) -> tuple[str, str, list[str]] | None:
    """Take a DESCRIBE apart: its prologue, what stands behind the terms, and the terms (IRIs, names, variables).

    Returns None where it is ``DESCRIBE *``.
    """
    words = [match for match in _TOKEN.finditer(sparql) if match.lastgroup not in ("ws", "com")]
    place = next(n for n, word in enumerate(words) if word.lastgroup == "word" and word.group().upper() == "DESCRIBE")
    end = place + 1
    while end < len(words) and words[end].lastgroup in ("iri", "pn", "var"):
        end += 1
    terms = [word.group() for word in words[place + 1 : end]]
    if not terms:
        return None
    return sparql[: words[place].start()], sparql[words[end].start() :] if end < len(words) else "", terms


def without_undef(sparql: str) -> str:
    """Leave out each ``VALUES ?name { UNDEF }``, which says nothing."""
    words = [match for match in _TOKEN.finditer(sparql) if match.lastgroup not in ("ws", "com")]
    text, taken = "", 0
    for place in range(len(words) - 4):
        first, variable, *rest = words[place : place + 5]
        undefined = variable.lastgroup == "var" and [word.group().upper() for word in rest] == ["{", "UNDEF", "}"]
        if first.group().upper() == "VALUES" and undefined:
            text += sparql[taken : first.start()]
            taken = rest[-1].end()
    return text + sparql[taken:]


#: With one of these the answers to two halves of a question are not two halves of its answer.
_WHOLE = {
    "ORDER", "GROUP", "HAVING", "LIMIT", "OFFSET", "REDUCED",
    "COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT",
}  # fmt: skip


def parts(sparql: str, most: int) -> list[str]:
    """Cut a SELECT whose outermost group has more than ``most`` terms in a VALUES into several with fewer each.

    Put one behind the other, their rows are those of the whole (DISTINCT has to be applied again). Raises QueryError
    where they would not be.
    """
    words = [match for match in _TOKEN.finditer(sparql) if match.lastgroup not in ("ws", "com")]
    depth = 0
    for place, word in enumerate(words):
        depth += {"{": 1, "}": -1}.get(word.group(), 0)
        if word.lastgroup != "word" or word.group().upper() != "VALUES" or words[place + 1].lastgroup != "var":
            continue
        first = place + 3
        last = next(n for n in range(first, len(words)) if words[n].group() == "}")
        terms = _terms(sparql, words[first:last])
        if len(terms) <= most:
            continue
        whole = {word.group().upper() for word in words if word.lastgroup == "word"} & _WHOLE
        if depth != 1 or whole:
            raise QueryError(f"This server takes at most {most:,} VALUES in such a query; ask in parts")
        head, tail = sparql[: words[first].start()], sparql[words[last].start() :]
        return [f"{head}{' '.join(terms[start : start + most])} {tail}" for start in range(0, len(terms), most)]
    return [sparql]


def _terms(sparql: str, words: list[re.Match[str]]) -> list[str]:
    """Return the terms between the braces of a VALUES: a literal's tag or type stays with it."""
    begins = [
        word.start()
        for n, word in enumerate(words)
        if word.lastgroup != "lang" and word.group() != "^" and (not n or words[n - 1].group() != "^")
    ]
    ends = [*begins[1:], words[-1].end()] if words else []
    return [sparql[begin:end].strip() for begin, end in zip(begins, ends, strict=True)]
