"""A write from outside enters, as values; what became of it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kg.errors import KgError

#: Whose graphs a token may write: the people's decisions, or all.
Scope = Literal["curation", "all"]


@dataclass(frozen=True, slots=True)
class Part:
    """A graph in one of RDF's syntaxes; relative IRIs are resolved against ``base``."""

    data: bytes
    media: str
    base: str


@dataclass(frozen=True, slots=True)
class Change:
    """A SPARQL Update (``text``), or a graph to be put, added to, or dropped (``graph``; None is the unnamed one).

    ``by`` is the token's name; ``id`` finds it again in the store's notes when its writer did not live to answer.
    """

    kind: Literal["update", "put", "add", "drop"]
    scope: Scope
    text: str = ""
    graph: str | None = None
    parts: tuple[Part, ...] = ()
    by: str = "somebody"
    id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change did: whether the graph was there before, how many triples it now has, the store's version.

    ``stale``: editions or decisions are others than before, and the linking graph does not know it yet.
    """

    existed: bool
    triples: int
    version: str
    stale: bool = False


class ForbiddenError(KgError):
    """The token does not allow this write."""

    http_status = 403


class GateError(KgError):
    """The data would break a shape; nothing was changed."""

    http_status = 422
