"""An HTTP request to /graphql enters; an answer by the rules of GraphQL over HTTP leaves.

One operation a request; only JSON bodies (a web form of another site can't send one) and no mutation by GET.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.graphql.execution import GraphQLAnswer, GraphQLRequest, execute, refused
from api.graphql.explain import explain, wants_explanation
from api.graphql.live import Live, live_of
from api.graphql.operations import Kind, kind_of
from api.graphql.protocol import NEW, OLD, Parameters, read_json, read_parameters, wanted_type
from api.limits import body_of
from api.problems import Refusal
from api.service import Service, service_of


@dataclass(frozen=True, slots=True)
class Operation:
    """A request that is ready to be executed: its text is known, and what it does."""

    asked: GraphQLRequest
    kind: Kind
    parameters: Parameters


async def graphql(request: Request) -> Response:
    """Answer one GraphQL request; a browser that comes without a query is shown the way to GraphiQL."""
    service, live = service_of(request), live_of(request)
    accept = request.headers.get("accept", "")
    bare = request.method == "GET" and not {"query", "documentId", "extensions"} & request.query_params.keys()
    if bare and "text/html" in accept:
        return RedirectResponse("/graphiql", status_code=303)
    media = wanted_type(accept)
    if media is None:
        raise Refusal(406, f"The answer can be had as {NEW} or {OLD}; name one in Accept", offers=[NEW, OLD])
    try:
        operation = operation_of(read_parameters(await parameters_of(request)), service, live)
    except GraphQLError as error:
        return respond(live, refused([error], "BAD_REQUEST"), media, malformed=True)
    if operation.kind == "subscription":
        words = "A subscription is a stream: open a WebSocket here (graphql-transport-ws), or ask /graphql/stream"
        return respond(live, refused([GraphQLError(words)], "BAD_REQUEST"), media, malformed=True)
    if operation.kind == "mutation":
        if request.method == "GET":
            raise Refusal(405, "A mutation is sent by POST", headers={"allow": "POST"})
        return respond(live, await live.mutate(operation.asked, request.headers.get("authorization")), media)
    return respond(live, await answer_query(operation, service), media)


async def answer_query(operation: Operation, service: Service) -> GraphQLAnswer:
    """Execute a query off the event loop, with its explanation where that is asked for and may be seen."""
    explained = wants_explanation(operation.parameters) and service.settings.introspection
    job = explain if explained else execute
    return await service.runner.run(job, operation.asked, service.limits, service.settings.introspection)


def operation_of(parameters: Parameters, service: Service, live: Live) -> Operation:
    """Find the document and what it does; GraphQLError when it is not known or not allowed."""
    text = live.documents.text(parameters)
    asked = GraphQLRequest(text, parameters.variables, parameters.operation)
    return Operation(asked, kind_of(text, parameters.operation, service.limits), parameters)


def respond(live: Live, answer: GraphQLAnswer, media: str, *, malformed: bool = False) -> Response:
    """Return an answer with its status; ``malformed``: the request itself was no GraphQL request."""
    status = live.profile.status(answer.code, media, partial=answer.partial)
    if malformed and status == 200:
        status = 400
    headers = {"content-type": f"{media}; charset=utf-8", "vary": "Accept", "cache-control": "no-store"}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if status == 503:
        headers["retry-after"] = "5"
    return Response(answer.body, status_code=status, headers=headers)


async def parameters_of(request: Request) -> Any:
    """Return the parameters of the address (GET) or of a JSON body (POST); Refusal 415 for other bodies."""
    if request.method == "GET":
        found: dict[str, Any] = {
            name: request.query_params[name]
            for name in ("query", "operationName", "documentId")
            if name in request.query_params
        }
        for name in ("variables", "extensions"):
            if text := request.query_params.get(name):
                found[name] = read_json(text.encode(), f"The parameter {name}")
        return found
    content_type, *parameters = request.headers.get("content-type", "").lower().split(";")
    if content_type.strip() != "application/json":
        raise Refusal(415, "POST a JSON object with query, variables and operationName as application/json")
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('" ') not in ("utf-8", "utf8"):
            raise Refusal(415, "JSON is UTF-8")
    return read_json(await body_of(request, service_of(request).limits), "The body")
