"""A name as written enters, the keys under which it may be the same name elsewhere leave.

Precision first: a folding that joins spellings of one name must not join two names. So the strong foldings of
transliterated Slavic endings apply only to names that show such an ending.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

PARTICLES = frozenset({"al", "el", "de", "da", "di", "du", "la", "le", "van", "von", "der", "den", "bin", "ibn", "dos"})
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
CORPORATE = frozenset(
    {
        "inc",
        "ltd",
        "llc",
        "plc",
        "corp",
        "co",
        "corporation",
        "company",
        "limited",
        "ag",
        "sa",
        "gmbh",
        "nv",
        "bv",
        "oyj",
    }
)
SLAVIC = re.compile(
    r"(?:enko|[cs]?ko|s[kc]i[yij]?|s[kc]y[iy]?|s[kc]a(?:ya|ia|ja)?|ski[iyj]|[aeiou]v|[aeiou]v[ao]|uk|iuk|ych|ich|icz|[iy]n[ao]?|shvili)$"
)


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the lines of a table of words, without its comments and its head."""
    path = files("kg.linking") / "words" / f"{name}.tsv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return tuple(tuple(line.split("\t")) for line in lines[1:])


@cache
def _given_names() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for name, variants, basis in table("given_names"):
        for spelling in (name, *variants.split()):
            found.setdefault(spelling, (name, basis))
    return found


@cache
def _countries() -> dict[str, str]:
    return {spelling: name for name, variants in table("countries") for spelling in (name, *variants.split("|"))}


@cache
def _generic_words() -> frozenset[str]:
    return frozenset(row[0] for row in table("generic_names"))


@cache
def stop_words() -> frozenset[str]:
    """Return the words that say nothing of what a statement is about."""
    return frozenset(row[0] for row in table("stop_words"))


@cache
def denial_words() -> frozenset[str]:
    """Return the words of denials that have no content of their own."""
    return frozenset(row[0] for row in table("denial_words"))


@cache
def echo_words() -> frozenset[str]:
    """Return the words of contents that only say again what another said."""
    return frozenset(row[0] for row in table("echo_words"))


def words(name: str) -> tuple[str, ...]:
    """Return a name as lower-case words without accents, marks or a possessive; "U.S." is one word."""
    return _known_words(name) if len(name) < 80 else _words(name)


@lru_cache(maxsize=1 << 16)
def _known_words(name: str) -> tuple[str, ...]:
    return _words(name)


def _words(name: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", name).replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("đ", "d")
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).lower()
    plain = re.sub(r"['’ʼ`´]s\b", "", plain)
    plain = re.sub(r"['’ʼ`´]", "", plain)
    plain = re.sub(r"\b((?:\w\.){2,})", lambda match: match.group().replace(".", ""), plain)
    return tuple(re.findall(r"\w+", plain))


@cache
def fold_slavic(word: str) -> str:
    """Fold the spellings that transliteration gives one Slavic name: Zelenskyy, Zelenskiy and Zelensky are one."""
    for pattern, replacement in _SLAVIC_FOLDS:
        word = pattern.sub(replacement, word)
    return word


_SLAVIC_FOLDS = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(sk|ck|tsk)(?:yi|yy|iy|ij|yj|ii|y|i)$", r"\1i"),
        (r"s[kc]a(?:ya|ia|ja)?$", "ska"),
        (r"icz$", "ich"),
        (r"ych$", "ich"),
        (r"shch", "sh"),
        (r"kh", "h"),
        (r"(?:tz|ts)", "c"),
        (r"x", "ks"),
        (r"ph", "f"),
        (r"w", "v"),
        (r"^(?:ye|je|ie)", "e"),
        (r"(?:yu|iu|ju|iou)", "u"),
        (r"(?:ya|ia|ja)", "a"),
        (r"(?:yo|io|jo)", "o"),
        (r"(?:ii|iy|ij|yi|yy|yj|y|j)", "i"),
        (r"^h(?=[rlauoei])", "g"),
        (r"(.)\1+", r"\1"),
    )
]


@lru_cache(maxsize=1 << 16)
def person_key(name: str) -> tuple[str, str] | None:
    """Return (given name, family name), folded, of a name of two words or more; None for a single word.

    The given name is that of its language group (Aleksandr, Oleksandr, Aliaksandr: alexander).
    """
    parts = [word for word in words(name) if word not in SUFFIXES]
    if len(parts) < 2:
        return None
    family = parts[-1]
    given = _given_names().get(parts[0], (parts[0], ""))[0]
    slavic = SLAVIC.search(family) is not None
    if slavic:
        given = _given_names().get(parts[0], (fold_slavic(parts[0]), ""))[0]
    # "al Assad", "van der Berg": the particle belongs to the family name, but papers drop it.
    return given, fold_slavic(family) if slavic else family


def middle_names(name: str) -> tuple[str, ...]:
    """Return what stands between given and family name, particles left out, as folded initials."""
    parts = [word for word in words(name) if word not in SUFFIXES]
    return tuple(word[0] for word in parts[1:-1] if word not in PARTICLES)


def generation(name: str) -> str:
    """Return "jr", "sr", "ii" …, or "" where the name has no such suffix."""
    return next((word for word in words(name) if word in SUFFIXES), "")


def family_key(name: str) -> str:
    """Return the folded last word: what "Zelenskyy" alone is compared by."""
    parts = [word for word in words(name) if word not in SUFFIXES] or [""]
    return fold_slavic(parts[-1]) if SLAVIC.search(parts[-1]) else parts[-1]


def is_nickname(name: str) -> bool:
    """Tell whether the given name is a short form ("Joe") rather than a spelling."""
    parts = words(name)
    entry = _given_names().get(parts[0]) if parts else None
    return entry is not None and entry[1] == "nickname" and entry[0] != parts[0]


def organization_key(name: str) -> str:
    """Return an organisation's name without "the", marks and the corporate suffix, country names made one."""
    parts = list(words(name.replace("&", " and ")))
    while parts and parts[0] in ("the", "a", "an"):
        parts = parts[1:]
    while len(parts) > 1 and parts[-1] in CORPORATE:
        parts = parts[:-1]
    parts = ["defence" if part == "defense" else "labour" if part == "labor" else part for part in parts]
    return _countries().get(" ".join(parts), " ".join(parts))


def place_key(name: str) -> str:
    """Return a place's name folded, countries and renamed cities made one."""
    return organization_key(name)


def is_generic(name: str) -> bool:
    """Tell whether an institution's name is made of generic words only ("Interior Ministry", "the police")."""
    parts = [word for word in words(name) if word not in ("the", "of", "and", "for", "a", "an", "s")]
    return not parts or all(word in _generic_words() for word in parts)


def is_acronym(name: str) -> bool:
    """Tell whether a name is an acronym of three to six capitals."""
    return re.fullmatch(r"(?:[A-Z]\.?){3,6}s?", name.strip()) is not None


def acronym_of(name: str) -> str:
    """Return the initials of the words that carry one: "Federal Bureau of Investigation" gives "fbi"."""
    return "".join(word[0] for word in words(name) if word not in ("of", "the", "and", "for", "on", "in", "to"))
