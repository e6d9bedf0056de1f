"""What loading hands on beside Articles: lines of reading records, and errors as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.errors import ArticleError
from kg.model import Article


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A JSON object with "record" in it, as it stood in line ``number`` (from 1) of ``origin``; not yet decoded.

    ``data`` is JSON of any shape (its values are checked by ``kg.record.from_record``).
    """

    origin: str
    number: int
    data: Mapping[str, Any]


Item = Article | RecordLine | ArticleError
