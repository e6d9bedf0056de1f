"""How well claims agree with the examples' gold: pairs of statements that one claim holds, right, found and to find.

    python tests/linking/gold_claims.py          figures of the weights as they are, of each story and of all
    python tests/linking/gold_claims.py ../shared/corpora/wikinews/articles.jsonl
                                                 weights learned anew, and figures of stories not learned from

A pair counts where one claim of the gold, or of ours, holds both as affirming or denying; of ours those where either
statement is in some claim of the gold, as the gold lists no claim of one voice. The readings are those made by hand.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from gold_readings import STORIES, articles, gold, store_of

from kg.articles import Options, collect
from kg.evaluation.agreement import spans
from kg.evaluation.words import Words
from kg.graph import BASE_IRI
from kg.linking import claims
from kg.linking.content import Item, items_of
from kg.linking.copies import find_copies
from kg.linking.corpus import Corpus, gather
from kg.linking.identity import Identity, identify
from kg.mapping import to_graph
from kg.model import Article, Span
from kg.reading import read
from kg.store import open_store

HALVES = (("dam-warning", "harbour", "plant-fire", "talks"), ("depot-strike", "mine-ruling", "rates", "transfer"))
Pair = tuple[str, str]
NEWS = 6.0


@dataclass(frozen=True, slots=True)
class Figures:
    right: int
    found: int
    gold: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    def __str__(self) -> str:
        shares = f"P {100 * self.precision:5.1f}   R {100 * self.recall:5.1f}"
        return f"{shares}   {self.right} of {self.found} found, {self.gold} to find"


def pairs_of(groups: Sequence[Sequence[str]]) -> set[Pair]:
    return {(min(pair), max(pair)) for group in groups for pair in combinations(set(group), 2)}


def gold_pairs(stories: Sequence[str], known: set[str]) -> tuple[set[Pair], set[str]]:
    """Return the pairs of the gold and all statements of its claims; ``known`` are the statements that there are.

    Denials of one thing are of one claim, as ours has them.
    """
    groups = [
        [one for one in (*claim["statements"], *claim["denials"]) if one in known]
        for story in stories
        for claim in gold(story)["claims"]
    ]
    return pairs_of(groups), {one for group in groups for one in group}


@cache
def linked(stories: tuple[str, ...]) -> tuple[Corpus, Identity]:
    corpus = gather(store_of(*stories))
    return corpus, identify(corpus, find_copies(corpus.editions), base=BASE_IRI)


def figures(stories: Sequence[str]) -> Figures:
    """Link the gold readings of these stories together, and compare the claims with the gold's."""
    corpus, identity = linked(tuple(stories))
    key = {statement.iri: statement.key for statement in corpus.statements}
    return _figures(corpus, identity, key, gold_pairs(stories, set(key.values())))


def figures_as_read() -> Figures:
    """Return the same of all stories as our reader reads them, of the statements that it has and the gold has, too."""
    pairs = gold_pairs(STORIES, {statement.key for statement in linked(tuple(STORIES))[0].statements})
    return _figures(*read_by_us(), pairs)


def _figures(corpus: Corpus, identity: Identity, key: Mapping[str, str], pairs: tuple[set[Pair], set[str]]) -> Figures:
    wanted, inside = pairs
    found = claims.find_claims(corpus, identity)[0]
    ours = pairs_of([[key[iri] for iri in claim.statements if iri in key] for claim in found])
    ours = {pair for pair in ours if not inside.isdisjoint(pair)}
    return Figures(len(ours & wanted), len(ours), len(wanted))


# ------------------------------------------------------------------------------------------------------ learning


@cache
def read_by_us() -> tuple[Corpus, Identity, dict[str, str]]:
    """Return the examples as our reader reads them; and, by IRI, which statement of the gold one of ours is.

    One to one, the largest overlap of the words of the content first, half of them or more.
    """
    texts = [(story, name, article) for story in STORIES for name, article in articles(story).items()]
    with open_store("memory:", base_iri=BASE_IRI) as store:
        store.put(to_graph(read(article)) for _, _, article in texts)
        corpus = gather(store)
    name_of = {article.iri: (story, name, Words.of(article.text)) for story, name, article in texts}
    candidates = []
    for statement in corpus.statements:
        story, name, words = name_of[statement.edition]
        places = [tuple(map(int, span.split(","))) for span in re.findall(r"\d+,\d+", statement.iri.partition("#")[2])]
        mine = words.within([Span(start, end) for start, end in places])
        for one in gold(story)["statements"]:
            theirs = words.within(spans(one["content"])) if one["article"] == name else frozenset()
            if mine and theirs and 2 * len(mine & theirs) >= len(mine | theirs):
                candidates.append((-len(mine & theirs) / len(mine | theirs), statement.iri, one["id"]))
    key: dict[str, str] = {}
    for _, iri, one in sorted(candidates):
        if iri not in key and one not in key.values():
            key[iri] = one
    return corpus, identify(corpus, find_copies(corpus.editions), base=BASE_IRI), key


def examples(story: str) -> tuple[list[tuple[float, ...]], list[bool]]:
    """Return the traits of all pairs of a story that are compared, of both readings, and which are of one claim."""
    corpus, identity = linked(tuple(STORIES))
    ours, known, key = read_by_us()
    here = {one["id"] for one in gold(story)["statements"]}
    wanted, _ = gold_pairs([story], here)
    found: list[tuple[float, ...]] = []
    same: list[bool] = []
    for read_in, who, key_of in (
        (corpus, identity, {one.iri: one.key for one in corpus.statements}),
        (ours, known, key),
    ):
        items = items_of(read_in.statements, read_in.sources)
        items = [item for item in items if key_of.get(item.statement.iri) in here]
        for one, other in combinations(items, 2):
            near = who.tells_of_the_same(one.statement.edition, other.statement.edition)
            traits = claims.traits(one, other, who) if near else None
            if traits is not None:
                pair = sorted((key_of[one.statement.iri], key_of[other.statement.iri]))
                found.append(tuple(map(float, traits)))
                same.append((pair[0], pair[1]) in wanted)
    return found, same


def compared(items: Sequence[Item], identity: Identity) -> list[tuple[float, ...]]:
    """Return the traits of all pairs of items that would be compared."""
    by_edition: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_edition[item.statement.edition].append(item)
    found = []
    for one in items:
        for edition in {one.statement.edition, *identity.neighbours.get(one.statement.edition, ())}:
            for other in by_edition[edition]:
                if one.statement.iri < other.statement.iri:
                    traits = claims.traits(one, other, identity)
                    if traits is not None:
                        found.append(tuple(map(float, traits)))
    return found


@cache
def news(path: str) -> list[tuple[float, ...]]:
    """Return the traits of all pairs of real news, of which few are of one claim: examples of what is none."""
    with open_store("memory:", base_iri=BASE_IRI) as store:
        loaded = collect([path], options=Options(), base_iri=BASE_IRI)
        store.put(to_graph(read(article)) for article in loaded if isinstance(article, Article))
        corpus = gather(store)
    identity = identify(corpus, find_copies(corpus.editions), base=BASE_IRI)
    return compared(items_of(corpus.statements, corpus.sources), identity)


def learn(stories: Sequence[str], path: str, *, ridge: float = 3.0, rounds: int = 60) -> dict[str, float]:
    """Return the weights of a logistic regression, by Newton's method, over traits of one scale; "always" is free.

    All pairs of real news together weigh NEWS times what the pairs weigh that the gold has in no claim.
    """
    data = [examples(story) for story in stories]
    ours = np.array([row for rows, _ in data for row in rows])
    same = np.array([float(one) for _, labels in data for one in labels])
    other = np.array(news(path))
    mean, scale = ours.mean(0), ours.std(0) + 1e-9
    mean[-1], scale[-1] = 0.0, 1.0
    x = (np.concatenate([ours, other]) - mean) / scale
    y = np.concatenate([same, np.zeros(len(other))])
    heavy = np.concatenate([np.ones(len(ours)), np.full(len(other), NEWS * (same == 0).sum() / len(other))])
    penalty = np.diag([ridge] * (x.shape[1] - 1) + [1e-6])
    weights = np.zeros(x.shape[1])
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (heavy * (chance - y)) + penalty @ weights
        weights -= np.linalg.solve((x.T * (heavy * chance * (1 - chance))) @ x + penalty, slope)
    raw = weights / scale
    raw[-1] -= float((raw[:-1] * mean[:-1]).sum())
    return dict(zip(claims.WEIGHTS, map(float, raw), strict=True))


def unseen(folds: Sequence[Sequence[str]], path: str) -> Figures:
    """Return the sums over folds, each linked by weights of the stories of the others."""
    standing = dict(claims.WEIGHTS)
    total: Counter[str] = Counter()
    try:
        for fold in folds:
            claims.WEIGHTS.update(learn([story for story in STORIES if story not in fold], path))
            of = figures(fold)
            total.update({"right": of.right, "found": of.found, "gold": of.gold})
    finally:
        claims.WEIGHTS.update(standing)
    return Figures(**total)


def main() -> None:
    for story in STORIES:
        print(f"{story:14}{figures([story])}")
    print(f"{'all':14}{figures(STORIES)}")
    print(f"{'all, as read':14}{figures_as_read()}")
    for path in sys.argv[1:]:
        print(f"{'unseen story':14}{unseen([[story] for story in STORIES], path)}")
        for half in HALVES:
            print(f"{'unseen half':14}{unseen([half], path)}   {' '.join(half)}")
        for name, weight in learn(STORIES, path).items():
            print(f"    {name:14}{weight:6.2f}")


if __name__ == "__main__":
    main()
