"""The settings and store of one server enter; what GraphQL needs beside the store leaves: writing, news, documents."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial

from starlette.requests import HTTPConnection

from api.config import ServerSettings
from api.graphql.execution import GraphQLAnswer, GraphQLRequest, execute, refused
from api.graphql.feed import Feed
from api.graphql.mutations import Session
from api.graphql.persisted import Documents, read_manifests
from api.graphql.protocol import PROFILES, Profile
from api.graphql.scalars import failure
from api.tokens import TokenCheck
from api.writer import Writer
from kg.store import Store
from kg.store.tokens import Scope

WRITES = 4  # changes that are worked on or wait for their turn; more are told to come again


@dataclass(slots=True)
class Live:
    """One server's moving parts. ``writer`` is None where nothing may be changed."""

    store: Store
    settings: ServerSettings
    documents: Documents
    profile: Profile
    feed: Feed
    writer: Writer | None
    tokens: TokenCheck
    _writing: int = field(default=0)

    async def mutate(self, asked: GraphQLRequest, authorization: str | None) -> GraphQLAnswer:
        """Execute a mutation for the bearer of a token, on a thread of its own; its writes take turns."""
        if self.writer is None:
            words = "This server changes nothing; it was started without --writable"
            return refused([failure(words, "FORBIDDEN")], "FORBIDDEN")
        scope = await asyncio.to_thread(self.scope_of, authorization)
        if scope is None:
            words = "A mutation wants a bearer token that is known here: Authorization: Bearer …; see `kg token`"
            return refused([failure(words, "UNAUTHENTICATED")], "UNAUTHENTICATED")
        if self._writing >= WRITES:
            words = "Too many changes wait for their turn; send this one again in a few seconds"
            return refused([failure(words, "STORE_BUSY", retryable=True)], "STORE_BUSY")
        self._writing += 1
        try:
            run = partial(self.writer.run_here, asyncio.get_running_loop())
            session = Session(self.store, run, scope.name, scope.graphs == "all")
            session = replace(session, private=self.settings.private_articles)
            limits, introspection = self.settings.limits, self.settings.introspection
            return await asyncio.to_thread(execute, self.store, asked, limits, introspection, session=session)
        finally:
            self._writing -= 1

    def scope_of(self, authorization: str | None) -> Scope | None:
        """Return what the token of an Authorization header allows; None without a token that is known."""
        kind, _, token = (authorization or "").partition(" ")
        return self.tokens(token.strip()) if kind.lower() == "bearer" and token.strip() else None


def open_live(settings: ServerSettings, store: Store, writer: Writer | None, check: TokenCheck) -> Live:
    """Return the moving parts of a server, whose other doors share ``writer`` and ``check``.

    Raises UsageError when its trusted documents can't be read.
    """
    trusted = read_manifests(settings.documents)
    return Live(
        store=store,
        settings=settings,
        documents=Documents(trusted, only_trusted=settings.only_trusted),
        profile=PROFILES[settings.graphql_http],
        feed=Feed(store),
        writer=writer,
        tokens=check,
    )


def live_of(connection: HTTPConnection) -> Live:
    live = connection.app.state.live
    assert isinstance(live, Live)
    return live
