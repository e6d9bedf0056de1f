"""The reading record: a Reading enters, JSON leaves, and back; the form that plug-in readers return (docs/record.md).

A record is one JSON object a line. Offsets are Unicode code points into ``article.text``, half-open; unknown is null.
"""

from __future__ import annotations

import orjson

from kg.errors import RecordError
from kg.graph import BASE_IRI
from kg.model import Reading
from kg.record.decode import decode
from kg.record.encode import to_record
from kg.record.order import canonical, natural
from kg.record.rules import check
from kg.record.spans import spans

__all__ = ["canonical", "check", "dump_line", "from_record", "load_line", "natural", "spans", "to_record"]


def from_record(data: object, *, base: str = BASE_IRI) -> Reading:
    """Read a record (the object that ``json.loads`` gives) into a Reading in canonical order.

    Left out are the fields that may be null, lists that may be empty, and ``sha256`` and ``iri``, which are computed
    (under ``base``). Wherever offsets stand, ``exact`` may repeat the characters and is verified. Raises RecordError
    that names the path: unknown fields and values, unresolved references, spans that do not fit the text.
    """
    reading = decode(data, base=base)
    check(reading)
    return canonical(reading)


def load_line(line: bytes | str, *, base: str = BASE_IRI) -> Reading:
    """Read one line of a file of records. Raises RecordError, also when the line is no JSON."""
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise RecordError(f"the record is no JSON: {error}; write one object a line, in UTF-8") from error
    return from_record(data, base=base)


def dump_line(reading: Reading) -> bytes:
    """Return the record as one line of UTF-8 JSON, its newline included."""
    return orjson.dumps(to_record(reading), option=orjson.OPT_APPEND_NEWLINE)
