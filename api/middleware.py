"""Every request passes here: host, origin and rate are checked, it gets an id, and the log a line with its answer."""

from __future__ import annotations

import hashlib
import logging
import math
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import CutOff
from api.config import ServerSettings
from api.counters import COUNTERS, Turned, door_of
from api.freshness import HEADER, await_version
from api.problems import Refusal, problem, request_id
from api.rates import Rates, client_of

logger = logging.getLogger("api")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LOCAL_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"

#: What is refused only while a body arrives, by the status it is answered with.
_LATE: dict[int, Turned] = {408: "slow", 413: "body"}

SECURITY = {
    "content-security-policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class _Stop:
    """A request that must not come in: why (for the counters), and what its client is told."""

    reason: Turned
    status: int
    words: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Door:
    """The outermost layer of the server."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self.app = app
        self.settings = settings
        self.rates = Rates(settings.rate, settings.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] in ("http", "websocket") else Headers()
        if scope["type"] == "websocket" and (stop := self._stopped(scope, headers)):
            COUNTERS.turned_away(stop.reason)
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": stop.words[:120]})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = headers.get("x-request-id", "")
        token = request_id.set(given if _ID.fullmatch(given) else secrets.token_hex(6))
        began = time.perf_counter()
        status = 0
        version: str | None = None
        digest = hashlib.sha256(scope.get("query_string", b""))

        async def read() -> Message:
            message = await receive()
            digest.update(message.get("body", b""))
            return message

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                outgoing = MutableHeaders(scope=message)
                outgoing["x-request-id"] = request_id.get()
                if version is not None:
                    outgoing.setdefault(HEADER, version)
                for name, value in SECURITY.items():
                    outgoing.setdefault(name, value)
                outgoing.setdefault("cache-control", "no-cache")
            await send(message)

        stop = self._stopped(scope, headers)
        client = self._client(scope, headers)
        if self.settings.proxies:
            # Whoever takes turns by client, the pool of queries for one, means the one behind the proxy.
            scope["client"] = (client, 0)
        try:
            if stop is not None:
                COUNTERS.turned_away(stop.reason)
                await problem(stop.status, stop.words, headers=stop.headers)(scope, receive, answer)
            else:
                if (wanted := headers.get(HEADER)) is not None:
                    version = await await_version(scope["app"].state.service.store, wanted)
                await self.app(scope, read, answer)
        except Refusal as refused:
            await problem(refused.status, refused.detail, headers=refused.headers, **refused.more)(
                scope, receive, answer
            )
        except ClientDisconnect:
            status = 499  # nobody is left to answer
        except CutOff as cut:
            # Returning without the end of the answer has the server close the connection.
            logger.warning("%s the answer was cut off: %s", request_id.get(), cut)
        except Exception as error:
            if status:  # the answer had begun: only the server can break it off
                raise
            logger.error("%s %r failed", request_id.get(), scope["path"], exc_info=error)
            words = f"Something broke here; the log names it under {request_id.get()}"
            await problem(500, words)(scope, receive, answer)
        finally:
            if stop is None and status in _LATE:
                COUNTERS.turned_away(_LATE[status])
            self._note(scope, client, status, time.perf_counter() - began, digest.hexdigest()[:12])
            request_id.reset(token)

    def _note(self, scope: Scope, client: str, status: int, seconds: float, digest: str) -> None:
        """Count an answered request and write its line: no text of it, but a digest of its query and body."""
        COUNTERS.answered(door_of(scope["path"]), status, seconds)
        fields = {
            "request": request_id.get(),
            "client": client,
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "ms": round(seconds * 1000, 1),
            "digest": digest,
        }
        # %r: a path may hold line feeds and terminal codes once it is decoded.
        words = "%s %s %r %d %.0f ms", request_id.get(), scope["method"], scope["path"], status, seconds * 1000
        logger.info(*words, extra={"fields": fields})

    def _stopped(self, scope: Scope, headers: Headers) -> _Stop | None:
        """Return why a request must not come in; None when it may."""
        limits = self.settings.limits
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string", b"")) > limits.url:
            return _Stop("url", 414, f"The address is longer than {limits.url:,} bytes; send the query by POST")
        host = headers.get("host", "")
        name = _host_name(host)
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


def _host_name(host: str) -> str:
    """Return a Host header without its port, in lower case; the brackets of an IPv6 address stay."""
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::\d+)?", host.strip().lower())
    return match.group(1) if match else host
