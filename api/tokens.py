"""A bearer token that a client presents enters; whose it is and what it may write leaves, or None."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from api.config import ServerSettings
from kg.store import Store, tokens
from kg.store.tokens import Scope

#: Takes the token that was presented; None when it is none of ours.
TokenCheck = Callable[[str], Scope | None]


def checking(settings: ServerSettings, store: Store) -> TokenCheck:
    """Return what knows the tokens of the settings' table and those of the store's file (or of ``KG_TOKENS``)."""

    def check(presented: str) -> Scope | None:
        digest = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).hexdigest()
        found: Scope | None = None
        for known, scope in settings.tokens:  # all of them, each in constant time
            if hmac.compare_digest(known, digest):
                found = Scope(f"token {digest[:8]}", scope)
        place = tokens.place(settings.base.tokens, store.root)
        return found or (tokens.check(place, presented) if place is not None else None)

    return check
