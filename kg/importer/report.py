"""What became of every article of an import: outcomes, counts and times, for people and for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kg.importer.added import Added

State = Literal["imported", "replaced", "unchanged", "duplicate", "skipped", "refused"]
STATES: tuple[State, ...] = ("imported", "replaced", "unchanged", "duplicate", "skipped", "refused")
STAGES = ("receive", "load", "read", "map", "check", "put", "link", "publish")


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an import stands: the stage, articles done, articles taken so far, refused ones, the last title."""

    stage: Literal["read", "link", "publish"]
    done: int
    taken: int
    refused: int
    title: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One article's fate. ``origin`` names file and line; ``reason`` is why it was refused or left out."""

    state: State
    origin: str
    iri: str | None = None
    title: str | None = None
    reason: str | None = None
    statements: int = 0
    triples: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class ImportReport:
    """All outcomes in the order of the input; ``seconds`` by stage; ``linked`` counts what linking found.

    ``added`` tells what the store has now that it had not before; None when nothing was linked.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    elapsed: float = 0.0
    peak_bytes: int = 0
    linked: Mapping[str, int] = field(default_factory=dict)
    added: Added | None = None
    version: str = ""

    def spend(self, stage: str, seconds: float) -> None:
        """Add time to a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    @property
    def counts(self) -> Counter[str]:
        """Return how many articles ended in each state."""
        return Counter(outcome.state for outcome in self.outcomes)

    @property
    def refused(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.state == "refused"]

    def rates(self) -> dict[str, float]:
        """Return articles a second for each stage that took time; read, map and check count worker seconds."""
        worked = sum(1 for outcome in self.outcomes if outcome.state in ("imported", "replaced", "refused"))
        return {stage: worked / self.seconds[stage] for stage in STAGES if self.seconds.get(stage, 0) > 0 and worked}
