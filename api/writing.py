"""Requests that write enter: SPARQL updates, and graphs by the Graph Store Protocol; outcomes leave, mostly as 204.

All of it is off unless the settings say writable, and stands behind a bearer token whose scope goes with the change.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from api.config import ServerSettings
from api.federation import loaded
from api.heads import VERSION, number
from api.limits import body_of
from api.problems import Refusal
from api.protocol import Operation, media_of
from api.responding import address
from api.service import service_of
from api.writer import Writer
from kg.store.calls import load_of
from kg.store.wording import declare, facts
from kg.writing import SYNTAXES, Change, Part
from kg.writing.change import Scope
from kg.writing.updates import using

READ_ONLY = "This store is read here, not written; take articles in with kg import, or start with kg serve --writable"
_BEARER = {"www-authenticate": 'Bearer realm="kg"'}


class Known(Protocol):
    """What a known token may write: ``graphs`` is "curation" or "all"."""

    @property
    def graphs(self) -> str: ...


async def update(request: Request, operation: Operation) -> Response:
    """Make a SPARQL Update; 204 with the new version."""
    writer, scope = allow(request)
    text = operation.text
    settings = service_of(request).settings
    if settings.loads and (load := load_of(text)) is not None:
        part = await loaded(load, settings)
        parts = (part,) if part is not None else ()
        outcome = await writer.apply(Change("add", scope, graph=load.graph, parts=parts))
        return _done(204, outcome.version)
    found = facts(text)
    if found.undeclared or found.relative:
        text = declare(text, found, base=address(request))
    text = using(text, default=operation.default, named=operation.named)
    outcome = await writer.apply(Change("update", scope, text=text))
    return _done(204, outcome.version)


async def write_graph(request: Request, name: str | None) -> Response:
    """PUT, POST or DELETE one graph; None is the unnamed one."""
    writer, scope = allow(request)
    if request.method == "DELETE":
        outcome = await writer.apply(Change("drop", scope, graph=name))
        if not outcome.existed and name is not None:
            raise Refusal(404, f"There is no graph {name}; /graphs lists them")
        return _done(204, outcome.version)
    parts = await _parts(request, name or address(request))
    kind = "put" if request.method == "PUT" else "add"
    outcome = await writer.apply(Change(kind, scope, graph=name, parts=parts))  # type: ignore[arg-type]
    return _done(204 if outcome.existed else 201, outcome.version)


async def new_graph(request: Request) -> Response:
    """Take a graph that was posted without a name in, under a name of our own; 201 with its Location."""
    name = f"{address(request)}/{uuid.uuid4()}"
    answer = await write_graph(request, name)
    answer.headers["location"] = name
    return answer


def allow(request: Request) -> tuple[Writer, Scope]:
    """Return the writer and what the request's token may write; Refusal 401 or 403 otherwise."""
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


def tokens_of(settings: ServerSettings, root: Path | None) -> Callable[[str], Scope | None]:
    """Return what tells a presented token's scope: from the settings' table, then from the store's token file."""
    module = import_module("kg.store.tokens") if find_spec("kg.store.tokens") is not None else None

    def scope_of(presented: str) -> Scope | None:
        digest = hashlib.sha256(presented.encode()).hexdigest()
        found: Scope | None = None
        for known, scope in settings.tokens:  # all of them, each in constant time
            if hmac.compare_digest(known, digest):
                found = scope
        if found is None and module is not None and root is not None:
            kept: Known | None = module.check(root, presented)
            if kept is not None:
                found = "all" if kept.graphs == "all" else "curation"
        return found

    return scope_of


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
