"""The words of a statement: what is one term, and what is not."""

from collections import Counter

import pytest

from kg.linking import names
from kg.linking.terms import tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("they sold the quay", "the sale of the quay"),
        ("he withdrew", "his withdrawal"),
        ("six hundred women died", "the deaths of 600 women"),
        ("the talks were postponed", "a delay of the meeting"),
    ],
)
def test_irregular_forms_and_words_of_one_thing_are_one_term(one: str, other: str) -> None:
    assert set(tokens(one)) == set(tokens(other))


def test_words_of_two_things_are_two_terms() -> None:
    assert set(tokens("a ship sank")).isdisjoint(tokens("a house burned"))


@pytest.mark.parametrize("table", ["irregular_forms", "same_thing"])
def test_a_word_stands_in_one_line_only(table: str) -> None:
    counts = Counter(word for head, others in names.table(table) for word in {head, *others.split()})
    assert [word for word, count in counts.items() if count > 1] == []
