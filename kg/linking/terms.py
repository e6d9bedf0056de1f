"""The words of a statement enter, weighted terms leave: stems, words of one thing made one, numbers as figures."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

import snowballstemmer

from kg.linking import names

_UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
FEWEST_COUNTED = 6  # in ten thousand sentences, of a stem that the table leaves out: with fewer, odd words say too much
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


@cache
def _stem(word: str) -> str:
    """Return a word's stem: an irregular form's is that of its word; words of one thing share one ("~deal")."""
    stem = _plain_stem(word)
    return _same_thing().get(stem, stem)


def _plain_stem(word: str) -> str:
    return str(_STEMMER.stemWord(_irregular().get(word, word)))


_STEMMER = snowballstemmer.stemmer("english")


@cache
def _irregular() -> Mapping[str, str]:
    return {form: word for word, forms in names.table("irregular_forms") for form in forms.split()}


@cache
def _same_thing() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for word, others in names.table("same_thing"):
        for one in (word, *others.split()):
            found.setdefault(_plain_stem(one), f"~{word}")
    return found


NEGATIONS = re.compile(r"\b(?:not|no|never|none|nothing|nobody|neither|nor|without)\b|n['’]t\b")
RUN = 5  # words in common that no two people choose by chance


def share_a_negation(one: str, other: str) -> bool:
    """Tell whether two texts share a run of five words with a negation in it: then neither denies the other."""
    runs = []
    for text in (one, other):
        words = re.findall(r"[\w'’]+", text.lower().replace("’", "'"))
        runs.append({" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)})
    return any(NEGATIONS.search(run) for run in runs[0] & runs[1])


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


@cache
def _common_stems() -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for stem, count in names.table("common_stems"):
        counts[stem] += int(count)
        if stem in _same_thing():
            counts[_same_thing()[stem]] += int(count)
    return counts


@cache
def rarity(term: str) -> float:
    """Return the weight of a term: the logarithm of how rare it is in reported news, 2.4 to 8.5.

    A table of common stems, not the store's own words: so a claim stays what it is when an article comes that has
    nothing to do with it. Numbers count as rare.
    """
    return math.log(1 + 10_000 / (_common_stems().get(term) or FEWEST_COUNTED))


def rarest(terms: Iterable[str], most: int) -> list[str]:
    """Return the rarest terms first; of equals in order of the alphabet."""
    return sorted(terms, key=lambda term: (-rarity(term), term))[:most]


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Return weighted cosine with a fifth of weighted containment, 0 to 1.

    Containment alone joins a short statement to every long one; cosine alone never joins a claim to its longer
    retelling.
    """
    shared = sum(rarity(term) ** 2 for term in sorted(one & other))
    if not shared:
        return 0.0
    a, b = _mass(one), _mass(other)
    return 0.8 * shared / math.sqrt(a * b) + 0.2 * shared / min(a, b)


def cosine(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the weighted cosine of two sets of terms, 0 to 1."""
    shared = _mass(one & other)
    return shared / math.sqrt(_mass(one) * _mass(other)) if shared else 0.0


@lru_cache(maxsize=1 << 18)
def _mass(terms: frozenset[str]) -> float:
    # In one order always: sums of floats depend on it, and a claim on the last digit.
    return sum(rarity(term) ** 2 for term in sorted(terms))
