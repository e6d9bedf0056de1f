"""A web address enters, a connection to the very machine that was checked leaves: public ones only, unless allowed.

A host is resolved once, all its addresses are checked, and the connection goes to the checked address, so that a name
that changes its mind between the two (DNS rebinding) leads nowhere.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = frozenset((80, 443, 8080, 8443))
_PIECE = 65_536
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressError(ValueError):
    """An address that leads nowhere, or where nobody outside may be led; the message has no way out yet."""


class PrivateError(AddressError):
    """An address, or a port, that only who runs the program may allow."""


class TooLongError(ValueError):
    """What came is longer than its bound."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes: the host by name for the server, its checked address for the socket."""

    host: str
    address: str
    port: int
    secure: bool
    target: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; header names are lower case. A redirect's body is not read."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def resolve(url: str, *, private: bool = False) -> Place:
    """Check an http(s) address and resolve its host. ``private`` lets this machine, private networks, any port in.

    Raises AddressError, PrivateError among them.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError(f"{url!r} is no address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise AddressError(f"{url!r} is no web address (http, https)")
    if parts.username or parts.password:
        raise AddressError("an address with a name and password in it is not asked")
    secure = parts.scheme == "https"
    port = port or (443 if secure else 80)
    if not private and port not in _PORTS:
        raise PrivateError(f"port {port} is no web server's")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressError(f"there is no host {host!r}, or no network") from None
    addresses = [str(one[4][0]) for one in found]
    for address in () if private else addresses:
        if not is_public(address):
            raise PrivateError(f"{host} is {address}, an address of this machine or a private network")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(host, addresses[0], port, secure, _quoted(target))


def exchange(
    place: Place, method: str, headers: Mapping[str, str], body: bytes | None = None, *, until: float, most: int
) -> Reply:
    """Send one request and return the answer; ``until`` is a time of ``time.monotonic()``, ``most`` is in bytes.

    Raises TimeoutError, TooLongError, OSError, http.client.HTTPException; ValueError for headers that can't be sent.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection = _Connection(place, timeout=min(left, 10.0))
    # A socket's own timeout counts from each byte: a server that sends one every nine seconds would never end.
    clock = threading.Timer(left, connection.abort)
    clock.daemon = True
    clock.start()
    try:
        connection.request(method, place.target, body=body, headers=dict(headers))
        response = connection.getresponse()
        content = bytearray()
        while not 300 <= response.status < 400 and (piece := response.read(_PIECE)):
            content += piece
            if len(content) > most:
                raise TooLongError(f"more than {most:,} bytes")
            if time.monotonic() > until:
                raise TimeoutError
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, bytes(content))
    except (OSError, http.client.HTTPException, AttributeError) as error:
        # The clock's cut looks like an end of the connection, or of the object, depending on where it falls.
        if time.monotonic() >= until:
            raise TimeoutError from error
        if isinstance(error, AttributeError):
            raise OSError("the connection was lost") from error
        raise
    finally:
        clock.cancel()
        connection.close()


def is_public(address: str) -> bool:
    """Tell whether an address is on the public internet, also one that wraps an IPv4 address (mapped, 6to4, NAT64)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked, not to whatever the name resolves to now."""

    def __init__(self, place: Place, *, timeout: float) -> None:
        super().__init__(place.host, place.port, timeout=timeout)
        self._address = place.address
        self._secure = place.secure
        self._opened: socket.socket | None = None
        self.default_port = 443 if place.secure else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
        self._opened = self.sock  # http.client lets go of it as soon as the headers are read

    def abort(self) -> None:
        """Cut the connection from another thread: a read that waits ends at once."""
        sock = self._opened
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def _quoted(target: str) -> str:
    """Return a path without characters that could end the request line."""
    return "".join(sign if "!" <= sign <= "~" else "".join(f"%{byte:02X}" for byte in sign.encode()) for sign in target)
