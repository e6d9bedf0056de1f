"""Every request passes here: host, origin and rate are checked, it gets an id, and the log a line with its answer."""

from __future__ import annotations

import hashlib
import logging
import math
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import CutOff
from api.config import ServerSettings
from api.counters import COUNTERS, Turned, door_of
from api.freshness import HEADER, await_version
from api.heads import SECURITY, raw
from api.lane import Lane, answer, consider, question_of, send_kept
from api.noting import note
from api.plain import host_name
from api.problems import Refusal, on_kg_error, problem, request_id
from api.rates import Rates, client_of
from kg.errors import KgError

logger = logging.getLogger("api")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LOCAL_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"

#: What is refused only while a body arrives, by the status it is answered with.
_LATE: dict[int, Turned] = {408: "slow", 413: "body"}

#: What every answer has, unless it says otherwise itself.
_ALWAYS = (*raw(SECURITY), (b"cache-control", b"no-cache"))


@dataclass(frozen=True, slots=True)
class _Stop:
    """A request that must not come in: why (for the counters), and what its client is told."""

    reason: Turned
    status: int
    words: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Visit:
    """One request, from the door to its line in the log."""

    scope: Scope
    client: str
    request_id: str
    began: float
    status: int = 0
    stopped: bool = False  # at the door, and counted there

    def note(self, digest: hashlib._Hash) -> None:
        """Count the request, now answered, and write its line; see :func:`api.noting.note`."""
        scope, status, seconds = self.scope, self.status, time.perf_counter() - self.began
        if not self.stopped and status in _LATE:
            COUNTERS.turned_away(_LATE[status])
        note(self.request_id, self.client, scope["method"], scope["path"], status, seconds, digest.hexdigest()[:12])


def _refusing(stop: _Stop) -> ASGIApp:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await problem(stop.status, stop.words, headers=stop.headers)(scope, receive, send)

    return refuse


#: An ASGI application that may return the status it answered with, when it did not send all as messages.
Answering = Callable[[Scope, Receive, Send], Awaitable[int | None]]


class Door:
    """The outermost layer of the server."""

    def __init__(self, app: ASGIApp, settings: ServerSettings, quick: ASGIApp) -> None:
        self.app = app
        self.quick = quick
        self.settings = settings
        self.rates = Rates(settings.rate, settings.burst)
        self.lane = Lane(settings, self.rates)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and (stop := self._stopped(scope, Headers(scope=scope))):
            COUNTERS.turned_away(stop.reason)
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": stop.words[:120]})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        if scope["path"] == "/sparql" and scope["method"] == "GET" and (plain := self.lane.plain(scope)):
            visit = Visit(scope, plain.client, plain.request_id, began)
            if kept := plain.service.replies.get(plain.key):
                visit.status = await send_kept(plain, kept, scope, send)
                visit.note(hashlib.sha256(plain.target))
                consider(plain, kept.shape, scope)
                return
            if asked := question_of(plain):
                await self._through(partial(answer, plain, asked), visit, receive, send)
                consider(plain, asked.shape, scope)
                return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        client = self._client(scope, headers)
        visit = Visit(scope, client, given if _ID.fullmatch(given) else secrets.token_hex(6), began)
        if self.settings.proxies:
            # Whoever takes turns by client, the pool of queries for one, means the one behind the proxy.
            scope["client"] = (client, 0)
        if (stop := self._stopped(scope, headers)) is not None:
            COUNTERS.turned_away(stop.reason)
            visit.stopped = True
            await self._through(_refusing(stop), visit, receive, send)
            return
        # Routing and CORS would do nothing for a query but take a third of its time.
        quick = scope["path"] == "/sparql" and "origin" not in headers and scope["method"] in ("GET", "POST")
        await self._through(self.quick if quick else self.app, visit, receive, send, wanted=headers.get(HEADER))

    async def _through(
        self, app: Answering, visit: Visit, receive: Receive, send: Send, *, wanted: str | None = None
    ) -> None:
        """Have ``app`` answer. Whatever becomes of that is an answer, is counted, and stands in the log."""
        scope = visit.scope
        token = request_id.set(visit.request_id)
        version: str | None = None
        digest = hashlib.sha256(scope.get("query_string", b""))

        async def read() -> Message:
            message = await receive()
            digest.update(message.get("body", b""))
            return message

        async def respond(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.status = message["status"]
                headers = [pair for pair in message["headers"] if pair[0] != b"x-request-id"]
                there = {name for name, _ in headers}
                headers += [pair for pair in _ALWAYS if pair[0] not in there]
                headers.append((b"x-request-id", visit.request_id.encode()))
                if version is not None and HEADER.encode() not in there:
                    headers.append((HEADER.encode(), version.encode()))
                message["headers"] = headers
            await send(message)

        try:
            if wanted is not None:
                version = await await_version(scope["app"].state.service.store, wanted)
            if status := await app(scope, read, respond):
                visit.status = status
        except Refusal as refused:
            await problem(refused.status, refused.detail, headers=refused.headers, **refused.more)(
                scope, receive, respond
            )
        except KgError as error:
            await (await on_kg_error(Request(scope), error))(scope, receive, respond)
        except ClientDisconnect:
            visit.status = 499  # nobody is left to answer
        except CutOff as cut:
            # Returning without the end of the answer has the server close the connection.
            logger.warning("%s the answer was cut off: %s", visit.request_id, cut)
        except Exception as error:
            if visit.status:  # the answer had begun: only the server can break it off
                raise
            logger.error("%s %r failed", visit.request_id, scope["path"], exc_info=error)
            words = f"Something broke here; the log names it under {visit.request_id}"
            await problem(500, words)(scope, receive, respond)
        finally:
            visit.note(digest)
            request_id.reset(token)

    def _stopped(self, scope: Scope, headers: Headers) -> _Stop | None:
        """Return why a request must not come in; None when it may."""
        limits = self.settings.limits
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string", b"")) > limits.url:
            return _Stop("url", 414, f"The address is longer than {limits.url:,} bytes; send the query by POST")
        host = headers.get("host", "")
        name = host_name(host)
        if name not in self.settings.hosts and "*" not in self.settings.hosts:
            # A page of the web whose name resolves to this machine must not read from it (DNS rebinding).
            return _Stop("host", 421, f"This server does not answer for the host {name[:100]!r}; add it to KG_HOSTS")
        origin = headers.get("origin")
        reading = scope.get("method") in ("GET", "HEAD", "OPTIONS")
        if not reading and origin and not self._knows(origin, host):
            words = f"Pages of {origin[:100]!r} may not send requests here; add the origin to KG_ORIGINS"
            return _Stop("origin", 403, words)
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > max(limits.body, limits.upload):
            return _Stop("body", 413, f"The body is longer than {max(limits.body, limits.upload):,} bytes; send less")
        wait = 0.0 if door_of(scope["path"]) == "operations" else self.rates.wait(self._client(scope, headers))
        if wait:
            words = f"This address sends more than {self.settings.rate:g} requests a second; wait {wait:.1f} seconds"
            return _Stop("rate", 429, words, {"retry-after": str(math.ceil(wait))})
        return None

    def _client(self, scope: Scope, headers: Headers) -> str:
        peer = (scope.get("client") or ("unknown",))[0]
        return client_of(peer, headers.get("x-forwarded-for", ""), self.settings.proxies)

    def _knows(self, origin: str, host: str) -> bool:
        if "*" in self.settings.origins or origin in self.settings.origins:
            return True
        return urlsplit(origin).netloc == host or re.fullmatch(LOCAL_ORIGIN, origin) is not None
