"""An Accept header and the media types on offer enter; the one to send, or None for an honest 406, leaves."""

from __future__ import annotations

import re
from collections.abc import Sequence

HTML = "text/html"
_WEIGHT = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.IGNORECASE)

#: What a client may ask for -> what the store is asked for. The order is the preference of ties.
RESULTS = {
    "application/sparql-results+json": "application/sparql-results+json",
    "application/json": "application/sparql-results+json",
    "application/sparql-results+xml": "application/sparql-results+xml",
    "application/xml": "application/sparql-results+xml",
    "text/xml": "application/sparql-results+xml",
    "text/csv": "text/csv",
    "text/tab-separated-values": "text/tab-separated-values",
}
GRAPHS = {
    "text/turtle": "text/turtle",
    "application/x-turtle": "text/turtle",
    "application/n-triples": "application/n-triples",
    "text/plain": "application/n-triples",
    "application/ld+json": "application/ld+json",
    "application/json": "application/ld+json",
    "application/rdf+xml": "application/rdf+xml",
    "application/xml": "application/rdf+xml",
}


def ranges(accept: str) -> list[tuple[str, float]]:
    """Return the media ranges of an Accept header with their weights, lower-cased; other parameters are left out."""
    found = []
    for part in accept.split(","):
        media, *parameters = [piece.strip() for piece in part.split(";")]
        if not media:
            continue
        weight = 1.0
        for parameter in parameters:
            if match := _WEIGHT.fullmatch(parameter):
                weight = min(1.0, float(match.group(1)))
        found.append((media.lower(), weight))
    return found


def weight_of(media: str, accepted: Sequence[tuple[str, float]]) -> float:
    """Return how much a media type is wanted: the weight of the most specific range that matches it, else 0.

    https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
    """
    kind = media.partition("/")[0] + "/*"
    best, most_specific = 0.0, -1
    for accepted_range, weight in accepted:
        specific = (
            2 if accepted_range == media else 1 if accepted_range == kind else 0 if accepted_range == "*/*" else -1
        )
        if specific > most_specific or (specific == most_specific >= 0 and weight > best):
            best, most_specific = weight, specific
    return best


def choose(accept: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer that the client wants most, the earlier one of equals; None when it takes none of them."""
    if not accept or not (accepted := ranges(accept)):
        return offers[0]
    weights = [weight_of(offer, accepted) for offer in offers]
    best = max(weights)
    return offers[weights.index(best)] if best > 0 else None


def content_type(media: str) -> str:
    """Return the Content-Type of a media type; every text that leaves here is UTF-8."""
    return f"{media}; charset=utf-8" if media.startswith("text/") else media
