"""Tokens: what may write, kept so that nobody who reads the file can write."""

from __future__ import annotations

import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kg.errors import NotFound, StoreError, UsageError
from kg.store import tokens
from kg.store.tokens import Scope


def test_a_token_opens_its_scope_and_nothing_else_does(tmp_path: Path) -> None:
    editor = tokens.create(tmp_path, "editor")
    loader = tokens.create(tmp_path, "loader", graphs="all")
    assert tokens.check(tmp_path, editor) == Scope("editor", "curation")
    assert tokens.check(tmp_path, loader) == Scope("loader", "all")
    for wrong in ("", editor[:-1], editor + "x", editor.upper(), "kg_", "\ud800", loader.removeprefix("kg_")):
        assert tokens.check(tmp_path, wrong) is None


def test_without_tokens_nothing_is_let_in(tmp_path: Path) -> None:
    assert tokens.check(tmp_path, "kg_guess") is None
    assert tokens.tokens(tmp_path) == []


def test_a_revoked_token_is_refused_at_once(tmp_path: Path) -> None:
    secret = tokens.create(tmp_path, "editor")
    tokens.revoke(tmp_path, "editor")
    assert tokens.check(tmp_path, secret) is None
    with pytest.raises(NotFound, match="no token named 'editor'; there are none"):
        tokens.revoke(tmp_path, "editor")


def test_an_expired_token_is_refused(tmp_path: Path) -> None:
    secret = tokens.create(tmp_path, "editor", days=1)
    assert tokens.check(tmp_path, secret) is not None
    path = tmp_path / tokens.FILE
    [entry] = json.loads(path.read_bytes())
    entry["expires"] = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    path.write_text(json.dumps([entry]))
    assert tokens.check(tmp_path, secret) is None


def test_the_file_is_for_its_owner_only_and_holds_no_secret(tmp_path: Path) -> None:
    secret = tokens.create(tmp_path, "editor")
    path = tmp_path / tokens.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret.removeprefix(tokens.PREFIX) not in path.read_text()
    path.chmod(0o644)
    with pytest.raises(StoreError, match=r"read by other users \(mode 644\); run `chmod 600`"):
        tokens.check(tmp_path, secret)


def test_the_same_secret_has_another_hash_under_another_salt(tmp_path: Path) -> None:
    for name in ("one", "two"):
        tokens.create(tmp_path, name)
    first, second = tokens.tokens(tmp_path)
    assert first.salt != second.salt
    assert tokens._hash(first.salt, "same") != tokens._hash(second.salt, "same")


def test_a_name_is_taken_once_and_printable(tmp_path: Path) -> None:
    tokens.create(tmp_path, "editor")
    with pytest.raises(UsageError, match="a token named 'editor' already"):
        tokens.create(tmp_path, "editor")
    for name in ("", "  ", "two\nlines"):
        with pytest.raises(UsageError, match="printable"):
            tokens.create(tmp_path, name)


def test_tokens_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    threads = [threading.Thread(target=tokens.create, args=(tmp_path, f"editor-{number}")) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens.tokens(tmp_path)) == 8


def test_a_torn_file_is_told(tmp_path: Path) -> None:
    tokens.create(tmp_path, "editor")
    (tmp_path / tokens.FILE).write_text("[{")
    with pytest.raises(StoreError, match="can't be read"):
        tokens.check(tmp_path, "kg_x")
