"""A request that was answered enters; it is counted, and a line in the log leaves."""

from __future__ import annotations

import logging
import time

from api.counters import COUNTERS, door_of

logger = logging.getLogger("api")
# Each line's record is a copy: to make one from its parts takes longer than all the rest.
_RECORD = logging.LogRecord(logger.name, logging.INFO, __file__, 0, "%s %s %r %d %.0f ms", None, None)


def note(request: str, client: str, method: str, path: str, status: int, seconds: float, digest: str) -> None:
    """Count an answer and write its line: no text of the request, but a digest of its query and body."""
    COUNTERS.answered(door_of(path), status, seconds)
    if not logger.isEnabledFor(logging.INFO):
        return
    ms = seconds * 1000
    # %r: a path may hold line feeds and terminal codes once it is decoded.
    record = _RECORD.__new__(logging.LogRecord)
    record.__dict__.update(_RECORD.__dict__)
    record.created = now = time.time()
    record.msecs = now % 1 * 1000
    record.args = (request, method, path, status, ms)
    record.fields = {
        "request": request,
        "client": client,
        "method": method,
        "path": path,
        "status": status,
        "ms": round(ms, 1),
        "digest": digest,
    }
    logger.handle(record)  # not info(): it would look for the line of code that calls it
