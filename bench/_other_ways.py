"""The page of bench/graphql.py by ordinary strawberry: a query for each node and relation, or a DataLoader a level."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import orjson
import strawberry
from pyoxigraph import NamedNode
from strawberry.dataloader import DataLoader

from kg.vocab import KG

PAGE = """{ statements { nodes { id text act mode polarity certainty confidence speaker { id name }
    chain { position act source { name } } article { title published { edtf } outlet { name } } about { label } } } }"""


class Reader:
    """Reads the properties of nodes, each by a query of its own or those of one level together."""

    def __init__(self, store: Any, batched: bool) -> None:
        self.store = store
        self.loader: DataLoader[str, dict[str, list[Any]]] = DataLoader(self._many, cache=batched)
        self.batched = batched

    async def get(self, iri: str) -> dict[str, list[Any]]:
        return await self.loader.load(iri) if self.batched else (await self._many([iri]))[0]

    async def _many(self, iris: list[str]) -> list[dict[str, list[Any]]]:
        found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        listed = " ".join(str(NamedNode(iri)) for iri in iris)
        query = f"SELECT ?s ?p ?o {{ VALUES ?s {{ {listed} }} ?s ?p ?o FILTER(?p != {KG.text}) }}"
        for s, p, o in self.store._engine().query(query, use_default_graph_as_union=True):
            found[s.value][p.value.partition("#")[2]].append(o.value)
        return [found[iri] for iri in iris]


def _name(value: str) -> str:
    return value.partition("#")[2].partition("-")[2].upper()


@strawberry.type
class Named:
    id: strawberry.ID
    name: str


@strawberry.type
class Time:
    edtf: str


@strawberry.type
class Labelled:
    label: str


@strawberry.type
class Step:
    iri: strawberry.Private[str]
    read: strawberry.Private[Reader]

    @strawberry.field
    async def position(self) -> int:
        return int((await self.read.get(self.iri))["position"][0])

    @strawberry.field
    async def act(self) -> str:
        return _name((await self.read.get(self.iri))["stepAct"][0])

    @strawberry.field
    async def source(self) -> Named:
        return await _named(self.read, (await self.read.get(self.iri))["stepSource"][0])


@strawberry.type
class Article:
    iri: strawberry.Private[str]
    read: strawberry.Private[Reader]

    @strawberry.field
    async def title(self) -> str:
        known = (await self.read.get(self.iri))["identifiedAs"][0]
        return str((await self.read.get(known))["title"][0])

    @strawberry.field
    async def published(self) -> Time:
        return Time(edtf=(await self.read.get((await self.read.get(self.iri))["published"][0]))["edtf"][0])

    @strawberry.field
    async def outlet(self) -> Named:
        return await _named(self.read, (await self.read.get(self.iri))["publisher"][0])


async def _named(read: Reader, iri: str) -> Named:
    found = await read.get(iri)
    known = found["identifiedAs"][0] if found["identifiedAs"] else iri
    return Named(id=strawberry.ID(known), name=(await read.get(known))["name"][0])


def _of(predicate: str) -> Any:
    async def resolver(self: Any) -> str:
        value = (await self.read.get(self.iri))[predicate][0]
        return _name(value) if predicate != "contentText" else value

    return strawberry.field(resolver=resolver)


@strawberry.type
class Statement:
    iri: strawberry.Private[str]
    read: strawberry.Private[Reader]

    @strawberry.field
    async def id(self) -> strawberry.ID:
        return strawberry.ID(self.iri)

    text: str = _of("contentText")
    act: str = _of("speechAct")
    mode: str = _of("mode")
    polarity: str = _of("polarity")
    certainty: str = _of("certainty")

    @strawberry.field
    async def confidence(self) -> float:
        return float((await self.read.get(self.iri))["confidence"][0])

    @strawberry.field
    async def speaker(self) -> Named:
        return await _named(self.read, (await self.read.get(self.iri))["saidBy"][0])

    @strawberry.field
    async def chain(self) -> list[Step]:
        steps = sorted((await self.read.get(self.iri))["hasStep"])
        return [Step(iri=iri, read=self.read) for iri in steps]

    @strawberry.field
    async def article(self) -> Article:
        return Article(iri=(await self.read.get(self.iri))["reportedIn"][0], read=self.read)

    @strawberry.field
    async def about(self) -> list[Labelled]:
        found = []
        for iri in (await self.read.get(self.iri))["aboutEvent"]:
            known = (await self.read.get(iri))["identifiedAs"][0]
            found.append(Labelled(label=(await self.read.get(known))["label"][0]))
        return found


@strawberry.type
class Page:
    nodes: list[Statement]


@strawberry.type
class Query:
    @strawberry.field
    def statements(self, info: strawberry.Info) -> Page:
        return Page(nodes=[Statement(iri=iri, read=info.context["read"]) for iri in info.context["iris"]])


SCHEMA = strawberry.Schema(Query)


def _run(store: Any, iris: list[str], batched: bool) -> bytes:
    async def go() -> Any:
        return await SCHEMA.execute(PAGE, context_value={"iris": iris, "read": Reader(store, batched)})

    result = asyncio.run(go())
    assert not result.errors, result.errors
    return orjson.dumps({"data": result.data})


def plain_resolvers(store: Any, iris: list[str]) -> bytes:
    return _run(store, iris, batched=False)


def dataloaders(store: Any, iris: list[str]) -> bytes:
    return _run(store, iris, batched=True)
