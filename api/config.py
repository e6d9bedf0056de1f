"""The environment enters; the settings of one server leave."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from api.limits import Limits
from api.logs import Form
from kg.errors import UsageError
from kg.settings import Settings
from kg.writing.change import Scope

BURST = 100
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What can be set about the server.

    ``hosts`` are the names under which it may be asked (against DNS rebinding); ``origins`` the pages of other
    origins that may read from it, "*" for all; pages served from this machine always may. ``writable`` opens SPARQL
    updates, graph writes and mutations to who has a token; ``tokens`` are pairs of a token's sha256 in hexadecimal and
    its scope, beside those of the store's own file. ``graphql_http`` is the profile of GraphQL over HTTP, "stable" or
    "draft"; ``documents`` are files of trusted documents; ``only_trusted``: no other document is answered.
    ``services`` are the SPARQL services that a query may call, ``loads`` the addresses that an update may load;
    ``private_services`` lets them stand on private networks, for tests: no variable sets it. ``private_articles`` lets
    importArticle fetch from private networks, a newsroom's own site: who has a token then reaches what the server can.
    ``processes`` is how many server processes there are (`kg serve --workers`).
    """

    base: Settings = field(default_factory=Settings)
    hosts: tuple[str, ...] = LOCAL_HOSTS
    origins: tuple[str, ...] = ()
    introspection: bool = True
    graphiql: bool = True
    writable: bool = False
    graphql_http: str = "stable"
    documents: tuple[Path, ...] = ()
    only_trusted: bool = False
    tokens: tuple[tuple[str, Scope], ...] = ()
    limits: Limits = field(default_factory=Limits)
    services: tuple[str, ...] = ()
    loads: tuple[str, ...] = ()
    private_services: bool = False
    private_articles: bool = False
    processes: int = 1
    rate: float = 0.0
    burst: int = BURST
    proxies: tuple[str, ...] = ()
    log: Form = "text"

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> ServerSettings:
        """Read KG_STORE, KG_BASE, KG_HOSTS, KG_ORIGINS (words separated by commas), KG_INTROSPECTION, KG_GRAPHIQL
        (0 turns off), KG_WRITABLE (1 turns on), KG_QUERY_SECONDS, KG_QUERY_SLOTS, KG_QUERY_MEMORY (MiB), KG_DIRECT,
        KG_RATE and KG_BURST (requests of a client), KG_PROXIES (addresses, separated by commas), KG_LOG, KG_SERVICES
        and KG_LOADS (IRIs, separated by commas), KG_GRAPHQL_HTTP (stable, draft), KG_DOCUMENTS (files separated by
        commas), KG_ONLY_TRUSTED and KG_PRIVATE_ARTICLES (1 turns on).

        Raises UsageError when one can't be read.
        """
        environment = os.environ if environment is None else environment
        words = {name: _words(environment.get(name, "")) for name in ("KG_HOSTS", "KG_ORIGINS", "KG_PROXIES")}
        log = environment.get("KG_LOG") or "text"
        if log not in ("text", "json"):
            raise UsageError(f"KG_LOG is text or json, not {log!r}")
        limits = Limits()
        try:
            processes = int(environment.get("KG_PROCESSES") or 1)
            limits = replace(
                limits,
                seconds=float(environment.get("KG_QUERY_SECONDS") or limits.seconds),
                running=int(environment.get("KG_QUERY_SLOTS") or limits.running),
                direct=int(environment.get("KG_DIRECT") or limits.direct),
                memory=int(environment.get("KG_QUERY_MEMORY") or limits.memory >> 20) << 20,
            )
            rate, burst = float(environment.get("KG_RATE") or 0), int(environment.get("KG_BURST") or BURST)
        except ValueError as error:
            names = "KG_RATE, KG_BURST, KG_DIRECT, KG_QUERY_SECONDS, KG_QUERY_SLOTS and KG_QUERY_MEMORY"
            raise UsageError(f"{names} are numbers: {error}") from error
        return cls(
            base=Settings.from_env(environment),
            hosts=LOCAL_HOSTS + words["KG_HOSTS"],
            origins=words["KG_ORIGINS"],
            introspection=environment.get("KG_INTROSPECTION") != "0",
            graphiql=environment.get("KG_GRAPHIQL") != "0",
            writable=environment.get("KG_WRITABLE") == "1",
            limits=limits,
            graphql_http=_profile(environment.get("KG_GRAPHQL_HTTP") or "stable"),
            documents=tuple(Path(name) for name in _words(environment.get("KG_DOCUMENTS", ""))),
            services=_words(environment.get("KG_SERVICES", "")),
            loads=_words(environment.get("KG_LOADS", "")),
            only_trusted=environment.get("KG_ONLY_TRUSTED") == "1",
            processes=processes,
            private_articles=environment.get("KG_PRIVATE_ARTICLES") == "1",
            rate=rate,
            burst=burst,
            proxies=words["KG_PROXIES"],
            log="json" if log == "json" else "text",
        )


def _profile(name: str) -> str:
    if name not in ("stable", "draft"):
        raise UsageError(f"KG_GRAPHQL_HTTP is {name!r}; it is stable or draft")
    return name


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
