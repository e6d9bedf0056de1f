"""The hash of a document, or its text, enters; the text leaves, if this server may answer it.

Trusted documents are files of JSON, ``{"<sha256>": "<text>"}``, as graphql-codegen writes them
(persisted-documents.json). In allow-list mode nothing else is answered. Else a client may also send a document once
with its hash, and afterwards the hash alone (Apollo's automatic persisted queries); a number of these is kept in
memory.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path

from graphql import GraphQLError

from api.graphql.protocol import Parameters
from kg.errors import UsageError

REMEMBERED = 500  # documents; each is at most as long as a request's body


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_manifests(paths: Iterable[Path]) -> dict[str, str]:
    """Read files of trusted documents. Raises UsageError when one is not such a file, or a key not its text's hash."""
    found: dict[str, str] = {}
    for path in paths:
        try:
            given = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise UsageError(f"{path}: the trusted documents can't be read: {error}") from error
        if not isinstance(given, dict):
            raise UsageError(f"{path} is not an object of SHA-256 and document, as graphql-codegen writes it")
        for key, text in given.items():
            digest = key.removeprefix("sha256:")
            if not isinstance(text, str) or sha256(text) != digest:
                raise UsageError(f"{path}: {key[:80]!r} is not the SHA-256 of its document; write the file anew")
            found[digest] = text
    return found


class Documents:
    """The documents that a server knows by their hash. May be used from several threads."""

    def __init__(self, trusted: Mapping[str, str] | None = None, *, only_trusted: bool = False) -> None:
        self._trusted = dict(trusted or {})
        self.only_trusted = only_trusted
        self._seen: OrderedDict[str, str] = OrderedDict()
        self._turn = threading.Lock()

    def text(self, asked: Parameters) -> str:
        """Return the text of the document that is asked for; GraphQLError when it is unknown or not allowed."""
        if asked.query is None:
            assert asked.document is not None
            return self._known(asked.document)
        if asked.document is not None and sha256(asked.query) != asked.document:
            raise GraphQLError("The hash is not the SHA-256 of the query", extensions={"code": "BAD_REQUEST"})
        if self.only_trusted and sha256(asked.query) not in self._trusted:
            raise GraphQLError(
                "Only documents that were made known to this server are answered; this one was not",
                extensions={"code": "DOCUMENT_NOT_ALLOWED"},
            )
        if asked.document is not None and not self.only_trusted:
            self._remember(asked.document, asked.query)
        return asked.query

    def _known(self, digest: str) -> str:
        if (text := self._trusted.get(digest)) is not None:
            return text
        with self._turn:
            if digest in self._seen:
                self._seen.move_to_end(digest)
                return self._seen[digest]
        # Apollo's clients look for this very message, and send the query with its hash.
        raise GraphQLError("PersistedQueryNotFound", extensions={"code": "PERSISTED_QUERY_NOT_FOUND"})

    def _remember(self, digest: str, text: str) -> None:
        with self._turn:
            self._seen[digest] = text
            self._seen.move_to_end(digest)
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
