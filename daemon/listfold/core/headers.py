"""Reads header fields: names, addresses, dates, subjects and Message-IDs as real mail writes them."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from listfold.core.addresses import people as people
from listfold.core.dates import parse_date, sane
from listfold.core.encoded_words import value_of
from listfold.core.subjects import subject as subject
from listfold.core.subjects import tags as tags
from listfold.model import DateSource

MAX_HEADER_BYTES = 102400  # as public-inbox (Eml.pm, $header_size_limit)
MAX_FIELD_BYTES = MAX_HEADER_BYTES // 4  # of one field where all are too much, so that one cannot hide the others

EARLY = 2 * 86400  # how far a Date may lie after all Received fields: zones set wrong, clocks a day off
STALE = 2 * 365 * 86400  # and how far before: held for moderation, but not since a clock's first day

ADDRESS_FIELDS = frozenset(
    ("from", "to", "cc", "bcc", "reply-to", "sender", "resent-from", "resent-to", "resent-cc", "resent-sender",
     "x-original-from", "mail-followup-to", "mail-reply-to", "delivered-to", "x-original-to", "errors-to",
     "return-path", "list-id", "x-mailing-list")
)  # fmt: skip

_FIELD = re.compile(  # with its folded lines; or all that is left, where none stands
    rb"([!-9;-~]{1,128})[ \t]*:([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?|(?s:.++)"
)
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|received|return-path|reply-to|sender|references|in-reply-to|mime-version|"
    rb"content-[a-z-]{1,32}|list-[a-z-]{1,32}|x-[a-z0-9-]{1,64}|dkim-signature|delivered-to|precedence|user-agent)"
    rb"[^\S\n]?:",
    re.IGNORECASE | re.MULTILINE,
)
_CHARSET = re.compile(rb"charset\s?=\s?\"?([\w.:-]{1,40})", re.IGNORECASE)
_ID = re.compile(r"<([^<>]+)>")


class Headers:
    """Fields in order: (name as written, value unfolded, RFC 2047 decoded, free of control characters).

    A value that is given as bytes is decoded when it is asked for, once: most of a letter's thirty never are.
    """

    __slots__ = ("_fields", "_first", "_hint", "names")

    def __init__(self, fields: Iterable[tuple[str, str | bytes]] = (), hint: str = "") -> None:
        self._fields = list(fields)
        self._hint = hint  # the charset that bare 8-bit values most likely have
        self.names = [name.lower() for name, _ in self._fields]
        self._first = dict(zip(reversed(self.names), reversed(range(len(self.names))), strict=True))

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, self.value(n)) for n, (name, _) in enumerate(self._fields))

    def value(self, n: int) -> str:
        """The value of the field at place `n`, whose name in lower case is `names[n]`."""
        name, value = self._fields[n]
        if isinstance(value, bytes):
            value = value_of(_unfold(value), self._hint, self.names[n] in ADDRESS_FIELDS)
            self._fields[n] = name, value
        return value

    def get(self, name: str) -> str:
        """The first field of that name (any case), or ""."""
        n = self._first.get(name.lower())
        return "" if n is None else self.value(n)

    def all(self, name: str) -> list[str]:
        name = name.lower()
        return [self.value(n) for n, key in enumerate(self.names) if key == name]


def split(raw: bytes) -> tuple[list[tuple[bytes, bytes]], bytes, bool]:
    """A message's fields (name, value as it is folded), its body, and whether something in between was odd.

    A line that is no field belongs to the field before it when known fields follow before the blank line (a subject
    that somebody folded wrongly), else the body begins there without its blank line: no text is ever lost to it.
    """
    top = raw[: MAX_HEADER_BYTES * 2].rstrip(b"\r\n")  # SMTP puts a CRLF at the end of anything
    if top.find(b"\n") < 0 <= top.find(b"\r"):  # `in` tries bytes as a number first, and raises and catches that
        raw = raw.replace(b"\r", b"\n")  # lines that end in CR alone
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    while raw.startswith((b"\n", b"\r\n"), start):  # blank lines before the first field, if fields follow
        start += 1 if raw.startswith(b"\n", start) else 2
    fields: list[tuple[bytes, bytes]] = []
    at = _take(raw, start, fields)
    if start and not fields:
        return [], raw, True
    head, body = _head(raw, at)  # what is left of the header: nothing, unless something is odd
    known: int | None = None  # where the last field begins that certainly is one: asked once, where a line is none
    odd = bool(start)
    more: dict[int, list[bytes]] = {}  # lines that belong to a field without being folded into it, by its place
    at = 0
    while at < len(head):
        end = head.find(b"\n", at)
        line = head[at : end if end >= 0 else len(head)]
        if known is None and fields:
            known = max((found.start() for found in _KNOWN.finditer(head)), default=-1)
        if fields and line.startswith((b" ", b"\t")):
            more.setdefault(len(fields) - 1, []).append(line)
        elif known is not None and at < known:
            odd = True
            more.setdefault(len(fields) - 1, []).append(line)
        elif line.strip() and (fields or not line.startswith((b"From ", b">From "))):  # the mbox line
            odd, body = True, head[at:] + (b"\n\n" + body if body else b"")
            break
        at = _take(head, at + len(line) + 1, fields)
    for n, lines in more.items():
        fields[n] = fields[n][0], b"\n".join([fields[n][1], *lines])
    return fields, body, odd


def _take(data: bytes, at: int, fields: list[tuple[bytes, bytes]]) -> int:
    """Takes the fields that stand one under the other from `at` on; where they end."""
    found = list(_FIELD.finditer(data, at))
    end = found.pop().start() if found and found[-1].lastindex is None else len(data)
    fields += [(match[1], match[2]) for match in found]
    return end


def _head(raw: bytes, start: int) -> tuple[bytes, bytes]:
    """The header block and the body, parted at the first blank line."""
    if raw.startswith((b"\n", b"\r\n"), start):
        return b"", raw[start + (1 if raw.startswith(b"\n", start) else 2) :]
    end = raw.find(b"\n\n", start)
    early = raw.find(b"\n\r\n", start, end + 1 if end >= 0 else len(raw))
    if early >= 0:
        return raw[start:early], raw[early + 3 :]
    return (raw[start:end], raw[end + 2 :]) if end >= 0 else (raw[start:], b"")


def _unfold(value: bytes) -> bytes:
    if value.find(b"\n") >= 0:  # `in` tries bytes as a number first, and raises and catches what that gives
        value = b" ".join([line.strip() for line in value.split(b"\n")])
    return value.strip()


def headers_of(fields: list[tuple[bytes, bytes]]) -> tuple[Headers, bool]:
    """The fields, to be decoded, and whether some had to be cut (MAX_HEADER_BYTES)."""
    cut = False
    if sum(map(len, chain(*fields))) > MAX_HEADER_BYTES:
        fields = [(name, _unfold(value)) for name, value in fields]
        cut = sum(map(len, chain(*fields))) > MAX_HEADER_BYTES
    hint = ""
    for name, value in fields:
        if len(name) == 12 and name.lower() == b"content-type" and (match := _CHARSET.search(_unfold(value)[:2048])):
            hint = match[1].decode("ascii", "replace")
            break
    return Headers([(name.decode("ascii"), value) for name, value in (_bounded(fields) if cut else fields)], hint), cut


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
