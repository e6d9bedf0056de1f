"""GraphQL against raw SPARQL for the same data, against other ways to execute it, and by the size of the store; hostile
documents by milliseconds.

    python bench/graphql.py [STATEMENTS [LARGE]]      default 10000 and 100000
        --growth      only what grows: the questions and the table of filters, at both sizes
        --million     and the same at ten times LARGE, over an index that is multiplied in SQL (bench/_multiply.py)

The raw side is one hand-written SPARQL query, given the page's IRIs, whose rows become the same JSON by orjson.
"""

from __future__ import annotations

import sys
from pathlib import Path

# This file's own name is that of the library: its folder must not be searched.
sys.path[0] = str(Path(__file__).parents[1])

import argparse
import gc
import platform
import resource
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import orjson

from api.graphql import listing
from api.graphql.execution import GraphQLRequest, execute
from api.limits import Limits
from bench._multiply import multiply
from bench._other_ways import dataloaders, plain_resolvers
from bench._shapes import COUNTED, SHAPES
from bench._shapes import PAGE as FILTERED_PAGE
from bench._synthetic import RARE, WORDS, quads
from kg.store.index import Index, open_index
from kg.store.oxigraph import MemoryStore
from kg.vocab import KG

ROUNDS = 15
WIDE = replace(Limits(), cost=10**9, seconds=600.0)
PAGE = """query ($first: Int!) { statements(first: $first) { nodes { id text act mode polarity certainty confidence
    speaker { id name } chain { position act source { name } } article { title published { edtf } outlet { name } }
    about { label } } } }"""
NEWEST = "{ statements { totalCount facets { act { value count } outlet { label count } } nodes { id text act } } }"
SEARCH = "query ($words: String!) { statements(filter: { search: $words }) { nodes { id text speaker { name } } } }"
FILTERED = """{ statements(filter: { speaker: { name: "Person 7" }, act: [STATE, WARN] }) { totalCount
    facets { outlet { label count } } nodes { id text } } }"""


def made(statements: int) -> MemoryStore:
    store = MemoryStore("memory:", "https://w3id.org/on-the-record/id/")
    store._engine().bulk_extend(quads(statements))
    started = time.perf_counter()
    store.publish()
    print(f"{statements:,} statements, {store.count():,} quads: indexed in {time.perf_counter() - started:.1f} s")
    return store


class Multiplied:
    """A store whose index is that of a store so many times as large; only what the index answers can be asked."""

    def __init__(self, store: MemoryStore, times: int, folder: Path) -> None:
        self.store = store
        path = folder / "multiplied.sqlite"
        index = store.index()
        assert index is not None
        started = time.perf_counter()
        with index.lease() as database:
            multiply(database, path, times)
        found = open_index(path, index.generation)
        assert found is not None
        self._index = found
        took = time.perf_counter() - started
        print(f"its index {times} times over: {path.stat().st_size / 1e9:.1f} GB in {took:.0f} s")

    def index(self) -> Index:
        return self._index

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def take_turns(sides: Sequence[Callable[[], object]], rounds: int = ROUNDS) -> list[float]:
    """Return the median milliseconds of each side over rounds in which the sides take turns."""
    times: list[list[float]] = [[] for _ in sides]
    for side in sides:
        side()
    for _ in range(rounds):
        for side, measured in zip(sides, times, strict=True):
            start = time.perf_counter()
            side()
            measured.append((time.perf_counter() - start) * 1000)
    return [statistics.median(measured) for measured in times]


def asked(store: Any, query: str, *, ways: dict[str, bool] | None = None, **variables: Any) -> bytes:
    answer = execute(store, GraphQLRequest(query, variables), WIDE, True, **(ways or {}))
    assert b'"errors"' not in answer.body, answer.body[:300]
    return answer.body


def raw(store: MemoryStore, iris: list[str]) -> bytes:
    """Answer PAGE for these statements by one SPARQL query; four branches, so that no relation multiplies another."""
    given = f"VALUES ?s {{ {' '.join(f'<{iri}>' for iri in iris)} }}"
    query = f"""SELECT ?s ?what ?a ?b ?c ?d ?e ?f {{
      {{ {given} ?s {KG.contentText} ?a ; {KG.speechAct} ?b ; {KG.mode} ?c ; {KG.polarity} ?d ; {KG.certainty} ?e ;
         {KG.confidence} ?f . BIND(0 AS ?what) }}
      UNION {{ {given} ?s {KG.saidBy} ?a . ?a {KG.name} ?b BIND(1 AS ?what) }}
      UNION {{ {given} ?s {KG.hasStep} ?step . ?step {KG.position} ?a ; {KG.stepAct} ?b ; {KG.stepSource} ?local .
               ?local {KG.identifiedAs} ?who . ?who {KG.name} ?c BIND(2 AS ?what) }}
      UNION {{ {given} ?s {KG.hasStep} ?step . ?step {KG.position} ?a ; {KG.stepAct} ?b ; {KG.stepSource} ?local .
               ?local {KG.unnamed} true ; {KG.name} ?c BIND(2 AS ?what) }}
      UNION {{ {given} ?s {KG.reportedIn} ?article . ?article {KG.identifiedAs} ?work ; {KG.published} ?time ;
               {KG.publisher} ?publisher . ?publisher {KG.identifiedAs} ?outlet . ?outlet {KG.name} ?c .
               ?work {KG.title} ?a . ?time {KG.edtf} ?b BIND(3 AS ?what) }}
      UNION {{ {given} ?s {KG.aboutEvent} ?event . ?event {KG.identifiedAs} ?one . ?one {KG.label} ?a
               BIND(4 AS ?what) }} }}"""
    rows: dict[str, dict[str, Any]] = {iri: {"chain": [], "about": []} for iri in iris}
    for s, what, a, b, c, d, e, f in store._engine().query(query, use_default_graph_as_union=True):
        row, kind = rows[s.value], what.value
        if kind == "0":
            row |= {"text": a.value, "act": name(b), "mode": name(c), "polarity": name(d), "certainty": name(e)}
            row["confidence"] = float(f.value)
        elif kind == "1":
            row["speaker"] = {"id": a.value, "name": b.value}
        elif kind == "2":
            row["chain"].append({"position": int(a.value), "act": name(b), "source": {"name": c.value}})
        elif kind == "3":
            row["article"] = {"title": a.value, "published": {"edtf": b.value}, "outlet": {"name": c.value}}
        else:
            row["about"].append({"label": a.value})
    keys = ("text", "act", "mode", "polarity", "certainty", "confidence", "speaker", "chain", "article", "about")
    nodes = []
    for iri, row in rows.items():
        row["chain"].sort(key=lambda step: step["position"])
        nodes.append({"id": iri} | {key: row[key] for key in keys})
    return orjson.dumps({"data": {"statements": {"nodes": nodes}}})


def name(term: Any) -> str:
    return str(term.value.partition("#")[2].partition("-")[2].upper())


def compare(store: MemoryStore) -> None:
    """Print what a page costs by each way, as multiples of raw SPARQL."""
    listing.LARGEST = 1_000  # a page of 1,000 rows; the server's are 100 at most
    print(f"{'':26}{'raw':>9}{'plan':>8}{'plan, SPARQL':>14}{'ordinary':>10}{'DataLoader':>12}{'resolvers':>11}")
    for rows in (20, 1_000):
        body = asked(store, PAGE, first=rows)
        iris = [node["id"] for node in orjson.loads(body)["data"]["statements"]["nodes"]]
        assert raw(store, iris) == body
        sides: list[Callable[[], object]] = [
            partial(raw, store, iris),
            partial(asked, store, PAGE, first=rows),
            partial(asked, store, PAGE, ways={"compiled": False}, first=rows),
            partial(dataloaders, store, iris),
            partial(plain_resolvers, store, iris),
        ]
        assert dataloaders(store, iris) == body == plain_resolvers(store, iris)
        ms = take_turns(sides, ROUNDS if rows == 20 else 5)
        # Without an index the newest rows are found by sorting all statements: what that costs is not of the page.
        (sparql,) = take_turns([partial(asked, store, PAGE, ways={"use_index": False}, first=rows)], 3)
        columns = [ms[1], sparql, ms[2], ms[3], ms[4]]
        print(f"page of {rows:>5} statements    {ms[0]:7.2f}ms" + "".join(f"{one / ms[0]:>11.2f}x" for one in columns))
    listing.LARGEST = 100


def grow(stores: Sequence[Any]) -> None:
    """Print what questions cost in each store, and how that grows from one to the next."""
    common = WORDS[0]
    questions: list[tuple[str, str, dict[str, Any]]] = [
        ("newest 20, total, two facets", NEWEST, {}),
        ("the same under a filter", FILTERED, {}),
        ("search, a common word", SEARCH, {"words": common}),
        ("search, a rare word", SEARCH, {"words": RARE}),
        ("search, two words", SEARCH, {"words": f"{WORDS[3]} {WORDS[9]}"}),
    ]
    heads = "".join(f"{f'{total(store):,}':>12}" for store in stores)
    print(f"\n{'':32}{heads}  growth")
    for what, query, variables in questions:
        ms = take_turns([partial(anew, store, query, variables) for store in stores])
        print(f"{what:32}{''.join(f'{one:10.2f}ms' for one in ms)}  {growth(ms)}")


def filters(stores: Sequence[Any]) -> None:
    """Print what a page costs under each filter, and a page with number and two facets."""
    heads = "".join(f"{f'{total(store):,}':>12}" for store in stores)
    for name, query in (("a page", FILTERED_PAGE), ("page, number, two facets", COUNTED)):
        print(f"\n{name:32}{heads}  growth, nodes that meet it")
        for shape, (wanted, order) in SHAPES.items():
            given = {"filter": wanted, "order": order}
            ms = take_turns([partial(anew, store, query, given) for store in stores], 3 if len(stores) > 2 else 5)
            found = orjson.loads(asked(stores[-1], COUNTED, **given))["data"]["statements"]["totalCount"]
            print(f"{shape:32}{''.join(f'{one:10.2f}ms' for one in ms)}  {growth(ms):12}{found:>10,}")


def growth(ms: Sequence[float]) -> str:
    return " ".join(f"{after / before:.1f}" for before, after in pairwise(ms))


def total(store: Any) -> int:
    return int(orjson.loads(asked(store, "{ statements { totalCount } }"))["data"]["statements"]["totalCount"])


def anew(store: Any, query: str, variables: dict[str, Any]) -> bytes:
    """Ask, and let the index count anew what it would remember."""
    index = store.index()
    assert index is not None
    index._remembered.clear()
    return asked(store, query, **variables)


def hostile() -> None:
    """Print what each hostile document of the tests costs, and how far memory grew."""
    sys.path.insert(1, str(Path(__file__).parents[1] / "tests"))
    sys.path.insert(1, str(Path(__file__).parents[1] / "tests" / "api"))
    from test_graphql_hostile import HOSTILE, Untouchable

    gc.freeze()  # as the server does (api/app.py)
    gc.set_threshold(50_000, 20, 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = defaultdict(list)
    for _ in range(3):
        for case, (query, variables) in HOSTILE.items():
            start = time.perf_counter()
            answer = execute(Untouchable(), GraphQLRequest(query, variables), Limits(), True)  # type: ignore[arg-type]
            times[case].append((time.perf_counter() - start) * 1000)
            assert not answer.executed
    slowest = sorted(((max(ms), case) for case, ms in times.items()), reverse=True)
    print(
        f"{len(times)} hostile documents refused, the slowest: "
        + ", ".join(f"{c} {ms:.1f} ms" for ms, c in slowest[:4])
    )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"memory grew by {grown / 1024:.1f} MB")


def main(small: int, large: int, *, only_growth: bool, million: bool) -> None:
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}"
    print(f"{versions}, medians of {ROUNDS}")
    stores: list[Any] = [made(small)]
    if not only_growth:
        hostile()
        compare(stores[0])
    stores.append(made(large))
    with tempfile.TemporaryDirectory() as folder:
        if million:
            stores.append(Multiplied(stores[1], 10, Path(folder)))
        grow(stores)
        filters(stores)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("small", nargs="?", type=int, default=10_000)
    parser.add_argument("large", nargs="?", type=int, default=100_000)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--million", action="store_true")
    given = parser.parse_args()
    main(given.small, given.large, only_growth=given.growth, million=given.million)
