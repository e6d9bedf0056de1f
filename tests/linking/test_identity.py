"""One node per real person, and every merge recorded, scored and undoable."""

from linking_world import BASE, World

from kg.linking import derive
from kg.linking.copies import find_copies
from kg.linking.identity import Identity, identify
from kg.vocab import KG


def identity(world: World) -> Identity:
    corpus = world.corpus()
    return identify(corpus, find_copies(corpus.editions), base=BASE)


def test_one_president_under_three_spellings_is_one_actor() -> None:
    world = World()
    people = [
        world.source(world.edition(f"e{n}", f"Outlet {n}"), name)
        for n, name in enumerate(["Aleksandr Derhanskyi", "Alexander Derhansky", "Oleksandr Derhanskyy"])
    ]
    found = identity(world)
    assert len({found.of[person] for person in people}) == 1
    assert {link.basis for link in found.links if link.local in people} == {"same-name", "name-variant"}


def test_unnamed_sources_are_never_linked_by_their_words() -> None:
    world = World()
    for n in range(2):
        world.source(world.edition(f"e{n}", f"Outlet {n}"), "a senior official", unnamed=True)
    assert not [canonical for canonical in identity(world).canonicals if "official" in canonical.iri]


def test_a_family_name_alone_links_only_where_the_story_is_the_same() -> None:
    world = World()
    full, near, far = (world.edition(name, f"The {name}") for name in ("full", "near", "far"))
    person = world.source(full, "Helena Brandvold")
    for edition in (full, near):
        world.source(edition, "Tomas Reiken")
        world.source(edition, "Castellan Marine Group", kind="organization")
    same, other = world.source(near, "Brandvold"), world.source(far, "Brandvold")
    found = identity(world)
    assert found.of[same] == found.of[person]
    assert found.of[other] != found.of[person]
    assert next(link.basis for link in found.links if link.local == same) == "surname"


def test_two_ministries_of_two_countries_are_not_one() -> None:
    world = World()
    here = world.source(world.edition("here", "The Here"), "Interior Ministry", kind="organization")
    there = world.source(world.edition("there", "The There"), "Interior Ministry", kind="organization")
    found = identity(world)
    assert found.of[here] != found.of[there]


def test_initials_keep_father_and_son_apart() -> None:
    world = World()
    father = world.source(world.edition("a", "A"), "Arvid H. Stranne")
    son = world.source(world.edition("b", "B"), "Arvid W. Stranne")
    found = identity(world)
    assert found.of[father] != found.of[son]


def test_an_acronym_joins_the_name_that_some_edition_gives_with_it() -> None:
    world = World()
    both = world.source(world.edition("a", "A"), "Meridian Ports Authority", "MPA", kind="organization")
    alone = world.source(world.edition("b", "B"), "MPA", kind="organization")
    found = identity(world)
    assert found.of[both] == found.of[alone]


def test_an_undone_link_stays_undone_and_a_confirmed_one_stands() -> None:
    world = World()
    one = world.source(world.edition("a", "A"), "Ivo Stranne")
    other = world.source(world.edition("b", "B"), "Ivo Stranne")
    third = world.source(world.edition("c", "C"), "I. Strann")
    canonical = identity(world).of[one]
    world.undone.add((other, canonical))
    world.confirmed.add((third, canonical))
    found = identity(world)
    assert found.of[one] == canonical
    assert found.of[other] != canonical
    assert found.of[third] == canonical
    assert next(link for link in found.links if link.local == third).basis == "person"


def test_linking_the_same_editions_in_another_order_gives_the_same_graph() -> None:
    world = World()
    for n in range(3):
        edition = world.edition(f"e{n}", f"Outlet {n}")
        world.says(edition, "The harbour was agreed before the tender", world.source(edition, "Ivo Stranne"))
    backwards = World(world.editions[::-1], world.sources[::-1], world.statements[::-1])
    forth, back = (derive(each.corpus(), base=BASE).graphs[0] for each in (world, backwards))
    assert forth.digest() == back.digest()


def test_every_link_is_a_node_with_basis_score_and_who_asserts_it() -> None:
    world = World()
    world.source(world.edition("a", "A"), "Ivo Stranne")
    graph = derive(world.corpus(), base=BASE).graphs[0]
    links = {triple.subject for triple in graph.triples if triple.object == KG.IdentityLink}
    assert links
    for wanted in (KG.from_, KG.to, KG.basis, KG.confidence, KG.assertedBy):
        assert {triple.subject for triple in graph.triples if triple.predicate == wanted} >= links
