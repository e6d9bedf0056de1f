"""Requests that write enter: SPARQL updates, and graphs by the Graph Store Protocol; outcomes leave, mostly as 204.

All of it is off unless the settings say writable, and stands behind a bearer token whose scope goes with the change.
"""

from __future__ import annotations

import uuid
from email import message_from_bytes
from email.message import Message

from starlette.requests import Request
from starlette.responses import Response

from api.federation import loaded
from api.heads import VERSION, number
from api.limits import body_of
from api.problems import Refusal
from api.protocol import Operation, media_of
from api.responding import address
from api.service import service_of
from api.writer import Writer
from kg.store.calls import load_of
from kg.store.tokens import Scope
from kg.store.updates import using
from kg.store.wording import declare, facts
from kg.writing import SYNTAXES, Change, Part

READ_ONLY = "This store is read here, not written; take articles in with kg import, or start with kg serve --writable"
_BEARER = {"www-authenticate": 'Bearer realm="kg"'}


async def update(request: Request, operation: Operation) -> Response:
    """Make a SPARQL Update; 204 with the new version."""
    writer, scope = allow(request)
    text = operation.text
    settings = service_of(request).settings
    if settings.loads and (load := load_of(text)) is not None:
        part = await loaded(load, settings)
        parts = (part,) if part is not None else ()
        outcome = await writer.apply(Change("add", scope.graphs, graph=load.graph, parts=parts, by=scope.name))
        return _done(204, outcome.version)
    found = facts(text)
    if found.undeclared or found.relative:
        text = declare(text, found, base=address(request))
    text = using(text, default=operation.default, named=operation.named)
    outcome = await writer.apply(Change("update", scope.graphs, text=text, by=scope.name))
    return _done(204, outcome.version)


async def write_graph(request: Request, name: str | None) -> Response:
    """PUT, POST or DELETE one graph; None is the unnamed one."""
    writer, scope = allow(request)
    if request.method == "DELETE":
        outcome = await writer.apply(Change("drop", scope.graphs, graph=name, by=scope.name))
        if not outcome.existed and name is not None:
            raise Refusal(404, f"There is no graph {name}; /graphs lists them")
        return _done(204, outcome.version)
    parts = await _parts(request, name or address(request))
    kind = "put" if request.method == "PUT" else "add"
    change = Change(kind, scope.graphs, graph=name, parts=parts, by=scope.name)  # type: ignore[arg-type]
    outcome = await writer.apply(change)
    return _done(204 if outcome.existed else 201, outcome.version)


async def new_graph(request: Request) -> Response:
    """Take a graph that was posted without a name in, under a name of our own; 201 with its Location."""
    name = f"{address(request)}/{uuid.uuid4()}"
    answer = await write_graph(request, name)
    answer.headers["location"] = name
    return answer


def allow(request: Request) -> tuple[Writer, Scope]:
    """Return the writer, and whose token the request has and what it may write; Refusal 401 or 403 otherwise."""
    service = service_of(request)
    if service.writer is None:
        raise Refusal(403, READ_ONLY)
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not presented.strip():
        raise Refusal(401, "Writing needs a token: Authorization: Bearer …; kg token makes one", headers=_BEARER)
    scope = service.tokens(presented.strip())
    if scope is None:
        raise Refusal(401, "This token is not known here", headers=_BEARER)
    return service.writer, scope


async def _parts(request: Request, base: str) -> tuple[Part, ...]:
    """Return the graphs in a request's body: one, or those of a form with files (multipart/form-data)."""
    content = await body_of(request, service_of(request).limits, most=service_of(request).limits.upload)
    kind, charset = media_of(request)
    if kind != "multipart/form-data":
        return (_part(content, kind, charset, base),)
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode("latin-1")
    form: Message = message_from_bytes(head + content)
    if not form.is_multipart():
        raise Refusal(400, "The form has no parts; its boundary may be another one than its content-type says")
    found = []
    for piece in form.get_payload():
        assert isinstance(piece, Message)
        data = piece.get_payload(decode=True)
        assert isinstance(data, bytes)
        found.append(_part(data, piece.get_content_type(), piece.get_content_charset() or "", base))
    return tuple(found)


def _part(data: bytes, kind: str, charset: str, base: str) -> Part:
    if kind not in SYNTAXES:
        raise Refusal(415, f"{kind[:60] or 'No media type'}: a graph is written as one of {', '.join(SYNTAXES)}")
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise Refusal(415, f"A graph travels in UTF-8, not in {charset[:40]!r}")
    return Part(data, kind, base)


def _done(status: int, version: str) -> Response:
    return Response(status_code=status, headers={VERSION: str(number(version)), "cache-control": "no-store"})
