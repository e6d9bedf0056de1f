"""What an address had at the last look enters, and is there again at the next, also after a restart: ``feeds.json``.

It is kept beside the store, and written only when what came had been taken in: a cut costs one fetch more, never an
entry. Lost or damaged it is worth nothing and costs the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import orjson

from kg.articles.fetch import Validators
from kg.errors import StoreError
from kg.store.spool import DiskSpool, write_durably

FILE = "feeds.json"


@dataclass(frozen=True, slots=True)
class Known:
    """The sha256 of what an address had, how it was taken in (options and plan), and the server's validators."""

    sha256: str
    how: str
    validators: Validators | None = None


class FeedMemory:
    """What is known of addresses: in the folder of a store, or with ``root`` None as long as this object lives.

    ``how`` says how they are taken in: under other options, nothing that was taken before counts.
    """

    def __init__(self, root: Path | None, how: str) -> None:
        self._path = root / FILE if root else None
        self._spool = DiskSpool(root) if root else None
        self._how = hashlib.sha256(how.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self._known: dict[str, Known] = _read(self._path) if self._path else {}
        self._kept = dict(self._known)

    def known(self, url: str) -> Known | None:
        """Return what an address had; None where it must be fetched in any case.

        That is so, too, where its bytes are no longer in the spool: the store was restored, or what came was dropped.
        """
        found = self._known.get(url)
        if found is None or found.how != self._how or (self._spool is not None and found.sha256 not in self._spool):
            return None
        return found

    def learn(self, url: str, body: bytes, validators: Validators | None) -> None:
        """Note what an address had; durable after :meth:`keep`."""
        self._known[url] = Known(hashlib.sha256(body).hexdigest(), self._how, validators)

    def forget(self, url: str) -> None:
        self._known.pop(url, None)

    def keep(self) -> None:
        """Write all down. Raises StoreError."""
        if self._path is not None and self._known != self._kept:
            write_durably(self._path, orjson.dumps(self._known, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
            self._kept = dict(self._known)


def _read(path: Path) -> dict[str, Known]:
    try:
        return {
            url: Known(
                str(one["sha256"]), str(one["how"]), Validators(**one["validators"]) if one["validators"] else None
            )
            for url, one in orjson.loads(path.read_bytes()).items()
        }
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StoreError(f"{path} can't be read: {error.strerror}; check its rights") from error
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
