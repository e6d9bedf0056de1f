"""Which spellings are one name, and which only look like it."""

import pytest

from kg.linking import names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aleksandr Lukashenko", "Alexander Lukashenko"),
        ("Aliaksandr Lukashenka", "Aliaksandr Lukashenka"),
        ("Volodymyr Zelensky", "Volodymyr Zelenskyy"),
        ("Vladimir Zelenskiy", "Volodymyr Zelenskyi"),
        ("Yevgeny Loktyshev", "Evgeny Loktyshev"),
        ("Oleksandr Derhanskyi", "Alexander Derhansky"),
        ("Mykola Hryvko", "Nikolay Grivko"),
        ("José Álvarez", "Jose Alvarez"),
        ("Joe Bramley", "Joseph Bramley"),
        ("Mohamed Hadidi", "Muhammad Hadidi"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert names.person_key(one) == names.person_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Robert Hill", "Robert Gill"),
        ("Anna Weber", "Hanna Weber"),
        ("Ivan Petrov", "Ivan Petrenko"),
        ("John Harris", "John Garris"),
        ("Maria Sand", "Mario Sand"),
    ],
)
def test_names_that_only_look_alike_have_two_keys(one: str, other: str) -> None:
    assert names.person_key(one) != names.person_key(other)


def test_a_single_word_is_no_full_name() -> None:
    assert names.person_key("Lukashenko") is None
    assert names.family_key("Zelenskyy") == names.family_key("Zelensky")


def test_corporate_suffixes_and_the_article_do_not_name_an_organisation() -> None:
    assert names.organization_key("The Castellan Marine Company Ltd.") == names.organization_key("Castellan Marine")
    assert names.organization_key("U.S.") == names.organization_key("the United States")


@pytest.mark.parametrize("name", ["the Interior Ministry", "Ministry of Foreign Affairs", "police", "Supreme Court"])
def test_an_institution_without_a_proper_word_is_generic(name: str) -> None:
    assert names.is_generic(name)


@pytest.mark.parametrize("name", ["Stellmark City Council", "Castellan Marine Group", "Reuters"])
def test_a_proper_word_makes_an_institution_particular(name: str) -> None:
    assert not names.is_generic(name)
