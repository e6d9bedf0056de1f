"""A store's URL and the environment enter; where to send queries and updates, and as whom, leave.

The fragment of the URL, which no server ever sees, holds what the address alone can't say::

    https://graph.example/sparql#update=/update&engine=fuseki&local=/var/lib/kg/graph&seconds=120
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit, urlunsplit

from kg.errors import UsageError

OPTIONS = ("update", "graphs", "local", "engine", "seconds", "auth", "plain")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a SPARQL server is. ``update`` and ``graphs`` (Graph Store Protocol) are None where the URL does not say.

    ``local`` is the folder of journal, spool and tokens; ``seconds`` how long an answer may take. ``name`` is the URL
    without secrets and options, fit for messages and logs.
    """

    name: str
    query: str
    update: str | None
    graphs: str | None
    local: Path
    engine: str | None
    seconds: float
    auth: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


def parse(url: str, environment: Mapping[str, str] | None = None) -> Address:
    """Read a store's URL; KG_STORE_USER and KG_STORE_PASSWORD, or KG_STORE_TOKEN (Bearer), say as whom.

    Plain http is taken for this machine only, unless ``plain=yes`` says that the network is trusted. Raises
    UsageError for an option that does not exist or can't be read.
    """
    environment = os.environ if environment is None else environment
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.fragment, keep_blank_values=True))
    if unknown := [name for name in options if name not in OPTIONS]:
        raise UsageError(f"{_bare(url)}: there is no option {unknown[0]!r} after the #; there are {', '.join(OPTIONS)}")
    if parts.password is not None:
        raise UsageError(
            f"{_bare(url)}: a password in a URL is seen in lists of processes and logs; set KG_STORE_USER and "
            "KG_STORE_PASSWORD instead"
        )
    if not parts.hostname:
        raise UsageError(f"{_bare(url)}: there is no host in this URL; write https://HOST/sparql")
    if parts.scheme.lower() == "http" and not loopback(parts.hostname) and options.get("plain") != "yes":
        raise UsageError(
            f"{_bare(url)}: plain http sends data and passwords readable; use https, or add #plain=yes where the "
            "network between is trusted"
        )
    bare = _bare(url)
    try:
        seconds = float(options.get("seconds") or 60)
    except ValueError as error:
        raise UsageError(f"{bare}: seconds={options['seconds']!r} is not a number") from error
    if (auth := options.get("auth", "basic")) not in ("basic", "digest"):
        raise UsageError(f"{bare}: auth is basic or digest, not {auth!r}")
    return Address(
        name=bare,
        query=bare,
        update=urljoin(bare, options["update"]) if options.get("update") else None,
        graphs=urljoin(bare, options["graphs"]) if options.get("graphs") else None,
        local=Path(options.get("local") or default_folder(bare)).expanduser(),
        engine=options.get("engine") or None,
        seconds=seconds,
        auth=auth,
        user=environment.get("KG_STORE_USER") or (unquote(parts.username) if parts.username else None),
        password=environment.get("KG_STORE_PASSWORD") or None,
        token=environment.get("KG_STORE_TOKEN") or None,
    )


def default_folder(bare: str) -> str:
    """Name the local folder of a server: readable, and another one for each address (``./kg-remote-HOST-1a2b3c4d``)."""
    host = re.sub(r"[^a-z0-9.]+", "-", (urlsplit(bare).hostname or "").lower()).strip("-") or "host"
    return f"./kg-remote-{host}-{hashlib.sha256(bare.encode()).hexdigest()[:8]}"


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path or "/", parts.query, ""))


def loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
