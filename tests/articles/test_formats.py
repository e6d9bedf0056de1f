"""The other formats: crawls, wires, tables, mail, PDF, wikis, archives; each is known by its bytes, not by its name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from email.message import EmailMessage

import pytest
import zstandard
from article_items import HTML, PARAGRAPHS, STORY, article, articles, refusal, refusals

from kg.articles.registry import choose
from kg.model import Published

PAGE = (
    f"<!DOCTYPE html><html><head><title>Harbour to be sold</title></head><body><article>{HTML}</article></body></html>"
)
NITF = (
    '<?xml version="1.0"?><nitf><head><docdata><date.issue norm="20260309T100000Z"/></docdata></head><body><body.head>'
    "<hedline><hl1>Harbour</hl1></hedline><byline>By <person>Ada Merrow</person><byttl>Staff Reporter</byttl></byline>"
    f"</body.head><body.content>{HTML}</body.content></body></nitf>"
)
G2 = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:meridian.example:1" version="2" xml:lang="en">'
    '<itemMeta><itemClass qcode="ninat:text"/><provider literal="x"><name>Meridian Press</name></provider>'
    "<versionCreated>2026-03-09T10:00:00Z</versionCreated></itemMeta><contentMeta><by>By Ada Merrow</by>"
    "<headline>Harbour</headline></contentMeta><contentSet>{content}</contentSet></newsItem>"
)
INLINE = f'<inlineXML contenttype="application/nitf+xml">{NITF.partition("?>")[2]}</inlineXML>'


def warc(*records: bytes) -> bytes:
    return b"".join(record + b"\r\n\r\n" for record in records)


def response(url: str, body: bytes, *, kind: str = "text/html", more: str = "", length: int | None = None) -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + body
    return (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block) if length is None else length}\r\n\r\n"
    ).encode() + block


CRAWL = warc(
    b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 4\r\n\r\nx: y",
    response("https://herald.example/1", PAGE.encode()),
    response("https://herald.example/logo.png", b"\x89PNG", kind="image/png"),
    response("https://herald.example/2", gzip.compress(PAGE.encode()), more="Content-Encoding: gzip\r\n"),
)


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "press@x.example", "desk@x.example", "Fwd: Harbour to be sold"
    message["Date"] = "Mon, 28 Feb 2022 10:00:00 +0000"
    message.set_content(STORY)
    message.add_attachment(PAGE.encode(), maintype="text", subtype="html", filename="../../page.html")
    return bytes(message)


def pdf(lines: list[str]) -> bytes:
    shown = "BT /F1 11 Tf 14 TL 50 780 Td " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Title (Harbour to be sold) /Author (Ada Merrow) /CreationDate (D:20220101) >>",
    ]  # fmt: skip
    out, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{out.index('xref')}\n%%EOF"
    return (out + tail).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in files.items():
            archive.writestr(name, source)
    return target.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, source in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(source)
            archive.addfile(info, io.BytesIO(source))
    return target.getvalue()


WIKI = f"""<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><siteinfo><sitename>Wikinews</sitename>
<base>https://en.wikinews.org/wiki/Main_Page</base></siteinfo>
<page><title>Talk:Harbour</title><ns>1</ns><revision><text>chatter</text></revision></page>
<page><title>Harbour to be sold</title><ns>0</ns><revision><text>{{{{date|March 9, 2026}}}}
[[File:Pier.jpg|thumb|The [[pier]] at night]]
{PARAGRAPHS[0].replace("Port Alda", "{{w|Port Alda}}")}

{PARAGRAPHS[1].replace("Jon Vale", "[[w:Jon Vale|Jon Vale]]")}

'''{PARAGRAPHS[2]}'''

== Sources ==
* {{{{source|url=https://x.example}}}}
[[Category:Harbours]]</text></revision></page></mediawiki>"""

SAMPLES = {
    "text": STORY.encode(), "html": PAGE.encode(), "nitf": NITF.encode(), "newsml": G2.format(content=INLINE).encode(),
    "warc": CRAWL, "mail": mail(), "mbox": b"From ada@x.example Mon Feb 28 10:00:00 2022\n" + mail(),
    "mediawiki": WIKI.encode(), "csv": f'title,date,text\nHarbour,2026-03-09,"{STORY}"\n'.encode(),
    "pdf": pdf(["x"]), "compressed": gzip.compress(STORY.encode()), "archive": zipped({"a.txt": STORY.encode()}),
    "json": b'{\n"text": "x"\n}', "jsonl": b'{"text": "x"}\n{"text": "y"}', "xml": b'<?xml version="1.0"?><x/>',
    "feed": b'<rss version="2.0"><channel/></rss>', "jsonfeed": b'{"version": "https://jsonfeed.org/version/1", "items": []}',
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("origin", ["data", "data.bin", "stdin"])
def test_a_format_is_known_by_its_bytes(name: str, origin: str) -> None:
    assert choose(SAMPLES[name], origin=origin).name == name


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in ("text", "xml", "jsonl")])
def test_bytes_win_over_a_name_that_lies(name: str) -> None:
    assert choose(SAMPLES[name], origin="story.txt").name == name


def test_a_crawl_gives_its_pages_with_their_own_addresses_and_no_date_of_the_crawl() -> None:
    first, second = articles(CRAWL, "crawl.warc")
    assert (first.text, first.url, first.published) == (STORY, "https://herald.example/1", None)
    assert first.origin == "crawl.warc!https://herald.example/1"
    assert second.text == STORY


def test_a_crawl_is_read_from_gzip_members_of_a_record_each() -> None:
    packed = b"".join(gzip.compress(b"WARC/1.0" + part) for part in CRAWL.split(b"WARC/1.0")[1:])
    assert len(articles(packed, "crawl.warc.gz")) == 2


def test_the_texts_of_a_wet_file_are_articles() -> None:
    text = STORY.encode()
    wet = (
        "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://herald.example/2026/03/09/harbour\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(text)}\r\n\r\n"
    ).encode() + text
    read = article(warc(wet), "crawl.wet")
    assert (read.text, read.published) == (STORY, Published("2026-03-09", "url"))


def test_an_arc_file_is_read() -> None:
    block = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE.encode()
    arc = (
        b"filedesc://x.arc 127.0.0.1 20140216050221 text/plain 2\n1\n\n"
        + f"https://herald.example/a b 10.0.0.1 20140216050221 text/html {len(block)}\n".encode()
        + block
        + b"\n"
    )
    assert article(arc, "x.arc").url == "https://herald.example/a b"


def test_nitf_gives_headline_byline_and_date() -> None:
    read = article(NITF.encode(), "a.xml")
    assert (read.text, read.title, read.authors) == (STORY, "Harbour", ("Ada Merrow",))
    assert read.published == Published("2026-03-09", "metadata")


def test_newsml_g2_gives_the_text_of_its_item() -> None:
    read = article(G2.format(content=INLINE).encode(), "a.xml")
    assert (read.text, read.title, read.authors, read.url) == (
        STORY, "Harbour", ("Ada Merrow",), "urn:newsml:meridian.example:1",
    )  # fmt: skip
    assert read.outlet is not None
    assert read.outlet.name == "Meridian Press"


def test_a_newsml_item_whose_content_lies_elsewhere_says_where() -> None:
    item = G2.format(content='<remoteContent href="https://x.example/film.mp4"/>')
    assert "https://x.example/film.mp4" in refusal(item.encode(), "a.xml")


def test_a_newsml_message_goes_on_after_an_item_that_is_no_story() -> None:
    message = f"<newsMessage><itemSet><conceptItem/>{G2.format(content=INLINE)}</itemSet></newsMessage>".encode()
    assert [one.split(":", 2)[2] for one in refusals(message, "a.xml")] == [
        " this is a concept (conceptitem), not a story; give the newsItem"
    ]


def test_newsml_1_gives_the_content_item_of_the_role_body() -> None:
    def part(role: str, text: str) -> str:
        inner = f"<ContentItem><DataContent><html><body>{text}</body></html></DataContent></ContentItem>"
        return f'<NewsComponent><Role FormalName="{role}"/>{inner}</NewsComponent>'

    source = (
        '<NewsML Version="1.2"><NewsItem><NewsManagement><ThisRevisionCreated>20260309T210000+0000</ThisRevisionCreated>'
        "</NewsManagement><NewsComponent><NewsLines><HeadLine>Harbour</HeadLine></NewsLines>"
        f"{part('HeadLine', '<p>Harbour</p>')}{part('Body', HTML)}</NewsComponent></NewsItem></NewsML>"
    )
    read = article(source.encode(), "a.xml")
    assert (read.text, read.title, read.published) == (STORY, "Harbour", Published("2026-03-09", "metadata"))


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_table_gives_an_article_a_row(delimiter: str) -> None:
    rows = ["title", "date", "content"], ["Harbour", "2026-03-09", f'"{STORY}"']
    read = article("\n".join(delimiter.join(row) for row in rows).encode(), "set.csv")
    assert (read.text, read.title, read.published) == (STORY, "Harbour", Published("2026-03-09", "metadata"))


def test_a_table_without_a_column_of_text_says_what_helps() -> None:
    assert "--map text=COLUMN" in refusal(b"kopf,tag,wort\na,b,c\n", "set.csv")
    assert article(b"kopf,tag,wort\nHafen,b,Der Hafen wird verkauft.\n", "set.csv", map="text=wort").text[:3] == "Der"


def test_a_mail_gives_its_text_and_attachments_and_neither_sender_nor_date() -> None:
    body, attached = articles(mail(), "a.eml")
    assert (body.text.strip(), body.title, body.published, body.authors) == (STORY, "Harbour to be sold", None, ())
    assert (attached.text, attached.origin) == (STORY, "a.eml!1-.._.._page.html")


def test_a_mailbox_gives_the_mails_in_it() -> None:
    box = (b"From ada@x.example Mon Feb 28 10:00:00 2022\n" + mail() + b"\n\n") * 2
    assert len(articles(box, "box.mbox")) == 4


def test_a_pdf_gives_its_lines_joined_to_paragraphs() -> None:
    lines = ["The harbour of Port Alda will be sold in March, the may-", "or told reporters at the town hall on Monday.",
             "She gave no reason for the sale of the old harbour,", "and left."]  # fmt: skip
    read = article(pdf(lines), "a.pdf")
    assert "the mayor told reporters" in read.text
    assert (read.title, read.authors, read.published) == ("Harbour to be sold", ("Ada Merrow",), None)


def test_a_pdf_without_a_text_layer_is_refused_with_a_way_out() -> None:
    assert "OCR" in refusal(pdf([""]), "scan.pdf")


def test_a_wiki_page_gives_the_story_without_templates_files_and_sources() -> None:
    read = article(WIKI.encode(), "dump.xml")
    assert read.text == STORY
    assert (read.title, read.url) == ("Harbour to be sold", "https://en.wikinews.org/wiki/Harbour_to_be_sold")
    assert read.published == Published("2026-03-09", "metadata")


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress, bz2.compress, lzma.compress])
def test_a_packed_file_is_read_as_what_lies_in_it(pack: object) -> None:
    assert callable(pack)
    assert article(pack(PAGE.encode()), "page.html.packed").text == STORY
    assert article(pack(STORY.encode()) * 2, "story.txt.packed").text == STORY * 2


def test_an_archive_is_read_file_by_file() -> None:
    files = {"a/story.txt": STORY.encode(), "b/page.html": PAGE.encode(), "b/logo.png": b"\x89PNG", ".hidden.txt": b"x"}
    for source in (zipped(files), tarred(files), gzip.compress(tarred(files)), zipped({"in.zip": zipped(files)})):
        assert [read.text for read in articles(source, "set")] == [STORY, STORY]


def test_front_matter_says_what_it_can_of_the_article() -> None:
    for matter in (
        '---\ntitle: "Harbour"\ndate: 2026-03-09\nauthor: Ada Merrow\n---\n',
        '+++\ntitle = "Harbour"\ndate = 2026-03-09\nauthor = "Ada Merrow"\n+++\n',
    ):
        read = article((matter + STORY).encode(), "a.md")
        assert (read.text, read.title, read.authors) == (STORY, "Harbour", ("Ada Merrow",))
        assert read.published == Published("2026-03-09", "metadata")


def test_markdown_loses_its_marks_and_keeps_its_words() -> None:
    source = "The **harbour** of [Port Alda](https://x.example/a_(b)) will be _sold_. ![Pier](pier.jpg)<!-- note -->\n"
    assert article(source.encode(), "a.md").text == "The harbour of Port Alda will be sold. \n"


def test_xml_of_no_known_kind_names_its_root() -> None:
    assert "<stock> of urn:x" in refusal(b'<?xml version="1.0"?><stock xmlns="urn:x"/>', "a.xml")
