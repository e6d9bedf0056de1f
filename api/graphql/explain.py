"""A document enters; beside its answer leaves how it came about: what it may cost, each query, rows, and time per part.

Whoever executes may put a plan into its answer (``GraphQLAnswer.plan``); it is shown as it is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any, cast

import orjson
from graphql import GraphQLError

from api.graphql.execution import GraphQLAnswer, GraphQLRequest, execute
from api.graphql.follows import wanted
from api.graphql.gate import read
from api.graphql.protocol import Parameters
from api.graphql.schema import schema
from api.limits import Limits
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
    began = time.perf_counter()
    plan: dict[str, Any] = {}
    try:
        measure = read(asked.query, asked.variables, schema(introspection=introspection)._schema, limits)
        plan = {
            "cost": measure.cost,
            "depth": measure.depth,
            "fields": sorted(measure.names),
            "follows": sorted(str(node.value).rpartition("#")[2] for node in wanted(measure.names)),
        }
    except GraphQLError:
        pass  # the execution says what is wrong
    reading = _since(began)
    recorder = Recorder(store)
    began = time.perf_counter()
    answer = execute(cast(Store, recorder), asked, limits, introspection)
    whole = _since(began)
    asking = sum(one.milliseconds for one in recorder.asked)
    told = {
        "generation": store.version(),
        "plan": plan | ({"compiled": answer.plan} if answer.plan is not None else {}),
        "queries": [
            {"sparql": one.sparql, "rows": one.rows, "milliseconds": round(one.milliseconds, 3)}
            for one in recorder.asked
        ],
        "counts": {"queries": len(recorder.asked), "rows": sum(one.rows for one in recorder.asked)},
        "milliseconds": {
            "measure": round(reading, 3),
            "store": round(asking, 3),
            # Parsing, validation and putting the answer together.
            "execute": round(max(0.0, whole - asking), 3),
            "whole": round(whole, 3),
        },
    }
    body = orjson.loads(answer.body)
    body["extensions"] = body.get("extensions", {}) | {"explain": told}
    return replace(answer, body=orjson.dumps(body))


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
