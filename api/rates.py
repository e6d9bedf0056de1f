"""A client's address enters; how long it has to wait before its next request, if at all, leaves.

A token bucket each: a client may send ``rate`` requests a second on average, and ``burst`` at once.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Collection

MOST_CLIENTS = 10_000  # remembered; of more, those that were quiet longest are forgotten


class Rates:
    """The buckets of one server process; used on its event loop only. A ``rate`` of 0 lets everything pass."""

    def __init__(self, rate: float, burst: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.burst = max(burst, 1)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Take a token for a request; return 0, or the seconds until there is one."""
        if not self.rate:
            return 0.0
        now = self._clock()
        left, then = self._buckets.pop(client, (float(self.burst), now))
        left = min(float(self.burst), left + (now - then) * self.rate)
        allowed = left >= 1
        self._buckets[client] = (left - 1 if allowed else left, now)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self.rate


def client_of(peer: str, forwarded: str, proxies: Collection[str]) -> str:
    """Return who asks: the peer, or the last address that a trusted proxy did not write itself in X-Forwarded-For.

    Who talks to us without such a proxy can write into that header what he likes; it is then not read. An IPv6
    client is its /64: one household has 2^64 addresses.
    """
    address = peer
    for hop in reversed(forwarded.split(",")):
        if address not in proxies:
            break
        address = hop.strip() or address
    try:
        found = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return address[:64] if address not in proxies else peer
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
