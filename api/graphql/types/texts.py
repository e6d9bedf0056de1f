"""Places in a text, and times."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date

import strawberry

from api.graphql.fields import concept_of, day_of, field, integer_of, text_of
from api.graphql.loader import Row
from api.graphql.scalars import MentionKind, Resolution, ZoneKind
from api.graphql.types.base import Node, one

CONTEXT = 32  # code points of prefix and suffix, as the Web Annotation examples have them


@strawberry.type(
    description="A stretch of an edition's text. start and end are Unicode code points, half-open; exact is "
    "text[start:end] of the edition. startUtf16 and endUtf16 are the same place as JavaScript counts."
)
class Span(Node):
    @field(follows=["inEdition"])
    def edition(self) -> Edition | None:
        return one(self.row.row("inEdition"), Edition)

    start: int = integer_of("start", default=0)
    end: int = integer_of("end", default=0)

    @field(needs=["inEdition"], description="start in UTF-16 code units.")
    def start_utf16(self) -> int:
        return self._utf16(self.row.number("start") or 0)

    @field(needs=["inEdition"], description="end in UTF-16 code units.")
    def end_utf16(self) -> int:
        return self._utf16(self.row.number("end") or 0)

    exact: str = text_of("exact", default="", description="The characters themselves.")

    @field(needs=["inEdition"], description=f"Up to {CONTEXT} code points before it.")
    def prefix(self) -> str:
        start = self.row.number("start") or 0
        return self._text()[max(0, start - CONTEXT) : start]

    @field(needs=["inEdition"], description=f"Up to {CONTEXT} code points behind it.")
    def suffix(self) -> str:
        end = self.row.number("end") or 0
        return self._text()[end : end + CONTEXT]

    kind: MentionKind | None = concept_of(
        MentionKind, "mentionKind", description="How it names something, when it does."
    )
    zone: ZoneKind | None = concept_of(ZoneKind, "zone", description="What it is, when it is not the running story.")

    def _text(self) -> str:
        edition = self.row.row("inEdition")
        return self.row.loader.text(edition.key) if edition else ""

    def _utf16(self, offset: int) -> int:
        edition = self.row.row("inEdition")
        if edition is None:
            return offset
        # Characters beyond the Basic Multilingual Plane are two units of UTF-16. One list for each text and request.
        astral = self.row.loader.derived(
            ("astral", edition.key), lambda: [i for i, c in enumerate(self._text()) if c > "\uffff"]
        )
        return offset + bisect_left(astral, offset)


@strawberry.type(
    description="A time as far as it is known: EDTF, the days that it may cover, and how it was worked out."
)
class TimeSpan(Node):
    edtf: str | None = text_of("edtf", description="Extended Date/Time Format, https://www.loc.gov/standards/datetime/")
    earliest: date | None = day_of("earliest")
    latest: date | None = day_of("latest")
    resolution: Resolution | None = concept_of(Resolution, "resolution")
    anchor: str | None = text_of("anchor", description="The EDTF date that a relative time was counted from.")

    @field(follows=["evidence"], description="The expression in the text.")
    def evidence(self) -> Span | None:
        return one(self.row.row("evidence"), Span)

    @field(follows=["inEdition"])
    def edition(self) -> Edition | None:
        return one(self.row.row("inEdition"), Edition)


def spans(rows: Iterable[Row]) -> list[Span]:
    """Return mentions in the order of their text."""
    return [Span(row=row) for row in sorted(rows, key=lambda row: (row.number("start") or 0, row.number("end") or 0))]


# At the end, because the types speak of one another.
from api.graphql.types.articles import Edition  # noqa: E402
