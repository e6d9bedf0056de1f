"""A subscription and events enter; for each event that it is about, the answer's bytes leave. Jobs for the runner.

Nothing is kept between events but a place in the outbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import strawberry
from pyoxigraph import NamedNode

from api.graphql.execution import GraphQLAnswer, GraphQLRequest, execute
from api.graphql.loader import Loader, Row, values
from api.graphql.patterns import Names, where
from api.graphql.sparql_reader import SparqlReader
from api.graphql.subscriptions import ArticleImported, ClaimChanged, GraphChange, Opening, Stage, StatementAdded
from api.limits import Limits
from kg.store.base import Store
from kg.store.index.conditions import ALWAYS
from kg.store.index.definitions import STATEMENT
from kg.store.outbox import Event
from kg.vocab import KG


def open_stream(store: Store, asked: GraphQLRequest, limits: Limits, introspection: bool) -> Opening | GraphQLAnswer:
    """Return what a subscription listens for, or the answer that refuses it."""
    stage = Stage()
    answer = execute(store, asked, limits, introspection, root=stage)
    return answer if stage.opening is None else stage.opening


def deliver(
    store: Store,
    asked: GraphQLRequest,
    limits: Limits,
    introspection: bool,
    opening: Opening,
    events: Sequence[Event],
) -> list[bytes]:
    """Return the answers for these events, in order; none for those that the subscription is not about."""
    loader = Loader(SparqlReader(store))
    return [
        execute(store, asked, limits, introspection, root=Stage(event=told)).body
        for told in (_statements(loader, opening, events) if opening.statements else _nodes(loader, opening, events))
    ]


def _nodes(loader: Loader, opening: Opening, events: Iterable[Event]) -> Iterator[ArticleImported | ClaimChanged]:
    for event in events:
        made = {"id": strawberry.ID(str(event.seq)), "at": _time(event), "change": GraphChange(event.change)}
        if opening.kind == "claim":
            yield ClaimChanged(**made, row=Row(event.iri, loader))  # type: ignore[arg-type]
        elif event.change != "removed":
            yield ArticleImported(**made, row=Row(event.iri, loader))  # type: ignore[arg-type]


def _statements(loader: Loader, opening: Opening, events: Sequence[Event]) -> Iterator[StatementAdded]:
    wanted = [name for event in events for name in event.added]
    if not wanted:
        return
    narrowed = where(opening.condition, STATEMENT, "?node", Names()) if opening.condition != ALWAYS else ""
    query = f"SELECT DISTINCT ?node {{ {values('node', wanted)} ?node a {KG.Statement} . {narrowed} }}"
    fitting = {row["node"].value for row in loader.select(query) if isinstance(row["node"], NamedNode)}
    for event in events:
        for index, name in enumerate(event.added, 1):
            if name in fitting and (event.seq, index) > (opening.seq, opening.index):
                place = strawberry.ID(f"{event.seq}.{index}")
                yield StatementAdded(id=place, at=_time(event), row=Row(name, loader))


def _time(event: Event) -> datetime:
    return datetime.fromisoformat(event.time)
