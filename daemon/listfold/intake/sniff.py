"""Tells from a file's opening bytes what it holds, never from its name."""

import re
from typing import Literal

from listfold.intake.packed import ZIP_MAGIC, is_tar

Kind = Literal["empty", "tar", "zip", "mbox", "mail", "pipermail", "index", "other"]

OPENING = 64 * 1024  # bytes that are looked at

# A date as From_ lines have it, up to the line's end. The line is at most MAX_FROM_LINE bytes long.
MAX_FROM_LINE = 1000
MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
CLOCK = rb"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
ZONE = rb"(?: [A-Z][A-Za-z]{1,5}| [+-][0-9]{4})"
FROM_DATES = (
    # asctime, RFC 4155:   From anna@example.org  Tue Dec  1 05:01:53 2015
    re.compile(rb"\b%s %s [0-9]{1,2} %s%s? [0-9]{4}%s?(?: remote from .*)?$" % (DAY, MONTH, CLOCK, ZONE, ZONE)),
    # RFC 5322's:          From anna@example.org Tue, 1 Dec 2015 05:01:53 +0000
    re.compile(rb"\b%s,? [0-9]{1,2} %s [0-9]{2,4} %s%s?(?: \([A-Za-z ]+\))?$" % (DAY, MONTH, CLOCK, ZONE)),
)
BARE_FROM = re.compile(rb"From \S+$")
SPACES = re.compile(rb"[ \t]+")

FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:")  # RFC 5322 2.2
PLAIN_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,75}:")
MAIL_FIELDS = re.compile(
    rb"(?:return-path|received|delivered-to|from|to|cc|subject|date|message-id|mime-version|content-type|sender|"
    rb"reply-to|list-id|x-[a-z0-9-]{1,60}|dkim-signature|authentication-results|in-reply-to|references)[ \t]*:",
    re.IGNORECASE,
)

# What Pipermail writes (Mailman 2, HyperArch.py): marks around an article, links on every page, an index's head.
ARTICLE = b"<!--beginarticle-->"
SORTED = re.compile(rb"Messages sorted by:", re.IGNORECASE)
INDEX = re.compile(rb"(?:Starting|Ending):.{0,80}?[0-9]{4}|<title>[^<]{0,200}Archive by ", re.IGNORECASE)
NAVIGATION = re.compile(
    rb"[*\xe2\x80\xa2o\s-]{0,9}(?:Previous message|Next message|Messages sorted by)\b", re.IGNORECASE
)
AUTHOR = re.compile(rb"[^\s<>@]+(?:@| at )[^\s<>@]+\.[^\s<>@]+>?$")
ENVELOPES = (b'{"sha256": "', b'{"private": [')  # the envelopes.jsonl that an export puts beside its letters
PAGE_HEAD = 40  # lines in which a page's title, author and date stand


def kind_of(opening: bytes) -> Kind:
    """What the first OPENING bytes of an uncompressed file say that it holds."""
    if opening.startswith(ZIP_MAGIC):
        return "zip"
    if is_tar(opening):
        return "tar"
    text = opening.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t ")
    if not text:
        return "empty"
    if text.startswith(b"From ") and opens_mbox(text):
        return "mbox"
    block = text.replace(b"\r\n", b"\n").partition(b"\n\n")[0].split(b"\n")
    if any(MAIL_FIELDS.match(line) for line in block) and _is_field(block[0]):
        return "mail"
    if text.startswith(b"<"):
        return "pipermail" if ARTICLE in text else "index" if SORTED.search(text) and INDEX.search(text) else "other"
    if text.startswith(ENVELOPES):
        return "index"
    if _is_saved_article(text):
        return "pipermail"
    if b"\0" not in text and all(PLAIN_FIELD.match(line) or line[:1] in (b" ", b"\t") for line in block):
        return "mail"
    return "other"


def is_dated(line: bytes) -> bool:
    """Whether a line that begins with 'From ' ends in a date, as a From_ line does."""
    if len(line) > MAX_FROM_LINE:
        return False
    one = SPACES.sub(b" ", line.rstrip())
    return any(pattern.search(one) for pattern in FROM_DATES)


def opens_mbox(text: bytes) -> bool:
    """Whether the first line is a From_ line: dated, or before a line that can open a message's header."""
    line, _, rest = text.partition(b"\n")
    return is_dated(line) or bool(FIELD.match(rest) and not FIELD.match(line))  # "From : anna" is a field


def may_follow(rest: bytes) -> bool:
    """Whether what stands behind a From_ line can be a message: a field, an empty line, or nothing."""
    return not rest or rest.startswith((b"\n", b"\r\n", b">From ")) or bool(FIELD.match(rest))


def _is_field(line: bytes) -> bool:
    return bool(FIELD.match(line)) or line.startswith(b">From ")


def _is_saved_article(text: bytes) -> bool:
    """A Pipermail article as a browser saves it as text: title, author with address (one line or two), date."""
    lines = [line.strip()[:MAX_FROM_LINE] for line in text.split(b"\n", PAGE_HEAD)[:PAGE_HEAD]]
    head = [line for line in lines if line and not NAVIGATION.match(line)][:4]
    for at, line in enumerate(head[2:], 2):
        if FROM_DATES[0].match(SPACES.sub(b" ", line)):
            return bool(AUTHOR.search(b" ".join(head[1:at])))
    return False
