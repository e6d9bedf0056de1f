"""The word lists enter, look-ups leave: what a verb, noun or adjective of saying does with the words beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import cast

from spacy.tokens import Token

from kg.model import Act, Certainty, Polarity, SourceKind
from kg.reading.lexicon import table


@dataclass(frozen=True, slots=True)
class Cue:
    """What the lexicon says of one word: ``takes`` as in cues.tsv."""

    lemma: str
    takes: str
    act: Act
    polarity: Polarity
    certainty: Certainty
    step: str

    @property
    def strong(self) -> bool:
        """Tell whether the verb may claim a quotation beside it without a clause."""
        return "s" in self.takes or "q" in self.takes


# A quotation that belongs to somebody though no word says so.
NO_CUE = Cue("", "s", "state", "positive", "certain", "say")


@cache
def verbs(language: str) -> dict[str, Cue]:
    return {
        row["lemma"]: Cue(
            row["lemma"],
            row["takes"],
            cast(Act, row["act"]),
            cast(Polarity, row["polarity"]),
            cast(Certainty, row["certainty"]),
            row["step"],
        )
        for row in table(language, "cues")
    }


def of_verb(verb: Token, language: str) -> Cue | None:
    """Return the cue that a verb is, with its particle or preposition ("called on", "ruled out") before without."""
    known, lemma = verbs(language), verb.lemma_.lower()
    for child in verb.children:
        if child.i == verb.i + 1 and child.dep_ in ("prt", "prep") and f"{lemma} {child.lower_}" in known:
            return known[f"{lemma} {child.lower_}"]
    return known.get(lemma)


@cache
def nouns(language: str) -> dict[str, Cue]:
    return {
        row["lemma"]: Cue(row["lemma"], "p", cast(Act, row["act"]), cast(Polarity, row["polarity"]), "probable", "say")
        for row in table(language, "nouns")
    }


@cache
def adjectives(language: str) -> dict[str, Cue]:
    return {
        row["lemma"]: Cue(
            row["lemma"], "p", cast(Act, row["act"]), "positive", cast(Certainty, row["certainty"]), "say"
        )
        for row in table(language, "adjectives")
    }


@cache
def roles(language: str) -> dict[str, SourceKind]:
    """Return the kind of source for each common noun that can speak."""
    return {row["lemma"]: cast(SourceKind, row["kind"]) for row in table(language, "roles")}


@cache
def evaluative(language: str) -> frozenset[str]:
    return frozenset(row["lemma"] for row in table(language, "evaluative"))


@cache
def naming(language: str, kind: str) -> frozenset[str]:
    """Return the words of one class of naming.tsv, in lower case."""
    return frozenset(row["word"] for row in table(language, "naming") if row["class"] == kind)


@cache
def numbers(language: str) -> dict[str, str]:
    """Return the numbers in words with their values in digits."""
    return {row["word"]: row["value"] for row in table(language, "numbers")}


@cache
def prepositions(language: str, kind: str) -> dict[str, frozenset[str]]:
    """Return the prepositions behind a verb or noun whose phrase is what is said: "called for talks"."""
    return {
        row["lemma"]: frozenset(row["prepositions"].split(";"))
        for row in table(language, "prepositions")
        if row["kind"] == kind
    }


@cache
def first_names(language: str) -> dict[str, str]:
    """Return "m" or "f" for first names that are nearly always a man's or a woman's."""
    return {row["name"]: row["gender"] for row in table(language, "first_names")}


def gender_of(words: list[str], language: str) -> str:
    """Return "m" or "f" where a courtesy, an office or a first name among words tells it; "" where none does."""
    for word in words:
        lower = word.lower()
        for kind, gender in (("masculine", "m"), ("feminine", "f")):
            if lower in naming(language, kind):
                return gender
    return first_names(language).get(words[0].lower(), "") if words else ""
