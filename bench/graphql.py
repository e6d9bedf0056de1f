"""GraphQL against raw SPARQL for the same data, against other ways to execute it, and by the size of the store; hostile
documents by milliseconds.

    python bench/graphql.py [STATEMENTS [LARGE]]      default 10000 and 100000

The raw side is one hand-written SPARQL query, given the page's IRIs, whose rows become the same JSON by orjson.
"""

from __future__ import annotations

import sys
from pathlib import Path

# This file's own name is that of the library: its folder must not be searched.
sys.path[0] = str(Path(__file__).parents[1])

import platform
import resource
import sqlite3
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from api.graphql import listing
from api.graphql.execution import GraphQLRequest, execute
from api.limits import Limits
from bench._other_ways import dataloaders, plain_resolvers
from bench._synthetic import RARE, WORDS, quads
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


def asked(store: MemoryStore, query: str, *, ways: dict[str, bool] | None = None, **variables: Any) -> bytes:
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


def grow(small: MemoryStore, large: MemoryStore) -> None:
    """Print what questions cost in the small store and in the large one."""
    common = WORDS[0]
    questions: list[tuple[str, str, dict[str, Any]]] = [
        ("newest 20, total, two facets", NEWEST, {}),
        ("the same under a filter", FILTERED, {}),
        ("search, a common word", SEARCH, {"words": common}),
        ("search, a rare word", SEARCH, {"words": RARE}),
        ("search, two words", SEARCH, {"words": f"{WORDS[3]} {WORDS[9]}"}),
    ]
    print(f"{'':32}{'small':>9}{'large':>9}  large : small")
    for what, query, variables in questions:
        one, other = take_turns([partial(anew, store, query, variables) for store in (small, large)])
        print(f"{what:32}{one:7.2f}ms{other:7.2f}ms  {other / one:.2f}")


def anew(store: MemoryStore, query: str, variables: dict[str, Any]) -> bytes:
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


def main(small: int, large: int) -> None:
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}"
    print(f"{versions}, medians of {ROUNDS}")
    hostile()
    one = made(small)
    compare(one)
    grow(one, made(large))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
