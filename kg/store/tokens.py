"""A bearer token that a client presents enters; what it may write leaves, or None.

``tokens.json`` in the store's folder, or the file that ``KG_TOKENS`` names, holds for each token its name, its scope
and a salted hash; the token itself is shown once, when it is made. The file has mode 600 and is read at each check, so
that a revoked token is refused at once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from kg.errors import NotFound, StoreError, UsageError
from kg.store.lock import held
from kg.store.spool import fsync_directory

FILE = "tokens.json"
PREFIX = "kg_"  # so that scanners for leaked secrets can know one
Graphs = Literal["curation", "all"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token may write: the curation graph only, or every graph. ``name`` is for the log, never secret."""

    name: str
    graphs: Graphs


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: times are UTC (xsd:dateTime), salt and hash hexadecimal; ``expires`` None is never."""

    name: str
    graphs: Graphs
    created: str
    expires: str | None
    salt: str
    hash: str

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and datetime.fromisoformat(self.expires) <= now


def place(named: str | None, root: Path | None) -> Path | None:
    """Return where tokens are kept: the file that the settings name, else the store's folder; None without either."""
    return Path(named).expanduser() if named else root


def create(root: Path, name: str, *, graphs: Graphs = "curation", days: int | None = None) -> str:
    """Make a token of 256 random bits, keep its hash and return it; it can't be read again.

    ``root`` is the folder of ``tokens.json``, or another file in its place, here and below. ``days`` until it expires;
    None for never. Raises UsageError for a name that is taken, StoreError when the file can't be written.
    """
    if graphs not in get_args(Graphs):
        raise UsageError(f"A token writes to {' or '.join(get_args(Graphs))}, not {graphs!r}")
    if not name.strip() or not name.isprintable():
        raise UsageError(f"A token's name has printable letters, and {name!r} has not; name who will hold it")
    with held(_file(root).parent):
        kept = tokens(root)
        if any(token.name == name for token in kept):
            raise UsageError(f"There is a token named {name!r} already; revoke it first, or choose another name")
        secret = PREFIX + secrets.token_urlsafe(32)
        salt = secrets.token_hex(16)
        now = datetime.now(UTC)
        expires = None if days is None else _text(now + timedelta(days=days))
        _write(root, [*kept, Token(name, graphs, _text(now), expires, salt, _hash(salt, secret))])
    return secret


def tokens(root: Path) -> list[Token]:
    """Return the tokens of a store, sorted by name. Raises StoreError for a file that others may read or that is torn.

    https://www.rfc-editor.org/rfc/rfc6750#section-5.3 : tokens are to be kept from others, hashed ones as well.
    """
    path = _file(root)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise StoreError(f"{path} may be read by other users (mode {mode:o}); run `chmod 600` on it")
        return sorted((Token(**entry) for entry in json.loads(path.read_bytes())), key=lambda token: token.name)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{path} can't be read: {error}; remove it and make the tokens anew") from error


def revoke(root: Path, name: str) -> None:
    """Forget a token; it is refused from now on. Raises NotFound when there is none of that name."""
    with held(_file(root).parent):
        kept = tokens(root)
        left = [token for token in kept if token.name != name]
        if len(left) == len(kept):
            known = ", ".join(token.name for token in kept) or "none"
            raise NotFound(f"{root} has no token named {name!r}; there are {known}")
        _write(root, left)


def check(root: Path, presented: str) -> Scope | None:
    """Return what a presented token may write; None when it is unknown, revoked or expired.

    Takes the same time whichever token it is, and whether it is one: every kept hash is compared, each in constant
    time. A token has 256 random bits, so that one round of SHA-256 is enough. Raises StoreError: see :func:`tokens`.
    """
    now = datetime.now(UTC)
    found: Scope | None = None
    for token in tokens(root):
        same = hmac.compare_digest(_hash(token.salt, presented), token.hash)
        if same and not token.expired(now):
            found = Scope(token.name, token.graphs)
    return found


def _file(root: Path) -> Path:
    return root / FILE if root.is_dir() else root


def _hash(salt: str, secret: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + secret.encode("utf-8", "surrogatepass")).hexdigest()


def _text(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


def _write(root: Path, kept: list[Token]) -> None:
    """Replace the file at once; it never has another mode than 600."""
    path = _file(root)
    scratch = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as out:
            out.write(json.dumps([asdict(token) for token in kept], indent=1).encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
        scratch.replace(path)
        fsync_directory(path.parent)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise StoreError(f"{path} can't be written: {error.strerror or error}") from error
