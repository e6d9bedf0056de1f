"""An HTTP request to /graphql enters; an answer by the rules of GraphQL over HTTP leaves.

https://graphql.github.io/graphql-over-http/draft/ : application/graphql-response+json with 400 for a request error,
and application/json with 200 for clients of the older habit. One operation a request; only JSON bodies (a web form of
another site can't send one).
"""

from __future__ import annotations

from typing import Any

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.graphql.execution import GraphQLAnswer, GraphQLRequest, execute, refused
from api.limits import body_of
from api.negotiation import ranges
from api.problems import Refusal
from api.service import service_of

NEW = "application/graphql-response+json"
OLD = "application/json"
_KNOWN = {NEW: NEW, OLD: OLD, "application/*": NEW, "*/*": OLD}


def wanted_type(accept: str) -> str:
    """Return the media type to answer with: of equals the new one; the old one where neither is named."""
    best: tuple[float, str] | None = None
    for kind, weight in ranges(accept):
        found = _KNOWN.get(kind)
        if found and weight > 0 and (best is None or weight > best[0] or (weight == best[0] and kind == NEW)):
            best = (weight, found)
    return best[1] if best else OLD


async def graphql(request: Request) -> Response:
    """Answer one GraphQL request; a browser that comes without a query is shown the way to GraphiQL."""
    service = service_of(request)
    accept = request.headers.get("accept", "")
    if request.method == "GET" and "query" not in request.query_params and "text/html" in accept:
        return RedirectResponse("/graphiql", status_code=303)
    media = wanted_type(accept)
    try:
        asked = read_request(await _parameters(request))
    except GraphQLError as error:
        return respond(refused([error], "BAD_REQUEST"), media, status=400)
    answer = await service.runner.run(execute, asked, service.limits, service.settings.introspection)
    return respond(answer, media)


def respond(answer: GraphQLAnswer, media: str, *, status: int | None = None) -> Response:
    if status is None:
        status = 400 if media == NEW and not answer.executed else 200
    headers = {"content-type": f"{media}; charset=utf-8", "vary": "Accept", "cache-control": "no-store"}
    return Response(answer.body, status_code=status, headers=headers)


def read_request(parameters: Any) -> GraphQLRequest:
    """Read the parameters of a request; GraphQLError when one has the wrong shape."""
    if isinstance(parameters, list):
        raise GraphQLError("This is a list; send one operation a request")
    if not isinstance(parameters, dict):
        raise GraphQLError("The body is a JSON object with a query")
    query, variables = parameters.get("query"), parameters.get("variables")
    operation, extensions = parameters.get("operationName"), parameters.get("extensions")
    if not isinstance(query, str) or not query:
        raise GraphQLError("The parameter query is missing; it is the text of a GraphQL document")
    if variables is not None and not isinstance(variables, dict):
        raise GraphQLError("The parameter variables is a JSON object")
    if operation is not None and not isinstance(operation, str):
        raise GraphQLError("The parameter operationName is a string")
    if extensions is not None and not isinstance(extensions, dict):
        raise GraphQLError("The parameter extensions is a JSON object")
    return GraphQLRequest(query, variables or {}, operation or None)


async def _parameters(request: Request) -> Any:
    if request.method == "GET":
        found: dict[str, Any] = {
            name: request.query_params[name] for name in ("query", "operationName") if name in request.query_params
        }
        for name in ("variables", "extensions"):
            if text := request.query_params.get(name):
                found[name] = _json(text.encode(), f"The parameter {name}")
        return found
    content_type, *parameters = request.headers.get("content-type", "").lower().split(";")
    if content_type.strip() != "application/json":
        raise Refusal(415, "POST a JSON object with query, variables and operationName as application/json")
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('" ') not in ("utf-8", "utf8"):
            raise Refusal(415, "JSON is UTF-8")
    return _json(await body_of(request, service_of(request).limits), "The body")


def _json(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise GraphQLError(f"{what} is not JSON: {error}") from None
