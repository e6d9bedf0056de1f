"""The name of a question and its parameters enter; its answer leaves, or what there is to ask, or a page about it."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api import questions_page
from api.answers import Question
from api.negotiation import HTML, RESULTS, choose
from api.responding import respond, whole
from api.service import answer, negotiate
from kg import query

SPARQL = "application/sparql-query"
_CSV = "text/csv"


async def questions(request: Request) -> Response:
    """List the questions: what each asks, its parameters and its columns; to a browser as a page."""
    described = [query.describe(name) for name in query.names()]
    if choose(request.headers.get("accept"), ["application/json", HTML]) == HTML:
        return answer(questions_page.listing(described), HTML)
    found = []
    for about in described:
        params = [{"name": p.name, "type": p.type, "about": p.about, "scheme": p.scheme} for p in about.params]
        found.append(
            {
                "name": about.name,
                "question": about.question,
                "params": params,
                "columns": about.columns,
                "href": f"/queries/{about.name}",
            }
        )
    return answer(orjson.dumps({"queries": found}, option=orjson.OPT_INDENT_2), "application/json")


async def question(request: Request) -> Response:
    """Answer ``/queries/NAME?param=value&…``; a parameter may stand several times.

    ``Accept: application/sparql-query`` gets the query's text with the parameters filled in; a browser the page that
    documents the question, with its answer when a parameter, or ``ask``, is given.
    """
    name = str(request.path_params["name"])
    given = {key: tuple(request.query_params.getlist(key)) for key in request.query_params}
    offers = RESULTS | {SPARQL: SPARQL, HTML: HTML}
    if choose(request.headers.get("accept"), list(offers)) == HTML:
        return await _page(request, name, given)
    text = query.prepare(name, **given)
    media, accept = negotiate(request, offers)
    if media == SPARQL:
        return answer(text.encode(), f"{SPARQL}; charset=utf-8")
    return await respond(request, Question(text, accept), media)


async def _page(request: Request, name: str, given: dict[str, tuple[str, ...]]) -> Response:
    asked = bool(given)
    given.pop("ask", None)
    # An empty field of the form means any.
    given = {key: kept for key, values in given.items() if (kept := tuple(value for value in values if value))}
    described, text = query.describe(name), query.prepare(name, **given)
    rows = (await whole(request, Question(text, _CSV))).body or b"" if asked else None
    page = questions_page.about(described, query.load(name), given, None if rows is None else rows.decode())
    return answer(page, HTML)
