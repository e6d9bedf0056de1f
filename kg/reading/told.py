"""An utterance whose speaker, addressee and go-betweens are known figures."""

from __future__ import annotations

from dataclasses import dataclass

from kg.model import Span
from kg.reading.actors import Figure
from kg.reading.utterance import Utterance


@dataclass(slots=True)
class Told:
    """An utterance with its figures: who said it, to whom, through whom."""

    utterance: Utterance
    speaker: Figure | None
    addressee: Figure | None
    through: list[tuple[Figure, str, Span | None]]
    content: tuple[Span, ...]
    outer: Told | None = None
