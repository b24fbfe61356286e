"""HTML mail in everything that is published: none of its markup, nothing that loads, nothing that deceives."""
# ruff: noqa: E501 - attacks are read best on one line

import base64
import json
import re
import tempfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import encode_rfc2231
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import lxml.html
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from listfold.archive.reader import Reader
from listfold.core.html import to_text
from listfold.core.mime import MAX_NAME, parse
from listfold.model import Letter
from listfold.web.app import make_app
from listfold.web.published import attachment, plain
from publish.village import BASE, BOARD, GARDEN, Village, at
from web.garden import served

EVIL = "leak.example.net"
URL = f"https://{EVIL}/x"
SPOOFS = [chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0, 7, 0x1B, 0x0B, 0xFFFE, 0x200B)]

# Every way to have a browser load something, in the shape of HTTPLeaks, and ways to get markup through a sanitiser.
LOADS = [f"<{tag} {name}='{URL}'>words</{tag}>" for tag, name in (pair.split() for pair in """
    img src|img srcset|img lowsrc|img dynsrc|img longdesc|input src|image src|image href|video src|video poster|audio src|
    source src|source srcset|track src|embed src|object data|object codebase|object archive|applet code|applet codebase|
    iframe src|iframe longdesc|frame src|frameset onload|bgsound src|body background|table background|td background|
    th background|tr background|link href|base href|html manifest|head profile|script src|xml src|layer src|ilayer src|
    isindex action|form action|button formaction|input formaction|menuitem icon|command icon|a ping|area href|ins cite|
    blockquote cite|q cite|del cite|meta content|portal src|fencedframe src|model src|img attributionsrc|div style
""".replace("\n", "").split("|"))]  # fmt: skip
MARKUP = [
    f"<style>@import '{URL}'; body {{background: url({URL})}} @font-face {{src: url({URL})}}</style>",
    f"<p style=\"background:url('{URL}');cursor:url({URL}),auto;content:url({URL});list-style-image:url({URL})\">words</p>",
    f"<p style='width:expression(alert(1));-moz-binding:url({URL});behavior:url({URL})'>words</p>",
    f"<p style='background:\\75 rl({URL})'>words</p>",
    f"<meta http-equiv=refresh content='0;url={URL}'>",
    f"<link rel='stylesheet prefetch preload dns-prefetch preconnect icon' href='{URL}'>",
    f"<svg><image href='{URL}' xlink:href='{URL}'/><use href='{URL}#x'/><feImage href='{URL}'/></svg>",
    f"<svg><style>@import '{URL}'</style><animate onbegin=alert(1) attributeName=href values='{URL}'/></svg>",
    f"<svg><set attributeName=href to=javascript:alert(1)><foreignObject><img src='{URL}'></foreignObject></svg>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src={URL} onerror=alert(1)&gt;'>",
    f"<math href='{URL}'><maction actiontype='statusline#{URL}'>words</maction></math>",
    f"<noscript><p title='</noscript><img src={URL} onerror=alert(1)>'>words</p></noscript>",
    f"<textarea><p title='</textarea><img src={URL}>'>words", f"<title></title><img src={URL}>", f"<plaintext><img src={URL}>",
    f"<xmp><img src={URL}></xmp>", f"<listing>&lt;img src={URL}&gt;</listing>", f"<noembed><img src={URL}></noembed>",
    f"<template><img src={URL}><script>alert(1)</script></template>", f"<slot onslotchange=alert(1)><img src={URL}></slot>",
    f"<!--[if mso]><v:fill src='{URL}'/><![endif]-->", f"<!--><img src={URL}>-->", f"<!-- --!><img src={URL}> -->",
    f"<?xml-stylesheet href='{URL}'?>", f"<![CDATA[<img src={URL}>]]>", f"<!DOCTYPE x [<!ENTITY y SYSTEM '{URL}'>]>&y;",
    f"&lt;img src={URL} onerror=alert(1)&gt;", f"&amp;lt;script src={URL}&amp;gt;", "&#x3c;script&#x3e;alert(1)",
    f"<<img src={URL}>script>alert(1)</script>", f"<img/src={URL}/onerror=alert(1)>", f"<img\nsrc\n=\n{URL}\nonerror\n=alert(1)>",
    f"<img src={URL} <b>", f"<a href='{URL}", f"<a href=\"{URL}\" onmouseover=\"alert(1)\">words</a>", "<a href=' javascript:alert(1)'>w</a>",
    "<a href='java&#9;script:alert(1)'>w</a>", "<a href='JaVaScRiPt&colon;alert(1)'>w</a>", "<a href='vbscript:x'>w</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>w</a>", f"<a href='//{EVIL}/x'>w</a>", f"<a href='\\\\{EVIL}\\x'>w</a>",
    "<body onload=alert(1)><details open ontoggle=alert(1)>words</details>", "<img src=x onerror=alert(1)>",
    "<p id=main class=text name=location>words</p><form id=test><input name=attributes></form>",
    f"<a href='https://example.org/\"><img src={URL}>'>words</a>", f"https://example.org/\"><img src={URL}>",
    f"+ADw-img src={URL}+AD4-", "<b>" * 400 + f"<img src={URL}>", "</div></article></main></body></html><script>alert(1)</script>",
    f"]]></content><link href='{URL}'/>", "</pre></blockquote></details><style>*{display:none}</style>",
]  # fmt: skip
ATTACKS = [*("".join(LOADS[n::5]) for n in range(5)), *MARKUP]
BENIGN = (
    "Words, and https://example.org/x too.\n\n- an item\n- an item\n\nOn Monday, Bo wrote:\n> quoted\n\nmore\n\n"
    "    a table   it is\n    a table   it is\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n"
)


def post(village: Village, html: str, words: str = "Frost", on: str = GARDEN) -> None:
    """A letter with HTML alone; `words` in its subject, its author's name and its attachment's."""
    made = EmailMessage()
    made["List-Id"] = f"<{on}>"
    made["Message-ID"] = f"<m{village.count}@mail.example.com>"
    made["Date"] = "Thu, 19 Nov 2026 10:00:00 +0000"
    made.set_content(html, subtype="html", cte="base64")
    made.add_attachment(b"x", "image", "png", filename="x.png")
    name = encoded(words)
    head = f"From: {name} <a@example.org>\nSubject: {encoded(f'{words} {village.count}')}\n".encode()
    raw = head + made.as_bytes().replace(b'filename="x.png"', f"filename*={encode_rfc2231(words, 'utf-8')}".encode())
    village.count += 1
    village.take(Letter(raw, "smtp", at("2026-11-19 10:00"), id=village.count))


def encoded(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode('utf-8', 'replace')).decode()}?="


def outputs(village: Village) -> dict[str, bytes]:
    """All that is published or served, by path."""
    village.publish("2026-11-20 12:00")
    found = {path: village.file(path) for top in ("public", "private") for path in village.files(top)}
    (village.folder / "archive.db").symlink_to("archive-1.db")
    with (
        Reader(village.folder / "archive-1.db", public=True) as reader,
        served(make_app(village.folder, BASE)) as url,
        httpx.Client(base_url=url) as client,
    ):
        records = list(reader.export())
        paths = ["list/" + GARDEN, "search?q=words", *(f"thread/{r.thread}" for r in records[::10])]
        for path in [*paths, *(f"record/{r.id}" for r in records), *(f"record/{r.id}/text" for r in records[::10])]:
            answer = client.get(f"/-/{path}")
            assert answer.status_code == 200, path
            kind = "txt" if path.endswith("/text") else "html"
            found[f"{path}.{kind}"] = answer.content
    return found


def pages(found: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Every piece of HTML in what is published: whole pages, and what feeds and mail hold."""
    for path, content in found.items():
        if path.endswith(".html"):
            yield path, content.decode()
        elif path.endswith(".atom"):
            for element in etree.fromstring(content).iter("{*}content", "{*}summary", "{*}title"):
                if element.get("type") == "html":
                    yield path, element.text or ""
        elif path.endswith(".json") and "/digests/" not in path:
            for item in json.loads(content)["items"]:
                yield path, item.get("content_html", "")
        elif path.endswith(".eml"):
            for part in message_from_bytes(content, policy=policy.default).walk():
                assert part.get_content_type() != "text/html"


def shape(found: dict[str, bytes]) -> set[tuple[str, str]]:
    """(element, attribute) of all HTML, as a browser's parser and a lenient one see it. Nothing of it loads EVIL's."""
    seen: set[tuple[str, str]] = set()
    for path, page in pages(found):
        elements = [(node.tag, node.attributes) for node in LexborHTMLParser(page).root.traverse()]  # type: ignore[union-attr]
        elements += [(e.tag, dict(e.attrib)) for e in lxml.html.document_fromstring(page or "<p>").iter(etree.Element)]
        for tag, attributes in elements:
            seen |= {(tag, name) for name in ("", *attributes)}
            for name, value in attributes.items():
                link = tag == "a" and name == "href"
                assert link or name in ("content", "value") or EVIL not in (value or ""), (path, tag, name, value)
                assert not link or urlsplit(value or "").scheme in ("", "http", "https", "mailto"), (path, value)
    return seen


def test_nothing_of_a_letters_html_is_markup_anywhere(tmp_path: Path) -> None:
    """Pages, feeds and digests of letters full of attacks hold the elements and attributes of those with plain words."""
    shapes = []
    for name, letters in (("benign", [f"<pre>{BENIGN}</pre>", "<p>words</p>"] * 10), ("hostile", ATTACKS)):
        (folder := tmp_path / name).mkdir()
        village = Village(folder)
        for on in (GARDEN, BOARD):
            for html in letters[:: 1 if on == GARDEN else 5]:
                post(village, html, html[:80] if name == "hostile" else "Frost", on)
        shapes.append(shape(outputs(village)))
        village.close()
    assert shapes[1] <= shapes[0]
    assert not {tag for tag, _ in shapes[0]} & {"img", "script", "iframe", "object", "embed", "math", "base"}


def test_a_link_whose_text_is_another_address_shows_the_real_one() -> None:
    assert to_text(f"<a href='{URL}'>https://bank.example.org/</a>") == f"https://bank.example.org/ <{URL}>"


def test_no_character_that_deceives_gets_out(tmp_path: Path) -> None:
    """Overrides of direction, controls and invisible fill, in subject, author, link text and attachment's name."""
    village = Village(tmp_path)
    odd = "".join(SPOOFS)
    for name in (f"invoice{odd}gnp.exe", "\u0430\u0440\u0440le.com", "\u202egnp.exe", "=?utf-8?q?=E2=80=AE?="):
        post(village, f"<p>words {odd} <a href='{URL}'>{name} https://b\u0430nk.example.org{odd}</a></p>", name)
    found = outputs(village)
    village.close()
    for path, content in found.items():
        text = content.decode()
        if path.endswith(".json"):
            text = json.dumps(json.loads(text), ensure_ascii=False)
        if path.endswith(".eml"):
            parts = message_from_bytes(content, policy=policy.default)
            text = str(parts["Subject"]) + "".join(
                p.get_content() for p in parts.walk() if p.get_content_maintype() == "text"
            )
        assert [hex(ord(bad)) for bad in SPOOFS if bad in text] == [], path
    shown = [page for path, page in pages(found) if path.startswith("record/")]
    assert all(f"https://{EVIL}/x" in page for page in shown)


PIECES = st.sampled_from(
    ["../", "..\\", "/etc/passwd", "C:\\CON", "NUL", "\0", "\r\n", "\u202e", "\u2066", "\x1b[31m", "a" * 300, '"', "'",
     "<img src=x>", "&lt;", ";", "%0d%0a", "\ud800", "é", "漢", ".", " ", "=?utf-8?q?=3Cb=3E?=", "x@example.com", ".exe"]
)  # fmt: skip
NAMES = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=6).map("".join)


def disposition(name: str, form: int) -> str:
    """A file's name as mail programs write it: RFC 2231, the same in pieces, RFC 2047, and bare."""
    clean = name.encode("utf-8", "replace").decode()
    quoted = encode_rfc2231(clean, "utf-8")
    bare = " ".join(clean.replace("\\", "\\\\").replace('"', '\\"').splitlines())
    half = quoted.rfind("%", 0, len(quoted) // 2 + 8)
    pieces = f"filename*0*={quoted[:half]}; filename*1*={quoted[half:]}" if half > 7 else f"filename*={quoted}"
    return (f"filename*={quoted}", pieces, f'filename="{encoded(clean)}"', f'filename="{bare}"')[form]


@settings(max_examples=200, deadline=None)
@given(NAMES, st.integers(0, 3))
def test_any_name_of_an_attachment_is_one_bounded_line(name: str, form: int) -> None:
    """No control character, no more than a file's name may have, and it can be stored."""
    raw = f"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: image/png\nContent-Disposition: attachment; {disposition(name, form)}\n\nx\n--b--\n"
    (attachment,) = parse(raw.encode()).attachments
    assert len(attachment.name) <= MAX_NAME
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in attachment.name)
    attachment.name.encode()


@settings(max_examples=1, deadline=None, phases=[Phase.generate])
@given(st.lists(NAMES, min_size=10, max_size=15))
def test_any_name_of_an_attachment_is_text_on_every_page(names: list[str]) -> None:
    """No name is markup, a path or a header: attachments are named and never served."""
    with tempfile.TemporaryDirectory() as folder:
        village = Village(Path(folder))
        for name in names:
            post(village, "<p>words</p>", name.encode("utf-8", "replace").decode())
        found = outputs(village)
        village.close()
        assert not {tag for tag, _ in shape(found)} & {"img", "script"}
        for path, content in found.items():
            assert path.endswith(".json") or not [c for c in SPOOFS if c.encode() in content], path


@given(NAMES)
def test_any_name_that_is_served_is_a_safe_header(name: str) -> None:
    """One ASCII line, to be saved and not shown: no path, no quote, no control and no character of direction."""
    if not plain(name):
        return
    header = attachment(name)
    assert re.fullmatch(r"attachment; filename=\"[^\"\\/\r\n]+\"(; filename\*=UTF-8''[\w.~%-]+)?", header, re.ASCII)
    assert header.isascii()
    assert header.isprintable()
