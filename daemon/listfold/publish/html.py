"""Renders pages as HTML: one self-contained file each, no script, nothing remote; jinja2 with everything escaped."""

import base64
import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from listfold.model import iso
from listfold.publish.article import short
from listfold.publish.chart import chart, spark
from listfold.publish.digest import Copy, Digest, Item, Thread, counted
from listfold.publish.fit import HERE, MAX_PAGE, fit
from listfold.publish.issue import DAYS, MONTHS
from listfold.publish.linkify import escaped
from listfold.publish.words import blocks, copied, copy_text, flat, linked

TEMPLATES = Path(__file__).parent / "templates"
FRAME = 24 * 1024  # bytes that a page's style, head and numbers take at most, its threads' frames not counted
THREAD_FRAME = 1500  # bytes around one thread's letters: title, authors, its line in the contents
MAX_CONTENTS = 60  # threads named at the top
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
    found.filters |= {"counted": counted}
    return found


class Part(NamedTuple):
    """A thread as its issue's template asks for it."""

    thread: Thread
    who: str


class Pages:
    """Renders the published pages for one base_url."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._env = environment(base_url)

    def digest(self, digest: Digest) -> bytes:
        """One issue, at most MAX_PAGE bytes."""
        zone, scope = digest.issue.zone, digest.scope
        fitted = fit(
            digest,
            "html",
            MAX_PAGE - FRAME,
            lambda item: _letter(item, zone),
            lambda item: _line(item, zone),
            THREAD_FRAME,
            lambda item, text: text.replace(HERE, b"" if scope.id else _lists(item).encode()),
        )
        threads = [
            Part(thread, _authors(thread))
            for thread, texts in zip(digest.threads, fitted.threads, strict=True)
            if texts
        ]
        page = self._page(
            "digest.html",
            digest=digest,
            scope=scope,
            threads=threads,
            contents=threads[:MAX_CONTENTS] if len(threads) > 2 else [],
            left=fitted.left,
            chart=chart(digest.volume),
            here=scope.url or "../",
            year=digest.issue.name[:4],
            zone=zone.key,
            letters=Markup(HERE.decode()),
        )
        head, *parts = page.split(HERE)  # a thread's letters come where the template shows them
        letters = (texts for texts in fitted.threads if texts)
        return b"".join([head, *(text for texts, part in zip(letters, parts, strict=True) for text in (*texts, part))])

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
    out = [f"<p>{escaped(summary(digest))}</p>\n".encode()]
    room -= len(out[0]) + 400
    addresses = not digest.scope.public

    def who(item: Item) -> str:
        why = f" <i>({escaped(item.why)})</i>" if item.why else ""
        return linked(item.url, f"<b>{escaped(item.who)}</b>") + why

    def full(item: Item) -> str:
        told = "".join(f"<li>{escaped(copy_text(copy))}</li>" for copy in item.copies)
        more = linked(item.url, counted(item.article.rest, "more line"))
        return (
            f"<p>{who(item)}</p>\n{flat(item.article, addresses=addresses)}"
            + (f"<ul>{told}</ul>" if told else "")
            + (f"<p>{more}</p>\n" if item.article.rest else "\n")
        )

    def line(item: Item) -> str:
        opening = short(item.article.opening, 90)
        return f"<p>{who(item)}{': ' if opening else ''}{escaped(opening)}</p>\n"

    fitted = fit(digest, "feed", room, full, line, 700)
    for thread, texts in zip(digest.threads, fitted.threads, strict=True):
        if texts:
            out.append(f"<h3>{linked(digest.scope.thread(thread.id), escaped(thread.subject))}</h3>\n".encode())
            out += texts
    if fitted.left:
        out.append(f"<p>{counted(fitted.left, 'more letter')} on the page of this issue.</p>\n".encode())
    return b"".join(out).decode()


def summary(digest: Digest) -> str:
    return (
        f"{counted(digest.letters, 'letter')} by {counted(digest.authors, 'author')} "
        f"in {counted(len(digest.threads), 'thread')}."
    )


def month(name: str) -> str:
    """ "2015-11" as people write it."""
    year, number = name.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def _letter(item: Item, zone: ZoneInfo) -> str:
    """A letter in full. On the issue of all lists HERE names those that it came over."""
    why = f" · {escaped(item.why)}" if item.why else ""
    out = [
        f'<article class="letter" id="m-{item.id}">\n<header>\n<h3 dir="auto">{escaped(item.who)}</h3>\n'
        f'<span class="when">{linked(item.url, _time(item, zone))}{why}{HERE.decode()}</span>\n</header>\n'
        f'<div class="text">\n{blocks(item.article, addresses=not item.url)}\n</div>\n'
    ]
    if item.article.rest:
        rest = (
            linked(item.url, f"Read the rest, {counted(item.article.rest, 'line')}")
            if item.url
            else f"{counted(item.article.rest, 'more line')} in the archive: <code>listfold show {item.id}</code>"
        )
        out.append(f'<p class="more">{rest}</p>\n')
    if item.files:
        files = "".join(f'<li>Attached: <span dir="auto">{escaped(file)}</span></li>\n' for file in item.files)
        out.append(f'<ul class="parts" aria-label="Attachments">\n{files}</ul>\n')
    if item.copies:
        copies = "".join(f"<li>{escaped(copied(copy))}{_added(copy)}</li>\n" for copy in item.copies)
        hidden = f"<li>{linked(item.url, f'and {item.hidden} more')}</li>\n" if item.hidden else ""
        out.append(f'<ul class="copies" aria-label="Copies">\n{copies}{hidden}</ul>\n')
    return "".join([*out, "</article>\n"])


def _line(item: Item, zone: ZoneInfo) -> str:
    """The line that leads to a letter."""
    why = f' <span class="soft">({escaped(item.why)})</span>' if item.why else ""
    opening = escaped(short(item.article.opening, 90) or item.subject)
    link = f'<a href="{escaped(item.url)}" dir="auto">{opening}</a>' if item.url else opening
    return (
        f'<p class="line" id="m-{item.id}"><b dir="auto">{escaped(item.who)}</b>{why} {link} '
        f'<span class="when">{_time(item, zone)}</span></p>\n'
    )


def _lists(item: Item) -> str:
    return f" · {escaped(', '.join(item.lists))}" if item.lists else ""


def _added(copy: Copy) -> str:
    """The words that came with a copy."""
    if len(copy.words) > 90:
        return f' with the words:\n<blockquote class="kept" dir="auto">{escaped(copy.words)}</blockquote>'
    return f' with the words <q dir="auto">{escaped(copy.words)}</q>' if copy.words else ""


def _authors(thread: Thread) -> str:
    """ "Anna (3), Bo and 2 others"."""
    names = [f"{name} ({number})" if number > 1 else name for name, number in thread.authors[:NAMED]]
    more = len(thread.authors) - len(names)
    if more > 0:
        return f"{', '.join(names)} and {counted(more, 'other')}"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _time(item: Item, zone: ZoneInfo) -> str:
    """With its day also on a day's page: the week's shows the same letter."""
    local = datetime.fromtimestamp(item.when, zone)
    day = f"{DAYS[local.weekday()][:3]} {local.day} {MONTHS[local.month - 1][:3]}"
    return f'<time datetime="{iso(item.when)}">{day}, {local.hour:02}:{local.minute:02}</time>'
