"""Constructions of speech beyond "said that": what is said, by whom, and what saying it does."""

from __future__ import annotations

import pytest

from tests.reading.articles import only, said_in


def test_lines_broken_in_mid_sentence_are_read_as_one_sentence():
    first = (
        "Ana Lind said the water agreement reached in Oldwick in\n"
        "May had been a success and would be kept by the town and\n"
        "its neighbours."
    )
    second = (
        "The harbour, she told reporters who had come to the quay\n"
        "early on Monday, would stay open until the last ferry had\n"
        "left the bay."
    )
    said = said_in(first, second)[0]
    assert " ".join(said.content[0].split()) == (
        "the water agreement reached in Oldwick in May had been a success "
        "and would be kept by the town and its neighbours"
    )


@pytest.mark.parametrize(
    ("sentence", "content"),
    [
        ("Ana Lind called for the guards to be brought to court.", "the guards to be brought to court"),
        ("Ana Lind requested boats from the harbour office.", "boats"),
        ("Ana Lind credited the nurses with saving his life.", "the nurses with saving his life"),
        ("Police attributed the fire to a faulty cable.", "the fire to a faulty cable"),
        ("Ana Lind made it clear that the bridge would stay open.", "the bridge would stay open"),
        ("Ana Lind expressed concern about the bridge.", "concern about the bridge"),
        ("Ana Lind declined to comment when reached by telephone.", "to comment"),
        ("Ana Lind said the dam was safe without giving details.", "the dam was safe"),
        ("Ana Lind would not say whether the dam was safe.", "say whether the dam was safe"),
        ("It is not for the court to judge, argued the town's lawyer, Ilan Roth.", "It is not for the court to judge"),
    ],
)
def test_what_is_said_stands_behind_many_frames(sentence: str, content: str):
    assert content in [one.content[0] for one in said_in(sentence)]


@pytest.mark.parametrize(
    ("sentence", "act", "polarity"),
    [
        ("Ana Lind rejected the offer.", "refuse", "negative"),
        ("Ana Lind rejected the allegation.", "deny", "negative"),
        ("Ana Lind voiced doubt about the plan.", "doubt", "negative"),
        ("Ana Lind advised visitors to leave the island.", "urge", "positive"),
        ("Ana Lind suggested that visitors leave the island.", "suggest", "positive"),
        ("Ana Lind called the ruling a disgrace.", "criticize", "positive"),
        ("Ana Lind called the claim untrue.", "deny", "positive"),
        ("Ana Lind pleaded not guilty to two counts of fraud.", "deny", "negative"),
        ("Ana Lind pleaded guilty to two counts of fraud.", "admit", "positive"),
        ("The court found that the order was unlawful.", "state", "positive"),
        ("A survey found that the town was growing.", "report", "positive"),
        ("Ana Lind said there was no crack in the dam.", "state", "negative"),
        ("Ana Lind said nothing had been agreed.", "state", "negative"),
        ("Ana Lind said that if the rain did not stop, the town would be flooded.", "state", "positive"),
        ("Ana Lind blamed the storm for the delay.", "allege", "positive"),
        ("Ana Lind denounced the raid.", "criticize", "positive"),
        ("Ana Lind projected that the river would rise.", "predict", "positive"),
    ],
)
def test_object_and_clause_tell_what_the_speaker_did(sentence: str, act: str, polarity: str):
    said = said_in(sentence)[0]
    assert (said.statement.act, said.statement.polarity) == (act, polarity)


def test_a_tag_at_the_end_takes_the_whole_sentence():
    said = only("It was unclear, however, whether all towns would follow, as some of them had doubts, Ana Lind added.")
    assert said.content == ("It was unclear, however, whether all towns would follow, as some of them had doubts",)


def test_the_occasion_is_no_part_of_a_quotation():
    said = only("Speaking to the Oldwick Courier, Ana Lind said, “The dam held through the night.”")
    assert (said.content, said.statement.mode) == (("The dam held through the night",), "direct")


def test_a_participle_behind_a_quotation_is_no_part_of_it():
    first, second = said_in("Ana Lind said, “I did not decide this lightly”, calling it a “painful step”.")
    assert (first.content, first.statement.mode) == (("I did not decide this lightly",), "direct")
    assert second.content[0].startswith("it a “painful step")


def test_a_quotation_behind_a_colon_is_its_subjects():
    said = only("Ana Lind gave another account: “I offered to go last night and nobody listened.”")
    assert (said.speaker, said.statement.rule) == ("Ana Lind", "colon")


def test_nobody_speaks_before_the_colon_of_a_list():
    assert [one.statement.rule for one in said_in("The gate has one line: “Please close the gate behind you.”")] != [
        "colon"
    ]


def test_labelled_turns_make_a_transcript():
    found = said_in(
        "LIND: I think we have to open the gates before the rain comes.",
        "ROTH: And who tells the people who live below the dam?",
    )
    turns = [one for one in found if one.statement.rule == "turn"]
    assert [one.content[0].split()[0] for one in turns] == ["I", "And"]
    assert [one.written for one in turns] == ["LIND", "ROTH"]


def test_one_label_makes_no_transcript():
    assert [one for one in said_in("Note: we have changed the date of the vote.") if one.statement.rule == "turn"] == []


@pytest.mark.parametrize("sentence", ["Ana Lind knew what it was.", "The town decided who would go."])
def test_a_question_that_somebody_knows_is_not_said(sentence: str):
    assert said_in(sentence) == []


def test_what_a_thing_is_called_is_nobodys_word():
    assert said_in("The rings are small loops called plasmids.") == []


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (
            "The paper quoted Ana Lind, a clerk, as saying despite the rain, the total catch is expected to be good.",
            "despite the rain, the total catch is expected to be good",
        ),
        ("Norvik said on Friday it had sold the mill.", "it had sold the mill"),
        ("As revealed at trial, the owners had kept the crew indoors.", "the owners had kept the crew indoors"),
        ("The council requested power line de-energisation.", "power line de-energisation"),
        (
            "The mayor criticised Norland for not paying nurses, not having real plans, and slow pace of reform.",
            "Norland for not paying nurses, not having real plans, and slow pace of reform",
        ),
    ],
)
def test_what_is_said_is_whole(text: str, content: str):
    assert only(text).content == (content,)


def test_who_is_dismissed_is_not_denied():
    assert said_in("The company has dismissed the head of its exchange department.") == []
