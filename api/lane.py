"""A plain GET of a query enters; its answer leaves straight from what is kept, or the way that is left to go for it.

The busiest path of the server: ``/sparql?query=…`` and nothing else that would need a closer look. What is not plain
(a page of another origin, a dataset, a body, a query that is refused …) goes the way of all requests.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache

from starlette.types import Receive, Scope, Send

from api.answers import Question
from api.asking import PREFIX, Asked, read
from api.config import ServerSettings
from api.encoding import WORTH_COMPRESSING, compressed, encoding_of
from api.heads import SECURITY, head_of, headers_of, matches, raw
from api.plain import ID, SPECIAL, host_name
from api.rates import Rates, client_of
from api.sending import LENDING, Streamed, send_whole
from api.service import Kept, Service, etag

_SECURITY = raw(SECURITY)


@dataclass(slots=True)
class Plain:
    """A plain request: who asks, and what it is kept under."""

    service: Service
    target: bytes  # the query string
    headers: dict[bytes, bytes]
    client: str
    version: str
    request_id: str

    @property
    def key(self) -> tuple[str | bytes, ...]:
        given = self.headers
        return self.version, self.target, given.get(b"accept", b""), given.get(b"accept-encoding", b"")


class Lane:
    """Tells plain requests from others, and answers them."""

    def __init__(self, settings: ServerSettings, rates: Rates) -> None:
        self._longest = settings.limits.url
        self._rates = rates
        self._client = lru_cache(4_096)(lambda peer, via: client_of(peer, via, settings.proxies))
        self._proxies = bool(settings.proxies)
        self._knows = lru_cache(256)(lambda host: "*" in settings.hosts or host_name(host) in settings.hosts)

    def plain(self, scope: Scope) -> Plain | None:
        """Return a plain request, for which a token of its client's rate was taken; None when a closer look is due."""
        target: bytes = scope["query_string"]
        if not target.startswith(PREFIX) or b"&" in target or len(target) + len(scope["raw_path"]) > self._longest:
            return None
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if len(headers) != len(scope["headers"]) or not SPECIAL.isdisjoint(headers):
            return None
        if not self._knows(headers.get(b"host", b"").decode("latin-1")):
            return None
        service: Service = scope["app"].state.service
        try:
            version = service.answers.version
        except Exception:  # noqa: BLE001  the longer way meets it too, and says so
            return None
        given = headers.get(b"x-request-id")
        request_id = given.decode() if given and ID.fullmatch(given) else secrets.token_hex(6)
        peer = (scope.get("client") or ("unknown",))[0]
        via = headers.get(b"x-forwarded-for", b"").decode("latin-1") if self._proxies else ""
        client = self._client(peer, via)
        if self._rates.rate and self._rates.wait(client):
            return None  # takes nothing: the door will find the same and say so
        return Plain(service, target, headers, client, version, request_id)


async def send_kept(plain: Plain, kept: Kept, scope: Scope, send: Send) -> int:
    """Send an answer that is kept, or a 304 to who has it already; returns the status."""
    identity = (b"x-request-id", plain.request_id.encode())
    known = plain.headers.get(b"if-none-match", b"")
    if known and kept.tag and matches(known, kept.tag):
        headers = [pair for pair in kept.headers if pair[0] not in (b"content-type", b"content-length")]
        await send_whole(scope, send, [*headers, identity], b"", status=304)
        return 304
    head = b"%sx-request-id: %s\r\n" % (kept.head, identity[1])
    await send_whole(scope, send, [*kept.headers, identity], kept.body, head=head)
    return 200


def question_of(plain: Plain) -> Asked | None:
    """Return what a plain request asks.

    None when it can't be answered as it stands: whoever takes the longer way finds out why, and says so.
    """
    return read(plain.target, plain.headers.get(b"accept", b""))


async def answer(plain: Plain, asked: Asked, scope: Scope, receive: Receive, send: Send) -> int:
    """Answer a plain request from the store, keep the answer, return the status. Raises Refusal, KgError, CutOff."""
    question, media, steady = Question(asked.text, asked.accept, shape=asked.shape), asked.media, asked.steady
    service = plain.service
    key = (plain.version, question.accept, question.text, str(question.union))
    body = service.cache.get(key) if steady else None
    version = plain.version
    encoding = encoding_of(plain.headers.get(b"accept-encoding", b"").decode("latin-1"))
    if body is None:

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        given = await service.answers.ask(question, client=plain.client, gone=gone)
        version = given.version
        tag = _tag(service, question, media, version) if steady else None
        if given.pieces is not None:
            await Streamed(given.pieces, headers_of(media, tag, version), encoding)(scope, receive, send)
            return 200
        body = given.body or b""
        if steady:
            service.cache.put((version, *key[1:]), body)
    else:
        tag = _tag(service, question, media, version)
    headers = headers_of(media, tag, version)
    if encoding and len(body) >= WORTH_COMPRESSING:
        body = compressed(body, encoding)
        headers["content-encoding"] = encoding
    headers["content-length"] = str(len(body))
    pairs = [*raw(headers), *_SECURITY]
    kept = Kept(pairs, head_of(pairs), body, (tag or "").encode(), asked.shape)
    if tag is not None:
        plain.version = version
        service.replies.put(plain.key, kept)
    return await send_kept(plain, kept, scope, send)


def _tag(service: Service, question: Question, media: str, version: str) -> str:
    return etag(service, media, question.text, str(question.union), version=version)


def consider(plain: Plain, shape: str, scope: Scope) -> None:
    """Have the connection of a plain request, now answered, handed over when that is worth it."""
    connection = scope.get("extensions", {}).get(LENDING)
    if connection is not None and plain.service.handover is not None:
        plain.service.handover.consider(connection, (scope.get("client") or ("unknown",))[0], shape)
