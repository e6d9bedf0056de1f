"""A found expression and its context enter; its meaning leaves, or None when the words name no time after all."""

from __future__ import annotations

from kg.reading.times import amounts, named, relative, stretches
from kg.reading.times.context import Context, Meaning
from kg.reading.times.grammar import Found
from kg.reading.times.narrowing import clocked, narrow

_MEANINGS = {**named.MEANINGS, **stretches.MEANINGS, **relative.MEANINGS, **amounts.MEANINGS}


def meaning(found: Found, context: Context) -> Meaning | None:
    """Resolve an expression. Never counts from today's clock: without an anchor the value stays symbolic."""
    try:
        core = _MEANINGS[found.rule](found, context)
    except (ValueError, OverflowError):
        return None  # Feb. 30, or beyond the calendar
    if core is None:
        return None
    for part in (found.edge, found.part):
        if part:
            core = narrow(core, part, context)
    if found.clock is not None:
        core = clocked(core, found.clock, context)
    return core
