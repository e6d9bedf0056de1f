"""Linking grows with each change: the same graph, quad for quad, as linking everything from scratch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from linking_world import BASE, World
from pyoxigraph import NamedNode, Triple

from kg.linking import derive
from kg.linking.corpus import Corpus
from kg.linking.growing import TABLES, Local, Notes, State, grow

PEOPLE = (
    "Helena Brandvold",
    "Tomas Reiken",
    "George W. Bush",
    "George H. W. Bush",
    "George Bush",
    "Ivo Stranne",
    "Joe Ruis",
)
SURNAMES = ("Brandvold", "Bush", "Reiken", "Ruis")
BODIES = (
    ("Federal Bureau of Inspection", "FBI"), ("Fresh Bread Initiative", "FBI"), ("FBI",), ("Interior Ministry",),
    ("the police",), ("Alda Port Company",),
)  # fmt: skip
WORDS = [
    "harbour", "agreed", "castellan", "tender", "ferry", "before", "public", "sale", "minister",
    "strike", "union", "ten", "million", "jobs", "tank", "wall",
]  # fmt: skip
OUTLETS = ("The Courier", "The Agency", "The Gazette", "Reuters")


def edition(world: World, name: str, rng: Random) -> None:
    """Write an edition by chance: who is in it, what they say, what happened."""
    outlet = rng.choice(OUTLETS)
    text = " ".join(rng.choice(WORDS) for _ in range(80)) if rng.random() < 0.6 else rng.choice(TEXTS)
    if rng.random() < 0.3:
        text = f"{outlet} has it. {rng.choice(TEXTS)} It ended so."
    url = f"https://news.example/{rng.randrange(4)}" if rng.random() < 0.4 else None
    day = f"2026-0{rng.randint(3, 6)}-0{rng.randint(1, 9)}"
    iri = world.edition(name, outlet, day=day, text=text, url=url)
    people = [world.source(iri, person) for person in rng.sample(PEOPLE, rng.randint(1, 3))]
    people += [world.source(iri, person) for person in rng.sample(SURNAMES, rng.randint(0, 2))]
    people += [world.source(iri, *body, kind="organization") for body in rng.sample(BODIES, rng.randint(0, 3))]
    unnamed = world.source(iri, "an official", unnamed=True, number=1)
    place = world.source(iri, rng.choice(("Alda Bay", "Stellmark")), kind="place")
    for _ in range(rng.randint(1, 5)):
        words = rng.choice(SAID) if rng.random() < 0.6 else " ".join(rng.sample(WORDS, 6))
        polarity = rng.choice(("positive", "positive", "negative"))
        act = "deny" if polarity == "negative" and rng.random() < 0.5 else "state"
        world.says(iri, words, rng.choice([*people, unnamed]), act=act, polarity=polarity)
    for _ in range(rng.randint(0, 3)):
        day = f"2026-03-0{rng.randint(1, 3)}"
        world.happens(
            iri, rng.choice(("meeting", "attack")), rng.choice(("met", "hit")), day, place, rng.choice(people)
        )


TEXTS = [" ".join(Random(seed).choice(WORDS) for _ in range(70)) for seed in range(3)]
SAID = [
    *(" ".join(Random(seed).sample(WORDS, 7)) for seed in range(3)),
    "the tank is not harbour agreed castellan tender ferry", "It is not true.",
    "the same account", "Bush's account", "any such sale was agreed",
    "the sale was agreed for 10 million by the union", "the sale was agreed for 20 million by the union",
]  # fmt: skip


def locals_of(corpus: Corpus) -> dict[str, Local]:
    return {
        one.iri: Local(
            one,
            tuple(item for item in corpus.sources if item.edition == one.iri),
            tuple(item for item in corpus.statements if item.edition == one.iri),
            tuple(item for item in corpus.events if item.edition == one.iri),
        )
        for one in corpus.editions
    }


def together(there: dict[str, Local], decided: Corpus) -> Corpus:
    """Return all editions as one corpus, as a store would give them."""
    parts = [there[iri] for iri in sorted(there)]
    return replace(
        decided,
        editions=tuple(part.edition for part in parts),
        sources=tuple(sorted((item for part in parts for item in part.sources), key=lambda item: item.iri)),
        statements=tuple(sorted((item for part in parts for item in part.statements), key=lambda item: item.iri)),
        events=tuple(sorted((item for part in parts for item in part.events), key=lambda item: item.iri)),
    )


def life(rng: Random, steps: int) -> Iterator[tuple[dict[str, Local | None], dict[str, Local], Corpus]]:
    """Yield what changed, what is there then and what is decided then, step by step."""
    there: dict[str, Local] = {}
    decided = Corpus()
    number = 0
    for _ in range(steps):
        changed: dict[str, Local | None] = {}
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            fate = rng.random()
            if there and fate < 0.2:
                gone = rng.choice(sorted(there))
                changed[gone] = None
                del there[gone]
            elif there and fate < 0.4:
                name = rng.choice(sorted(there)).rpartition("/")[2]
                changed |= made(name, rng)
            elif fate < 0.85 or not there:
                number += 1
                changed |= made(f"{rng.choice('klmn')}{number}", rng)
            else:
                decided = decide(there, decided, rng)
            there |= {iri: local for iri, local in changed.items() if local is not None}
        yield changed, dict(there), decided


def made(name: str, rng: Random) -> dict[str, Local | None]:
    world = World()
    edition(world, name, rng)
    return dict(locals_of(world.corpus()))


def decide(there: dict[str, Local], decided: Corpus, rng: Random) -> Corpus:
    """Confirm or undo a link or a relation by chance, or take back a decision."""
    graph = derive(together(there, decided), base=BASE).graphs[0]
    links = sorted(
        (str(t.subject.value), str(t.object.value))
        for t in graph.triples
        if t.predicate.value.endswith("#identifiedAs")
    )
    kind = rng.choice(("confirmed", "undone", "related", "back"))
    if kind == "back":
        return replace(
            decided,
            **{name: frozenset(list(getattr(decided, name))[1:]) for name in ("confirmed", "undone", "related")},
        )
    if kind == "related":
        statements = sorted(item.iri for local in there.values() for item in local.statements)
        one, other = rng.choice(statements), rng.choice(statements)
        verdict = rng.choice(("confirmed", "undone"))
        return (
            replace(decided, related=decided.related | {(one, other, "contradicts", verdict)})
            if one != other
            else decided
        )
    local, canonical = rng.choice(links)
    if kind == "confirmed":
        canonical = rng.choice(
            [to for _, to in links if to.partition("/id/")[2][:5] == canonical.partition("/id/")[2][:5]]
        )
    mates = tuple(sorted(one for one, to in links if to == canonical and one != local))
    pair = (local, canonical)
    return replace(decided, alongside={**decided.alongside, pair: mates}, **{kind: getattr(decided, kind) | {pair}})


def lives_alike(seed: int, folder: Path, steps: int) -> None:
    graph: set[Triple] = set()
    texts: dict[str, str] = {}
    for step, (changed, there, decided) in enumerate(life(Random(seed), steps)):
        texts |= {iri: local.edition.text for iri, local in there.items()}
        notes = Notes(folder, TABLES)
        change = grow(State(notes, base=BASE, text_of=texts.__getitem__), changed, decided)
        notes.commit(str(step))
        notes.close()
        graph = {
            one for one in graph if not (isinstance(one.subject, NamedNode) and one.subject.value in change.touched)
        }
        graph |= change.said()
        whole = derive(together(there, decided), base=BASE).graphs[0].triples
        missing, extra = sorted(map(str, whole - graph)), sorted(map(str, graph - whole))
        assert (missing, extra) == ([], []), f"seed {seed}, step {step}: {list(changed)}"


@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_goes_or_is_decided_the_graph_is_that_of_linking_from_scratch(seed: int, tmp_path: Path) -> None:
    lives_alike(seed, tmp_path, steps=14)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 250))
def test_long_lives_give_the_graph_of_linking_from_scratch(seed: int, tmp_path: Path) -> None:
    lives_alike(seed, tmp_path, steps=40)
