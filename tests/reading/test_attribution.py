"""Sentences become statements: what was said, by whom as written, by which cue."""

from __future__ import annotations

import pytest

from kg.model import Statement
from tests.reading.articles import only, said_in


def test_a_clause_behind_the_cue_is_what_was_said():
    said = only("Mayor Ana Lind said on Monday that the dam would hold through the night.")
    assert said.content == ("the dam would hold through the night",)
    assert (said.speaker, said.cue, said.written) == ("Ana Lind", "said", "Mayor Ana Lind")
    assert said.statement.mode == "indirect"
    assert said.statement.said_on is not None
    assert said.statement.said_on.edtf == "2024-05-13"


def test_a_time_in_front_of_the_sentence_is_that_of_its_cue_however_long_the_subject_is():
    said = only(
        "On Monday, the mayor of Oldwick and head of its committee for dams, bridges, ferries and more, Ana Lind, "
        "declared that the dam would hold."
    )
    assert said.statement.said_on is not None
    assert said.statement.said_on.edtf == "2024-05-13"


def test_a_participle_speaks_when_its_verb_acts():
    said = only("In late April the court ruled against the ferry, saying that its papers were contrived.")
    assert said.statement.said_on is not None
    assert said.statement.said_on.edtf == "2024-04"


def test_what_was_passed_on_has_the_date_on_which_it_was():
    inner = said_in("The Oldwick Courier reported on Monday that Ana Lind said the dam was safe.")[-1]
    assert inner.speaker == "Ana Lind"
    assert inner.statement.said_on is not None
    assert inner.statement.said_on.edtf == "2024-05-13"


def test_a_time_of_what_is_said_is_not_that_of_the_saying():
    said = only("Ana Lind said that on Monday the dam would open.")
    assert said.statement.said_on is None


def test_a_cue_behind_the_clause_takes_the_clause():
    said = only("The dam would hold through the night, Ana Lind said.")
    assert said.content == ("The dam would hold through the night",)
    assert said.speaker == "Ana Lind"


def test_a_cue_inside_the_clause_leaves_both_ends():
    said = only("The dam, according to Ana Lind, would hold through the night.")
    assert said.content == ("The dam", "would hold through the night")


def test_a_quotation_split_by_its_cue_is_one_statement():
    said = only("“We opened the gates,” said Ana Lind, the mayor of Oldwick. “Nobody had to be rescued.”")
    assert said.content == ("We opened the gates", "Nobody had to be rescued")
    assert said.statement.mode == "direct"
    assert said.speaker == "Ana Lind"


def test_a_short_rest_belongs_to_the_quotation_too():
    said = only("“We will not leave,” Ana Lind said. “Not now.”")
    assert said.content == ("We will not leave", "Not now")


def test_a_quotation_goes_on_over_paragraphs():
    found = said_in(
        "“The gates were opened at noon,” Ana Lind said. “The water fell at once.",
        "“By the evening the streets were dry.”",
    )
    assert {one.speaker for one in found} == {"Ana Lind"}
    assert " ".join(part for one in found for part in one.content).endswith("By the evening the streets were dry")


def test_words_in_marks_inside_a_clause_make_it_mixed():
    said = only("Ana Lind said the plan was “a gift to the river” and would not last.")
    assert said.statement.mode == "mixed"
    assert len(said.statement.quoted) == 1
    assert said.content == ("the plan was “a gift to the river” and would not last",)


def test_a_second_cue_opens_a_second_statement():
    first, second = said_in("Ana Lind said there was no danger and urged the town to stay calm.")
    assert first.content == ("there was no danger",)
    assert (second.speaker, second.cue, second.statement.act) == ("Ana Lind", "urged", "urge")
    assert second.content == ("to stay calm",)


def test_a_participle_behind_a_comma_has_the_subject_of_its_clause():
    found = said_in("Ana Lind said the dam was safe, adding that the gates had been opened.")
    assert [one.content[0] for one in found] == ["the dam was safe", "the gates had been opened"]
    assert [one.speaker for one in found] == ["Ana Lind", "Ana Lind"]


def test_a_relative_pronoun_is_written_and_its_noun_speaks():
    found = said_in("The town elected Ana Lind, who said the dam was safe.")
    assert found[-1].written == "who"
    assert found[-1].speaker == "Ana Lind"


def test_a_passive_has_its_agent_for_a_speaker():
    assert said_in("It was announced by Ana Lind that the dam was unsafe.")[0].speaker == "Ana Lind"


def test_nobody_speaks_in_a_passive_without_an_agent():
    said = only("Residents were told that the dam was unsafe.")
    assert said.speaker is None
    assert said.chain == ("Examiner",)


@pytest.mark.parametrize(
    ("sentence", "act", "polarity", "content"),
    [
        ("Ana Lind denied sending the letter.", "deny", "negative", "sending the letter"),
        ("Ana Lind denied that she sent the letter.", "deny", "negative", "she sent the letter"),
        ("Ana Lind refused to leave the town.", "refuse", "negative", "to leave the town"),
        ("Ana Lind declined to comment.", "refuse", "negative", "to comment"),
        ("Ana Lind threatened to close the road.", "threaten", "positive", "to close the road"),
        ("Ana Lind promised to repair the dam.", "promise", "positive", "to repair the dam"),
        ("Ana Lind warned that the dam could break.", "warn", "positive", "the dam could break"),
        ("Ana Lind admitted that the gates were closed.", "admit", "positive", "the gates were closed"),
        ("Ana Lind claimed responsibility.", "state", "positive", "responsibility"),
        ("Ana Lind condemned the attack.", "criticize", "positive", "the attack"),
        ("Ana Lind called for new elections.", "urge", "positive", "new elections"),
        ("Ana Lind apologized for the delay.", "admit", "positive", "the delay"),
        ("Ana Lind said the gates were not closed.", "state", "negative", "the gates were not closed"),
        ("Ana Lind confirmed that the road was open.", "confirm", "positive", "the road was open"),
        ("Ana Lind believes that the dam is safe.", "believe", "positive", "the dam is safe"),
        ("Ana Lind expects that the water will fall.", "predict", "positive", "the water will fall"),
    ],
)
def test_the_cue_tells_what_the_speaker_did(sentence: str, act: str, polarity: str, content: str):
    said = only(sentence)
    assert (said.speaker, said.statement.act, said.statement.polarity) == ("Ana Lind", act, polarity)
    assert said.content == (content,)


def test_an_order_names_whom_it_is_for():
    said = only("Ana Lind urged drivers not to use the bridge.")
    assert (said.addressee, said.content, said.statement.act) == ("drivers", ("not to use the bridge",), "urge")
    assert said.statement.certainty == "underspecified"


def test_a_noun_of_saying_hands_its_clause_to_its_owner():
    said = only("Engineers were surprised by Ana Lind's claim that the bridge was safe.")
    assert (said.speaker, said.content, said.statement.act) == ("Ana Lind", ("the bridge was safe",), "allege")


def test_a_refusal_as_a_noun_is_a_statement():
    found = said_in(
        "Ana Lind has been the mayor since May.", "The council criticized Lind's refusal to publish the report."
    )
    assert ("Ana Lind", ("to publish the report",)) in [(one.speaker, one.content) for one in found]


def test_as_somebody_put_it_is_an_attribution():
    said = only("The plan was dead, as Ana Lind put it.")
    assert (said.speaker, said.content) == ("Ana Lind", ("The plan was dead",))


def test_a_signature_behind_a_dash_speaks():
    said = only("“The bridge is safe and will stay open for everybody.” — Ana Lind, nurse")
    assert said.speaker == "Ana Lind"
    assert said.statement.rule == "signature"


def test_a_statement_inside_a_statement_is_kept_and_linked():
    outer, inner = said_in("Ilan Roth said that Ana Lind had promised him a new bridge by May.")[:2]
    assert outer.speaker == "Ilan Roth"
    assert inner.speaker == "Ana Lind"
    assert inner.statement.embedded_in == outer.statement.key


def test_the_main_clause_of_a_denial_may_be_a_quotation():
    # It denies; but what stands there ("that is a lie") she holds to be so, and its clause is not negated.
    said = only("“That is a lie,” Ana Lind said.")
    assert (said.statement.act, said.statement.polarity) == ("deny", "positive")


def test_a_question_is_asked():
    said = only("“Where is the money?” Ana Lind asked.")
    assert said.statement.act == "ask"


@pytest.mark.parametrize(
    "sentence",
    [
        "The dam was built in 1911 and holds two million cubic metres of water.",
        "The crisis claimed thirty lives in the valley.",
        "She walked along the river and counted the boats.",
    ],
)
def test_plain_narration_is_no_statement(sentence: str):
    assert said_in(sentence) == []


def test_one_statement_has_one_key_in_text_order():
    found = said_in("Ana Lind said the dam was safe.", "Ilan Roth said it was not.", "Ana Lind said he was wrong.")
    assert [one.statement.key for one in found] == ["s1", "s2", "s3"]


def test_contents_hold_no_cue_and_no_outer_punctuation():
    for said in said_in(
        "“The dam is safe,” said Ana Lind, who added that the gates were open.",
        "“Why now?” Ilan Roth asked; the dam, he said, was old.",
    ):
        statement: Statement = said.statement
        assert all(part.strip(' ,.;:“”"') == part for part in said.content)
        assert statement.cue is None or not any(span.overlaps(statement.cue) for span in statement.content)


def test_a_reporting_parenthesis_does_not_speak_in_the_relative_clause_behind_it():
    found = said_in("The rally drew former minister Anselm Roke, reported the Courier, who urged dockers not to sign.")
    assert [(one.speaker, one.chain) for one in found] == [
        ("Courier", ("Examiner", "Courier")),
        ("Anselm Roke", ("Examiner", "Courier", "Anselm Roke")),
    ]


def test_a_call_by_telephone_calls_nobody_anything():
    found = said_in("She had recently called President Radomir Kasatkin, who told her that he would stay out.")
    assert [one.content for one in found] == [("he would stay out",)]


def test_a_threat_is_what_stands_behind_with():
    said = said_in("Radomir Kasatkin met reporters.", "On Monday Kasatkin threatened Brennia with an all-out war.")[-1]
    assert (said.speaker, said.statement.act, said.content) == ("Radomir Kasatkin", "threaten", ("an all-out war",))


def test_a_clause_in_the_progressive_is_a_clause():
    assert only("New reports indicate that the wall may be giving way.").content == ("the wall may be giving way",)


def test_a_message_that_is_passed_on_says_something_though_nobody_speaks():
    said = only("A message was shared among diplomats on Monday that the forces were preparing to march.")
    assert (said.speaker, said.content) == (None, ("the forces were preparing to march",))


def test_a_title_with_a_full_stop_ends_no_sentence():
    said = only("Officials said that airborne Cmdr. Ilan Roth had been arrested.")
    assert said.content == ("airborne Cmdr. Ilan Roth had been arrested",)


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("“It is not true. No buyer has been chosen, and no price has been named in all these weeks”", "deny"),
        ("“I told the governor nothing of the kind”", "deny"),
        ("“No comment”", "refuse"),
        ("“The director has nothing to add”", "refuse"),
        ("“Publish the papers and let people read them”", "urge"),
        ("“Please do not come to the dam”", "urge"),
        ("“They think we are stupid. My dad worked here. Who asked us?”", "state"),
        ("“Who asked us?”", "ask"),
    ],
)
def test_what_is_done_with_words_shows_in_their_first_sentence(words: str, act: str):
    assert only(f"{words}, said Ana Lind.".replace("?”,", "?”")).statement.act == act


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (
            "The storm went on, with two papers reporting no-one had left the harbour.",
            "no-one had left the harbour",
        ),
        ("The firm announced on its site on Monday, the ferry had been sold.", "the ferry had been sold"),
        (
            "The mayor said three fields of barley burned before the rain came.",
            "three fields of barley burned before the rain came",
        ),
        (
            "Mayor Ana Lind declared a day of mourning in response to the flood.",
            "a day of mourning in response to the flood",
        ),
        ("The union left, accusing the firm of not paying its sailors.", "the firm of not paying its sailors"),
    ],
)
def test_what_the_parser_hangs_elsewhere_is_found_behind_its_cue(text: str, content: str):
    assert content in [" ".join(said.content) for said in said_in(text)]


def test_a_relative_clause_ends_before_the_sentence_goes_on():
    found = said_in("The firm, which today reported a small rise in profit, will be sold, Ana Lind said.")
    assert all("will be sold" not in " ".join(said.content) for said in found if said.cue == "reported")


def test_whom_somebody_accuses_is_no_accusation_by_his_office():
    assert not [one for one in said_in("They accused the mayor of Oldwick.") if one.statement.rule == "accusation"]
