"""What a file says about its article: raw values enter, the values of the model leave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from kg.lines import full_date
from kg.model import Origin
from kg.outlets import by_name

_DATE = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?")
_TIME = re.compile(r"[T ]\s*\d{1,2}:\d{2}.*|T\d{4}(?:\d{2})?.{0,12}")
_URL_DAY = re.compile(r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?=[/-]|$)")
_URL_DIGITS = re.compile(r"/((?:19|20)\d{2})(\d{2})(\d{2})(?=/|$)")
_TAG = re.compile(r"([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9]{2,8})*")
# ISO 639-2/T and /B codes of the languages that news files name by three letters (Event Registry, NewsML).
_THREE = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt",
    "nld": "nl", "dut": "nl", "rus": "ru", "ukr": "uk", "pol": "pl", "bel": "be", "ces": "cs", "cze": "cs",
    "swe": "sv", "dan": "da", "nor": "no", "fin": "fi", "tur": "tr", "ara": "ar", "zho": "zh", "chi": "zh", "jpn": "ja",
}  # fmt: skip

_BY = re.compile(r"^(?:by|von|par|por|di|door)\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*;\s*|\s*,?\s+(?:and|und|et|y)\s+|(?<=\w \w\w) & (?=\w+ \w)", re.IGNORECASE)
_SLUG = re.compile(r"[a-z]{2,20}(?:-[a-z]{2,20}){1,2}")
# "Jane Doe, Chief Correspondent" or "Jane Doe, John Roe": after a comma only what looks like a name is one.
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: +(?:[^\W\d_][\w.'’-]*)){1,4}")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says about its article, None or empty where it says nothing; ``origin`` is where it says so."""

    outlet: str | None = None
    published: str | None = None
    url: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    origin: Origin = "metadata"


NO_METADATA = Metadata()


def edtf_date(value: str) -> str | None:
    """Return an ISO date or date and time as an EDTF day, month or year; None when there is no such date.

    A date in words ("Mon, 28 Feb 2022 10:00 GMT", "February 28, 2022") is taken as well. The day is the one that is
    printed, in its own time zone: the time of day is dropped.
    """
    words = value.strip()
    found = _DATE.match(words)
    if found is None:
        printed = full_date(words) if len(words) < 60 else None
        return printed.iso if printed else None
    rest = words[found.end() :]
    year, month, day = found.groups()
    if rest and not (day and _TIME.fullmatch(rest)):
        return None
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join(part for part in (year, month, day) if part)


def url_date(url: str) -> str | None:
    """Return the day that a URL's path holds ("/2022/02/27/", "/2022-02-27-", "/20220227/"), else None."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    found = _URL_DAY.search(path) or _URL_DIGITS.search(path)
    if found is None:
        return None
    year, month, day = found.groups()
    return edtf_date(f"{year}-{month.zfill(2)}-{day.zfill(2)}")


def language_tag(value: str) -> str | None:
    """Return the primary language of a tag ("en-GB" and "eng" give "en"); None for "und" and what is no tag."""
    found = _TAG.fullmatch(value.strip())
    if found is None:
        return None
    primary = found.group(1).lower()
    return None if primary == "und" else _THREE.get(primary, primary)


def names_of(byline: str) -> tuple[str, ...]:
    """Return the names of a byline: "By Ada Merrow and Jon Vale, Harbour Post" gives the two people."""
    words = _BY.sub("", " ".join(byline.split())[:300])
    if _SLUG.fullmatch(words):  # "ada-merrow": the end of an author's address
        words = words.replace("-", " ").title()
    names: list[str] = []
    parts = _BETWEEN.split(words)
    for part in parts:
        pieces = [piece.strip(" .") for piece in part.split(",")]
        names.append(pieces[0])
        if len(parts) > 1 or len(pieces) > 2:
            names.extend(piece for piece in pieces[1:] if _is_name(piece))
    return tuple(dict.fromkeys(name for name in names if name and "@" not in name and "://" not in name))


def _is_name(words: str) -> bool:
    return (
        _NAME.fullmatch(words) is not None
        and all(word[0].isupper() for word in words.split())
        and by_name(words) is None
    )
