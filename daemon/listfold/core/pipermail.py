"""Reads one saved article page of a Pipermail archive, as its HTML or as the text that a browser made of it.

The page has no header fields; those that it shows are made again: From, Date with its offset, Subject, and the list's
name as a List-Id. The closing line about the list stays in the text, and is cut as the footer that it is.
"""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import unquote

from listfold.core import html
from listfold.core.addresses import people
from listfold.core.charset import decode, scrub
from listfold.core.dates import ZONES
from listfold.core.encoded_words import plain
from listfold.core.headers import Headers, message_ids
from listfold.core.mime import Parsed, opening_of

HEAD_LINES = 40  # lines in which title, author and date must have been
MAX_LINE = 400  # characters of a title, author or date line that are looked at

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s{1,4}(" + "|".join(_MONTHS) + r")\s{1,4}(\d{1,2})\s{1,4}"
    r"(\d{1,2}):(\d{2}):(\d{2})\s{1,4}(?:([A-Z]{1,5}|[+-]\d{4})\s{1,4})?(\d{4})"
)
_AUTHOR = re.compile(r"(?:(.*\S)\s+)?<?([^\s<>@]+(?:@|\sat\s)[^\s<>@]+\.[^\s<>@]+?)>?")
_MORE = re.compile(r"More information about the (\S.{0,100}?) mailing list", re.IGNORECASE)
_NAVIGATION = re.compile(
    r"\s*(?:[*•o-]\s{1,4})?[*_/]?(?:Previous message|Next message|Messages sorted by)\b.{0,400}", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]*>")
_TITLE = re.compile(r"<h1[^<>]*>([^<>]*)", re.IGNORECASE)
_BOLD = re.compile(r"<b>([^<>]*)</b>", re.IGNORECASE)
_LINK = re.compile(r"<a\s[^<>]*?href=\"mailto:([^\"<>]{0,2000})\"[^<>]*>([^<>]*)", re.IGNORECASE)
_ITALIC = re.compile(r"<i>([^<>]*)</i>", re.IGNORECASE)


def parse_page(raw: bytes) -> Parsed | None:
    """The article of a page as a message, or None for what is no such page."""
    page = scrub(decode(raw)[0])
    small = page[: 1 << 22].lower()
    begin, end = small.find("<!--beginarticle-->"), small.rfind("<!--endarticle-->")
    if 0 <= begin < end:
        return _marked(page, begin, end)
    return _saved(page)


def _marked(page: str, begin: int, end: int) -> Parsed | None:
    """Pipermail's own HTML, with its marks around the article."""
    head = page[:begin]
    title, bold, when = _TITLE.search(head), _BOLD.search(head), _ITALIC.search(head)
    link = _LINK.search(head, bold.end() if bold else 0)
    date = _DATE.search(when[1]) if when else None
    if title is None or date is None or (bold is None and link is None):
        return None
    name = plain(unescape(bold[1])) if bold else ""
    address = plain(unescape(link[2])) if link else ""
    subject = plain(unescape(title[1]))
    text = html.to_text(page[begin + len("<!--beginarticle-->") : end])
    more = _MORE.search(" ".join(_TAG.sub(" ", page[end:]).split()))
    fields = _address_fields(unescape(link[1]), subject) if link else []
    return _parsed(subject, _author(f"{name} <{address}>"), date, text, more, True, fields)


def _saved(page: str) -> Parsed | None:
    """A page saved as text: title, author line, date line, article, and the line about the list."""
    lines = page.split("\n")
    head = [
        n for n, line in enumerate(lines[:HEAD_LINES]) if line.strip() and not _NAVIGATION.fullmatch(line[:MAX_LINE])
    ]
    for where, n in enumerate(head[2:4], 2):
        date = _DATE.fullmatch(lines[n][:MAX_LINE].strip())
        if date is None:
            continue
        who = [lines[k].strip()[:MAX_LINE] for k in head[1:where]]  # some browsers break before the address
        author = _author(" ".join(who))
        if author is None:
            return None
        start, end = n + 1, len(lines)
        closing = next(
            (k for k in range(end - 1, max(n, end - HEAD_LINES), -1) if _MORE.search(lines[k][: 2 * MAX_LINE])), -1
        )
        more = _MORE.search(lines[closing][: 2 * MAX_LINE]) if closing > n else None
        body = lines[start : closing if more else end]
        navigated = any(_NAVIGATION.fullmatch(line[:MAX_LINE]) for line in lines[:HEAD_LINES])
        return _parsed(plain(lines[head[0]][:MAX_LINE]), author, date, _article(body, navigated), more, False, [])
    return None


def _article(lines: list[str], navigated: bool) -> str:
    """The article without blank lines, and where the page was saved with its links, without those and its rules."""
    start, end = 0, len(lines)
    while start < end and _furniture(lines[start], navigated):
        start += 1
    while end > start and _furniture(lines[end - 1], navigated):
        end -= 1
    return "\n".join(lines[start:end])


def _furniture(line: str, navigated: bool) -> bool:
    bare = line.strip()
    if not bare or not navigated:
        return not bare
    return _NAVIGATION.fullmatch(bare[:MAX_LINE]) is not None or (len(bare) > 20 and not bare.strip("-_─"))


def _author(line: str) -> str | None:
    """ "Author Name author at example.org" as a From field; None when the line names no address."""
    match = _AUTHOR.fullmatch(line.strip())
    if match is None:
        return None
    address = match[2].replace(" at ", "@")
    name = (match[1] or "").strip(" <\"'").replace('"', "'").replace("\\", "")
    return f'"{name}" <{address}>' if name and name != match[2] else f"<{address}>"


def _address_fields(mailto: str, subject: str) -> list[tuple[str, str]]:
    """What a page's mail link tells. Pipermail puts the article's own Message-ID there, for answers to it, under a
    subject that begins with "Re: "; its older versions put the id that the article answers, under its own subject."""
    address, _, query = mailto.partition("?")
    values = {key.lower(): unquote(value) for key, _, value in (p.partition("=") for p in query.split("&"))}
    ids = message_ids(values.get("in-reply-to", ""))
    fields = []
    if " ".join(values.get("subject", "").split()) == subject:
        fields = [("In-Reply-To", ids[0])] if ids else []
    else:
        to = people(unquote(address))  # newer versions link to the list, not to the author
        fields = [("To", to[0].address)] if to else []
        fields += [("Message-ID", ids[0])] if ids else []
    return [(key, plain(value)) for key, value in fields]


def _parsed(
    subject: str,
    author: str | None,
    date: re.Match[str],
    text: str,
    more: re.Match[str] | None,
    from_html: bool,
    fields: list[tuple[str, str]],
) -> Parsed | None:
    when = _when(date)
    if author is None or when is None:
        return None
    made = [("From", author), ("Date", when), ("Subject", subject), *fields]
    opening = opening_of(text)
    seams: tuple[int, ...] = ()
    if more is not None:
        made.append(("List-Id", plain(more[1])))
        text = text.rstrip("\n")
        seams = (text.count("\n") + 2,)
        text = f"{text}\n\n{more[0]}\n"
    return Parsed(Headers(tuple(made)), text, seams=seams, html=from_html, notes=("pipermail",), opening=opening)


def _when(date: re.Match[str]) -> str | None:
    """The date as RFC 5322 writes it: a zone name becomes its offset, an unknown one "-0000"."""
    month, day, hour, minute, second, zone, year = date.groups()
    try:
        local = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None
    offset = "-0000"
    if zone and zone[0] in "+-":
        offset = zone
    elif zone in ZONES:
        east = timedelta(seconds=abs(ZONES[zone]))
        offset = f"{'-' if ZONES[zone] < 0 else '+'}{east.seconds // 3600:02d}{east.seconds // 60 % 60:02d}"
    stamp = f"{local.day:02d} {_MONTHS[local.month - 1]} {local.year:04d} {local:%H:%M:%S}"
    return f"{_DAYS[local.weekday()]}, {stamp} {offset}"
