"""The name of a question and its parameters enter; its answer leaves, or what there is to ask."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import RESULTS
from api.service import answer, etag, negotiate, service_of, unchanged
from kg import query
from kg.store.base import Store

SPARQL = "application/sparql-query"


def ask(store: Store, name: str, params: Mapping[str, tuple[str, ...]], accept: str) -> bytes:
    """Answer a named question. A job for the runner."""
    return store.query(query.prepare(name, **params), accept=accept, trusted=True)[0]


async def questions(request: Request) -> Response:
    """List the questions: what each asks, its parameters and its columns."""
    found = []
    for name in query.names():
        about = query.describe(name)
        params = [{"name": p.name, "type": p.type, "about": p.about, "scheme": p.scheme} for p in about.params]
        found.append(
            {
                "name": name,
                "question": about.question,
                "params": params,
                "columns": about.columns,
                "href": f"/queries/{name}",
            }
        )
    return answer(orjson.dumps({"queries": found}, option=orjson.OPT_INDENT_2), "application/json")


async def question(request: Request) -> Response:
    """Answer ``/queries/NAME?param=value&…``; a parameter may stand several times.

    ``Accept: application/sparql-query`` gets the query's text with the parameters filled in.
    """
    service = service_of(request)
    name = str(request.path_params["name"])
    given = {key: tuple(request.query_params.getlist(key)) for key in request.query_params}
    text = query.prepare(name, **given)
    media, accept = negotiate(request, RESULTS | {SPARQL: SPARQL})
    if media == SPARQL:
        return answer(text.encode(), f"{SPARQL}; charset=utf-8")
    tag = etag(service, "query", media, text)
    return unchanged(request, tag) or answer(await service.runner.run(ask, name, given, accept), media, tag=tag)
