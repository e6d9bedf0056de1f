"""A request for the page enters; hand-written HTML leaves. The files of ``api/page`` are served under /static."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.problems import Refusal
from api.service import service_of

FOLDER = Path(__file__).parent / "page"


async def index(request: Request) -> Response:
    """Answer with the page."""
    return FileResponse(FOLDER / "index.html", headers={"cache-control": "no-cache"})


async def graphiql(request: Request) -> Response:
    """Answer with GraphiQL, unless the settings turn it off."""
    if not service_of(request).settings.graphiql:
        raise Refusal(404, "GraphiQL is off on this server; /graphql answers")
    return FileResponse(FOLDER / "graphiql" / "index.html", headers={"cache-control": "no-cache"})
