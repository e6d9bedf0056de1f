"""A text enters, the language it is written in leaves, told by its small words."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from kg.resources import table

_WORD = re.compile(r"[^\W\d_]+")
# Small words are a third of a running text; enough of it is looked at and no more, so a book costs what a page does.
_SAMPLE = 20_000
_LEAST_HITS = 3
_LEAST_SHARE = 0.08
_LEAD = 1.3
# Scripts that one language has to itself, in this order: Japanese is told by its kana, since it has Han signs as well.
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("hy", re.compile("[\u0530-\u058f]")),
)
_SCRIPT_SHARE = 0.2


def detect(text: str) -> str | None:
    """Return a language by its script or its stop words (``kg/articles/languages.tsv``), None when unsure.

    Unsure means: under three hits, fewer than 8 small words in 100, or the second best language close behind. A word
    that several languages share counts for each of them in part.
    """
    sample = text[:_SAMPLE]
    letters = sum(1 for sign in sample if sign.isalpha())
    for language, script in _SCRIPTS:
        if letters and len(script.findall(sample)) > _SCRIPT_SHARE * letters:
            return language
    words = [word.lower() for word in _WORD.findall(sample)]
    scores: dict[str, float] = {}
    hits: dict[str, int] = {}
    for word in words:
        owners = _owners().get(word, ())
        for language in owners:
            scores[language] = scores.get(language, 0.0) + 1 / len(owners)
            hits[language] = hits.get(language, 0) + 1
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return None
    best, score = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    sure = hits[best] >= _LEAST_HITS and score >= _LEAST_SHARE * len(words) and score >= second * _LEAD
    return best if sure else None


@cache
def _owners() -> dict[str, tuple[str, ...]]:
    owners: dict[str, list[str]] = {}
    for row in table(files("kg.articles") / "languages.tsv"):
        for word in row["words"].split():
            owners.setdefault(word, []).append(row["language"])
    return {word: tuple(found) for word, found in owners.items()}
