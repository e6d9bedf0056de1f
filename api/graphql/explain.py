"""A document enters; beside its answer leaves how it came about: what it may cost, each query, rows, and time per part.

Where the index answers, ``plan.reads`` names what was read of it; SPARQL stands under ``queries``, with rows and times.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any, cast

import orjson

from api.graphql.execution import GraphQLAnswer, GraphQLRequest, execute
from api.graphql.protocol import Parameters
from api.limits import Limits
from kg.store import pinned
from kg.store.base import Rows, Store


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the store; ``milliseconds`` it took."""

    sparql: str
    rows: int
    milliseconds: float


@dataclass(slots=True)
class Recorder:
    """A store that writes down what it is asked."""

    store: Store
    asked: list[Asked] = field(default_factory=list)

    def select(self, sparql: str, *, trusted: bool = False) -> Rows:
        began = time.perf_counter()
        rows = self.store.select(sparql, trusted=trusted)
        self.asked.append(Asked(sparql, len(rows), _since(began)))
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def wants_explanation(parameters: Parameters) -> bool:
    return parameters.extensions.get("explain") is True


def explain(store: Store, asked: GraphQLRequest, limits: Limits, introspection: bool) -> GraphQLAnswer:
    """Execute one document, and put the explanation under ``extensions.explain`` of its answer."""
    recorder = Recorder(pinned(store))
    began = time.perf_counter()
    answer = execute(cast(Store, recorder), asked, limits, introspection)
    whole = _since(began)
    asking = sum(one.milliseconds for one in recorder.asked)
    reads = list(answer.notes.get("reads", ()))
    told = {
        "generation": recorder.store.version(),
        "plan": {"compiled": answer.compiled, "cost": answer.notes.get("cost"), "reads": reads},
        "queries": [
            {"sparql": one.sparql, "rows": one.rows, "milliseconds": round(one.milliseconds, 3)}
            for one in recorder.asked
        ],
        "counts": {
            "reads": answer.queries,
            "queries": len(recorder.asked),
            "rows": sum(one.rows for one in recorder.asked),
        },
        "milliseconds": {
            # Parsing, measuring, validating and planning: once a document, as long as it is remembered.
            "prepare": round(answer.notes.get("prepare", 0.0) * 1000, 3),
            "run": round(answer.notes.get("run", 0.0) * 1000, 3),
            "sparql": round(asking, 3),
            "whole": round(whole, 3),
        },
    }
    body = orjson.loads(answer.body)
    body["extensions"] = body.get("extensions", {}) | {"explain": told}
    return replace(answer, body=orjson.dumps(body))


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
