"""Names, pronouns and role nouns become sources: one a person, with every form, and the roles with their status."""

from __future__ import annotations

import pytest

from kg.model import Source
from kg.reading import read
from tests.reading.articles import article, reading_of, said_in


def source(name: str, *paragraphs: str) -> Source:
    found = [one for one in reading_of(*paragraphs).sources if one.name == name]
    assert len(found) == 1, [one.name for one in reading_of(*paragraphs).sources]
    return found[0]


def forms(one: Source, *paragraphs: str) -> list[str]:
    text = "\n\n".join(paragraphs)
    return [mention.span.of(text) for mention in one.mentions]


LIND = (
    "Defense Minister Ana Lind visited the harbor of Oldwick on Monday.",
    "Lind said the ships were ready. She added that the crews had slept well.",
    "The minister said nothing else.",
)


def test_surname_pronoun_and_role_noun_mean_the_same_person():
    lind = source("Ana Lind", *LIND)
    assert lind.kind == "person"
    assert forms(lind, *LIND) == ["Ana Lind", "Lind", "She", "The minister"]


def test_a_pronoun_is_written_and_the_person_speaks():
    found = said_in(*LIND)
    assert [(one.written, one.speaker) for one in found[:2]] == [("Lind", "Ana Lind"), ("She", "Ana Lind")]


@pytest.mark.parametrize(
    ("before", "label", "status"),
    [
        ("Defense Minister", "Defense Minister", "current"),
        ("former Defense Minister", "former Defense Minister", "former"),
        ("dictator", "dictator", "evaluative"),
    ],
)
def test_the_words_before_a_name_are_a_role_with_a_status(before: str, label: str, status: str):
    lind = source("Ana Lind", f"The ships were ready, {before} Ana Lind said on Monday.")
    assert [(role.label, role.status) for role in lind.roles] == [(label, status)]


def test_an_apposition_is_a_role():
    lind = source("Ana Lind", "Ana Lind, the former mayor of Oldwick, said the ships were ready.")
    assert [(role.label, role.status) for role in lind.roles] == [("former mayor of Oldwick", "former")]


def test_a_name_between_commas_behind_its_office_speaks():
    said = said_in("The executive director of the Harbor Trust, Ana Lind, said the ships were ready.")[0]
    assert said.speaker == "Ana Lind"


def test_two_unnamed_speakers_of_different_words_are_two_sources():
    found = said_in(
        "A senior official said the ships were ready.",
        "Two people familiar with the talks said they were not.",
    )
    assert [one.speaker for one in found] == ["A senior official", "Two people familiar with the talks"]
    reading = reading_of("A senior official said the ships were ready.")
    official = next(one for one in reading.sources if one.name == "A senior official")
    assert (official.unnamed, official.number, official.kind) == (True, 1, "person")


def test_the_number_of_unnamed_speakers_is_read_where_it_is_told():
    reading = reading_of(
        "Two people familiar with the talks said the ships were ready.", "Officials said they were not."
    )
    numbers = {one.name: one.number for one in reading.sources if one.unnamed}
    assert numbers == {"Two people familiar with the talks": 2, "Officials": None}


def test_one_indefinite_speaker_is_not_another():
    found = said_in("A witness said the bridge shook.", "A second witness said it did not.")
    assert found[0].statement.speaker != found[1].statement.speaker


def test_a_plural_phrase_is_not_its_first_member():
    said = said_in("Ana Lind and her lawyers said the ships were ready.")[0]
    assert said.speaker == "Ana Lind and her lawyers"


def test_an_acronym_in_brackets_is_the_same_body():
    found = said_in("The Harbor Safety Bureau (HSB) said the ships were ready.", "The HSB said the crews had slept.")
    assert found[0].statement.speaker == found[1].statement.speaker


def test_the_minister_of_another_country_is_somebody_else():
    found = said_in(
        "Latvian Defense Minister Ana Lind said the ships were ready.",
        "The Polish defense minister said they were not.",
    )
    assert found[0].statement.speaker != found[1].statement.speaker


def test_nobody_is_no_source():
    reading = reading_of("No organization said that the ships were ready.")
    assert all(one.key == "o1" for one in reading.sources if one.kind == "organization" or one.unnamed)


def test_the_publisher_is_always_there():
    first = reading_of("The ships were ready.").sources[0]
    assert (first.key, first.kind, first.name) == ("o1", "outlet", "Examiner")


def test_a_platform_is_a_channel():
    reading = reading_of("Ana Lind wrote on Twitter that the ships were ready.")
    assert [one.kind for one in reading.sources if one.name == "Twitter"] == ["channel"]


def test_every_span_has_one_mention():
    reading = reading_of(*LIND, "Ana Lind and Ilan Roth said it was late. They left.")
    spans = [mention.span for one in reading.sources for mention in one.mentions]
    assert len(spans) == len(set(spans))


def test_a_name_that_the_model_overlooks_is_known_by_its_place():
    for text in (
        "Ana Lind has been the mayor since May.",
        "The mayor of Oldwick, Ana Lind, opened the bridge.",
        "Ana Lind said the ships were ready.",
    ):
        assert source("Ana Lind", text).kind == "person"


def test_a_body_in_apposition_is_nobody_in_person():
    names = {one.name: one.kind for one in reading_of("The company, Harbor Trust, said the ships were ready.").sources}
    assert names.get("Harbor Trust") != "person"


@pytest.mark.parametrize("short", ["the Courier", "SMC"])
def test_the_publisher_is_known_by_the_end_of_its_name(short: str):
    found = read(article(f"Ana Lind told {short} that the ships were ready.", outlet="Stellmark Morning Courier"))
    assert [link.source for link in found.statements[0].chain] == ["o1", found.statements[0].speaker]


def test_a_pronoun_means_the_subject_of_a_later_sentence():
    found = said_in("Ana Lind said the ships were ready.", "Maria Roth offered no way out. “Not now,” she said.")
    assert found[-1].speaker == "Maria Roth"


def test_a_first_name_tells_he_from_she():
    found = said_in("Peter Lind met Maria Roth in Oldwick on Monday.", "“Not now,” she said.")
    assert found[-1].speaker == "Maria Roth"


def test_nobody_is_told_something_by_herself():
    found = said_in("Maria Roth spoke.", "Ellen Lind had told her that the ships were ready.")
    assert (found[-1].speaker, found[-1].addressee) == ("Ellen Lind", "Maria Roth")


def test_somebody_without_a_name_is_taken_up_by_a_pronoun():
    said = said_in(
        "Ana Lind opened the dam. There was a woman, a holder of an old ticket. She was staggered by the crowd. "
        "With tears in her eyes she said the dam had been her home."
    )[-1]
    assert said.written == "she"
    assert said.speaker == "a woman"


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Rex Dunn left. Reporters asked Tom Lind about the dam, but he said it was safe.", "Tom Lind"),
        ("Rex Dunn left. After Ana Lind was hurt in the flood, she said the dam was old.", "Ana Lind"),
    ],
)
def test_a_pronoun_is_bound_by_its_own_sentence(text: str, who: str):
    assert said_in(text)[-1].speaker == who


def test_who_speaks_does_not_name_himself_in_what_he_says():
    said = said_in("Rex Dunn opened the dam. Tom Lind said it leaked. He said Tom Lind was wrong.")[-1]
    assert said.written == "He"
    assert said.speaker == "Rex Dunn"
