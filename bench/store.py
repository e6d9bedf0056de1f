"""Two ways to let a query without GRAPH see all graphs, in one run: the engine's union, or a copy in the default graph.

    python bench/store.py [EDITIONS]        default 500; about 240 quads each

Prints the ratio copy : union of each figure, then what a put, a publication and a read of a generation cost.
"""

from __future__ import annotations

import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import NamedNode, Triple

from kg import query
from kg.graph import ArticleGraph, literal
from kg.store import open_store
from kg.vocab import KG, RDF_TYPE, concept

BASE = "https://example.org/id/"
STATEMENTS, ACTORS, OUTLETS, ROUNDS = 10, 200, 12, 7


def node(path: str) -> NamedNode:
    return NamedNode(BASE + path)


def edition(number: int, rng: random.Random) -> tuple[ArticleGraph, list[Triple]]:
    """A synthetic edition and what the linking graph says of it; actors are drawn by Zipf's law."""
    name = node(f"edition/{number}")
    article, outlet = node(f"edition/{number}#article"), node(f"actor/outlet-{number % OUTLETS}")
    own = [
        Triple(name, RDF_TYPE, KG.Edition),
        Triple(name, KG.text, literal("A sentence that stands here for the text. " * 60)),
        Triple(name, KG.editionOf, article),
        Triple(article, KG.title, literal(f"Article {number}")),
    ]
    shared = []
    for index in range(STATEMENTS):
        statement, speaker = node(f"edition/{number}#s{index}"), node(f"edition/{number}#a{index}")
        actor = node(f"actor/{min(ACTORS - 1, int(rng.paretovariate(1)))}")
        claim = node(f"claim/{rng.randrange(STATEMENTS * 100)}")
        own += [
            Triple(statement, RDF_TYPE, KG.Statement),
            Triple(statement, KG.inEdition, name),
            Triple(statement, KG.reportedIn, article),
            Triple(statement, KG.speaker, speaker),
            Triple(statement, KG.contentText, literal(f"what was said in {number} as number {index}")),
            Triple(statement, KG.mode, concept("mode", rng.choice(["direct", "indirect"]))),
            Triple(statement, KG.speechAct, concept("act", rng.choice(["state", "deny", "warn"]))),
            Triple(statement, KG.rootSource, speaker),
            Triple(speaker, RDF_TYPE, KG.Person),
            Triple(speaker, KG.inEdition, name),
            Triple(speaker, KG.name, literal(f"Person {actor.value}")),
            Triple(speaker, KG.unnamed, literal(False)),
        ]
        for position, source in enumerate((article, speaker)):
            step = node(f"edition/{number}#s{index};step={position}")
            own += [
                Triple(statement, KG.hasStep, step),
                Triple(step, KG.position, literal(position)),
                Triple(step, KG.stepSource, source),
                Triple(step, KG.stepAct, concept("step", "say")),
                Triple(step, KG.stepCertainty, concept("certainty", "certain")),
            ]
        shared += [
            Triple(speaker, KG.identifiedAs, actor),
            Triple(actor, RDF_TYPE, KG.Actor),
            Triple(actor, KG.name, literal(f"Person {actor.value}")),
            Triple(outlet, KG.name, literal(f"Outlet {outlet.value}")),
            Triple(statement, KG.saidBy, actor),
            Triple(statement, KG.publishedBy, outlet),
            Triple(statement, KG.expresses, claim),
            Triple(claim, KG.label, literal(f"Claim {claim.value}")),
        ]
    return ArticleGraph.of(name, own), shared


def take_turns(*sides: Callable[[], object]) -> list[float]:
    """Return the median milliseconds of each side over ROUNDS rounds in which the sides take turns."""
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(ROUNDS):
        for side, measured in zip(sides, times, strict=True):
            start = time.perf_counter()
            side()
            measured.append((time.perf_counter() - start) * 1000)
    return [statistics.median(measured) for measured in times]


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def questions() -> Iterator[tuple[str, str]]:
    yield "statements of one actor", query.prepare("said_by", actor=BASE + "actor/7")
    yield "one chain", query.prepare("chain_of", statement=BASE + "edition/3#s3")
    yield "second hand, all", query.prepare("second_hand")
    yield "shared roots, all", query.prepare("shared_root")
    yield "count by outlet", f"SELECT ?o (COUNT(*) AS ?n) {{ ?s {KG.publishedBy} ?o }} GROUP BY ?o"
    yield "words that hold '777'", f"SELECT ?s {{ ?s {KG.contentText} ?w FILTER(CONTAINS(?w, '777')) }}"


def ask(engine: ox.Store, sparql: str, union: bool) -> int:
    return len(list(engine.query(sparql, use_default_graph_as_union=union)))


def compare(graphs: list[ArticleGraph], folder: Path) -> None:
    """Print what questions cost on disk, over the union of the graphs and over a copy of all in the default graph."""
    # Both are filled in bulk and opened again, so that neither carries the log of its making.
    for path, copied in ((folder / "union", False), (folder / "copy", True)):
        filling = ox.Store(str(path))
        filling.bulk_extend(quad for graph in graphs for quad in graph.quads())
        if copied:
            filling.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for graph in graphs for t in graph.triples)
        filling.optimize()
        del filling
    one, other = ox.Store(str(folder / "union")), ox.Store(str(folder / "copy"))
    print(f"{'':28}{'union':>10}{'copy':>10}  copy : union")
    for what, sparql in questions():
        assert ask(one, sparql, True) == ask(other, sparql, False), what
        first, second = take_turns(partial(ask, one, sparql, True), partial(ask, other, sparql, False))
        print(f"{what:28}{first:8.2f}ms{second:8.2f}ms  {second / first:.2f}")
    mega = [size(folder / side) / 1e6 for side in ("union", "copy")]
    print(f"{'on disk':28}{mega[0]:8.1f}MB{mega[1]:8.1f}MB  {mega[1] / mega[0]:.2f}")


def write(graphs: list[ArticleGraph], folder: Path) -> None:
    """Print what the store's own writing, publishing and following cost."""
    with open_store(str(folder)) as store:
        fresh = iter(graphs[:-1])
        [put] = take_turns(lambda: store.put([next(fresh)]))
        batches = iter([graphs[start : start + 20] for start in range(50, 50 + 20 * ROUNDS, 20)])
        [batch] = take_turns(lambda: store.put(next(batches)))
        start = time.perf_counter()
        store.put(graphs)
        rest = time.perf_counter() - start
        [again] = take_turns(lambda: store.put(graphs[:20]))
        numbers = iter(range(ROUNDS))

        def publish() -> None:
            store.put([ArticleGraph.of(node("x"), [Triple(node("x"), KG.number, literal(next(numbers)))])])
            store.publish()

        [published] = take_turns(publish)
        with open_store(store.url, read_only=True) as reader:
            sparql = query.prepare("chain_of", statement=BASE + "edition/3#s3")
            own, read = take_turns(
                partial(store.select, sparql, trusted=True), partial(reader.select, sparql, trusted=True)
            )
    print(
        f"put of 1 edition {put:.1f} ms; of 20 at once {batch / 20:.1f} ms each; 20 unchanged {again / 20:.2f} ms each"
    )
    print(f"put of all that was left, with {len(graphs[-1]):,} triples of linking: {rest:.1f} s")
    print(f"put of 1 triple and publish {published:.1f} ms")
    print(f"one chain: writer {own:.2f} ms, reader of a generation {read:.2f} ms ({read / own:.2f})")


def main(editions: int) -> None:
    rng = random.Random(1)
    made = [edition(number, rng) for number in range(editions)]
    linking = ArticleGraph.of(node("graph/linking"), (triple for _, shared in made for triple in shared))
    graphs = [graph for graph, _ in made] + [linking]
    print(
        f"{editions} editions, {sum(map(len, graphs)):,} quads, {platform.machine()}, "
        f"Python {platform.python_version()}, medians of {ROUNDS}"
    )
    with tempfile.TemporaryDirectory() as folder:
        compare(graphs, Path(folder))
        write(graphs, Path(folder, "store"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
