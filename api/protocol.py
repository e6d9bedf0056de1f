"""A SPARQL 1.1 Protocol request enters; the query or update that it carries, and its dataset, leave.

https://www.w3.org/TR/sparql11-protocol/ : a query by GET, by URL-encoded POST or as the body of a POST; an update by
the two POSTs only.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from starlette.requests import Request

from api.limits import Limits, body_of
from api.problems import Refusal

_BODIES = {"application/sparql-query": "query", "application/sparql-update": "update"}
FORM = "application/x-www-form-urlencoded"
_SHORT = 8_192  # bytes of a form


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks for. ``default`` and ``named`` are IRIs of graphs: the dataset, or an update's USING."""

    kind: Literal["query", "update"]
    text: str
    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


async def read(request: Request, limits: Limits) -> Operation | None:
    """Return a request's operation; None when a GET carries none. Refusals say what the protocol wants instead."""
    try:
        parameters = parse_qsl(
            request.scope["query_string"].decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict"
        )
        if request.method == "POST":
            parameters += await _posted(request, limits)
    except UnicodeDecodeError as error:
        raise Refusal(400, f"The request is not UTF-8: {error.reason} at byte {error.start}") from None
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        given.setdefault(name, []).append(value)
    queries, updates = given.get("query", []), given.get("update", [])
    if queries and updates:
        raise Refusal(400, "There are a query and an update in this request; send one of them")
    if len(queries) > 1 or len(updates) > 1:
        raise Refusal(400, "There are several queries or updates in this request; send one")
    if updates:
        if request.method != "POST":
            raise Refusal(405, "An update is sent by POST", headers={"allow": "POST"})
        return Operation(
            "update", updates[0], tuple(given.get("using-graph-uri", ())), tuple(given.get("using-named-graph-uri", ()))
        )
    if queries:
        return Operation(
            "query", queries[0], tuple(given.get("default-graph-uri", ())), tuple(given.get("named-graph-uri", ()))
        )
    if request.method == "POST":
        raise Refusal(400, "There is no query in this request; send it as the parameter query, an update as update")
    return None


async def _posted(request: Request, limits: Limits) -> list[tuple[str, str]]:
    kind, charset = media_of(request)
    if kind not in _BODIES and kind != FORM:
        raise Refusal(
            415, f"POST a query as {', an update as '.join(_BODIES)}; or either, URL-encoded, as a parameter of a form"
        )
    if charset not in ("utf-8", "utf8", ""):
        raise Refusal(415, f"SPARQL travels in UTF-8, not in {charset[:40]!r}")
    content = await body_of(request, limits)
    if kind in _BODIES:
        return [(_BODIES[kind], content.decode())]
    if len(content) <= _SHORT:
        return _pairs(content)
    return await asyncio.to_thread(_pairs, content)  # 60 ms for the longest one: others would wait for it


def _pairs(content: bytes) -> list[tuple[str, str]]:
    return parse_qsl(content.decode(), keep_blank_values=True, errors="strict")


def media_of(request: Request) -> tuple[str, str]:
    """Return the media type and the charset ("" when none is said) of a request's body, in lower case."""
    kind, *parameters = request.headers.get("content-type", "").lower().split(";")
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "charset":
            return kind.strip(), value.strip('" ')
    return kind.strip(), ""
