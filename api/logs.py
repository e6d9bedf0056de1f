"""What happened enters as a record of Python's logging; a line of JSON, or of plain words, leaves on stderr.

A line holds no text of articles and none of queries: of a query its digest, of an error its type and where it arose.
"""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from typing import Literal

import orjson

Form = Literal["text", "json"]


class JsonLines(logging.Formatter):
    """One object a line: time, level, logger, message, and the fields of ``extra={"fields": {…}}``."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        fields = getattr(record, "fields", None)
        line |= fields if isinstance(fields, dict) else {"message": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            line["at"] = where(record.exc_info[1])
        return orjson.dumps(line, default=str).decode()


class PlainLines(logging.Formatter):
    """Time, level and words, and behind them where an error arose: never what it said, which may quote a query."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatException(self, ei: object) -> str:  # noqa: N802  logging calls it so
        error = ei[1] if isinstance(ei, tuple) else None
        if not isinstance(error, BaseException):
            return ""
        return "\n".join([type(error).__name__, *(f"  {place}" for place in where(error))])


def where(error: BaseException) -> list[str]:
    """Return the frames of an error's traceback, the innermost last: file, line and function, without source text."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


def to_stderr(form: Form = "text") -> None:
    """Write the server's own lines to stderr, unless the process has a log already."""
    logger = logging.getLogger("api")
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines() if form == "json" else PlainLines())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
