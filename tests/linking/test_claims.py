"""The headline answer: outlets, independent roots as a range, how many are named, who denies it."""

from dataclasses import replace

from linking_world import BASE, World

from kg.linking.claims import Claim, find_claims
from kg.linking.copies import find_copies, revisions
from kg.linking.identity import identify
from kg.linking.independence import Board, Facts, board
from kg.linking.relations import Found, find_relations


def linked(world: World) -> tuple[list[Claim], dict[str, Board], list[Found]]:
    corpus = world.corpus()
    copies = find_copies(corpus.editions)
    identity = identify(corpus, copies, base=BASE)
    claims, compared = find_claims(corpus, identity)
    statements = {statement.iri: statement for statement in corpus.statements}
    facts = Facts(
        statements=statements,
        by_edition={
            edition.iri: [item for item in corpus.statements if item.edition == edition.iri]
            for edition in corpus.editions
        },
        sources={source.iri: source for source in corpus.sources},
        editions={edition.iri: edition for edition in corpus.editions},
        copy_of={copy.later: copy for copy in copies},
        revised=frozenset(earlier for _, earlier in revisions(corpus.editions)),
        identity=identity,
    )
    boards = {claim.key: board(claim, facts) for claim in claims}
    return claims, boards, find_relations(claims, statements, compared, identity)


def story(world: World, *names: str) -> list[str]:
    """Return editions that tell of the same people, so that their statements may be compared."""
    editions = []
    for name in names:
        edition = world.edition(name, name)
        world.source(edition, "Helena Brandvold")
        world.source(edition, "Tomas Reiken")
        editions.append(edition)
    return editions


SOLD = "the harbour was agreed for Castellan before the public tender"


def test_two_outlets_on_two_unnamed_officials_are_one_or_two_roots() -> None:
    world = World()
    courier, agency = story(world, "The Courier", "The Agency")
    world.says(courier, SOLD, world.source(courier, "a senior official", unnamed=True, number=1))
    world.says(agency, f"{SOLD} began", world.source(agency, "a government official", unnamed=True, number=1))
    claims, boards, _ = linked(world)
    (claim,) = [claim for claim in claims if len(claim.affirming) == 2]
    result = boards[claim.key]
    assert (len(result.outlets), result.low, result.high, result.named) == (2, 1, 2, 0)


def test_an_outlet_that_cites_another_adds_no_root() -> None:
    world = World()
    courier, lantern = story(world, "The Courier", "The Lantern")
    world.says(courier, SOLD, world.source(courier, "a senior official", unnamed=True))
    cited = world.source(lantern, "The Courier", kind="outlet")
    world.says(lantern, SOLD, cited, world.source(lantern, "an official", unnamed=True))
    claims, boards, _ = linked(world)
    result = boards[claims[0].key]
    assert (len(result.outlets), result.low, result.high) == (2, 1, 1)


def test_a_cited_outlet_without_more_leads_to_its_own_root() -> None:
    world = World()
    courier, lantern = story(world, "The Courier", "The Lantern")
    world.says(courier, SOLD, world.source(courier, "Piet Harrewijn"))
    world.says(lantern, SOLD, world.source(lantern, "The Courier", kind="outlet"))
    claims, boards, _ = linked(world)
    result = boards[claims[0].key]
    assert (result.low, result.high, result.named) == (1, 1, 1)
    assert "harrewijn" in result.roots[0]


def test_a_report_within_a_report_of_the_same_is_one_voice() -> None:
    world = World()
    (courier,) = story(world, "The Courier")
    official = world.source(courier, "a senior official", unnamed=True)
    ministry = world.source(courier, "Harbour Ministry of Brennia", kind="organization")
    outer = world.says(courier, SOLD, official)
    world.says(courier, SOLD, official, ministry, within=outer)
    claims, boards, _ = linked(world)
    result = boards[claims[0].key]
    assert (result.high, result.named) == (1, 0)
    assert len(claims[0].affirming) == 2


def test_two_people_are_not_one_official() -> None:
    world = World()
    courier, ledger = story(world, "The Courier", "The Ledger")
    world.says(courier, SOLD, world.source(courier, "a senior official", unnamed=True, number=1))
    pair = world.source(ledger, "two people familiar with the talks", kind="group", unnamed=True, number=2)
    world.says(ledger, SOLD, pair)
    claims, boards, _ = linked(world)
    assert (boards[claims[0].key].low, boards[claims[0].key].high) == (2, 2)


def test_a_copy_counts_as_an_outlet_and_not_as_a_root() -> None:
    world = World()
    text = " ".join(f"word{n}" for n in range(80))
    for name in ("The Courier", "The Gazette"):
        edition = world.edition(name, name, text=text)
        world.says(edition, SOLD, world.source(edition, "a senior official", unnamed=True))
    claims, boards, _ = linked(world)
    result = boards[claims[0].key]
    assert (len(result.outlets), result.low, result.high) == (2, 1, 1)


def test_a_denial_denies_the_claim_and_is_no_root() -> None:
    world = World()
    courier, agency = story(world, "The Courier", "The Agency")
    affirmed = world.says(courier, SOLD, world.source(courier, "a senior official", unnamed=True))
    minister = world.source(agency, "Helena Brandvold")
    denied = world.says(agency, SOLD, minister, act="deny", polarity="negative")
    claims, boards, relations = linked(world)
    assert (claims[0].affirming, claims[0].denying) == ((affirmed,), (denied,))
    assert boards[claims[0].key].high == 1
    assert [(found.relation, found.basis) for found in relations] == [("contradicts", "opposite-polarity")]


def test_a_bare_denial_denies_what_was_said_just_before() -> None:
    world = World()
    (courier,) = story(world, "The Courier")
    world.says(courier, SOLD, world.source(courier, "a senior official", unnamed=True))
    denial = world.says(
        courier, "It is not true", world.source(courier, "Joren Falkwyn"), act="deny", polarity="negative"
    )
    claims, _, _ = linked(world)
    assert [claim.denying for claim in claims] == [(denial,)]


def test_a_bare_denial_denies_the_claim_that_others_carry_too() -> None:
    world = World()
    courier, agency = story(world, "The Courier", "The Agency")
    world.says(courier, SOLD, world.source(courier, "a senior official", unnamed=True))
    official = world.source(agency, "a government official", unnamed=True)
    world.says(agency, SOLD, official)
    world.says(agency, "the quay would be closed in winter", official)
    denial = world.says(
        agency, "the story was false", world.source(agency, "Joren Falkwyn"), act="deny", polarity="negative"
    )
    claims, _, _ = linked(world)
    (claim,) = [claim for claim in claims if denial in claim.denying]
    assert claim.label.startswith("the harbour was agreed")


def test_a_speaker_who_takes_it_back_is_in_tension_with_himself() -> None:
    world = World()
    courier, agency = story(world, "The Courier", "The Agency")
    first = world.source(courier, "Joren Falkwyn")
    again = world.source(agency, "Joren Falkwyn")
    world.says(courier, "a price for the harbour was named at the meeting", first)
    world.says(agency, "a price for the harbour was named at the meeting", again, act="deny", polarity="negative")
    _, _, relations = linked(world)
    assert [found.relation for found in relations] == ["inTensionWith"]


def test_other_numbers_are_another_claim_and_a_contradiction() -> None:
    world = World()
    courier, agency = story(world, "The Courier", "The Agency")
    world.says(courier, "three workers died in the warehouse fire", world.source(courier, "Ivo Stranne"))
    world.says(agency, "1 worker died in the warehouse fire", world.source(agency, "Runa Elvestad"))
    world.says(agency, "four workers died in the warehouse fire", world.source(agency, "Runa Elvestad"))
    claims, _, relations = linked(world)
    assert len(claims) == 3
    assert ("contradicts", "different-value") in {(found.relation, found.basis) for found in relations}


def test_the_same_words_in_unrelated_stories_stay_two_claims() -> None:
    world = World()
    one, other = world.edition("a", "A"), world.edition("b", "B")
    world.says(one, SOLD, world.source(one, "Ivo Stranne"))
    world.says(other, SOLD, world.source(other, "Lena Moor"))
    claims, _, _ = linked(world)
    assert len(claims) == 2


def test_a_worded_negation_that_nobody_affirms_is_the_claim() -> None:
    world = World()
    (courier,) = story(world, "The Courier")
    said = world.says(
        courier, "the group has not signed anything", world.source(courier, "Piet Harrewijn"), polarity="negative"
    )
    claims, _, _ = linked(world)
    assert (claims[0].affirming, claims[0].denying) == ((said,), ())


BACK = "the solvent tank by the wall, inspected twice last winter by Norling, was not empty"


def test_who_takes_his_own_words_back_does_not_agree_with_himself_though_many_more_repeat_the_first_ones() -> None:
    world = World()
    owner = ""
    for edition in story(world, "The Courier", "The Agency", "The Gazette", "The Ledger"):
        owner = world.source(edition, "Viktor Almgard")
        world.says(edition, "the solvent tank was empty since Monday morning", owner)
    for _ in range(5):
        world.says(edition, "the solvent tank was empty", owner)
    again = world.says(edition, BACK, owner, polarity="negative")
    claims, _, relations = linked(world)
    assert [claim.statements for claim in claims if again in claim.statements] == [(again,)]
    assert {found.relation for found in relations if again in (found.one, found.other)} == {"inTensionWith"}


def claim_with(world: World, statement: str) -> Claim:
    claims, _, _ = linked(world)
    return next(claim for claim in claims if statement in claim.statements)


def test_other_words_for_one_thing_are_one_claim() -> None:
    world = World()
    courier, agency = story(world, "The Courier", "The Agency")
    one = world.says(courier, "the company sold the quay to Castellan", world.source(courier, "Ivo Stranne"))
    other = world.says(agency, "the sale of the quay by the firm", world.source(agency, "Runa Elvestad"))
    assert claim_with(world, one).affirming == (other, one)


def test_the_same_account_repeats_what_its_owner_says() -> None:
    world = World()
    (courier,) = story(world, "The Courier")
    stranne = world.source(courier, "Ivo Stranne")
    said = world.says(courier, "two drones hit the grain depot at dawn", stranne)
    world.says(courier, "the road to the village was closed", world.source(courier, "Lena Moor"))
    echo = world.says(courier, "Stranne's account", world.source(courier, "two doctors", unnamed=True), act="confirm")
    assert claim_with(world, echo).affirming == (said, echo)


def test_whoever_says_the_opposite_denies() -> None:
    world = World()
    (courier,) = story(world, "The Courier")
    world.says(courier, "the tank was full of solvent", world.source(courier, "Ivo Stranne"))
    denial = world.says(courier, "the opposite", world.source(courier, "Lena Moor"))
    assert claim_with(world, denial).denying == (denial,)


def test_a_claim_that_is_rejected_by_its_name_is_denied() -> None:
    world = World()
    courier, agency = story(world, "The Courier", "The Agency")
    voted = "the board raised the rate by five votes to four"
    world.says(courier, voted, world.source(courier, "a person", unnamed=True))
    world.says(agency, voted, world.source(agency, "a person", unnamed=True))
    frozen = world.says(agency, "the minister promised that spending is frozen", world.source(agency, "Ivo Stranne"))
    denial = world.says(agency, "the claim", world.source(agency, "Lena Moor"), act="deny")
    claim = claim_with(world, denial)
    assert (claim.affirming, claim.denying) == ((frozen,), (denial,))


def test_who_goes_on_denying_denies_the_same() -> None:
    world = World()
    (courier,) = story(world, "The Courier")
    world.says(courier, SOLD, world.source(courier, "a senior official", unnamed=True))
    falkwyn = world.source(courier, "Joren Falkwyn")
    first = world.says(courier, "It is not true", falkwyn, act="deny", polarity="negative")
    again = world.says(courier, "nothing was promised to anybody", falkwyn, polarity="negative")
    assert claim_with(world, first).denying == (first, again)


def test_a_shared_name_is_not_a_shared_claim() -> None:
    world = World()
    courier, agency = story(world, "The Courier", "The Agency")
    one = world.says(courier, "the minister met Tomas Reiken", world.source(courier, "Ivo Stranne"))
    world.says(agency, "a cousin of Tomas Reiken sings", world.source(agency, "Lena Moor"))
    assert claim_with(world, one).statements == (one,)


def test_the_question_of_two_interviewers_is_no_claim() -> None:
    world = World()
    courier, agency = story(world, "The Courier", "The Agency")
    asked = [world.says(edition, "your style of leadership", act="ask") for edition in (courier, agency)]
    world.statements = [replace(one, speaker=None) for one in world.statements]
    assert claim_with(world, asked[0]).statements == (asked[0],)
