"""What happened enters as a record of Python's logging; a line of JSON, or of plain words, leaves on stderr.

A line holds no text of articles and none of queries: of a query its digest, of an error its type and where it arose.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal, TextIO

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
        self._second, self._words = 0, ""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  logging calls it so
        second = int(record.created)
        if second != self._second:
            self._second, self._words = second, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
        return f"{self._words},{int(record.msecs):03}"

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info or record.exc_text or record.stack_info:
            return super().format(record)
        return f"{self.formatTime(record)} {record.levelname} {record.getMessage()}"

    def formatException(self, ei: object) -> str:  # noqa: N802  logging calls it so
        error = ei[1] if isinstance(ei, tuple) else None
        if not isinstance(error, BaseException):
            return ""
        return "\n".join([type(error).__name__, *(f"  {place}" for place in where(error))])


class Batched(logging.StreamHandler[TextIO]):
    """Writes the lines of a twentieth of a second at once, where an event loop runs; warnings, and what came before
    them, without delay."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.append(self.format(record) + self.terminator)
        except Exception:  # noqa: BLE001  as every handler of logging: a line is not worth a request
            self.handleError(record)
            return
        if record.levelno < logging.WARNING and len(self._lines) < 500:
            if len(self._lines) > 1:
                return  # the first has called for the flush
            with suppress(RuntimeError):  # no loop in this thread
                asyncio.get_running_loop().call_later(0.05, self.flush)
                return
        self.flush()

    def flush(self) -> None:
        self.acquire()
        try:
            lines, self._lines = self._lines, []
            if lines:
                self.stream.write("".join(lines))
            super().flush()
        finally:
            self.release()


def where(error: BaseException) -> list[str]:
    """Return the frames of an error's traceback, the innermost last: file, line and function, without source text."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


def flush() -> None:
    """Write out what waits to be written."""
    for handler in logging.getLogger("api").handlers:
        handler.flush()


def to_stderr(form: Form = "text") -> None:
    """Write the server's own lines to stderr, unless the process has a log already."""
    logger = logging.getLogger("api")
    if not logger.hasHandlers():
        # What no line tells need not be asked for each.
        logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
        handler = Batched()
        handler.setFormatter(JsonLines() if form == "json" else PlainLines())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
