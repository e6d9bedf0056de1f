"""An e-mail (.eml) enters; its text, with the subject as title, and its attachments leave.

From and Date belong to the carrier: who sent an article on, and when, is neither its author nor its date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser

from kg.articles import bounds
from kg.articles.metadata import Metadata
from kg.articles.values import Given, Inner
from kg.errors import ArticleError

_HEADERS = re.compile(
    rb"\A(?:[A-Za-z][A-Za-z0-9-]{1,60}:[^\n]{0,2000}\n(?:[ \t][^\n]{0,2000}\n){0,40}){2,}", re.IGNORECASE
)
_OURS = re.compile(
    rb"^(?:from|to|subject|message-id|received|date|mime-version|return-path):", re.IGNORECASE | re.MULTILINE
)
_REPLY = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|tr|rv)\s*:)+\s*", re.IGNORECASE)
# Parts and their nesting: a message of 100,000 parts is made up.
_MOST_PARTS = 500
_LARGEST = 50_000_000
_WANTED = ("text/", "application/pdf", "application/json", "application/xml", "application/zip", "application/gzip",
           "application/x-gzip", "message/rfc822", "application/octet-stream")  # fmt: skip


@dataclass(frozen=True, slots=True)
class MailFormat:
    """Files of one message each."""

    name: str = "mail"
    suffixes: tuple[str, ...] = (".eml",)

    def sniff(self, source: bytes, origin: str) -> bool:
        head = _HEADERS.match(source.replace(b"\r\n", b"\n")[:20_000] + b"\n")
        return head is not None and len({name.lower() for name in _OURS.findall(head.group())}) >= 3

    def unpack(self, source: bytes, given: Given) -> Iterator[Inner]:
        yield from parts_of(source, given.origin)


FORMAT = MailFormat()


def parts_of(source: bytes, origin: str) -> Iterator[Inner]:
    """Yield a message's text and its attachments; raise ArticleError when it holds neither."""
    bounds.check(len(source), _LARGEST, origin=origin, what="a message", way_out="save its attachments as files")
    if source.count(b"\n--") > 4 * _MOST_PARTS and source.count(b"Content-Type:") > _MOST_PARTS:
        raise ArticleError(f"{origin}: the message has more than {_MOST_PARTS} parts; save them as files")
    try:
        message = BytesParser(policy=policy.default).parsebytes(source)
        subject = _REPLY.sub("", " ".join(str(message.get("subject") or "").split()))[:500]
        body = message.get_body(preferencelist=("plain", "html"))
        found = 0
        if isinstance(body, EmailMessage):
            text = _text(body)
            if text.strip():
                found += 1
                ending = "html" if body.get_content_subtype() == "html" else "txt"
                yield Inner(f"{origin}!text.{ending}", text, Metadata(title=subject or None))
        for number, part in enumerate(message.iter_attachments(), start=1):
            if number > _MOST_PARTS:
                raise ArticleError(f"{origin}: the message has more than {_MOST_PARTS} parts; save them as files")
            inner = _attachment(part, number, origin) if isinstance(part, EmailMessage) else None
            if inner is not None:
                found += 1
                yield inner
    except (MessageError, LookupError, ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ArticleError(f"{origin}: the message can't be read ({error}); save its text as a file") from None
    if not found:
        raise ArticleError(f"{origin}: there is no text in this message; give one with an article in it")


def _text(part: EmailMessage) -> bytes:
    """Return a text part as UTF-8; one that names no charset, or one that nobody knows, as it came."""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        return raw.decode(part.get_content_charset() or "utf-8").encode()
    except (LookupError, UnicodeError):
        is_plain = part.get_content_subtype() == "plain"
        return raw.decode("cp1252", "replace").encode() if is_plain else raw


def _attachment(part: EmailMessage, number: int, origin: str) -> Inner | None:
    kind = part.get_content_type()
    if not kind.startswith(_WANTED):
        return None
    if kind == "message/rfc822":
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        return Inner(f"{origin}!{number}.eml", inner.as_bytes()) if isinstance(inner, EmailMessage) else None
    if kind.startswith("text/"):
        source = _text(part)
    else:
        payload = part.get_payload(decode=True)
        source = payload if isinstance(payload, bytes) else b""
    name = re.sub(r"[^\w. -]", "_", str(part.get_filename() or ""))[-100:]
    return Inner(f"{origin}!{number}-{name or 'attachment'}", source) if source.strip() else None
