"""Cuts an mbox into letters while it streams by, in memory bounded by one letter.

A From_ line begins a letter when an empty line is before it, when it ends in a date, and when a header field (or
nothing) is behind it: a sentence that begins with "From " never does. Where the dialect writes Content-Length
(mboxcl, mboxcl2: the file's first letter has one that leads to the next From_ line or the end), the length is
honoured for each letter for which it does. It is not honoured else, or one forged field could swallow the letters
of others.

Writers escape a line "From " in a body as ">From ". All escaping dialects agree on that one; of "N times >, From "
mboxrd strips one, while mboxo and mboxcl leave two or more as they are, and no file says what it is. So each line is
judged by looking:

    file or letter                                             `>From `      `>>From `
    From_ line of public-inbox or our export (mboxrd@z)        one off       one off
    Content-Length, and a bare "From " in the body (mboxcl2)   as it is      as it is
    the line stands in a quote of its own depth                as it is      as it is
    anything else (mboxrd, mboxo, mboxcl)                      one off       one off

"In a quote of its own depth": the nearest lines on both sides, or on one side with no space behind the marks, have
exactly as many ">". There the marks are the author's.
"""

import re
from collections.abc import Iterable, Iterator

from listfold.intake.piece import MAX_HEAD, MAX_LETTER, Damaged, Piece, body_at
from listfold.intake.sniff import BARE_FROM, FIELD, MAX_FROM_LINE, is_dated, may_follow

MAX_FIELD_NAME = 100  # bytes looked at behind a From_ line: a field's name and its colon
LOOK_AHEAD = MAX_FROM_LINE + MAX_FIELD_NAME
SHORTEST = len(b"From - Tue Dec 1 05:01 2015")
KEPT_OF_TOO_BIG = 64 * 1024  # bytes of a letter that is not taken: its header, to tell which one it was
TAIL = 16  # bytes kept of what is passed over, so that no separator is missed

CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,10})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
MBOXRD = b"From mboxrd@z "
ESCAPED = re.compile(rb"(>+)From ")
EMPTY = "an empty message"
TOO_BIG = f"larger than {MAX_LETTER} bytes"


class _Window:
    """The part of the stream that is in memory: `text`, which begins at byte `base` of the stream."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.text = bytearray()
        self.base = 0
        self.damage = ""

    def more(self) -> bool:
        """Take in another chunk; False at the end, which `damage` explains if it came too early."""
        try:
            self.text += next(self._chunks)
        except StopIteration:
            return False
        except Damaged as e:
            self.damage = str(e)
            return False
        return True

    def fill(self, size: int) -> None:
        while len(self.text) < size and self.more():
            pass

    def drop(self, start: int, end: int) -> None:
        """Forget text[start:end]; the base moves, so that what is behind keeps its place in the stream."""
        del self.text[start:end]
        self.base += end - start


def pieces(chunks: Iterable[bytes]) -> Iterator[Piece]:
    """The letters of an mbox. A Damaged of `chunks` makes the letter in which it happens unreadable."""
    window = _Window(chunks)
    text = window.text
    window.fill(LOOK_AHEAD)
    window.drop(0, len(text) - len(text.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t ")))
    with_length: bool | None = None  # whether the dialect writes Content-Length: the first letter tells
    dated = is_dated(bytes(text.partition(b"\n")[0]))
    while True:
        window.fill(LOOK_AHEAD)
        if not text:
            return
        offset = window.base
        stop = text.find(b"\n")
        start = stop + 1 if stop >= 0 else len(text)
        mboxrd = text.startswith(MBOXRD)  # of public-inbox or of ours: a length in it is the sender's
        end = _length_end(window, start) if with_length is not False and not mboxrd else None
        if with_length is None:
            with_length = end is not None
        by_length = end is not None
        too_big = False
        if end is None:
            end, too_big = _separator(window, start, dated, mboxrd)
        raw = bytes(text[start:end])
        last = end >= len(text) and not window.more()
        window.drop(0, end)
        if by_length:
            _skip_blank(window)
        else:
            raw = _without_separator(raw)
        fault = TOO_BIG if too_big else window.damage if last and window.damage else "" if raw.strip() else EMPTY
        if not fault:
            raw = unescaped(raw, with_length=by_length, mboxrd=mboxrd)
        yield Piece(offset, raw, "mbox", fault)


def unescaped(raw: bytes, with_length: bool = False, mboxrd: bool = False) -> bytes:
    """The letter with the `>` taken off that its writer put before "From ": see the table above."""
    if b">From " not in raw:
        return raw
    at = 0 if mboxrd else body_at(raw)  # a header may have sendmail's own `>From ` line
    lines = raw[at:].split(b"\n")
    if with_length and not mboxrd and any(line.startswith(b"From ") for line in lines):
        return raw
    n = 0
    while n < len(lines):
        end = n
        while end < len(lines) and ESCAPED.match(lines[end]):
            end += 1
        if end > n:
            around = lines[n - 1] if n else b"", lines[end] if end < len(lines) else b""
            quotes = set() if mboxrd else _quote_depths(*around)
            for escaped in range(n, end):
                if len(lines[escaped]) - len(lines[escaped].lstrip(b">")) not in quotes:
                    lines[escaped] = lines[escaped][1:]
        n = end + 1
    return raw[:at] + b"\n".join(lines)


def _quote_depths(before: bytes, after: bytes) -> set[int]:
    """With how many marks a line between these two would be a line of their quote."""
    depths = [len(line) - len(line.lstrip(b">")) for line in (before, after)]
    quotes = {
        depth
        for line, depth in zip((before, after), depths, strict=True)
        if line[depth : depth + 1].strip()  # no space behind the marks, as there is none in `>From `
    }
    if depths[0] == depths[1]:
        quotes.add(depths[0])
    return quotes


def _separator(window: _Window, start: int, dated: bool, rd: bool) -> tuple[int, bool]:
    """Where the letter that begins at `start` ends, and whether it is too big: then only its beginning is kept."""
    text = window.text
    too_big = False
    search = start - 1  # the From_ line's own line end: an empty letter may have nothing between
    while True:
        found = text.find(b"\nFrom ", search)
        if found >= 0:
            window.fill(found + LOOK_AHEAD)
            if _begins(text, found + 1, start, dated, rd):
                return found + 1, too_big
            search = found + 1
            continue
        search = max(search, len(text) - 5)
        if len(text) - start > (KEPT_OF_TOO_BIG + TAIL if too_big else MAX_LETTER):
            too_big = True
            window.drop(start + KEPT_OF_TOO_BIG, len(text) - TAIL)
            search = len(text) - 5
        if not window.more():
            return len(text), too_big


def _begins(text: bytearray, at: int, start: int, dated: bool, rd: bool) -> bool:
    """Whether the line at `at`, which begins with "From ", begins a letter."""
    if at > start and not text.endswith((b"\n\n", b"\n\r\n"), start - 1, at):  # start - 1: the From_ line's own end
        return False
    stop = text.find(b"\n", at, at + MAX_FROM_LINE)
    if stop < 0:
        stop = min(at + MAX_FROM_LINE, len(text))
    if dated and stop - at < SHORTEST:
        return False
    line, rest = bytes(text[at:stop]), bytes(text[stop + 1 : stop + 1 + MAX_FIELD_NAME])
    if is_dated(line):  # where every From_ line in a letter has its mark, whatever follows this one is a letter
        return may_follow(rest) or (rd and line.startswith(MBOXRD))
    return not dated and bool(BARE_FROM.match(line.rstrip())) and bool(FIELD.match(rest))


def _length_end(window: _Window, start: int) -> int | None:
    """Where Content-Length says that the letter ends, if a From_ line or the end is really there."""
    text = window.text
    size = LOOK_AHEAD
    while (body := body_at(text, start)) >= len(text) and size <= MAX_HEAD:
        size = max(2 * size, len(text) + 1)
        window.fill(size)
        if len(text) < size:
            body = body_at(text, start)
            break
    found = CONTENT_LENGTH.search(text, start, min(body, start + MAX_HEAD))
    if not found or int(found[1]) > MAX_LETTER:
        return None
    end = body + int(found[1])
    window.fill(end + LOOK_AHEAD)
    if end > len(text):
        return None
    line = bytes(text[end : end + LOOK_AHEAD]).lstrip(b"\r\n").partition(b"\n")[0]
    return end if not line or (line.startswith(b"From ") and is_dated(line)) else None


def _skip_blank(window: _Window) -> None:
    """Pass over the empty line between a letter whose length is known and the next From_ line."""
    window.fill(LOOK_AHEAD)
    blank = len(window.text) - len(window.text.lstrip(b"\r\n"))
    window.drop(0, blank)


def _without_separator(raw: bytes) -> bytes:
    """Without the newline that an mbox puts behind each letter (RFC 4155), the last one's as well."""
    if raw.endswith(b"\n\r\n") or raw == b"\r\n":
        return raw[:-2]
    if raw.endswith(b"\n\n") or raw == b"\n":
        return raw[:-1]
    return raw
