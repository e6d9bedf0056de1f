"""A minimum version enters with a request; the request goes on when the store is there, else it is told to come back.

A client that wrote sends back the ``kg-version`` that it was told, and so reads its own writes, at whichever door and
whichever server process answers it.
"""

from __future__ import annotations

import asyncio
import re

from api.problems import Refusal
from kg.store.base import Store

HEADER = "kg-version"
PATIENCE = 1.0  # seconds; readers follow a new generation within milliseconds
LOOKS = 20


def number_of(version: str) -> int | None:
    """Return the number of a version ("12", "12+ab.3"); None where versions are not counted."""
    match = re.match(r"\d+", version)
    return int(match.group()) if match else None


async def await_version(store: Store, wanted: str) -> str:
    """Wait until the store answers from this version or a later one; returns the version it then has.

    Refusal 400 for what is no number, 409 where the store does not count versions (a server without the writer's
    folder), 503 with Retry-After when it is not there in time.
    """
    if not wanted.isascii() or not wanted.isdigit():
        raise Refusal(400, f"{HEADER} is a number, as an answer's own {HEADER} has it; this is {wanted[:40]!r}")
    for look in range(LOOKS + 1):
        version = store.version()
        number = number_of(version)
        if number is None:
            raise Refusal(409, f"This server does not count versions; leave {HEADER} out")
        if number >= int(wanted):
            return version
        if look < LOOKS:
            await asyncio.sleep(PATIENCE / LOOKS)
    raise Refusal(503, f"Version {int(wanted)} is not here yet, {number} is; try again", headers={"retry-after": "1"})
