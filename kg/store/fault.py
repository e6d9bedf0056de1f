"""What a check of a store found: which invariant is broken, where, and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Invariant = Literal["I1", "I2", "I3", "I4", "I6", "I7", "I9", "files"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What breaks which invariant, where, and what was done about it.

    ``repaired`` is None where nothing was done; ``way_out`` then says what a person has to do.
    """

    invariant: Invariant
    place: str
    fact: str
    repaired: str | None = None
    way_out: str = "run `kg verify --repair`"
