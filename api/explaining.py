"""A query enters; what it costs leaves as JSON: how it was read, what its terms match, and where its time went.

The engine shows no plan. What decides one, it can be asked: how many quads hold each IRI of the query, and where.
"""

from __future__ import annotations

import time
from itertools import islice

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.answers import Question, sees_union
from api.responding import whole
from api.service import answer
from kg.store.guard import places
from kg.store.wording import COMMON, Facts

#: Terms that are looked up, and quads that are counted of one, at most.
MOST_TERMS, MOST_QUADS = 20, 10_000


async def explain(request: Request, question: Question, found: Facts) -> Response:
    """Run a query and answer with its facts and times instead of its rows."""
    began = time.perf_counter()
    given = await whole(request, question)
    took = (time.perf_counter() - began) * 1000
    document = {
        "form": found.form,
        "asked": question.text,
        "tokens": found.tokens,
        "defaultGraph": "all graphs" if sees_union(question) else "what FROM names",
        "version": given.version,
        "bytes": len(given.body or b""),
        "milliseconds": {"all": round(took, 3), **given.timings},
        "terms": [
            {"iri": iri, **await _matches(request, iri)}
            for iri in islice(dict.fromkeys(_iris(question.text)), MOST_TERMS)
        ],
    }
    return answer(orjson.dumps(document, option=orjson.OPT_INDENT_2), "application/json")


async def _matches(request: Request, iri: str) -> dict[str, int]:
    """Count the quads that hold an IRI as subject, predicate and object, up to MOST_QUADS each."""
    counts = " ".join(
        f"{{ SELECT (COUNT(*) AS ?{name}) {{ SELECT * {{ GRAPH ?g {{ {pattern} }} }} LIMIT {MOST_QUADS} }} }}"
        for name, pattern in (
            ("subject", f"<{iri}> ?p ?o"),
            ("predicate", f"?s <{iri}> ?o"),
            ("object", f"?s ?p <{iri}>"),
        )
    )
    text = f"SELECT ?subject ?predicate ?object {{ {counts} }}"
    given = await whole(request, Question(text, "application/sparql-results+json"))
    [row] = orjson.loads(given.body or b"")["results"]["bindings"]
    return {name: int(value["value"]) for name, value in row.items()}


def _iris(sparql: str) -> list[str]:
    """Return the absolute IRIs of a query outside its prologue, prefixed names written out, in their order."""
    prefixes, found = dict(COMMON), []
    awaited = ""  # after PREFIX its name comes, then its IRI
    for kind, text, _ in places(sparql):
        if kind == "word" and text.upper() in ("PREFIX", "BASE"):
            awaited = text.upper()
        elif awaited == "PREFIX" and kind == "pn":
            awaited = text
        elif awaited and kind == "iri":
            prefixes[awaited.rstrip(":")] = text[1:-1]
            awaited = ""
        elif kind == "iri" and ":" in text:
            found.append(text[1:-1])
        elif kind == "pn" and "\\" not in text and (name := text.partition(":"))[0] in prefixes:
            found.append(prefixes[name[0]] + name[2])
    return found
