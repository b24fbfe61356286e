"""Renders pages as HTML: one self-contained file each, no script, nothing remote; jinja2 with everything escaped."""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from listfold.publish.article import ITEM, Article, Block
from listfold.publish.chart import chart, spark
from listfold.publish.digest import Copy, Digest, Item, Thread, counted, short
from listfold.publish.fit import MAX_PAGE, fit
from listfold.publish.issue import DAYS, MONTHS
from listfold.publish.linkify import linkify

TEMPLATES = Path(__file__).parent / "templates"
FRAME = 24 * 1024  # bytes that a page's style, head and numbers take at most, its threads' frames not counted
THREAD_FRAME = 1500  # bytes around one thread's letters: title, authors, its line in the contents
MAX_CONTENTS = 60  # threads named at the top
_ADDRESS = re.compile(r" ?<[^<>]{1,120}>")  # an address in an attribution; the name before it says enough
NAMED = 6  # authors that a thread's line names


@lru_cache(maxsize=4)
def environment(base_url: str) -> Environment:
    """Templates that escape what they print. Another room's templates may extend page.html through its loader."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    css = (TEMPLATES / "style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    found.globals |= {
        "base_url": base_url,
        "css": Markup(css),
        "csp": Markup(f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'"),
        "query": "",
    }
    found.filters |= {"counted": counted, "linkify": linkify, "short": short}
    return found


class Pages:
    """Renders the published pages for one base_url."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._env = environment(base_url)

    def digest(self, digest: Digest) -> bytes:
        """One issue, at most MAX_PAGE bytes."""
        zone, scope = digest.issue.zone, digest.scope
        letter = self._env.get_template("letter.html")
        common: dict[str, Any] = {
            "when": lambda moment: _when(moment, zone, digest.issue.period != "day"),
            "stamp": _stamp,
            "addresses": not scope.public,
            "many": not scope.id,
            "scope": scope,
            "copied": copied,
            "words": lambda article: blocks(article, addresses=not scope.public),
        }
        fitted = fit(
            digest,
            MAX_PAGE - FRAME,
            lambda item: letter.render(item=item, full=True, **common),
            lambda item: letter.render(item=item, full=False, **common),
            THREAD_FRAME,
        )
        threads = [
            {"thread": thread, "letters": [Markup(text) for text in texts], "who": _authors(thread)}
            for thread, texts in zip(digest.threads, fitted.threads, strict=True)
            if texts
        ]
        return self._page(
            "digest.html",
            digest=digest,
            threads=threads,
            contents=threads[:MAX_CONTENTS] if len(threads) > 2 else [],
            left=fitted.left,
            chart=chart(digest.volume),
            here=scope.url or "../",
            year=digest.issue.name[:4],
            zone=zone.key,
            **common,
        )

    def list_page(self, **values: Any) -> bytes:
        return self._page("list.html", spark=spark, month=month, **values)

    def lists_page(self, **values: Any) -> bytes:
        return self._page("lists.html", spark=spark, month=month, **values)

    def year(self, **values: Any) -> bytes:
        return self._page("year.html", month=month, **values)

    def _page(self, name: str, **values: Any) -> bytes:
        return self._env.get_template(name).render(**values).encode()


def fragment(digest: Digest, room: int) -> str:
    """An issue as a feed's entry shows it: plain elements that every reader keeps, no style, at most `room` bytes."""
    out = [f"<p>{escape(summary(digest))}</p>\n"]
    room -= len(out[0]) + 400
    addresses = not digest.scope.public

    def who(item: Item) -> Markup:
        why = f" <i>({escape(item.why)})</i>" if item.why else ""
        return linked(digest.scope.record(item.id), Markup(f"<b>{escape(item.who)}</b>")) + Markup(why)

    def full(item: Item) -> str:
        told = "".join(f"<li>{escape(copy_text(copy))}</li>" for copy in item.copies)
        more = linked(digest.scope.record(item.id), f"{counted(item.article.rest, 'more line')}")
        return (
            f"<p>{who(item)}</p>\n{flat(item.article, addresses=addresses)}"
            + (f"<ul>{told}</ul>" if told else "")
            + (f"<p>{more}</p>\n" if item.article.rest else "\n")
        )

    def line(item: Item) -> str:
        opening = short(item.article.opening, 90)
        return f"<p>{who(item)}{': ' if opening else ''}{escape(opening)}</p>\n"

    fitted = fit(digest, room, full, line, 700)
    for thread, texts in zip(digest.threads, fitted.threads, strict=True):
        if texts:
            out.append(f"<h3>{linked(digest.scope.thread(thread.id), thread.subject)}</h3>\n")
            out += texts
    if fitted.left:
        out.append(f"<p>{counted(fitted.left, 'more letter')} on the page of this issue.</p>\n")
    return "".join(out)


def summary(digest: Digest) -> str:
    return (
        f"{counted(digest.letters, 'letter')} by {counted(digest.authors, 'author')} "
        f"in {counted(len(digest.threads), 'thread')}."
    )


def blocks(article: Article, *, addresses: bool) -> Markup:
    """A record's words as a page shows them: what surrounds them folded into a line that opens."""
    return Markup("\n").join(_block(block, addresses) for block in article.blocks)


def flat(article: Article, *, addresses: bool) -> Markup:
    """A record's words for a feed reader, which may not know <details>: folded blocks are a line, and stay one."""
    out: list[str] = []
    for block in article.blocks:
        if block.kind == "prose":
            out.append(f"<p>{_lines(block.lines, addresses)}</p>")
        elif block.kind == "kept":
            out.append(f"<pre>{linkify(chr(10).join(block.lines), addresses=addresses)}</pre>")
        else:
            out.append(f"<blockquote><p><i>{escape(folded(block))}</i></p></blockquote>")
    return Markup("\n".join(out))  # linkify() and escape() have been at all of it


def folded(block: Block) -> str:
    """The line that stands for a folded block."""
    lines = counted(block.total, "line")
    first = short(next((line.strip() for line in block.lines if line.strip()), ""), 70)
    match block.kind:
        case "quote":
            who = _ADDRESS.sub("", block.label).rstrip(" :") or "Quoted"
            return f"{short(who, 90)}, {lines}: “{first}”"
        case "patch":
            return f"Patch: {block.label}"
        case "log":
            return f"Log, {lines}: {first}"
        case _:
            return (
                f"Letter of {short(block.label, 90)}, {lines}"
                if block.label
                else f"Forwarded letter, {lines}: “{first}”"
            )


def copy_text(copy: Copy) -> str:
    """How a copy is told: "Also posted to Gardeners by Bo", "Forwarded to Growers by Cy with the words …"."""
    words = f" with the words “{' '.join(copy.words.split())}”" if copy.words else ""
    return copied(copy) + words


def copied(copy: Copy) -> str:
    """The same without the words."""
    how = copy.how if copy.where else copy.how.removesuffix(" to").removesuffix(" of")
    where = f" {copy.where}" if copy.where else ""
    by = f" by {copy.who}" if copy.who else ""
    return f"{how[:1].upper()}{how[1:]}{where}{by}"


def month(name: str) -> str:
    """ "2015-11" as people write it."""
    year, number = name.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def linked(url: str, text: str) -> Markup:
    return Markup(f'<a href="{escape(url)}">{escape(text)}</a>') if url else escape(text)


def _block(block: Block, addresses: bool) -> Markup:
    if block.kind == "prose":
        return Markup(f'<p dir="auto">{_lines(block.lines, addresses)}</p>')
    text = linkify("\n".join(block.lines), addresses=addresses)
    if block.kind == "kept":
        return Markup(f'<pre tabindex="0">{text}</pre>')
    if len(block.lines) < block.total:
        text += Markup("\n<i>… {}</i>").format(counted(block.total - len(block.lines), "more line"))
    form = {
        "patch": '<details class="patch"><summary>{}</summary>\n<pre tabindex="0">{}</pre></details>',
        "log": '<details class="log"><summary>{}</summary>\n<pre tabindex="0">{}</pre></details>',
    }.get(
        block.kind,
        '<details class="quote"><summary>{}</summary>\n<blockquote class="kept" dir="auto">{}</blockquote></details>',
    )
    return Markup(form).format(folded(block), text)


def _lines(lines: Sequence[str], addresses: bool) -> Markup:
    """Logical lines of prose; those of an enumeration hang."""
    out: list[str] = []
    hung = True
    for line in lines:
        text = linkify(line.strip(), addresses=addresses)
        if ITEM.match(line):
            out.append(f'<span class="item">{text}</span>')
            hung = True
        else:
            out.append(text if hung else f"<br>\n{text}")
            hung = False
    return Markup("".join(out))  # linkify() escaped each


def _authors(thread: Thread) -> str:
    """ "Anna (3), Bo and 2 others"."""
    names = [f"{name} ({number})" if number > 1 else name for name, number in thread.authors[:NAMED]]
    more = len(thread.authors) - len(names)
    if more > 0:
        return f"{', '.join(names)} and {counted(more, 'other')}"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _when(moment: int, zone: ZoneInfo, day: bool) -> str:
    local = datetime.fromtimestamp(moment, zone)
    time = f"{local.hour:02}:{local.minute:02}"
    return f"{DAYS[local.weekday()][:3]} {local.day} {MONTHS[local.month - 1][:3]}, {time}" if day else time


def _stamp(moment: int) -> str:
    """RFC 3339, for <time datetime>."""
    return datetime.fromtimestamp(moment, ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
