"""What every door of one server shares: the store, the runner that asks it, the settings; and answers with an ETag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from api.answers import Answers
from api.cache import Cache
from api.config import ServerSettings
from api.handover import Handover
from api.heads import tag_of
from api.limits import Limits, Runner
from api.negotiation import choose, content_type
from api.problems import Refusal
from api.tokens import TokenCheck
from api.writer import Writer
from kg.store.base import Store


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is sent: headers, body, its ETag."""

    headers: list[tuple[bytes, bytes]]
    head: bytes  # the same with the status line, as they go over the wire
    body: bytes
    tag: bytes
    shape: str = ""  # of the query

    def __len__(self) -> int:
        return len(self.body) + 1_024  # about what the headers take


@dataclass(frozen=True, slots=True)
class Service:
    """One server's parts: ``answers`` for the SPARQL of strangers, ``runner`` for our own jobs on ``store``."""

    store: Store
    runner: Runner
    settings: ServerSettings
    answers: Answers
    cache: Cache[bytes]
    replies: Cache[Kept]
    writer: Writer | None = None  # None: this server does not write
    tokens: TokenCheck = lambda presented: None
    handover: Handover | None = None

    @property
    def limits(self) -> Limits:
        return self.settings.limits


def service_of(request: HTTPConnection) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


def negotiate(request: Request, offers: Mapping[str, str]) -> tuple[str, str]:
    """Return the media type to answer with and the one to ask the store for; Refusal 406 when none is accepted."""
    offered = list(offers)
    media = choose(request.headers.get("accept"), offered)
    if media is None:
        raise Refusal(406, f"The answer can be had as {', '.join(offered)}; name one in Accept", offers=offered)
    return media, offers[media]


def etag(service: Service, *parts: str, version: str | None = None) -> str:
    """Return the ETag of an answer that changes only with the store and these parts; see :func:`api.heads.tag_of`."""
    return tag_of(service.store.url, service.answers.version if version is None else version, *parts)


def unchanged(request: Request, tag: str) -> Response | None:
    """Return 304 when the client has this version already (https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2)."""
    known = [part.strip() for part in request.headers.get("if-none-match", "").split(",")]
    if request.method in ("GET", "HEAD") and (tag in known or "*" in known):
        vary = "Accept, Accept-Encoding"
        return Response(status_code=304, headers={"etag": tag, "vary": vary, "cache-control": "no-cache"})
    return None


def answer(body: bytes, media: str, *, tag: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """Return a negotiated answer; clients may keep it, but ask again each time whether it still holds."""
    more = {"etag": tag, "cache-control": "no-cache"} if tag else {"cache-control": "no-store"}
    return Response(body, headers={"content-type": content_type(media), "vary": "Accept", **more, **(headers or {})})
