"""Settings or a store enter; the ASGI application leaves. ``uvicorn --factory api.app:create_app`` reads KG_STORE."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from api import assets, data, graphs, health, metrics, named, ontology, sandbox, sparql
from api.answers import Answers, ThreadAnswers
from api.cache import Cache
from api.config import ServerSettings
from api.graphql import http, live, socket, sse, sse_single
from api.handover import Handover
from api.heads import VERSION
from api.limits import Runner, ThreadRunner
from api.logs import flush, to_stderr
from api.middleware import LOCAL_ORIGIN, Door
from api.pool import Pool
from api.problems import Refusal, on_http_exception, on_kg_error, on_refusal
from api.service import Service
from api.tokens import TokenCheck, checking
from api.turns import go_first
from api.writer import Writer, make_ready
from api.writer_child import WriterChild
from kg.errors import KgError, StoreBusy
from kg.store import Store, open_store

WRITING = ["POST", "PUT", "DELETE"]
#: Seconds after which a thread of Python that is at work lets another one go on; by default 5 ms.
TURN = 0.0005


def create_app(
    settings: ServerSettings | None = None,
    *,
    store: Store | None = None,
    runner: Runner | None = None,
    tokens: TokenCheck | None = None,
) -> Starlette:
    """Return the server of one store.

    Without ``store`` the one that the settings name is opened for reading, and closed when the server stops; without
    ``settings`` they are read from the environment; ``tokens`` checks bearer tokens in place of the store's
    own. Raises StoreError when the store can't be opened.
    """
    if settings is None:  # uvicorn called: nobody has set up our log
        settings = ServerSettings.from_env()
        to_stderr(settings.log)
        # What is imported stays: the collector need not look at it again and again while requests come and go.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        _follow_supervisor()
    opened = _open(settings) if store is None else store
    root = folder_of(opened)
    running = ThreadRunner(opened, settings.limits) if runner is None else runner

    pool = None if root is None else Pool(root, settings.limits)
    answers: Answers = ThreadAnswers(opened, running) if pool is None else pool
    handover = None if pool is None or root is None else Handover(root, opened.url, settings, pool)
    writer: Writer | None = None
    if settings.writable:
        # What no other process can open is written as it is; else a store is open for writing only while it is written.
        own = store if store is not None and root is None else opened if opened.url.startswith("memory:") else None
        maker = None if root is None else WriterChild(root, settings.limits)
        writer = Writer(opened.url, settings.limits, store=own, maker=maker)
    known = tokens or checking(settings, opened)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        # The event loop asks for its turn several times in one request, and gets it only then from a busy thread.
        sys.setswitchinterval(TURN)
        go_first(quick=False)
        await answers.start()
        yield
        if handover is not None:
            handover.close()
        answers.close()
        if writer is not None:
            writer.close()
        running.close()
        if store is None:
            opened.close()
        flush()  # a signal ends the process without the farewells of Python

    routes = [
        Route("/sparql", sparql.sparql, methods=["GET", "POST"]),
        Route("/", assets.index),
        Route("/graphiql", assets.graphiql),
        Mount("/static", StaticFiles(directory=assets.FOLDER)),
        Route("/graphql", http.graphql, methods=["GET", "POST"]),
        WebSocketRoute("/graphql", socket.graphql_socket),
        Route("/graphql/stream", sse.graphql_stream, methods=["GET", *WRITING]),
        Route("/queries", named.questions),
        Route("/queries/{name}", named.question),
        Route("/graphs", graphs.graphs, methods=["GET", *WRITING]),
        Route("/graphs/{name:path}", graphs.direct, methods=["GET", *WRITING]),
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
            Middleware(Door, settings=settings, quick=sparql.directly),
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.origins),
                allow_origin_regex=LOCAL_ORIGIN,
                allow_methods=["GET", "HEAD", *WRITING],  # PUT and DELETE are of streams, too
                allow_headers=["content-type", "authorization", "if-none-match", VERSION, sse_single.HEADER],
                expose_headers=["etag", "x-request-id", "retry-after", "location", VERSION],
            ),
        ],
        exception_handlers={
            Refusal: on_refusal,
            KgError: on_kg_error,
            HTTPException: on_http_exception,
        },
    )
    app.state.live = live.open_live(settings, opened, writer, known)
    app.state.service = Service(
        opened,
        running,
        settings,
        answers,
        Cache(settings.limits.kept),
        Cache(settings.limits.kept // 4),
        writer,
        known,
        handover,
    )
    return app


def _follow_supervisor() -> None:
    """Stop in good order when the process that started the workers of ``kg serve --workers N`` is no more.

    Workers without it would hold the port, and none of them would be replaced.
    """
    supervisor = os.environ.get("KG_SUPERVISOR", "")
    if supervisor and supervisor != str(os.getpid()):
        sandbox.die_with_parent(signal.SIGTERM)
        if str(os.getppid()) != supervisor:  # it went before we asked
            os.kill(os.getpid(), signal.SIGTERM)


def _open(settings: ServerSettings) -> Store:
    """Open the store that the settings name, for reading; one in memory for writing as well, if it may be written."""
    url = settings.base.store
    if settings.writable and url.startswith("memory:"):
        return open_store(url)
    if settings.writable and "://" in url:
        with suppress(StoreBusy):  # whoever writes has made the folder
            make_ready(url)
    return open_store(url, read_only=True)


def folder_of(store: Store) -> Path | None:
    """Return the folder of a store on disk that other processes can read, or None."""
    if sys.platform == "win32":
        return None
    path = Path(store.url.removeprefix("oxigraph:")).expanduser()
    return path if (path / "generations").is_dir() else None
