"""A JSON value enters with its path, typed values leave; what does not fit is refused with that path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from kg.errors import RecordError
from kg.model import Span
from kg.record.spans import check_span

# What XML 1.0 can't hold (https://www.w3.org/TR/xml/#charsets) would break SPARQL results in XML; lone surrogates
# would break UTF-8.
_UNWELCOME = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
SPAN = ("start", "end", "exact")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A value of a record, where it stands in it, and the article's text that its offsets count in."""

    value: object
    path: str
    text: str = ""

    def refuse(self, fact: str) -> RecordError:
        return RecordError(f"{self.path}: {fact}")

    def fields(self, *known: str) -> dict[str, Cursor]:
        """Return the known fields, absent ones as null. Fields that begin with "x-" are the reader's own."""
        if not isinstance(self.value, dict):
            raise self.refuse(f"{_kind(self.value)} stands where an object must; it has {', '.join(known)}")
        for name in self.value:
            if name not in known and not str(name).startswith("x-"):
                near = get_close_matches(str(name), known, 1) or [", ".join(known)]
                raise self.refuse(f"there is no field {name!r}; did you mean {near[0]}? Own fields begin with x-")
        prefix = f"{self.path}." if self.path != "record" else ""
        return {name: Cursor(self.value.get(name), prefix + name, self.text) for name in known}

    def items(self) -> list[Cursor]:
        """Return the items of a list; null counts as an empty one."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.refuse(f"{_kind(self.value)} stands where a list must")
        return [Cursor(item, f"{self.path}[{index}]", self.text) for index, item in enumerate(self.value)]

    @property
    def absent(self) -> bool:
        return self.value is None

    def string(self, default: str | None = None) -> str:
        if self.value is None and default is not None:
            return default
        if not isinstance(self.value, str):
            raise self.refuse(f"{_kind(self.value)} stands where a string must")
        if found := _UNWELCOME.search(self.value):
            raise self.refuse(
                f"holds U+{ord(found.group()):04X} at {found.start()}; replace control characters and lone surrogates"
            )
        return self.value

    def open_string(self) -> str | None:
        return None if self.value is None else self.string()

    def choice(self, values: Sequence[str], default: str | None = None) -> str:
        value = self.string(default)
        if value not in values:
            raise self.refuse(f"{value!r} is none of {', '.join(values)}")
        return value

    def boolean(self, default: bool) -> bool:
        if self.value is None:
            return default
        if not isinstance(self.value, bool):
            raise self.refuse(f"{_kind(self.value)} stands where true or false must")
        return self.value

    def integer(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.refuse(f"{_kind(self.value)} stands where a whole number must")
        return self.value

    def number(self, default: float) -> float:
        if self.value is None:
            return default
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.refuse(f"{_kind(self.value)} stands where a number must")
        return float(self.value)

    def span(self) -> Span:
        """Read {"start", "end"} with perhaps "exact"."""
        return _span(self.fields(*SPAN), self)

    def open_span(self) -> Span | None:
        return None if self.value is None else self.span()


def flat_span(fields: dict[str, Cursor], owner: Cursor) -> Span | None:
    """Read the offsets that stand among the other fields of ``owner``; null when both are null."""
    if fields["start"].absent and fields["end"].absent:
        return None
    return _span(fields, owner)


def _span(fields: dict[str, Cursor], owner: Cursor) -> Span:
    span = Span(fields["start"].integer(), fields["end"].integer())
    check_span(span, owner.text, owner.path)
    exact, stands = fields["exact"].open_string(), span.of(owner.text)
    if exact is None or exact == stands:
        return span
    # The commonest fault of a reader that counts bytes or UTF-16 units: the words are there, a little further on.
    places = [found.start() for found in re.finditer(re.escape(exact), owner.text)] if exact else []
    hint = "these words do not stand in the text"
    if places:
        start = min(places, key=lambda place: abs(place - span.start))
        hint = f"these words stand at {start}-{start + len(exact)}; count code points, half-open"
    raise owner.refuse(f"exact {exact!r} is not what stands at {span.start}-{span.end}, {stands!r}; {hint}")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    names = {str: "a string", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), f"a {type(value).__name__}")
