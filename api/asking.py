"""The query string of a plain GET enters; what it asks, past the guard and in which format, leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
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
#: The signs that queries are full of, percent-encoded and plain; neither "%" nor a hexadecimal digit.
_SIGNS = [(b"%%%02X" % sign, bytes([sign])) for sign in b' \n<>:/?{}#",;().=&|@$']


@dataclass(frozen=True, slots=True)
class Asked:
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
    """Decode the value of a form's field, as ``unquote_to_bytes`` does; quicker where a query has many escapes.

    Signs that can't stand in an escape are put in place of their own, all of one kind at once; the rest is left to it.
    """
    text = target.replace(b"+", b" ")
    if text.count(b"%") > 16:
        for code, sign in _SIGNS:
            text = text.replace(code, sign)
    return unquote_to_bytes(text)
