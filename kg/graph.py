"""An article's named graph and the literals it may hold: terms in, canonical N-Quads and a digest out."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

BASE_IRI = "https://w3id.org/on-the-record/id/"
XSD = "http://www.w3.org/2001/XMLSchema#"
_INTEGER = NamedNode(XSD + "integer")
_DECIMAL = NamedNode(XSD + "decimal")
_BOOLEAN = NamedNode(XSD + "boolean")
_DATE = NamedNode(XSD + "date")
_DATE_TIME = NamedNode(XSD + "dateTime")


def slug(name: str) -> str:
    """Return a name as lower-case ASCII words joined by hyphens, at most 60 characters; "x" when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-") or "x"


def short_hash(*parts: str) -> str:
    """Return 12 hexadecimal digits that stand for these parts, in this order."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def edition_iri(sha256: str, outlet: str | None = None, *, base: str = BASE_IRI) -> str:
    """Name an edition: the hash of its exact text, and the outlet where it is known from outside the text.

    Two outlets that print the same agency story word for word are two editions: they count as two outlets on one
    root. Without the outlet in the name they would be one node.
    """
    return f"{base}edition/{sha256}" + (f"-{slug(outlet)}" if outlet else "")


def literal(value: str | int | float | Decimal | bool | date | datetime, *, language: str | None = None) -> Literal:
    """Return a literal of the portable profile in its canonical lexical form.

    Engines rewrite "0.50" to "0.5" and "@EN" to "@en" (Oxigraph) or "01" to "1" (Virtuoso); a digest survives the
    round trip only if we write what they would. No durations, no nonNegativeInteger: they do not come back.
    """
    if isinstance(value, bool):
        return Literal("true" if value else "false", datatype=_BOOLEAN)
    if isinstance(value, int):
        return Literal(str(value), datatype=_INTEGER)
    if isinstance(value, float | Decimal):
        text = format(Decimal(str(value)).normalize(), "f")
        return Literal(text, datatype=_DECIMAL)
    if isinstance(value, datetime):
        text = value.isoformat(timespec="seconds").replace("+00:00", "Z")
        return Literal(text, datatype=_DATE_TIME)
    if isinstance(value, date):
        return Literal(value.isoformat(), datatype=_DATE)
    return Literal(value, language=language.lower()) if language else Literal(value)


@dataclass(frozen=True, slots=True)
class ArticleGraph:
    """A named graph: its name and its triples. No blank nodes: INSERT DATA would rename them."""

    name: NamedNode
    triples: frozenset[Triple]

    @classmethod
    def of(cls, name: NamedNode, triples: Iterable[Triple]) -> ArticleGraph:
        triples = frozenset(triples)
        for triple in triples:
            if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
                raise ValueError(f"{name.value}: a blank node stands in {triple}; mint an IRI for it")
        return cls(name, triples)

    def __len__(self) -> int:
        return len(self.triples)

    def quads(self) -> Iterable[Quad]:
        """Yield the triples as quads, in no order."""
        return (Quad(t.subject, t.predicate, t.object, self.name) for t in self.triples)

    def lines(self) -> list[str]:
        """Return the N-Triples lines without their final " .", sorted by code point."""
        return sorted(str(triple) for triple in self.triples)

    def nquads(self) -> str:
        """Return sorted N-Quads, one a line: the same graph gives the same text."""
        return "".join(f"{line} {self.name} .\n" for line in self.lines())

    def ntriples(self) -> bytes:
        """Return sorted N-Triples, one a line: what the digest is made of and what a store is given."""
        written = serialize(self.triples, format=RdfFormat.N_TRIPLES) or b""
        return b"".join(sorted(written.splitlines(keepends=True)))

    def digest(self) -> str:
        """Return the sha256 over the sorted N-Triples lines, in hexadecimal."""
        return hashlib.sha256(self.ntriples()).hexdigest()

    def packed(self) -> PackedGraph:
        """Return the same graph as bytes."""
        return PackedGraph(self.name, self.ntriples(), len(self.triples))


class PackedGraph(ArticleGraph):
    """A graph kept as its sorted N-Triples: cheap to send to another process and to put; parsed only when asked.

    Sending 390 triples as objects costs 4.7 ms, as bytes 0.1 ms.
    """

    __slots__ = ("_size", "_written")
    _size: int
    _written: bytes

    def __init__(self, name: NamedNode, written: bytes, size: int) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "_written", written)
        object.__setattr__(self, "_size", size)

    @property
    def triples(self) -> frozenset[Triple]:
        return frozenset(quad.triple for quad in parse(self._written, format=RdfFormat.N_TRIPLES))

    def __len__(self) -> int:
        return self._size

    def __reduce__(self) -> tuple[type[PackedGraph], tuple[NamedNode, bytes, int]]:
        return PackedGraph, (self.name, self._written, self._size)

    def lines(self) -> list[str]:
        return [line.removesuffix(" .") for line in self._written.decode().split("\n")[:-1]]

    def ntriples(self) -> bytes:
        return self._written

    def packed(self) -> PackedGraph:
        return self
