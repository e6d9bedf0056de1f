"""Reads while a writer publishes one generation after another: none torn, each as new as it says, and fresh at once."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import orjson
import pytest
from pyoxigraph import NamedNode, Triple

from api.answers import Question
from api.limits import Limits
from api.pool import Pool
from kg.graph import ArticleGraph, literal
from kg.store import open_store

#: Every triple of these graphs holds the number of the publication that wrote it: a torn read shows two numbers.
GRAPHS, TRIPLES = 3, 20
QUESTION = Question("SELECT ?n (COUNT(*) AS ?many) { ?s <h:number> ?n } GROUP BY ?n", "application/sparql-results+json")


def written(number: int) -> list[ArticleGraph]:
    return [
        ArticleGraph.of(
            NamedNode(f"h:graph-{graph}"),
            [
                Triple(NamedNode(f"h:{graph}-{index}"), NamedNode("h:number"), literal(number))
                for index in range(TRIPLES)
            ],
        )
        for graph in range(GRAPHS)
    ]


def campaign(folder: Path, *, reads: int, switches: int) -> None:
    published = {0: time.monotonic()}  # number -> when its publication was over
    done = threading.Event()

    def write() -> None:
        with open_store(str(folder)) as store:
            for number in range(1, switches + 1):
                store.put(written(number))
                store.publish()
                published[number] = time.monotonic()
                time.sleep(0.005)
        done.set()

    async def read(pool: Pool, client: str, count: int) -> tuple[int, int]:
        seen, asked = 0, 0
        while asked < count or not done.is_set() or seen < switches:
            newest, began = max(published), time.monotonic()
            answer = await pool.ask(QUESTION, client=client)
            asked += 1
            rows = orjson.loads(answer.body or b"")["results"]["bindings"]
            assert len(rows) == 1, f"torn: {rows}"
            number, many = int(rows[0]["n"]["value"]), int(rows[0]["many"]["value"])
            assert many == GRAPHS * TRIPLES
            assert number >= seen, "an older generation after a newer one"
            seen = number
            # what was published a second ago, and more than that, must be here
            assert number >= newest or began - published[newest] < 1.0
        return seen, asked

    async def story() -> list[tuple[int, int]]:
        pool = Pool(folder, Limits(running=3))
        await pool.start()
        writer = threading.Thread(target=write)
        writer.start()
        try:
            return await asyncio.gather(*(read(pool, client, reads // 2) for client in ("a", "b")))
        finally:
            writer.join()
            pool.close()

    with open_store(str(folder)) as store:
        store.put(written(0))
        store.publish()
    found = asyncio.run(story())
    assert sum(asked for _, asked in found) >= reads
    assert [seen for seen, _ in found] == [switches, switches]


@pytest.mark.slow
def test_no_read_of_2_000_over_20_generations_is_torn_or_old(tmp_path: Path) -> None:
    campaign(tmp_path / "store", reads=2_000, switches=20)


@pytest.mark.long
def test_no_read_of_200_000_over_100_generations_is_torn_or_old(tmp_path: Path) -> None:
    campaign(tmp_path / "store", reads=200_000, switches=100)
