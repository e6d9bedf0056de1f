"""The words of a statement enter, weighted terms leave: stems without stop words, numbers as figures."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

import snowballstemmer

from kg.linking import names

NEGATIONS = re.compile(r"\b(?:not|no|never|none|nothing|nobody|neither|nor|without)\b|n['’]t\b", re.IGNORECASE)
_UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


@cache
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


_STEMMER = snowballstemmer.stemmer("english")


def has_negation(text: str) -> bool:
    """Tell whether the words themselves deny ("did not sign", "nothing was agreed")."""
    return NEGATIONS.search(text) is not None


def tokens(text: str) -> list[str]:
    """Return stems in text order; "six hundred" and "600" are both "#600"."""
    found: list[str] = []
    number: float | None = None
    for word in names.words(re.sub(r"(?<=\d),(?=\d{3})", "", text.replace("-", " "))):
        value = float(word) if word.isdecimal() and word.isascii() else _UNITS.get(word)
        if word in _SCALES and number is not None:
            number *= _SCALES[word]
        elif value is not None:
            if word == "one" and number is None:
                continue  # as often a pronoun as a number; "1" is a number
            # "twenty one" adds up, "2021 30" does not.
            number = (
                number + value
                if number is not None and number % 10 == 0 and value < 10 <= number
                else _flush(found, number, value)
            )
        else:
            number = _flush(found, number, None)
            if word not in names.stop_words() and len(word) > 1:
                found.append(_stem(word))
    _flush(found, number, None)
    return found


def _flush(found: list[str], number: float | None, value: float | None) -> float | None:
    if number is not None:
        found.append(f"#{number:g}")
    return value


def numbers(terms: Iterable[str]) -> frozenset[str]:
    """Return the numbers among terms."""
    return frozenset(term for term in terms if term.startswith("#"))


class Weights:
    """Inverse document frequencies over the statements of a store."""

    def __init__(self, documents: Iterable[Iterable[str]]) -> None:
        counts: Counter[str] = Counter()
        total = 0
        for document in documents:
            counts.update(set(document))
            total += 1
        self._weights: Mapping[str, float] = {term: math.log(1 + total / count) for term, count in counts.items()}
        self.counts: Mapping[str, int] = counts

    def of(self, term: str) -> float:
        return self._weights.get(term, 1.0)

    def similarity(self, one: frozenset[str], other: frozenset[str]) -> float:
        """Return weighted cosine with a fifth of weighted containment, 0 to 1.

        Containment alone joins a short statement to every long one; cosine alone never joins a claim to its longer
        retelling.
        """
        shared = sum(self.of(term) ** 2 for term in one & other)
        if not shared:
            return 0.0
        a = sum(self.of(term) ** 2 for term in one)
        b = sum(self.of(term) ** 2 for term in other)
        return 0.8 * shared / math.sqrt(a * b) + 0.2 * shared / min(a, b)
