"""A question and the request behind it enter; an HTTP answer leaves: 304, from what is kept, whole, or streamed."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from api.answers import Answer, Question
from api.encoding import WORTH_COMPRESSING, compressed, encoding_of
from api.heads import VERSION, headers_of, number
from api.problems import Refusal
from api.sending import Streamed
from api.service import etag, service_of, unchanged

#: Seconds that a request waits for the version that it wants at least.
WAIT_FOR_VERSION = 1.0


async def respond(request: Request, question: Question, media: str, *, steady: bool = True) -> Response:
    """Answer a question; ``steady`` says that the same data always give the same answer, which then may be kept."""
    service = service_of(request)
    version = await version_for(request)
    about = (media, question.text, str(question.union))
    tag = etag(service, *about, version=version) if steady else None
    if tag and (same := unchanged(request, tag)):
        return same
    key = (version, question.accept, question.text, str(question.union))
    body = service.cache.get(key) if steady else None
    if body is None:
        given = await service.answers.ask(question, client=client_of(request), gone=lambda: gone(request))
        if given.version != version:
            key = (given.version, *key[1:])
            tag = etag(service, *about, version=given.version) if steady else None
        if given.pieces is not None:
            encoding = encoding_of(request.headers.get("accept-encoding", ""))
            return Streamed(given.pieces, headers_of(media, tag, given.version), encoding)
        body = given.body or b""
        if steady:
            service.cache.put(key, body)
    return _whole(request, body, media, tag, key if steady else None)


async def whole(request: Request, question: Question) -> Answer:
    """Ask a question of our own on behalf of a request, and wait for all of its answer."""
    answer = await service_of(request).answers.ask(question, client=client_of(request), gone=lambda: gone(request))
    if answer.pieces is not None:
        answer.body = b"".join([piece async for piece in answer.pieces])
        answer.pieces = None
    return answer


async def version_for(request: Request) -> str:
    """Return the version to answer from; waits a little for the one that the request wants at least (kg-version).

    A client that wrote sends back the version that it was told, and reads its own writes whichever server it meets.
    """
    service = service_of(request)
    wanted = request.headers.get(VERSION)
    if wanted is None:
        return service.answers.version
    if not wanted.isdigit():
        raise Refusal(400, f"{VERSION} is a number, as an answer's own {VERSION} has it; this is {wanted[:40]!r}")
    until = asyncio.get_running_loop().time() + WAIT_FOR_VERSION
    while number(version := service.answers.version) < int(wanted):
        if asyncio.get_running_loop().time() > until:
            raise Refusal(
                503, f"Version {wanted} is not here yet, {version} is; try again", headers={"retry-after": "1"}
            )
        await asyncio.sleep(0.02)
    return version


def address(request: Request) -> str:
    """Return a request's own address as it was written, without the query."""
    path = request.scope.get("raw_path") or request.url.path.encode()
    return f"{request.url.scheme}://{request.url.netloc}{path.decode('latin-1')}"


def client_of(request: Request) -> str:
    client = request.client
    return client.host if client else ""


async def gone(request: Request) -> None:
    """Return when the client has hung up. The request's body has been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _whole(request: Request, body: bytes, media: str, tag: str | None, key: tuple[str, ...] | None) -> Response:
    headers = headers_of(media, tag, key[0] if key else None)
    if len(body) >= WORTH_COMPRESSING and (encoding := encoding_of(request.headers.get("accept-encoding", ""))):
        cache = service_of(request).cache
        packed = cache.get((*key, encoding)) if key else None
        if packed is None:
            packed = compressed(body, encoding)
            if key:
                cache.put((*key, encoding), packed)
        body = packed
        headers["content-encoding"] = encoding
    return Response(body, headers=headers)
