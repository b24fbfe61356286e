"""Reads header fields: names, addresses, dates, subjects and Message-IDs as real mail writes them."""

import re
from collections.abc import Iterator
from dataclasses import field
from itertools import chain

from listfold.core.addresses import people as people
from listfold.core.dates import parse_date, sane
from listfold.core.encoded_words import value_of
from listfold.core.subjects import subject as subject
from listfold.core.subjects import tags as tags
from listfold.frozen import dataclass
from listfold.model import DateSource

MAX_HEADER_BYTES = 102400  # as public-inbox (Eml.pm, $header_size_limit)
MAX_FIELD_BYTES = MAX_HEADER_BYTES // 4  # of one field where all are too much, so that one cannot hide the others

EARLY = 2 * 86400  # how far a Date may lie after all Received fields: zones set wrong, clocks a day off
STALE = 2 * 365 * 86400  # and how far before: held for moderation, but not since a clock's first day

ADDRESS_FIELDS = frozenset(
    b"""from to cc bcc reply-to sender resent-from resent-to resent-cc resent-sender x-original-from mail-followup-to
    mail-reply-to delivered-to x-original-to errors-to return-path list-id x-mailing-list""".split()
)

_FIELD = re.compile(rb"([!-9;-~]{1,128})[ \t]*:([^\n]*+(?:\n[ \t][^\n]*+)*+)")  # with its folded lines
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|received|return-path|reply-to|sender|references|in-reply-to|mime-version|"
    rb"content-[a-z-]{1,32}|list-[a-z-]{1,32}|x-[a-z0-9-]{1,64}|dkim-signature|delivered-to|precedence|user-agent)"
    rb"[^\S\n]?:",
    re.IGNORECASE | re.MULTILINE,
)
_CHARSET = re.compile(rb"charset\s?=\s?\"?([\w.:-]{1,40})", re.IGNORECASE)
_ID = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields in order: (name as written, value unfolded, RFC 2047 decoded, free of control characters)."""

    fields: tuple[tuple[str, str], ...] = ()
    first: dict[str, str] = field(init=False, repr=False, compare=False)  # by name in lower case

    def __post_init__(self) -> None:
        object.__setattr__(self, "first", {name.lower(): value for name, value in reversed(self.fields)})

    def get(self, name: str) -> str:
        """The first field of that name (any case), or ""."""
        return self.first.get(name.lower(), "")

    def all(self, name: str) -> list[str]:
        size, name = len(name), name.lower()
        return [value for key, value in self.fields if len(key) == size and key.lower() == name]


def split(raw: bytes) -> tuple[list[tuple[bytes, bytes]], bytes, bool]:
    """A message's fields (name, value unfolded), its body, and whether something in between was odd.

    A line that is no field belongs to the field before it when known fields follow before the blank line (a subject
    that somebody folded wrongly), else the body begins there without its blank line: no text is ever lost to it.
    """
    top = raw[: MAX_HEADER_BYTES * 2].rstrip(b"\r\n")  # SMTP puts a CRLF at the end of anything
    if b"\r" in top and b"\n" not in top:
        raw = raw.replace(b"\r", b"\n")  # lines that end in CR alone
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    while raw.startswith((b"\n", b"\r\n"), start):  # blank lines before the first field, if fields follow
        start += 1 if raw.startswith(b"\n", start) else 2
    if start and not _FIELD.match(raw, start):
        return [], raw, True
    fields: list[tuple[bytes, list[bytes]]] = []  # their values, and lines that belong to them
    head, body = _head(raw, _take(raw, start, fields))  # what is left of the header: nothing, unless something is odd
    known: int | None = None  # where the last field begins that certainly is one: asked once, where a line is none
    odd = bool(start)
    at = 0
    while at < len(head):
        end = head.find(b"\n", at)
        line = head[at : end if end >= 0 else len(head)]
        if known is None and fields:
            known = max((found.start() for found in _KNOWN.finditer(head)), default=-1)
        if fields and line.startswith((b" ", b"\t")):
            fields[-1][1].append(line)
        elif known is not None and at < known:
            odd = True
            fields[-1][1].append(line)
        elif line.strip() and (fields or not line.startswith((b"From ", b">From "))):  # the mbox line
            return _unfolded(fields), head[at:] + (b"\n\n" + body if body else b""), True
        at = _take(head, at + len(line) + 1, fields)
    return _unfolded(fields), body, odd


def _take(data: bytes, at: int, fields: list[tuple[bytes, list[bytes]]]) -> int:
    """Takes the fields that stand one under the other from `at` on; where they end."""
    while (match := _FIELD.match(data, at)) is not None:
        fields.append((match[1], [match[2]]))
        at = match.end() + 1
    return at


def _head(raw: bytes, start: int) -> tuple[bytes, bytes]:
    """The header block and the body, parted at the first blank line."""
    if raw.startswith((b"\n", b"\r\n"), start):
        return b"", raw[start + (1 if raw.startswith(b"\n", start) else 2) :]
    end = raw.find(b"\n\n", start)
    early = raw.find(b"\n\r\n", start, end + 1 if end >= 0 else len(raw))
    if early >= 0:
        return raw[start:early], raw[early + 3 :]
    return (raw[start:end], raw[end + 2 :]) if end >= 0 else (raw[start:], b"")


def _unfolded(fields: list[tuple[bytes, list[bytes]]]) -> list[tuple[bytes, bytes]]:
    return [(name, _unfold(b"\n".join(lines))) for name, lines in fields]


def _unfold(value: bytes) -> bytes:
    if value.find(b"\n") >= 0:  # `in` tries bytes as a number first, and raises and catches what that gives
        value = b" ".join([line.strip() for line in value.split(b"\n")])
    return value.strip()


def headers_of(fields: list[tuple[bytes, bytes]]) -> tuple[Headers, bool]:
    """Fields decoded, and whether some had to be cut (MAX_HEADER_BYTES)."""
    cut = sum(map(len, chain(*fields))) > MAX_HEADER_BYTES
    hint = ""
    for name, value in fields:
        if len(name) == 12 and name.lower() == b"content-type" and (match := _CHARSET.search(value[:2048])):
            hint = match[1].decode("ascii", "replace")
            break
    decoded = [
        (name.decode("ascii"), value_of(value, hint, name.lower() in ADDRESS_FIELDS))
        for name, value in (_bounded(fields) if cut else fields)
    ]
    return Headers(tuple(decoded)), cut


def _bounded(fields: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """The first fields, cut, up to MAX_HEADER_BYTES."""
    left = MAX_HEADER_BYTES
    for name, value in fields:
        value = value[: min(MAX_FIELD_BYTES, max(left - len(name), 0))]
        left -= len(name) + len(value) + 2
        if left <= 0:
            break
        yield name, value


def parse_headers(raw: bytes) -> Headers:
    """The header fields of a message or of a bare header block."""
    return headers_of(split(raw)[0])[0]


def message_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs in a field, with their angle brackets, in order, each once."""
    found = ["<" + "".join(inner.split()) + ">" for inner in _ID.findall(value)]
    if not found:
        found = ["<" + word.strip("<>,;\"'") + ">" for word in value.split() if "@" in word.strip("<>,;\"'")[1:-1]]
    return tuple(dict.fromkeys(found))


def moment(headers: Headers) -> tuple[int | None, DateSource, str | None]:
    """When a message was written: (seconds, where that is from, offset as "-0700"); None where nothing tells.

    A Date that no Received field agrees with (a clock that was never set, the year 1915 for 2015) gives way to the
    middle one of theirs: the newest may be an archive's that was moved, the oldest may have the broken clock.
    """
    parsed = parse_date(headers.get("date"))
    received = headers.all("received")
    if parsed is not None and sane(parsed[0]):
        for value in (received[-1:] + received[:1]) or [""]:
            stamp = _stamp(value)
            if stamp is not None and parsed[0] - EARLY <= stamp <= parsed[0] + STALE:
                return parsed[0], "header", parsed[1]
    stamps = sorted(stamp for value in received if (stamp := _stamp(value)) is not None)
    if (
        parsed is not None
        and sane(parsed[0])
        and (not stamps or (parsed[0] <= stamps[-1] + EARLY and parsed[0] >= stamps[0] - STALE))
    ):
        return parsed[0], "header", parsed[1]
    if stamps:
        return stamps[(len(stamps) - 1) // 2], "received", None
    return None, "arrival", None


def _stamp(received: str) -> int | None:
    """The time of a Received field: what follows its last semicolon (RFC 5321 4.4)."""
    parsed = parse_date(received.rpartition(";")[2])
    return parsed[0] if parsed is not None and sane(parsed[0]) else None
