"""A decision of the reader enters with what it was chosen over; for who asks, ``kg read --explain``, it is kept.

Nothing is kept, nor built, while nobody asks: rules hand over what they have at hand, and the words are made only here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kg.reading.actors import Figure

What = Literal["speaker", "rule", "twin"]
MOST = 6  # candidates that are named; the others are counted


@dataclass(frozen=True, slots=True)
class Weighed:
    """One decision: where (the code point at which the words begin), what was taken, over what, and by which reason.

    ``speaker``: whom a pronoun or a noun means; ``others`` are the nearest other candidates. ``rule``: ``others`` are
    the rules that would have read the same cue in another way. ``twin``: a second reading of the same cue and words.
    """

    what: What
    at: int
    taken: str
    others: tuple[str, ...]
    why: str


_KEPT: ContextVar[dict[Weighed, None] | None] = ContextVar("kg_weighed", default=None)


@contextmanager
def keeping() -> Iterator[dict[Weighed, None]]:
    """Keep the decisions that are made within, in their order, each once (a step may be run again)."""
    kept: dict[Weighed, None] = {}
    token = _KEPT.set(kept)
    try:
        yield kept
    finally:
        _KEPT.reset(token)


def asked() -> bool:
    """Tell whether anybody wants to know, before work is done for the answer alone."""
    return _KEPT.get() is not None


def weighed(what: What, at: int, taken: str, others: Iterable[str], why: str) -> None:
    """Keep a decision, if somebody asked."""
    kept = _KEPT.get()
    if kept is not None:
        kept[Weighed(what, at, taken, tuple(others), why)] = None


def chosen(at: int, taken: Figure | None, candidates: Iterable[Figure], why: str) -> None:
    """Keep whom words were taken to mean, over which other figures mentioned before them; the nearest come first."""
    if not asked():
        return
    known = [figure for figure in candidates if figure is not taken and figure.last_before(at) >= 0]
    known.sort(key=lambda figure: -figure.last_before(at))
    names = [f"{figure.name or '(no name)'}, {at - figure.last_before(at)} characters before" for figure in known]
    if len(names) > MOST:
        names[MOST:] = [f"{len(names) - MOST} more"]
    name = (taken.name or "(no name)") if taken is not None else "nobody"
    weighed("speaker", at, name, names, why)
