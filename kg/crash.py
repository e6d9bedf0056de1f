"""A named place in the code is passed; the process dies there when ``KG_CRASH`` says so: to test what a cut leaves.

``KG_CRASH=put:3`` kills this process with SIGKILL when it passes the point "put" for the third time;
``KG_CRASH=put:3:ENOSPC`` raises that OSError there instead, as a full disk would. Unset, a point costs a comparison.
"""

from __future__ import annotations

import errno
import os
import signal

# In the order in which an import passes them; tests/importer/test_kills.py dies at each of them.
POINTS = (
    "begun",  # a new store's engine has its files, under another name
    "spool-written",  # the bytes are in a temporary file, not under their name
    "spooled",
    "received",
    "before-put",
    "put",  # after each graph of a batch
    "put-done",  # flushed; the journal does not know yet
    "journalled",
    "before-link",
    "linked",
    "generation",  # written, CURRENT still names the one before
    "published",
)
# Between "generation" and "published", where an index is made; tests/store/test_watching.py dies at each of them.
INDEX_POINTS = (
    "index-taken",  # that of an older generation has no name any more, and is being mended
    "index-made",  # it has its name; CURRENT still names the generation before
)
# Those that a change from outside passes, before and after the gate; tests/api/test_writer.py dies at them.
WRITING = ("changed", "passed")
_wanted = os.environ.get("KG_CRASH", "")
_passed = 0


def point(name: str) -> None:
    """Die here, or raise OSError, when the environment asked for it."""
    if not _wanted:
        return
    global _passed
    wanted, _, rest = _wanted.partition(":")
    if name != wanted:
        return
    _passed += 1
    number, _, error = rest.partition(":")
    if _passed == int(number or 1):
        if error:
            raise OSError(getattr(errno, error), os.strerror(getattr(errno, error)))
        _die()


def _die() -> None:
    try:
        os.kill(os.getpid(), signal.SIGKILL)
    except PermissionError:  # a sandboxed process may send no signals; the kernel ends it at its bound of time
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
        while True:
            pass


def arm(wanted: str) -> None:
    """Set what ``KG_CRASH`` would have, for a forked process."""
    global _wanted, _passed
    _wanted, _passed = wanted, 0
