"""The query string of a plain GET enters; what it asks, past the guard and in which format, leaves."""

from __future__ import annotations

from binascii import a2b_qp
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from api.negotiation import GRAPHS, RESULTS, choose
from kg.errors import QueryError
from kg.store import guard
from kg.store.wording import FORMS, Facts, declare, facts_of

OFFERS = {"SELECT": RESULTS, "ASK": RESULTS, "CONSTRUCT": GRAPHS, "DESCRIBE": GRAPHS}
#: How the query string of a plain GET begins.
PREFIX = b"query="
#: Characters of a query whose facts are remembered; to read a longer one takes so long that others would wait for it.
SHORT = 4_096


class Asked(NamedTuple):
    """A query that stands as it is: its text, and the media types to answer in and to ask the store for."""

    text: str
    media: str
    accept: str
    shape: str  # "": it has none
    steady: bool  # the answer may be kept


def read(target: bytes, accept: bytes) -> Asked | None:
    """Return what the query string of a plain GET asks; None where that is not plain after all, or is refused."""
    try:
        text = unquoted(target[len(PREFIX) :]).decode()
        found = facts(text)
    except (UnicodeDecodeError, QueryError):
        return None
    if found.form not in OFFERS or found.relative:
        return None
    media = _media(accept, found.form)
    if media is None:
        return None
    if found.undeclared:
        text = declare(text, found)
    return Asked(text, media, OFFERS[found.form][media], found.shape, found.steady)


def facts(sparql: str) -> Facts:
    """Pass a stranger's query through the guard and return its facts. Raises QueryError for what the guard refuses."""
    if len(sparql) > SHORT or (shape := guard.shape(sparql)) is None:
        return facts_of(guard.check(sparql))
    return _facts_of_shape(shape)


@lru_cache(maxsize=2_048)
def _facts_of_shape(shape: str) -> Facts:
    found = facts_of(guard.check(shape))
    return replace(found, shape=shape) if found.form in FORMS else found


@lru_cache(1_024)
def _media(accept: bytes, form: str) -> str | None:
    return choose(accept.decode("latin-1"), list(OFFERS[form]))


def unquoted(target: bytes) -> bytes:
    """Decode the value of a form's field, as ``unquote_to_bytes`` does; some ten times quicker.

    What is "%41" here is "=41" in quoted-printable, and that has a decoder in C. It leaves alone what is no escape, and
    joins lines; then the library does it.
    """
    text = target.replace(b"+", b" ")
    coded = text.replace(b"=", b"=3D").replace(b"%", b"=")
    found = a2b_qp(coded)
    if len(found) != len(coded) - 2 * coded.count(b"=") or b"\n" in text or b"\r" in text:
        return unquote_to_bytes(text)
    return found
