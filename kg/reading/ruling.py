"""Tagged and parsed Docs enter; part of speech, morphology and lemma are set as the model's own rules say, by memory.

spaCy's attribute ruler runs a matcher over each Doc, a seventh of the time of a parse. Nearly all of its patterns look
at one token's tag, word and dependency alone: what they say of such a token is asked of the ruler once and remembered.
All words that no pattern names are one word to them. A Doc in which one of the other patterns could begin goes through
the ruler itself. The lemmatizer looks at a token's word, part of speech and morphology alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from spacy.attrs import DEP, IS_SPACE, LEMMA, LOWER, MORPH, POS, TAG  # type: ignore[import-not-found]
from spacy.lang.en.lemmatizer import EnglishLemmatizer
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.pipeline import AttributeRuler
from spacy.strings import StringStore
from spacy.tokens import Doc

NAME = "remembered_rules"
_RULER, _LEMMATIZER = "attribute_ruler", "lemmatizer"
_KEY = [TAG, LOWER, DEP, IS_SPACE]
_KNOWN = {"TAG", "LOWER", "DEP", "IS_SPACE"}
_MOST = 200_000  # keys that are remembered: a long run must not grow without bound
_LONGER = "longer"

Key = tuple[int, ...]
Said = tuple[tuple[int, int | str], ...]


def remember(nlp: Language) -> None:
    """Put the memory in the place of a pipeline's attribute ruler; where it can't do its work, the ruler stays."""
    if _LEMMATIZER in nlp.pipe_names:
        remember_lemmas(nlp.get_pipe(_LEMMATIZER))
    if _RULER not in nlp.pipe_names:
        return
    ruler: Any = nlp.get_pipe(_RULER)
    rules: Any = ruler.patterns
    tokens = [token for rule in rules for pattern in rule["patterns"] for token in pattern]
    if not all(set(token) <= _KNOWN and _is_plain(token.get("LOWER", "")) for token in tokens):
        return
    component = nlp.add_pipe(NAME, before=_RULER)
    assert isinstance(component, Remembered)
    component.learn_from(ruler)
    nlp.remove_pipe(_RULER)


def remember_lemmas(lemmatizer: Any) -> None:
    """Have a lemmatizer ask its rules once for each word with its part of speech and morphology."""
    if type(lemmatizer) is not EnglishLemmatizer or lemmatizer.mode != "rule":
        return
    asked = lemmatizer.lemmatize
    said: dict[tuple[int, int, int], list[str]] = {}

    def lemmatize(token: Any) -> list[str]:
        key = (token.orth, token.pos, token.morph.key)
        lemmas = said.get(key)
        if lemmas is None:
            if len(said) > _MOST:
                said.clear()
                lemmatizer.cache.clear()
            lemmas = said[key] = asked(token)
        return lemmas

    lemmatizer.lemmatize = lemmatize


@Language.factory(NAME)
def _made(nlp: Language, name: str) -> Remembered:
    return Remembered()


def _is_plain(asked: Any) -> bool:
    """Tell whether a condition on a word lists words or is a regular expression."""
    if isinstance(asked, str):
        return True
    return all(kind in ("IN", "NOT_IN") or (kind == "REGEX" and isinstance(asked[kind], str)) for kind in asked)


class Named(dict[int, int]):
    """By word: the word where one of the patterns tells it from others, else 0."""

    def __init__(self, asked: Iterable[Any], strings: StringStore) -> None:
        super().__init__()
        self._strings = strings
        self._words: set[str] = set()
        self._likes: list[re.Pattern[str]] = []
        for one in asked:
            if isinstance(one, str):
                self._words.add(one)
                continue
            for kind, given in one.items():
                if kind == "REGEX":
                    self._likes.append(re.compile(given))
                else:
                    self._words.update(given)

    def __missing__(self, word: int) -> int:
        if len(self) > _MOST:
            self.clear()
        written = self._strings[word]
        told = written in self._words or any(like.search(written) for like in self._likes)
        self[word] = word if told else 0
        return self[word]


class Remembered:
    """What an attribute ruler says, by what it looks at."""

    def __init__(self) -> None:
        self._named: dict[int, int] = {}
        self.ruler: AttributeRuler | None = None
        self._said: dict[Key, Said | None] = {}  # None: a pattern of several tokens may begin here
        self._singles: Matcher | None = None

    def learn_from(self, ruler: AttributeRuler) -> None:
        """Take over a ruler's patterns, each with its place in their order: later ones have the last word."""
        self.ruler = ruler
        self._singles = Matcher(ruler.vocab)
        rules: Any = ruler.patterns  # one entry a rule, with all of its patterns
        tokens = [token for rule in rules for pattern in rule["patterns"] for token in pattern]
        self._named = Named((token["LOWER"] for token in tokens if "LOWER" in token), ruler.vocab.strings)
        for place, rule in enumerate(rules):
            short = [pattern for pattern in rule["patterns"] if len(pattern) == 1]
            longer = [pattern[:1] for pattern in rule["patterns"] if len(pattern) > 1]
            if short:
                self._singles.add(str(place), short)
            if longer:
                self._singles.add(f"{_LONGER} {place}", longer)

    def __call__(self, doc: Doc) -> Doc:
        named = self._named
        keys = [(tag, named[lower], *rest) for tag, lower, *rest in doc.to_array(_KEY).tolist()]
        said = self._said
        if not all(key in said for key in keys):
            self._learn(doc, keys)
        rows = [said[key] for key in keys]
        if None in rows:
            assert self.ruler is not None
            return self.ruler(doc)
        for token, row in zip(doc, rows, strict=True):
            for attribute, value in row or ():
                _set(token, attribute, value)
        return doc

    def pipe(self, docs: Iterable[Doc], **settings: object) -> Iterator[Doc]:
        yield from map(self, docs)

    def _learn(self, doc: Doc, keys: list[Key]) -> None:
        assert self.ruler is not None
        assert self._singles is not None
        if len(self._said) > _MOST:
            self._said.clear()
        strings = doc.vocab.strings
        found: dict[int, list[int]] = {}
        longer: set[int] = set()
        for match, start, _ in self._singles(doc, allow_missing=True):
            name = strings[match]
            if name.startswith(_LONGER):
                longer.add(start)
            else:
                found.setdefault(start, []).append(int(name))
        for i, key in enumerate(keys):
            merged: dict[int, int] = {}
            for place in sorted(found.get(i, ())):
                merged.update(self.ruler.attrs[place])
            self._said[key] = None if i in longer else tuple(_readable(merged, strings))


def _readable(attrs: Mapping[int, int], strings: StringStore) -> Iterator[tuple[int, int | str]]:
    """Yield attributes as a Token takes them: morphology as its features."""
    for attribute, value in attrs.items():
        yield attribute, strings[value] if attribute == MORPH else value


def _set(token: Any, attribute: int, value: int | str) -> None:
    if attribute == POS:
        token.pos = value
    elif attribute == MORPH:
        token.set_morph(value)
    elif attribute == LEMMA:
        token.lemma = value
    elif attribute == TAG:
        token.tag = value
    elif attribute == DEP:
        token.dep = value
