"""Which edition is a copy of which."""

from dataclasses import replace

from linking_world import BASE, World

from kg.linking.copies import find_copies, revisions

STORY = " ".join(f"word{number}" for number in range(120))


def test_the_outlet_that_the_other_credits_has_the_original() -> None:
    world = World()
    world.edition("b", "Meridian Press Agency", text=STORY)
    world.edition("a", "Alda Bay Gazette", text=f"{STORY} © Meridian Press Agency")
    (copy,) = find_copies(world.corpus().editions)
    assert (copy.later, copy.earlier) == (f"{BASE}edition/a", f"{BASE}edition/b")


def test_the_older_of_two_equal_texts_is_the_original() -> None:
    world = World()
    world.edition("a", "The Lantern", day="2026-03-10", text=STORY)
    world.edition("b", "The Courier", day="2026-03-09", text=STORY)
    (copy,) = find_copies(world.corpus().editions)
    assert copy.later.endswith("a")
    assert (copy.basis, copy.score) == ("same-text", 1.0)


def test_a_copy_that_lost_its_last_paragraphs_is_a_copy() -> None:
    world = World()
    world.edition("a", "The Courier", text=STORY)
    world.edition("b", "The Lantern", day="2026-03-10", text=" ".join(STORY.split()[:70]))
    (copy,) = find_copies(world.corpus().editions)
    assert copy.basis == "near-text"


def test_two_articles_that_share_one_quotation_are_no_copies() -> None:
    world = World()
    quotation = " ".join(STORY.split()[:20])
    for name in ("a", "b"):
        own = " ".join(f"{name}{number}" for number in range(100))
        world.edition(name, name, text=f"{own} {quotation}")
    assert find_copies(world.corpus().editions) == []


def test_editions_of_one_url_are_revisions_and_not_copies() -> None:
    world = World()
    for day in ("2026-03-09", "2026-03-10"):
        world.edition(day, "The Courier", day=day, text=f"{STORY} {day}", url="https://courier.example/harbour")
    editions = world.corpus().editions
    assert find_copies(editions) == []
    assert revisions(editions) == [(f"{BASE}edition/2026-03-10", f"{BASE}edition/2026-03-09")]


def test_many_editions_find_their_copies_by_sketches_too() -> None:
    world = World()
    for number in range(80):
        world.edition(f"e{number:02}", f"Outlet {number}", text=" ".join(f"w{number}x{n}" for n in range(100)))
    world.edition("copy", "The Lantern", day="2026-03-11", text=" ".join(f"w7x{n}" for n in range(95)))
    (copy,) = find_copies(world.corpus().editions)
    assert copy.earlier.endswith("e07")


def test_editions_of_one_day_follow_each_other_by_the_clock() -> None:
    world = World()
    for name in ("a", "b", "c"):
        world.edition(name, "The Courier", text=f"{name} tells it.", url="https://courier.example/1")
    clocks = {"a": "2026-03-09T18:00:00Z", "b": "2026-03-09T07:30:00Z", "c": "2026-03-09T12:00:00Z"}
    editions = [replace(item, moment=clocks[item.iri[-1]]) for item in world.corpus().editions]
    assert revisions(editions) == [(f"{BASE}edition/a", f"{BASE}edition/c"), (f"{BASE}edition/c", f"{BASE}edition/b")]
