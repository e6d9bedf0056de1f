"""Counts enter, figures leave: precision, recall and F in percent, and the table that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

Figures = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured; ``predictions`` are the JSON objects that were scored, one a document."""

    what: str
    figures: Figures
    predictions: tuple[Figures, ...] = ()

    def table(self) -> str:
        """Return the figures as lines for a terminal."""
        return "\n".join([f"kg eval {self.what}", *_lines(self.figures, "  ")]) + "\n"

    def write_predictions(self, path: Path) -> None:
        """Write what was predicted, one JSON object a line, in the format that ``predictions=`` reads."""
        path.write_bytes(b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in self.predictions))


def percent(part: float, whole: float) -> float:
    """Return how much of the whole a part is, in percent with one digit; 0.0 of nothing."""
    return round(100 * part / max(1, whole), 1)


def found(hits: int, *, predicted: int, gold: int) -> dict[str, float]:
    """Return precision, recall and F (their harmonic mean) of hits that count on both sides."""
    return {
        "P": percent(hits, predicted),
        "R": percent(hits, gold),
        "F": round(200 * hits / max(1, predicted + gold), 1),
    }


def harmonic(precision: float, recall: float) -> dict[str, float]:
    """Return the same of a precision and a recall (0 to 1) that were counted apart."""
    f = 200 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"P": round(100 * precision, 1), "R": round(100 * recall, 1), "F": round(f, 1)}


def share(hits: int, of: int) -> dict[str, float]:
    """Return hits out of how many, and in percent."""
    return {"hits": hits, "of": of, "percent": percent(hits, of)}


def _lines(figures: Figures, indent: str) -> Iterator[str]:
    width = max((len(name) for name in figures), default=0)
    for name, value in figures.items():
        if isinstance(value, Mapping) and any(isinstance(one, Mapping | list) for one in value.values()):
            yield f"{indent}{name}"
            yield from _lines(value, indent + "  ")
        elif isinstance(value, list):
            yield f"{indent}{name}"
            yield from (f"{indent}  {_row(row)}" for row in value)
        else:
            yield f"{indent}{name.ljust(width)}  {_row(value)}"


def _row(value: object) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    if set(value) == {"hits", "of", "percent"}:
        return f"{value['hits']}/{value['of']} = {value['percent']} %"
    return "  ".join(f"{name} {one}" for name, one in value.items())
