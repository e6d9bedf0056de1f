"""What went wrong enters; an answer that says so, and what to do, leaves as application/problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from http import HTTPStatus

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kg.errors import KgError

logger = logging.getLogger("api")
request_id: ContextVar[str] = ContextVar("request_id", default="-")


class Refusal(Exception):  # noqa: N818  it is no error of ours
    """A request that is not answered, with the status and the words that the client gets."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: object) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """Return the answer for one problem; ``more`` are extension members of the document."""
    title = "Client Closed Request" if status == 499 else HTTPStatus(status).phrase
    document = {"title": title, "status": status, "detail": detail, "request": request_id.get()}
    return Response(
        orjson.dumps(document | more),
        status_code=status,
        media_type="application/problem+json",
        headers={"cache-control": "no-store", **(headers or {})},
    )


async def on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem(error.status, error.detail, headers=error.headers, **error.more)


async def on_kg_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, KgError)
    if error.http_status >= 500:
        logger.error("%s %s: %s", request_id.get(), request.url.path, error)
        # The text of a store's error holds paths of this machine.
        return problem(
            error.http_status, "The store can't be read at the moment; try again", headers={"retry-after": "5"}
        )
    return problem(error.http_status, str(error))


async def on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = {404: f"Nothing is at {request.url.path} here", 405: f"{request.method} is not answered here"}
    return problem(error.status_code, detail.get(error.status_code, error.detail), headers=error.headers)
