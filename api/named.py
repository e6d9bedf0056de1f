"""The name of a question and its parameters enter; its answer leaves, or what there is to ask."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.answers import Question
from api.negotiation import RESULTS
from api.responding import respond
from api.service import answer, negotiate
from kg import query

SPARQL = "application/sparql-query"


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
    name = str(request.path_params["name"])
    given = {key: tuple(request.query_params.getlist(key)) for key in request.query_params}
    text = query.prepare(name, **given)
    media, accept = negotiate(request, RESULTS | {SPARQL: SPARQL})
    if media == SPARQL:
        return answer(text.encode(), f"{SPARQL}; charset=utf-8")
    return await respond(request, Question(text, accept), media)
