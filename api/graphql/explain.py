"""A document enters; beside its answer leaves how it came about: what it may cost, each read with rows and time.

What was read of the index stands under ``statements`` as SQL, what the store was asked under ``queries`` as SPARQL; a
read that only recalls what was counted before is among ``plan.reads`` and has no statement.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import orjson

from api.graphql.execution import GraphQLAnswer, GraphQLRequest, execute
from api.graphql.protocol import Parameters
from api.limits import Limits
from kg.store import pinned
from kg.store.base import Store
from kg.store.index.watch import Read


def wants_explanation(parameters: Parameters) -> bool:
    return parameters.extensions.get("explain") is True


def explain(store: Store, asked: GraphQLRequest, limits: Limits, introspection: bool) -> GraphQLAnswer:
    """Execute one document, and put the explanation under ``extensions.explain`` of its answer."""
    held = pinned(store)
    began = time.perf_counter()
    answer = execute(held, asked, limits, introspection)
    whole = (time.perf_counter() - began) * 1000
    notes = answer.notes
    reads: list[Read] = list(notes.get("reads", ()))
    queries = [read for read in reads if read.what == "sparql"]
    statements = [read for read in reads if read.what != "sparql"]
    told = {
        "generation": held.version(),
        "plan": {"compiled": answer.compiled, "cost": notes.get("cost"), "reads": list(notes.get("asked", ()))},
        "statements": [
            {"read": read.what, "sql": read.text, "parameters": list(read.parameters)} | _measured(read)
            for read in statements
        ],
        "queries": [{"sparql": read.text} | _measured(read) for read in queries],
        "counts": {
            "reads": answer.queries,
            "statements": len(statements),
            "queries": len(queries),
            "rows": sum(read.rows for read in reads),
        },
        "milliseconds": {
            # Parsing, measuring, validating and planning: once a document, as long as it is remembered.
            "prepare": round(notes.get("prepare", 0.0) * 1000, 3),
            "run": round(notes.get("run", 0.0) * 1000, 3),
            "sql": _sum(statements),
            "sparql": _sum(queries),
            "whole": round(whole, 3),
        },
    }
    body = orjson.loads(answer.body)
    body["extensions"] = body.get("extensions", {}) | {"explain": told}
    return replace(answer, body=orjson.dumps(body))


def _measured(read: Read) -> dict[str, Any]:
    return {"rows": read.rows, "milliseconds": round(read.milliseconds, 3)}


def _sum(reads: list[Read]) -> float:
    return round(sum(read.milliseconds for read in reads), 3)
