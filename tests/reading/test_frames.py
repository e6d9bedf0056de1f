"""Frames of words that say who holds what, beside the verbs of saying with their clauses."""

from __future__ import annotations

import pytest

from tests.reading.articles import only, said_in


def test_who_would_not_discuss_something_refuses():
    said = only("The Prime Minister's office would not discuss the plan.")
    assert (said.statement.act, said.statement.polarity, said.content) == ("refuse", "negative", ("discuss the plan",))


def test_a_thing_that_would_not_work_refuses_nothing():
    assert said_in("It would not allow for a second harbor.") == []


def test_in_her_view_opens_a_belief():
    found = said_in("Ana Lind, the mayor, said little.", "In Lind's view, the town needs the dam.")
    assert (found[-1].speaker, found[-1].content) == ("Ana Lind", ("the town needs the dam",))
    assert found[-1].statement.act == "believe"


def test_an_estimate_holds_what_is_measured_and_its_figure():
    said = only("Union officials put the likely losses at 600 jobs.")
    assert (said.speaker, said.content) == ("Union officials", ("the likely losses at 600 jobs",))


def test_to_put_a_thing_somewhere_estimates_nothing():
    assert said_in("Officials put the papers in a drawer.") == []


def test_who_confirms_in_a_passive_speaks():
    said = only("Ana Lind’s account was corroborated by a second engineer on the team.")
    assert (said.speaker, said.statement.act) == ("a second engineer on the team", "confirm")


def test_who_gives_a_figure_in_a_passive_speaks():
    assert only("The same figure was given by the Alda Bay Gazette.").speaker == "Alda Bay Gazette"


@pytest.mark.parametrize("where", ["in a statement", "in a letter to the council"])
def test_what_is_said_in_a_statement_is_the_speakers(where: str):
    said = only(f"Ana Lind said {where} that the dam would hold.")
    assert (said.speaker, said.content) == ("Ana Lind", ("the dam would hold",))


def test_a_rejected_suggestion_is_denied():
    said = only("The company rejected suggestions that the alarm had failed.")
    assert (said.statement.act, said.statement.polarity, said.content) == (
        "deny",
        "negative",
        ("the alarm had failed",),
    )


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("The crack has doubled since last spring, an engineer who inspected it has told the Gazette.", "an engineer"),
        ("There was nobody at the site, a resident of the village, who gave no name, told KST.", "a resident"),
    ],
)
def test_the_tag_of_a_sentence_names_who_said_it(sentence: str, speaker: str):
    said = said_in(sentence)[0]
    assert said.speaker is not None
    assert said.speaker.startswith(speaker)
    assert said.content == (sentence.split(", ")[0],)


def test_of_two_subjects_the_one_behind_the_comma_speaks():
    said = only("Karvelia, the diplomat said, had accepted Muscat on Wednesday.")
    assert said.speaker == "the diplomat"
    assert said.content == ("Karvelia", "had accepted Muscat on Wednesday")


def test_a_phrasal_cue_is_known_by_its_particle():
    assert only("Ana Lind, the mayor, ruled out a second dam.").statement.act == "refuse"
    said = only("Ana Lind, the mayor, called on the council to publish the report.")
    assert (said.statement.act, said.content) == ("urge", ("to publish the report",))


def test_an_infinitive_may_stand_behind_a_phrase():
    said = only("Ana Lind, the mayor, declined through a spokeswoman to discuss the vote.")
    assert (said.statement.act, said.content) == ("refuse", ("to discuss the vote",))


def test_a_condition_belongs_to_its_threat():
    said = said_in("Ana Lind threatened to leave the club unless the board went first.")[0]
    assert said.content == ("to leave the club unless the board went first",)


def test_what_the_narrator_adds_is_not_said():
    assert only("Ana Lind said she would drop the plan, before reversing course the next day.").content == (
        "she would drop the plan",
    )


def test_a_sentence_runs_on_behind_according_to():
    said = only("One child was, according to the fire service, among the dead.")
    assert said.content == ("One child was", "among the dead")


def test_what_nobody_in_particular_expects_is_no_statement():
    assert said_in("Normal service is expected to take longer.") == []


def test_who_questions_a_witness_doubts_nothing():
    assert said_in("Police questioned the owner.") == []
    assert only("Ana Lind questioned the integrity of the vote.").statement.act == "doubt"


def test_every_step_of_a_chain_has_a_known_act():
    assert [link.act for link in only("The office would not discuss the plan.").statement.chain] == ["publishes", "say"]


def test_who_speaks_at_a_vote_says_nothing_of_what_it_is_about():
    sentence = (
        "Kasatkin spoke at the ballot during a staged vote on the constitution amendments that the Brennian ruler "
        "proposed after ending protests that began due to fraud."
    )
    assert said_in(sentence) == []
    assert only("Ana Lind spoke of a second explosion.").content == ("a second explosion",)
