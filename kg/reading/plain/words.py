"""A language enters, its word lists for reading without a parse leave, compiled once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from kg.model import Act, Certainty, Polarity, SourceKind
from kg.reading.cues import Cue
from kg.reading.lexicon import has, table


@dataclass(frozen=True, slots=True)
class Saying:
    """A verb of saying: ``takes`` as in sayings.tsv; ``particle`` must stand behind it unless the form is joined."""

    cue: Cue
    takes: str
    particle: str
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noun:
    """What a common noun can be as a speaker."""

    noun: str
    kind: SourceKind
    gender: str


@dataclass(frozen=True, slots=True)
class Words:
    """The lists of one language; ``of`` gives the words of a class of plain.tsv."""

    language: str
    forms: Mapping[str, tuple[Saying, ...]]
    joined: Mapping[str, Saying]
    nouns: Mapping[str, Noun]
    numbers: Mapping[str, int]
    classes: Mapping[str, frozenset[str]]

    @property
    def adverbial(self) -> tuple[str, ...]:
        """Return the endings of adverbs, which open a sentence with a capital and name nobody."""
        return tuple(self.of("adverb-ending"))

    def of(self, name: str) -> frozenset[str]:
        return self.classes.get(name, frozenset())

    def noun(self, word: str) -> Noun | None:
        """Return the noun that a word is or, as compounds do, ends with; the longest wins. Bounded by 24 letters."""
        lower = word.lower()
        for at in range(max(0, len(lower) - 24), len(lower) - 1):
            found = self.nouns.get(lower[at:])
            if found is not None and (at == 0 or len(found.noun) > 3):
                return found
        return None


def can_read(language: str) -> bool:
    """Tell whether a language has the lists for reading without a parse."""
    return has(language, "sayings")


@cache
def words(language: str) -> Words:
    """Return the lists of ``lexicon/<language>/sayings.tsv``, ``speakers.tsv`` and ``plain.tsv``."""
    forms: dict[str, list[Saying]] = defaultdict(list)
    joined: dict[str, Saying] = {}
    for row in table(language, "sayings"):
        cue = Cue(
            row["lemma"],
            row["takes"],
            cast(Act, row["act"]),
            cast(Polarity, row["polarity"]),
            cast(Certainty, row["certainty"]),
            row["step"],
        )
        saying = Saying(cue, row["takes"], row["particle"], tuple(row["after"].split()))
        for form in row["forms"].split():
            forms[form].append(saying)
        for form in row["joined"].split():
            joined[form] = saying
    nouns: dict[str, Noun] = {}
    for row in table(language, "speakers"):
        nouns.setdefault(row["noun"], Noun(row["noun"], cast(SourceKind, row["kind"]), row["gender"]))
        for ending in (row["word"] for row in table(language, "plain") if row["class"] == "ending"):
            nouns.setdefault(row["noun"] + ending, nouns[row["noun"]])
    classes: dict[str, set[str]] = defaultdict(set)
    for row in table(language, "plain"):
        classes[row["class"]].add(row["word"])
    # With a particle first: "sagte … zu" is no "sagte".
    ordered = {form: tuple(sorted(rows, key=lambda row: not row.particle)) for form, rows in forms.items()}
    numbers = {row["word"]: int(row["value"]) for row in table(language, "numbers")}
    return Words(language, ordered, joined, nouns, numbers, {name: frozenset(found) for name, found in classes.items()})
