"""What people decide outlives the machine's links: apart stays apart, together stays together, under any IRI."""

from __future__ import annotations

import pytest
from linking_world import BASE, World

from kg.linking import derive
from kg.linking.copies import find_copies
from kg.linking.events import link_events
from kg.linking.identity import Identity, identify
from kg.vocab import KG, concept


def identity(world: World) -> Identity:
    corpus = world.corpus()
    return identify(corpus, find_copies(corpus.editions), base=BASE)


def councillors(*names: str) -> tuple[World, list[str]]:
    """Return editions that know somebody by the family name alone, and share two rare actors."""
    world, found = World(), []
    for name in names:
        edition = world.edition(name, f"Outlet {name}")
        world.source(edition, "Ivo Stranne")
        world.source(edition, "Petra Halloran")
        found.append(world.source(edition, "Brandt"))
    return world, found


def test_an_undone_link_stays_undone_when_the_canonical_node_gets_another_iri() -> None:
    world, (one, other) = councillors("m", "n")
    canonical = identity(world).of[one]
    assert identity(world).of[other] == canonical
    # A family name alone is known by the first edition that has it: "a" comes before "m".
    grown, (early, one, other) = councillors("a", "m", "n")
    assert identity(grown).of[one] != canonical, "this world would prove nothing"
    assert identity(grown).of[other] == identity(grown).of[early]
    grown.undone.add((other, canonical))
    grown.alongside[other, canonical] = (one,)
    found = identity(grown)
    assert found.of[one] == found.of[early]
    assert found.of[other] != found.of[one]


def test_a_confirmed_link_follows_the_nodes_that_stood_alongside() -> None:
    world, (one,) = councillors("m")
    canonical = identity(world).of[one]
    grown, (early, one) = councillors("a", "m")
    stranger = grown.source(grown.edition("z", "Outlet z"), "Councillor B.")
    grown.confirmed.add((stranger, canonical))
    grown.alongside[stranger, canonical] = (one,)
    found = identity(grown)
    assert found.of[stranger] == found.of[one] == found.of[early]
    link = next(link for link in found.links if link.local == stranger)
    assert (link.basis, link.score) == ("person", 1.0)


def test_a_decision_on_nodes_that_are_gone_changes_nothing() -> None:
    world, (one, other) = councillors("m", "n")
    before = identity(world).of
    world.confirmed.add((f"{BASE}edition/gone#source=1", before[one]))
    world.undone.add((other, f"{BASE}actor/gone"))
    assert identity(world).of == before


def meetings() -> tuple[World, list[str]]:
    world, found = World(), []
    for name in ("m", "n"):
        edition = world.edition(name, f"Outlet {name}")
        ivo = world.source(edition, "Ivo Stranne")
        world.source(edition, "Petra Halloran")
        place = world.source(edition, "Port Alda", kind="place")
        found.append(world.happens(edition, "meeting", "met", "2026-03-09", place, ivo))
    return world, found


def events(world: World) -> dict[str, tuple[str, str]]:
    corpus = world.corpus()
    return {link.local: (link.canonical, link.basis) for link in link_events(corpus, identity(world), base=BASE)[1]}


def test_an_event_is_taken_apart_from_those_that_stood_alongside() -> None:
    world, (one, other) = meetings()
    canonical = events(world)[other][0]
    assert events(world)[one][0] == canonical
    world.undone.add((other, canonical))
    world.alongside[other, canonical] = (one,)
    assert events(world)[one][0] != events(world)[other][0]


def test_an_event_is_put_with_those_that_stood_alongside() -> None:
    world, (one, _) = meetings()
    edition = world.edition("z", "Outlet z")
    stranger = world.happens(edition, "meeting", "assembled", "2026-04-01", None)
    canonical = events(world)[one][0]
    assert events(world)[stranger][0] != canonical
    world.confirmed.add((stranger, canonical))
    world.alongside[stranger, canonical] = (one,)
    assert events(world)[stranger] == (events(world)[one][0], "person")


@pytest.fixture
def quarrel() -> tuple[World, str, str]:
    world = World()
    one, other = world.edition("a", "A"), world.edition("b", "B")
    for edition in (one, other):
        world.source(edition, "Petra Halloran")
    said = world.says(one, "The harbour was sold before the tender opened", world.source(one, "Ivo Stranne"))
    ivo = world.source(other, "Ivo Stranne")
    denied = world.says(other, "The harbour was sold before the tender opened", ivo, act="deny", polarity="negative")
    return world, said, denied


def relations(world: World) -> set[tuple[str, str]]:
    graph = derive(world.corpus(), base=BASE).graphs[0]
    nodes = {t.subject for t in graph.triples if t.object == KG.StatementRelation}
    told = {(t.subject, t.predicate): t.object for t in graph.triples if t.subject in nodes}
    return {(str(told[node, KG.relation]), str(told[node, KG.basis])) for node in nodes}


def test_a_relation_that_a_person_confirmed_takes_the_place_of_the_machines(quarrel: tuple[World, str, str]) -> None:
    world, said, denied = quarrel
    assert relations(world) == {(str(concept("relation", "inTensionWith")), str(concept("basis", "opposite-polarity")))}
    world.related.add((said, denied, "contradicts", "confirmed"))
    assert relations(world) == {(str(concept("relation", "contradicts")), str(concept("basis", "person")))}


def test_a_relation_that_a_person_undid_is_gone_and_no_other(quarrel: tuple[World, str, str]) -> None:
    world, said, denied = quarrel
    world.related.add((said, denied, "contradicts", "undone"))
    assert len(relations(world)) == 1
    world.related.add((denied, said, "inTensionWith", "undone"))
    assert not relations(world)
