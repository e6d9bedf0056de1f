"""Made-up files that want to eat memory, time or the disk: each is refused in a sentence or read, and the rest goes on."""

from __future__ import annotations

import gzip
import io
import json
import resource
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from article_items import HTML, STORY, articles
from test_formats import G2, INLINE, NITF, PAGE, WIKI, response, warc, zipped

from kg.articles import load
from kg.errors import ArticleError
from kg.model import Article

MB = 1_000_000


def zeros(size: int) -> bytes:
    """Return gzip of that many blanks, made piece by piece."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b" " * MB) for _ in range(size // MB)) + packer.flush()


def entities(root: str, inside: str = "&z;") -> bytes:
    lines = "".join(f'<!ENTITY {a} "{f"&{b};" * 10}">' for a, b in zip("bcdefghijz", "abcdefghij", strict=True))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol">{lines}]><{root}>{inside}</{root}>'.encode()


def outside(root: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY z SYSTEM "file:///etc/passwd">]><{root}>&z;</{root}>'.encode()


def overlapping() -> bytes:
    """Return a zip whose directory names one bomb two hundred times."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b" " * 20 * MB)
        archive.filelist *= 200
    return target.getvalue()


def lying_zip() -> bytes:
    """Return a zip whose directory says that 50 MB are 10 bytes."""
    source = bytearray(zipped({"a.txt": b" " * 50 * MB}))
    at = source.rindex(b"PK\x01\x02")
    source[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(source)


def tar_of_links() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for kind, to in (
            (tarfile.SYMTYPE, "/etc/passwd"),
            (tarfile.LNKTYPE, "../../etc/passwd"),
            (tarfile.CHRTYPE, ""),
        ):
            info = tarfile.TarInfo("story.txt")
            info.type, info.linkname = kind, to
            archive.addfile(info)
    return target.getvalue()


def layers(count: int) -> bytes:
    source = STORY.encode()
    for _ in range(count):
        source = gzip.compress(source)
    return source


def parts(count: int) -> bytes:
    head = b"From: a@x.example\nTo: b@x.example\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
    return head + b"--b\nContent-Type: text/plain\n\nx\n" * count + b"--b--"


# What each must say, "" where it may be read.
REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "gzip of 500 MB of blanks": ("a.txt.gz", lambda: zeros(500 * MB), "over 200 times as many"),
    "zstd of 500 MB of blanks": ("a.zst", lambda: zstandard.ZstdCompressor().compress(b" " * 500 * MB), "over 200 times"),
    "zip of 100 MB of blanks": ("a.zip", lambda: zipped({"a.txt": b" " * 100 * MB}), "over 200 times"),
    "zip that lies about its sizes": ("a.zip", lying_zip, "can't be unpacked"),
    "gzip in gzip in gzip in gzip in gzip": ("a.gz", lambda: layers(6), "more than 4 layers"),
    "gzip in WARC": ("a.warc", lambda: warc(response("http://x.example/", zeros(50 * MB), more="Content-Encoding: gzip\r\n")), "over 200 times"),
    "gzip of a WARC of 500 MB": ("a.warc.gz", lambda: gzip.compress(b"WARC/1.0\r\nContent-Length: 5\r\n\r\n") + zeros(500 * MB), "over 200 times"),
    "gzip that is cut off": ("a.txt.gz", lambda: gzip.compress(STORY.encode())[:-20], "damaged"),
    "zip that is cut off": ("a.zip", lambda: zipped({"a.txt": STORY.encode()})[:-30], "damaged"),
    "tar of links and devices": ("a.tar", tar_of_links, "no file in it"),
    "entities in RSS": ("a.rss", lambda: entities("rss", "<channel><item><title>&z;</title></item></channel>"), "entities"),
    "entities in NITF": ("a.xml", lambda: entities("nitf", "<body><body.content><p>&z;</p></body.content></body>"), "no well-formed XML"),
    "entities in NewsML": ("a.xml", lambda: entities("newsItem"), "no well-formed XML"),
    "entities in MediaWiki": ("a.xml", lambda: entities("mediawiki", "<page><title>x</title><revision><text>&z;</text></revision></page>"), ""),
    "an outer entity in NITF": ("a.xml", lambda: outside("nitf"), "no text"),
    "an outer entity in RSS": ("a.rss", lambda: outside("rss"), "entities"),
    "XML nested 100,000 deep": ("a.xml", lambda: b"<nitf>" + b"<p>" * 100_000, "no well-formed XML"),
    "JSON nested 100,000 deep": ("a.json", lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "no JSON"),
    "JSON lists nested 100,000 deep": ("a.jsonl", lambda: b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "no JSON"),
    "a number of 10 MB in JSON": ("a.json", lambda: b'{"text": ' + b"9" * 10 * MB + b"}", ""),
    "JSON of 65 MB": ("a.json", lambda: b'[{"text": "' + b"x" * 65 * MB + b'"}]', "more than the 64,000,000"),
    "a line of 300 MB": ("a.jsonl", lambda: b'{"text": "' + b"x" * 300 * MB, "more than the 2,000,000"),
    "a table row that never ends": ("a.csv", lambda: b'title,date,text\na,b,"' + b"x" * 3 * MB, "can't be read"),
    "a table of 100,000 columns": ("a.csv", lambda: b"a," * 100_000 + b"text\n1", "columns"),
    "links without words, 400 kB": ("a.html", lambda: b"<html><body>" + b"<a>" * 133_000, "elements"),
    "100,000 links": ("a.html", lambda: b"<html><body>" + b"<a>x</a>" * 90_000, "elements"),
    "a page of 12 MB": ("a.html", lambda: b"<html><body><p>" + b"x" * 12 * MB, "more than the 10,000,000"),
    "300,000 tags": ("a.html", lambda: b"<html><body>" + b"<p>x" * 300_000, "tags"),
    "front matter of anchors": ("a.md", lambda: b"---\na: &a [x,x]\nb: &b [*a,*a]\ntitle: *b\n---\n" + STORY.encode(), "anchors"),
    "Content-Length that is no number": ("a.warc", lambda: b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: -5\r\n\r\nx", "no length"),
    "Content-Length of a terabyte": ("a.warc", lambda: b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 999999999999\r\n\r\nx", "left out"),
    "a mail of 30,000 parts": ("a.eml", lambda: parts(30_000), "more than 500 parts"),
    "a wiki page of open braces": ("a.xml", lambda: WIKI.replace("== Sources", "{{[[" * 20_000 + "== Sources").encode(), "marks"),
    "a PDF of nothing": ("a.pdf", lambda: b"%PDF-1.7\n" + b"\x00" * 1000, "can't be read"),
    "a PDF whose pages are a circle": ("a.pdf", lambda: b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 99>>endobj\ntrailer<</Root 1 0 R>>", ""),
    "a feed of 6,000 entries": ("a.rss", lambda: b'<rss version="2.0"><channel>' + b"<item/>" * 6000 + b"</channel></rss>", "entries"),
    "binary under the name of a text": ("a.txt", lambda: b"\x00\xff" * 1000, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_malicious_file_is_refused_in_a_sentence(name: str) -> None:
    origin, made, words = REFUSED[name]
    source = made()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    items = list(load(source, origin=origin))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    errors = [str(item) for item in items if isinstance(item, ArticleError)]
    assert all("mistake in the format" not in error for error in errors), errors
    assert all(len(error) < 1000 and "root:" not in error for error in errors), errors
    assert not any("root:" in item.text or "lollol" in item.text for item in items if isinstance(item, Article))
    assert words == "" or any(words in error for error in errors), errors or items
    assert grown < 450, f"{grown:.0f} MB more"


# What is odd and no bomb: it is read, and the text holds what a reader may see.
READ: dict[str, tuple[str, Callable[[], bytes]]] = {
    "400 kB of nested spans": ("a.html", lambda: f"<html><body>{HTML}{'<span>' * 66_000}</body>".encode()),
    "nested divs": ("a.html", lambda: f"<html><body><article>{HTML}</article>{'<div>' * 50_000}</body>".encode()),
    "10,000 line breaks": ("a.html", lambda: f"<html><body><article>{HTML}</article>{'<br>' * 10_000}</body>".encode()),
    "14,000 paragraphs of a letter": ("a.html", lambda: f"<html><body><article>{HTML}</article>{'<p>x' * 13_000}</body>".encode()),
    "script in the title": ("a.html", lambda: PAGE.replace("Harbour to be", "&lt;script&gt;alert(1)&lt;/script&gt;").encode()),
    "an address that is script": ("a.json", lambda: json.dumps({"text": STORY, "url": "javascript:alert(1)"}).encode()),
    "paths in a zip that lead out": ("a.zip", lambda: zipped({"../../../etc/cron.d/x.txt": STORY.encode(), "/etc/x.txt": STORY.encode()})),
    "control characters and bidi marks in names": ("a.zip", lambda: zipped({"a\u202etxt.\n.txt": STORY.encode()})),
    "wrong chunks": ("a.warc", lambda: warc(response("http://x.example/", PAGE.encode(), more="Transfer-Encoding: chunked\r\n"))),
    "NITF with a DTD": ("a.xml", lambda: NITF.replace("?>", '?><!DOCTYPE nitf SYSTEM "http://x.example/nitf.dtd">').encode()),
    "NewsML with comments everywhere": ("a.xml", lambda: G2.format(content=INLINE).replace("<p>", "<!-- x --><p>").encode()),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_is_odd_is_read(name: str) -> None:
    origin, made = READ[name]
    for read in articles(made(), origin):
        assert STORY[:100] in read.text
        assert "\n" not in (read.origin or "")
        assert "\u202e" not in (read.origin or "")


def test_a_record_with_a_lying_length_costs_that_record_alone() -> None:
    for lie in (10, 100_000, 10**12):
        crawl = warc(
            response("http://x.example/1", PAGE.encode()),
            response("http://x.example/2", PAGE.encode(), length=lie),
            response("http://x.example/3", PAGE.encode()),
        )
        items = list(load(crawl, origin="crawl.warc"))
        urls = [item.url for item in items if isinstance(item, Article)]
        assert urls == ["http://x.example/1", "http://x.example/3"], lie
        assert any(isinstance(item, ArticleError) for item in items)


def test_a_bomb_in_an_archive_costs_that_file_alone() -> None:
    source = zipped(
        {"1.txt": STORY.encode(), "2.txt": b" " * 50 * MB, "3.json": b'{"a":' * 5000, "4.txt": STORY.encode()}
    )
    items = list(load(source, origin="set.zip"))
    assert [item.origin for item in items if isinstance(item, Article)] == ["set.zip!1.txt", "set.zip!4.txt"]
    assert sum(isinstance(item, ArticleError) for item in items) == 2


def test_a_zip_of_many_copies_of_one_bomb_ends_soon() -> None:
    assert all(isinstance(item, ArticleError) for item in load(overlapping(), origin="a.zip"))


def test_nul_and_control_characters_are_made_visible_and_bidi_marks_stay() -> None:
    (read,) = articles(b'{"text": "A\\u0000B \\u202eabc\\u202c said"}', "a.jsonl")
    assert read.text == "A\ufffdB \u202eabc\u202c said"


def test_nothing_is_written_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    list(load(zipped({"../out.txt": STORY.encode(), "in.txt": STORY.encode()}), origin="a.zip"))
    assert list(tmp_path.parent.glob("out.txt")) == []
    assert list(tmp_path.iterdir()) == []
