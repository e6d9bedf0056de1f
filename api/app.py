"""Settings or a store enter; the ASGI application leaves. ``uvicorn --factory api.app:create_app`` reads KG_STORE."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from api import assets, data, health, metrics, named, ontology, sparql
from api.answers import Answers, ThreadAnswers
from api.cache import Cache
from api.config import ServerSettings
from api.graphql import http
from api.limits import Runner, ThreadRunner
from api.middleware import LOCAL_ORIGIN, Door
from api.pool import Pool
from api.problems import Refusal, on_http_exception, on_kg_error, on_refusal
from api.service import Service
from kg.errors import KgError
from kg.store import Store, open_store


def create_app(
    settings: ServerSettings | None = None, *, store: Store | None = None, runner: Runner | None = None
) -> Starlette:
    """Return the server of one store.

    Without ``store`` the one that the settings name is opened for reading, and closed when the server stops; without
    ``settings`` they are read from the environment. Raises StoreError when the store can't be opened.
    """
    if settings is None:  # uvicorn called: nobody has set up our log
        settings = ServerSettings.from_env()
        log_to_stderr()
    opened = open_store(settings.base.store, read_only=True) if store is None else store
    running = ThreadRunner(opened, settings.limits) if runner is None else runner

    answers = answers_of(opened, running, settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await answers.start()
        yield
        answers.close()
        running.close()
        if store is None:
            opened.close()

    writing = ["POST", "PUT", "DELETE", "PATCH"]
    routes = [
        Route("/", assets.index),
        Route("/graphiql", assets.graphiql),
        Mount("/static", StaticFiles(directory=assets.FOLDER)),
        Route("/sparql", sparql.sparql, methods=["GET", "POST"]),
        Route("/graphql", http.graphql, methods=["GET", "POST"]),
        Route("/queries", named.questions),
        Route("/queries/{name}", named.question),
        Route("/graphs", data.graphs, methods=["GET", *writing]),
        Route("/ontology", ontology.ontology),
        Route("/health", health.health),
        Route("/health/live", health.live),
        Route("/health/ready", health.ready),
        Route("/metrics", metrics.metrics),
        # The kinds of nodes that have IRIs of their own; see docs/model.md.
        *(Route(f"/{kind}/{{name:path}}", data.data) for kind in data.KINDS),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            Middleware(Door, settings=settings),
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.origins),
                allow_origin_regex=LOCAL_ORIGIN,
                allow_methods=["GET", "HEAD", "POST"],
                allow_headers=["content-type", "authorization", "if-none-match"],
                expose_headers=["etag", "x-request-id", "retry-after"],
            ),
        ],
        exception_handlers={
            Refusal: on_refusal,
            KgError: on_kg_error,
            HTTPException: on_http_exception,
        },
    )
    app.state.service = Service(opened, running, settings, answers, Cache(settings.limits.kept))
    return app


def answers_of(store: Store, runner: Runner, settings: ServerSettings) -> Answers:
    """Return who answers strangers' SPARQL: processes where the store lies in a folder, threads elsewhere."""
    root = folder_of(store)
    if root is None or sys.platform == "win32":
        return ThreadAnswers(store, runner)
    return Pool(root, settings.limits)


def folder_of(store: Store) -> Path | None:
    """Return the folder of a store on disk, or None."""
    path = Path(store.url.removeprefix("oxigraph:")).expanduser()
    return path if (path / "generations").is_dir() else None


def log_to_stderr() -> None:
    """Write the server's own lines to stderr, unless the process has a log already."""
    logger = logging.getLogger("api")
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
