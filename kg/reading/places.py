"""A place's name enters; the place that it most likely means leaves, with its GeoNames id, country and position."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from kg.resources import table

PlaceKind = Literal["country", "region", "state", "capital", "city"]


@dataclass(frozen=True, slots=True)
class Place:
    """A row of ``gazetteer/places.tsv``; ``country`` is ISO 3166-1 alpha-2, degrees are WGS 84.

    ``geonames`` (https://sws.geonames.org/<id>/) is None where we are not certain of it, the position of a country,
    region or state is left out.
    """

    name: str
    geonames: int | None
    country: str
    kind: PlaceKind
    latitude: float | None
    longitude: float | None


def lookup(name: str) -> Place | None:
    """Return the place of this name: countries before states before cities, the more people the earlier; else None.

    Case, accents, a leading "the" and a possessive don't matter, but acronyms ("US") count in capitals only. "Paris"
    is France's, whatever the article is about: the caller who knows more decides.
    """
    words = re.sub(r"['’]s?$", "", " ".join(name.split()))
    known = _places()
    if len(words.replace(".", "")) <= 3:
        return known.get(words.replace(".", ""))
    return known.get(_fold(words)) or known.get(_fold(re.sub(r"^the ", "", words, flags=re.IGNORECASE)))


@cache
def _places() -> dict[str, Place]:
    rows = table(files("kg") / "reading" / "gazetteer" / "places.tsv")
    found: dict[str, Place] = {}
    for row in rows:
        place = Place(
            name=row["name"],
            geonames=int(row["geonames"]) if row["geonames"] else None,
            country=row["country"],
            kind=cast(PlaceKind, row["kind"]),
            latitude=float(row["latitude"]) if row["latitude"] else None,
            longitude=float(row["longitude"]) if row["longitude"] else None,
        )
        for name in (row["name"], *filter(None, row["variants"].split("|"))):
            short = name.replace(".", "")
            found.setdefault(short if len(short) <= 3 else _fold(name), place)
    return found


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("’", "'")).casefold()
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[-.,]", " ", kept).split())
