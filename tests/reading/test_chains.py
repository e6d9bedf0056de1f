"""Chains run from the publisher to the root, in order of transmission."""

from __future__ import annotations

import pytest

from tests.reading.articles import only, reading_of, said_in


def test_a_speaker_stands_right_behind_the_publisher():
    assert only("Ana Lind said the ships were ready.").chain == ("Examiner", "Ana Lind")


def test_who_is_told_and_is_an_outlet_passes_it_on():
    said = only("Ana Lind told Reuters that the ships were ready.")
    assert said.chain == ("Examiner", "Reuters", "Ana Lind")
    assert said.addressee == "Reuters"
    assert [link.act for link in said.statement.chain] == ["publishes", "tell", "tell"]


def test_an_outlet_that_no_table_knows_passes_it_on_too():
    assert only("Ana Lind told the Oldwick Courier that the ships were ready.").chain[1] == "Oldwick Courier"


def test_a_court_that_is_told_something_is_no_link():
    assert only("Ana Lind told the Supreme Court that the ships were ready.").chain == ("Examiner", "Ana Lind")


def test_the_reporter_of_an_outlet_stands_for_it():
    said = only("Ana Lind told Ilan Roth of the Oldwick Courier that the ships were ready.")
    assert said.chain == ("Examiner", "Oldwick Courier", "Ana Lind")


def test_an_interview_lasts_as_long_as_the_speaker_goes_on():
    found = said_in(
        "In an interview with Reuters, Ana Lind said the ships were ready. She said the crews had slept well."
    )
    assert [one.chain for one in found] == [("Examiner", "Reuters", "Ana Lind")] * 2


def test_a_report_within_a_report_has_both_on_its_way():
    found = said_in("Reuters reported that a senior official said the ships were ready.")
    assert found[-1].chain == ("Examiner", "Reuters", "a senior official")


def test_whom_an_outlet_cites_is_the_root():
    said = only("Reuters reported on Monday that the ferry sank, citing two officials.")
    assert said.chain == ("Examiner", "Reuters", "two officials")
    assert said.written == "two officials"


def test_a_reason_that_is_cited_is_no_root():
    found = said_in("Reuters reported that the race was called off, citing safety concerns.")
    assert found[0].speaker == "Reuters"


def test_who_is_quoted_as_saying_is_the_root():
    said = said_in("Reuters quoted Ana Lind as saying that the ships were ready.")[-1]
    assert said.chain == ("Examiner", "Reuters", "Ana Lind")


def test_according_to_an_outlet_somebody_said():
    found = said_in("According to Reuters, the mayor of Oldwick, Ana Lind, said the ships were ready.")
    assert found[-1].chain == ("Examiner", "Reuters", "Ana Lind")


def test_a_statement_that_one_issues_for_another_passes_through():
    said = only("The palace issued a statement from the king: “The ships are ready, and so are their crews.”")
    assert said.chain == ("Examiner", "The palace", "the king")


def test_what_was_promised_inside_a_statement_has_both_speakers():
    inner = said_in("Ilan Roth said that Ana Lind had promised to repair the dam.")[-1]
    assert inner.chain == ("Examiner", "Ilan Roth", "Ana Lind")
    assert inner.statement.act == "promise"


def test_the_last_link_is_the_speaker():
    reading = reading_of("Ana Lind told Reuters the ships were ready.", "Residents were told to leave.")
    for statement in reading.statements:
        assert statement.chain[0].source == "o1"
        if statement.speaker is not None:
            assert statement.chain[-1].source == statement.speaker


def test_an_article_says_that_another_outlet_bears_a_report_out():
    reading = reading_of(
        "Ana Lind said the ships were ready.", "The report was corroborated by Reuters and could not be denied."
    )
    assert [(one.relation, len(one.by)) for one in reading.relations] == [("corroborates", 1)]


def test_an_article_says_that_it_could_not_verify_a_report():
    reading = reading_of("Ana Lind said the ships were ready.", "The claim could not be independently verified.")
    assert [one.relation for one in reading.relations] == ["unverified"]


def test_an_outlet_that_quoted_somebody_goes_on_quoting_him():
    said = said_in(
        "The Harbour Post quoted Ana Lind, head of the port, as saying the quay was at a crossroads.",
        "Lind said the cranes were old.",
        "“If we look abroad, the port becomes another one,” she was quoted as saying.",
    )
    assert [one.chain for one in said] == [("Examiner", "Harbour Post", "Ana Lind")] * 3


def test_what_is_said_on_another_day_is_no_part_of_the_passage():
    said = said_in(
        "The Harbour Post quoted Ana Lind as saying the quay was old.", "Lind said on Monday that it was new."
    )
    assert said[-1].chain == ("Examiner", "Ana Lind")


def test_who_was_quoted_without_an_outlet_is_in_the_outlet_of_his_other_words():
    said = said_in(
        "Ana Lind was quoted as saying the cranes might be sold.", "Lind told the Harbour Post the buyers were abroad."
    )
    assert [one.chain for one in said] == [("Examiner", "Harbour Post", "Ana Lind")] * 2


def test_the_agency_that_quotes_may_stand_behind_the_saying():
    said = only("The port cannot spend its way out, governor Tom Berg was quoted as saying by the Antara news agency.")
    assert said.chain == ("Examiner", "Antara news agency", "Tom Berg")
    assert said.content == ("The port cannot spend its way out",)


@pytest.mark.parametrize(
    "text",
    [
        "The cranes were smuggled, the Harbour Post said, quoting a customs officer.",
        "According to the Harbour Post, which cited a customs officer, the cranes were smuggled.",
    ],
)
def test_whom_a_source_cites_itself_is_the_root(text: str):
    assert only(text).chain == ("Examiner", "Harbour Post", "a customs officer")


def test_who_was_quoted_by_nobody_in_particular_is_in_the_words_of_who_quoted_him_before():
    said = said_in(
        "A spokesman for the chamber quoted Tom Berg as saying talks would be needed.",
        "Berg was quoted as saying the port wants partners.",
    )
    assert said[-1].chain == ("Examiner", "A spokesman for the chamber", "Tom Berg")


def test_what_an_outlet_is_told_may_open_with_its_own_subject():
    said = said_in("Ana Lind told Bild am Sonntag the possible fraud showed there had been misconduct.")[0]
    assert said.chain == ("Examiner", "Bild am Sonntag", "Ana Lind")
    assert said.content == ("the possible fraud showed there had been misconduct",)


def test_an_active_verb_behind_a_passive_has_its_subject():
    said = said_in("The attacker is reported to have jumped on stage and claimed he was jailed.")[-1]
    assert (said.speaker, said.content) == ("The attacker", ("he was jailed",))


def test_no_thing_asks_what_the_finder_of_it_asked():
    said = said_in("Norvik said it had found transfers which could cost the firm millions and had asked him to look.")
    assert {one.speaker for one in said} == {"Norvik"}


def test_a_news_agency_described_by_its_name_is_that_outlet():
    found = said_in("The state-run Xinhua news agency quoted Ana Lind as saying the dam would hold.")
    assert found[-1].chain == ("Examiner", "Xinhua", "Ana Lind")


def test_who_was_quoted_by_nobody_in_between_is_still_in_the_outlet_that_quoted_him():
    found = said_in(
        "The Oldwick Courier quoted Ana Lind as saying the dam would hold.",
        "Lind was not quoted as saying whether the gates were open.",
        "Lind said the ferry criticised the council.",
    )
    assert [one.chain for one in found] == [("Examiner", "Oldwick Courier", "Ana Lind")] * 3


@pytest.mark.parametrize(("whom", "through"), [("bankers in Oldwick", True), ("reporters in Oldwick", False)])
def test_what_a_crowd_was_told_is_in_the_outlet_that_quoted_the_speech(whom: str, through: bool):
    found = said_in(
        "The dam would hold, Ana Lind was quoted as saying by the Oldwick Courier.",
        f"“The gates are open,” she told {whom}.",
    )
    assert ("Oldwick Courier" in found[-1].chain) is through


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        (
            "The council trusts Ilan Roth, who was quoted by the Oldwick Courier as saying the dam was old.",
            ("Examiner", "Oldwick Courier", "Ilan Roth"),
        ),
        (
            "The gates were old, the Oldwick Courier quoted Ana Lind as saying.",
            ("Examiner", "Oldwick Courier", "Ana Lind"),
        ),
        ("Ana Lind, quoted by the OPA, said the pressure on prices was an accident.", ("Examiner", "OPA", "Ana Lind")),
        (
            "The minister Ana Lind said in remarks published in the daily Al-Marfa there were no plans for a dam.",
            ("Examiner", "Al-Marfa", "Ana Lind"),
        ),
        (
            "The Oldwick Courier cited a security source that the gates had been left open.",
            ("Examiner", "Oldwick Courier", "a security source"),
        ),
    ],
)
def test_who_is_quoted_is_the_root_wherever_the_outlet_stands(text: str, chain: tuple[str, ...]):
    assert [one.chain for one in said_in(text)] == [chain]


def test_what_is_cited_as_an_example_is_no_source():
    found = said_in("Ana Lind called for more competition, citing as an example the Federal Post Office.")
    assert all("Federal Post Office" not in one.chain for one in found)


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        (
            "The vote was five to four, reported the Oldwick Courier, citing two officials.",
            ("Examiner", "Oldwick Courier", "two officials"),
        ),
        ("Ana Lind told the Gazette that the dam would hold.", ("Examiner", "Gazette", "Ana Lind")),
    ],
)
def test_an_outlet_that_reports_or_is_told_is_a_step(text: str, chain: tuple[str, ...]):
    assert [one.chain for one in said_in(text)] == [chain]


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("Lind declined to comment on the union's claim that wages had been cut.", ("Examiner", "the union")),
        (
            "Lind would not discuss a Milan newspaper report that the ferry had sunk.",
            ("Examiner", "a Milan newspaper report"),
        ),
        ("The firm refused to discuss press reports that the ferry had sunk.", ("Examiner", "press reports")),
    ],
)
def test_who_will_not_speak_of_a_claim_says_nothing_of_it(text: str, chain: tuple[str, ...]):
    assert said_in(text)[-1].chain == chain


def test_a_report_of_an_outlet_without_a_name_is_a_source():
    found = said_in("Shares fell after press reports that the chairman would resign, traders said.")
    assert found[-1].chain == ("Examiner", "traders", "press reports")


def test_what_is_said_in_a_report_is_said_by_its_author():
    assert only("The firm said in a report that the yard would close.").chain == ("Examiner", "The firm")


def test_a_spokeswoman_for_an_outlet_is_not_passed_on_by_it():
    assert only("A spokeswoman for the BBC said managers would do the work.").chain[1:] == (
        "A spokeswoman for the BBC",
    )


def test_who_is_quoted_as_repeating_a_claim_makes_it():
    found = said_in(
        "Prices fell after Lind was quoted on television as repeating earlier statements that it had no plan."
    )
    assert [(one.speaker, one.content) for one in found] == [("Lind", ("it had no plan",))]


def test_a_name_behind_an_outlet_is_nothing_that_is_told():
    said = only("The firm will build abroad because of the dear crown, Ilan Morita told the newspaper Dagens Nyt.")
    assert said.content == ("The firm will build abroad because of the dear crown",)
    assert said.speaker == "Ilan Morita"
