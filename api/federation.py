"""A query that calls other services, or an update that loads a graph, enters; what those servers sent leaves with it.

Off unless the operator lists who may be asked (KG_SERVICES, KG_LOADS). Even then only public addresses are asked, by
this process, within the time and size below; the processes that evaluate queries have no network.
"""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Iterable
from urllib.parse import urlencode

from api.config import ServerSettings
from api.problems import Refusal
from kg.addresses import AddressError, Reply, TooLongError, exchange, resolve
from kg.store.calls import Call, Load
from kg.writing import SYNTAXES, Part

MOST = 8 << 20  # bytes of one answer
_AGENT = "on-the-record/0.1 (+https://w3id.org/on-the-record)"
_RESULTS = "application/sparql-results+json"


def permit(calls: Iterable[Call], settings: ServerSettings) -> None:
    """Refuse (403) a query that calls a service which the operator has not listed."""
    for call in calls:
        if call.service not in settings.services:
            listed = ", ".join(f"<{service}>" for service in settings.services) or "none"
            raise Refusal(403, f"SERVICE <{call.service}> is not among those that may be called here: {listed}")


async def answers(calls: list[Call], settings: ServerSettings) -> list[tuple[Call, bytes | None]]:
    """Ask all services at once; half of a query's time is theirs. None is the answer of a silent one that failed.

    Raises Refusal 502 or 504 for what a service that is not silent does not answer.
    """
    until = time.monotonic() + settings.limits.seconds / 2
    return list(await asyncio.gather(*(asyncio.to_thread(_answer, call, settings, until) for call in calls)))


def _answer(call: Call, settings: ServerSettings, until: float) -> tuple[Call, bytes | None]:
    body = urlencode({"query": call.question}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": _RESULTS}
    try:
        reply = _asked(call.service, "POST", headers, body, private=settings.private_services, until=until)
    except Refusal:
        if call.silent:
            return call, None
        raise
    return call, reply.body


async def loaded(load: Load, settings: ServerSettings) -> Part | None:
    """Fetch the graph of a LOAD; None when it fails and is silent.

    An entry of KG_LOADS is an address, or all that begins with it where it ends with a slash. Raises Refusal 403, 502,
    504.
    """
    if not any(load.source == one or (one.endswith("/") and load.source.startswith(one)) for one in settings.loads):
        raise Refusal(403, f"LOAD <{load.source}> is not among what may be loaded here; post the graph to /graphs")
    until = time.monotonic() + settings.limits.seconds
    accept = {"Accept": ", ".join(SYNTAXES)}
    try:
        reply = await asyncio.to_thread(
            _asked, load.source, "GET", accept, None, private=settings.private_services, until=until
        )
    except Refusal:
        if load.silent:
            return None
        raise
    media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Part(reply.body, media, load.source)


def _asked(url: str, method: str, headers: dict[str, str], body: bytes | None, *, private: bool, until: float) -> Reply:
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity", "Connection": "close", **headers}
    try:
        reply = exchange(resolve(url, private=private), method, headers, body, until=until, most=MOST)
    except AddressError as error:
        raise Refusal(403, f"<{url}> is not asked: {error}") from None
    except TimeoutError:
        raise Refusal(504, f"<{url}> did not answer in time; ask it for less, or by itself") from None
    except TooLongError as error:
        raise Refusal(502, f"<{url}> answered with {error}; bind more of its pattern, or add a LIMIT") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Refusal(502, f"<{url}> could not be asked ({type(error).__name__})") from None
    if reply.status != 200:
        raise Refusal(502, f"<{url}> answered with status {reply.status}; redirects are not followed")
    return reply
