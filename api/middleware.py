"""Every request passes here: its host and origin are checked, it gets an id, and the log a line when it is answered."""

from __future__ import annotations

import logging
import re
import secrets
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import CutOff
from api.config import ServerSettings
from api.metrics import COUNTERS, door_of
from api.problems import problem, request_id

logger = logging.getLogger("api")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LOCAL_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"

SECURITY = {
    "content-security-policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


class Door:
    """The outermost layer of the server."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        token = request_id.set(given if _ID.fullmatch(given) else secrets.token_hex(6))
        began = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                outgoing = MutableHeaders(scope=message)
                outgoing["x-request-id"] = request_id.get()
                for name, value in SECURITY.items():
                    outgoing.setdefault(name, value)
                outgoing.setdefault("cache-control", "no-cache")
            await send(message)

        try:
            if refused := self._refused(scope, headers):
                await problem(*refused)(scope, receive, answer)
            else:
                await self.app(scope, receive, answer)
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
            took = (time.perf_counter() - began) * 1000
            COUNTERS.answered(door_of(scope["path"]), status, took / 1000)
            # %r: a path may hold line feeds and terminal codes once it is decoded.
            logger.info("%s %s %r %d %.0f ms", request_id.get(), scope["method"], scope["path"], status, took)
            request_id.reset(token)

    def _refused(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return status and words for a request that must not come in."""
        limits = self.settings.limits
        if len(scope.get("raw_path", b"")) + len(scope.get("query_string", b"")) > limits.url:
            return 414, f"The address is longer than {limits.url:,} bytes; send the query by POST"
        host = headers.get("host", "")
        name = _host_name(host)
        if name not in self.settings.hosts and "*" not in self.settings.hosts:
            # A page of the web whose name resolves to this machine must not read from it (DNS rebinding).
            return 421, f"This server does not answer for the host {name[:100]!r}; add it to KG_HOSTS"
        origin = headers.get("origin")
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and origin and not self._knows(origin, host):
            return 403, f"Pages of {origin[:100]!r} may not send requests here; add the origin to KG_ORIGINS"
        return None

    def _knows(self, origin: str, host: str) -> bool:
        if "*" in self.settings.origins or origin in self.settings.origins:
            return True
        return urlsplit(origin).netloc == host or re.fullmatch(LOCAL_ORIGIN, origin) is not None


def _host_name(host: str) -> str:
    """Return a Host header without its port, in lower case; the brackets of an IPv6 address stay."""
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::\d+)?", host.strip().lower())
    return match.group(1) if match else host
