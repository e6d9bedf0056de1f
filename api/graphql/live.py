"""The settings and store of one server enter; what GraphQL needs beside the store leaves: writing, news, documents."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from starlette.requests import HTTPConnection

from api.config import ServerSettings
from api.graphql.execution import GraphQLAnswer, GraphQLRequest, execute, refused
from api.graphql.feed import Feed
from api.graphql.mutations import Session
from api.graphql.persisted import Documents, read_manifests
from api.graphql.protocol import PROFILES, Profile
from api.graphql.scalars import failure
from api.graphql.writer import Writer
from kg.store import Store, tokens
from kg.store.base import Store as StoreProtocol

WRITES = 4  # changes that are worked on or wait for their turn; more are told to come again


class Scope(Protocol):
    """What a bearer token allows, as :mod:`kg.store.tokens` has it."""

    @property
    def name(self) -> str: ...

    @property
    def graphs(self) -> Literal["curation", "all"]: ...


#: Takes the token that was presented; None when it is none of ours.
TokenCheck = Callable[[str], Scope | None]


@dataclass(slots=True)
class Live:
    """One server's moving parts. ``writer`` is None where nothing may be changed."""

    store: StoreProtocol
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
            session = Session(self.store, self.writer, scope.name, scope.graphs == "all")
            session = replace(session, private=self.settings.private_articles)
            limits, introspection = self.settings.limits, self.settings.introspection
            return await asyncio.to_thread(execute, self.store, asked, limits, introspection, session=session)
        finally:
            self._writing -= 1

    def scope_of(self, authorization: str | None) -> Scope | None:
        """Return what the token of an Authorization header allows; None without a token that is known."""
        kind, _, token = (authorization or "").partition(" ")
        return self.tokens(token.strip()) if kind.lower() == "bearer" and token.strip() else None


def open_live(settings: ServerSettings, store: Store, check: TokenCheck | None = None) -> Live:
    """Return the moving parts of a server. Raises UsageError when its trusted documents can't be read."""
    trusted = read_manifests(settings.documents)
    return Live(
        store=store,
        settings=settings,
        documents=Documents(trusted, only_trusted=settings.only_trusted),
        profile=PROFILES[settings.graphql_http],
        feed=Feed(store),
        writer=Writer(store) if settings.writable else None,
        tokens=check or _checking(settings, store),
    )


def _checking(settings: ServerSettings, store: StoreProtocol) -> TokenCheck:
    """Return what knows the tokens of the settings' table and those of the store's own file."""

    def check(presented: str) -> Scope | None:
        digest = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).hexdigest()
        found: Scope | None = None
        for known, scope in settings.tokens:  # all of them, each in constant time
            if hmac.compare_digest(known, digest):
                found = tokens.Scope(f"token {digest[:8]}", scope)
        return found or tokens.check(_root(store), presented)

    return check


def live_of(connection: HTTPConnection) -> Live:
    live = connection.app.state.live
    assert isinstance(live, Live)
    return live


def _root(store: StoreProtocol) -> Path:
    """Return the folder that holds a store's tokens."""
    return Path(store.url.removeprefix("oxigraph:")).expanduser()
