"""The questions of kg/queries over our own examples, read by hand and linked, with the rows an editor would give."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kg import query
from kg.store import Store
from kg.vocab import SCHEMES

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from gold_readings import STORIES, articles, store_of

Row = tuple[str | None, ...]


@cache
def store(*stories: str) -> Store:
    return store_of(*stories)


def answer(stories: str, question: str, columns: str, **params: Any) -> list[Row]:
    """Ask the stories, and return the distinct rows of these columns, sorted."""
    rows = query.run(store(*stories.split()), question, **params)
    cells = {tuple(_plain(row.get(column)) for column in columns.split()) for row in rows}
    return sorted(cells, key=lambda row: [cell or "" for cell in row])


def _plain(term: Any) -> str | None:
    return None if term is None else " ".join(str(term.value).removeprefix(SCHEMES).split())


@dataclass(frozen=True)
class Case:
    """Rows expected of a question; ``of`` keeps those whose first cell is this, ``among`` allows others beside them."""

    name: str
    stories: str
    question: str
    columns: str
    rows: list[Row]
    params: dict[str, Any] = field(default_factory=dict)
    of: str | None = None
    among: bool = False
    wrong: str | None = None


CASES = [
    Case(
        "said by the former transport secretary",
        "harbour", "said_by", "words mode act outlet",
        [
            ("If there is a paper with a number on it … they must start again … I wrote that law because we had been "
             "here before. In my first year in office we lost a ferry company in just this way, and it took nine years "
             "in the courts to get the boats back. The minister should publish her calendar. It would take her office "
             "ten minutes", "direct", "state", "The Stellmark Courier"),
            ("a price agreed in advance would make the whole tender void", "indirect", "state",
             "The Stellmark Courier"),
        ],
        {"called": "Anselm Roke"},
    ),
    Case(
        "the minister's own words inside quotation marks",
        "harbour", "direct_quotations_of", "quoted outlet",
        [("A figure is not a price", "Capital Ledger"), ("It is not true", "The Daily Lantern"),
         ("It is not true", "The Stellmark Courier")],
        {"called": "Helena Brandvold"}, among=True,
    ),
    Case(
        "what the minister said to one paper and others carried on",
        "harbour", "second_hand", "words through outlet",
        [("It is not true", "The Stellmark Courier", "The Daily Lantern"),
         ("no price had been named", "The Stellmark Courier", "Capital Ledger"),
         ("the story was false from start to finish", "The Stellmark Courier", "The Daily Lantern")],
        {"called": "Helena Brandvold"},
    ),
    Case(
        "outlets that cite one another on the harbour",
        "harbour", "who_cites_whom", "outlet cites times",
        [("Capital Ledger", "The Stellmark Courier", "2"), ("Meridian Press Agency", "Alda Bay Gazette", "1"),
         ("Meridian Press Agency", "The Stellmark Courier", "1"), ("The Daily Lantern", "The Stellmark Courier", "4"),
         ("The Stellmark Courier", "Alda Bay Gazette", "1")],
    ),
    Case(
        "former offices",
        "harbour", "roles", "name role outlet",
        [("Anselm Roke", "former transport secretary", "The Stellmark Courier"),
         ("Greta Holmqvard", "Ex-finance minister", "The Daily Lantern")],
        {"status": "former"},
    ),
    Case(
        "labels that judge",
        "talks", "roles", "name role outlet",
        [("Radomir Kasatkin", "dictator", "The Stellmark Courier"),
         ("Radomir Kasatkin", "long-time dictator", "The Stellmark Courier")],
        {"status": "evaluative"},
    ),
    Case(
        "what is not the story in the tabloid and the agency",
        "harbour", "not_the_story", "outlet kind words",
        [("The Daily Lantern", "byline", "By Rex Dunnaway, Political Reporter"),
         ("The Daily Lantern", "dateline", "10 March 2026"),
         ("The Daily Lantern", "promotion", "GOT A STORY? RING THE LANTERN NEWSDESK ON 0555 0100"),
         ("Meridian Press Agency", "byline", "(Reporting by Teodor Askill; editing by Wilma Gaard)"),
         ("Meridian Press Agency", "dateline", "STELLMARK (MPA) —")],
        among=True,
    ),
    Case(
        "those who deny the sale",
        "harbour", "denials", "name outlet",
        [("Helena Brandvold", "The Stellmark Courier"), ("Helena Brandvold", "The Daily Lantern"),
         ("Joren Falkwyn", "Meridian Press Agency")],
        among=True,
    ),
    Case(
        "copies and the corrected edition",
        "plant-fire depot-strike mine-ruling", "copies", "how outlet of_outlet",
        [("copy", "Alda Bay Gazette", "Meridian Press Agency"), ("copy", "Breakwater Notes", "The Stellmark Courier"),
         ("revision", "Alda Bay Gazette", "Alda Bay Gazette")],
    ),
    Case(
        "the paragraph that the local paper left out",
        "mine-ruling", "copies", "how change words",
        [("copy", "removed", "the appeal will take at least two years")],
    ),
    Case(
        "reports that nobody could verify",
        "depot-strike", "unverified", "outlet who",
        [("Meridian Press Agency", "Stepan Hryvko"), ("Meridian Press Agency", "Arkady Belozub"),
         ("The Stellmark Courier", "A Sorvenian security official")],
    ),
    Case(
        "corroboration that articles themselves declare",
        "talks depot-strike dam-warning", "declared_corroboration", "outlet source number",
        [("Alda Bay Gazette", "a second engineer on the team", None),
         ("Meridian Press Agency", "two doctors at the district hospital in Kostrysh", "2"),
         ("The Stellmark Courier", "two other people who were briefed on the letters", "2")],
    ),
    Case(
        "what rests on an unnamed source only",
        "dam-warning", "unnamed_only", "outlet words source",
        [("Alda Bay Gazette", "Sollerby’s account", "a second engineer on the team"),
         ("Alda Bay Gazette", "not to be named for fear of losing his job", "a second engineer on the team")],
        of="Alda Bay Gazette",
    ),
    Case(
        "whom the sporting director spoke to",
        "transfer", "spoke_to", "speaker_name addressee_name words outlet",
        [("Henrike Dall", "Ada Lindqvay", "there would be no second offer", "Alda Bay Gazette"),
         ("Henrike Dall", "Ada Lindqvay", "there would be no second offer", "Straits Public Broadcasting")],
        of="Henrike Dall",
    ),
    Case(
        "events of the strike in several articles",
        "depot-strike", "events_in_several", "label articles statuses",
        [("death of six people in Velyki Sady", "3", "reported"),
         ("hit on the grain depot in Velyki Sady", "4", "alleged"),
         ("stray flight of a Sorvenian air-defense missile", "4", "alleged")],
    ),
    Case(
        "the day of the strike",
        "depot-strike", "on_day", "label kind status place",
        [("death of six people in Velyki Sady", "death", "reported", "Velyki Sady"),
         ("hit on the grain depot in Velyki Sady", "attack", "alleged", "Velyki Sady"),
         ("stray flight of a Sorvenian air-defense missile", "accident", "alleged", "Velyki Sady"),
         ("treatment of nine injured people in Kostrysh", "injury", "reported", "Kostrysh")],
        {"day": "2026-03-22"},
    ),
    Case(
        "the transfer in the last days of January",
        "transfer", "timeline", "earliest label status",
        [("2026-01-30", "improved offer of 16 million", "planned"),
         ("2026-01-31", "transfer of Matias Quarrenberg from Rovers to Athletic", "actual")],
        {"from": "2026-01-30", "until": "2026-01-31"}, among=True,
    ),
    Case(
        "Zhelin as the place of the talks",
        "talks", "proposals", "place answer name",
        [("Zhelin", "proposed", "Karvelia"), ("Zhelin", "refused", "Oleksandr Derhanskyi"),
         ("Zhelin", "refused", "Sorvenia")],
        of="Zhelin",
    ),
    Case(
        "who says what of the acceptance of Muscat",
        "talks", "about_event", "label name act polarity outlet",
        [("acceptance of Muscat by both sides", "Radomir Kasatkin", "state", "negative", "Karvel State Television"),
         ("acceptance of Muscat by both sides", "Ruth Abernethy-Cole", "confirm", "positive", "Meridian Press Agency"),
         ("acceptance of Muscat by both sides", "Oleksandr Derhanskyi", "state", "positive", "The Stellmark Courier")],
        among=True,
    ),
    Case(
        "contradictions that the local paper itself declares",
        "plant-fire", "contradictions", "asserted_by who_a who_b",
        [("Alda Bay Gazette", "Nessa Corrigan", "Viktor Almgard"),
         ("Alda Bay Gazette", "Viktor Almgard", "Nessa Corrigan")],
        among=True,
    ),
    Case(
        "a vote that two outlets have from one, and a third beside its own source",
        "rates", "shared_root", "shared how outlets",
        [("Capital Ledger", "same chain", "3")],
        of="Capital Ledger",
        among=True,
    ),
    Case(
        "the farmer's words in the agency's text and its copy have one root",
        "mine-ruling", "claim_roots", "label outlets roots_low roots_high named denials root",
        [("Fourteen years is nothing … My well is older than the company",
          "2", "1", "1", "1", "0", "Solveig Nattestad")],
        of="Fourteen years is nothing … My well is older than the company",
    ),
    Case(
        "the appeal is in three outlets",
        "mine-ruling", "claims", "label outlets roots_high named",
        [("it would appeal", "3", "1", "1")],
        of="it would appeal",
    ),
    Case("the store holds five editions", "harbour", "stats", "what count", [("editions", "5")], of="editions"),
    Case(
        "the director of the works contradicts himself",
        "plant-fire", "inconsistencies", "name how",
        [("Viktor Almgard", "inTensionWith")],
        of="Viktor Almgard",
    ),
    Case(
        "the minister: no price on Monday, a figure on Tuesday",
        "harbour", "inconsistencies", "name", [("Helena Brandvold",)], of="Helena Brandvold",
        wrong="linking finds no tension between \"a figure was mentioned\" and \"no price has been named\"",
    ),
    Case(
        "the manager: not for sale, and known since Christmas",
        "transfer", "inconsistencies", "name", [("Gus Pellerin",)], of="Gus Pellerin",
        wrong="linking finds no tension here; contradictions has the declared one, by speakers",
    ),
    Case(
        "the water board's director: not growing, and grown",
        "dam-warning", "inconsistencies", "name", [("Ingolf Sandreth",)], of="Ingolf Sandreth",
    ),
    Case(
        "the engineer says one thing throughout",
        "dam-warning", "inconsistencies", "name", [], of="Edvin Sollerby",
    ),
    Case(
        "the headline claim: four outlets, two or three roots, none named",
        "harbour", "headline", "outlets roots_low roots_high named", [("4", "2", "3", "0")],
        wrong="the tabloid's headline counts as a root of its own: what it has from the Courier stands apart",
    ),
    Case(
        "the headline claim is denied by the minister and the prime minister",
        "harbour", "headline", "stance who", [("denies", "Helena Brandvold"), ("denies", "Joren Falkwyn")], of="denies",
        among=True,
    ),
    Case(
        "600 jobs: five outlets",
        "harbour", "claims", "outlets", [("5",)], among=True,
        wrong="linking joins three of the five wordings",
    ),
]  # fmt: skip


def _param(case: Case) -> Any:
    marks = [pytest.mark.xfail(strict=True, reason=case.wrong)] if case.wrong else []
    return pytest.param(case, id=f"{case.question}: {case.name}", marks=marks)


@pytest.mark.parametrize("case", [_param(case) for case in CASES])
def test_a_question_over_the_examples_gives_the_rows_an_editor_would(case: Case) -> None:
    rows = answer(case.stories, case.question, case.columns, **case.params)
    rows = [row for row in rows if case.of is None or row[0] == case.of]
    if case.among:
        assert set(case.rows) <= set(rows)
    else:
        assert set(rows) == set(case.rows)


def test_a_chain_runs_from_the_tabloid_through_the_broadsheet_to_the_minister() -> None:
    [(statement, _, _)] = [
        row
        for row in answer("harbour", "said_by", "statement words outlet", called="Helena Brandvold")
        if row[1:] == ("It is not true", "The Daily Lantern")
    ]
    assert answer("harbour", "chain_of", "position source act", statement=statement) == [
        ("0", "The Daily Lantern", "publishes"),
        ("1", "The Stellmark Courier", "report"),
        ("2", "Helena Brandvold", "tell"),
    ]
    sha256 = articles("harbour")["harbour-4"].sha256
    assert answer("harbour", "exact_characters", "exact in_text sha256", statement=statement) == [
        ("It is not true", "It is not true", sha256)
    ]


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("the foreign minister", {"Oleksandr Derhanskyi", "Alexander Derhansky"}),
        ("the negotiator", {"Yevgeny Loktyshev", "Evgeny Loktyshev"}),
        pytest.param(
            "the governor",
            {"Stepan Hryvko", "Stepan Grivko"},
        ),
    ],
)
def test_a_person_under_two_spellings_is_one_actor(name: str, spellings: set[str]) -> None:
    rows = answer("talks depot-strike", "actors_in_several", "spellings")
    assert len([1 for (row,) in rows if row and spellings <= set(row.split(" | "))]) == 1, name


def test_a_refusal_to_comment_is_no_denial() -> None:
    words = [row[0] for row in answer("harbour", "denials", "words")]
    assert not [one for one in words if one and ("comment" in one or one == "to be named")]


def test_every_mention_of_every_story_says_what_stands_at_its_place() -> None:
    assert answer(" ".join(STORIES), "integrity", "mention") == []
