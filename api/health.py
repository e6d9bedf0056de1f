"""A question about the server's state enters; whether its store answers, and how much is in it, leave."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.problems import Refusal
from api.service import answer, service_of
from kg.errors import KgError
from kg.store.base import Store
from kg.vocab import KG

_COUNTED = {
    "editions": KG.Edition,
    "statements": KG.Statement,
    "claims": KG.Claim,
}


def counts(store: Store) -> dict[str, int | str]:
    """Count what is in the store. A job for the runner."""
    found: dict[str, int | str] = {"generation": store.version(), "quads": store.count()}
    for name, kind in _COUNTED.items():
        rows = store.select(f"SELECT (COUNT(?node) AS ?n) {{ ?node a {kind} }}", trusted=True)
        found[name] = int(str(getattr(next(iter(rows))["n"], "value", 0)))
    return found


def touch(store: Store) -> bool:
    """Ask the store the cheapest question. A job for the runner."""
    store.ask("ASK { ?s ?p ?o }", trusted=True)
    return True


async def live(request: Request) -> Response:
    """The process answers."""
    return answer(orjson.dumps({"status": "live"}), "application/json")


async def ready(request: Request) -> Response:
    """The store answers; 503 while it does not."""
    try:
        await service_of(request).runner.run(touch)
    except KgError:
        raise Refusal(503, "The store does not answer; look at the log", headers={"retry-after": "5"}) from None
    return answer(orjson.dumps({"status": "ready"}), "application/json")


async def health(request: Request) -> Response:
    """Which generation of the data is served, and how much is in it."""
    found = await service_of(request).runner.run(counts)
    return answer(orjson.dumps({"status": "ready"} | found), "application/json")
