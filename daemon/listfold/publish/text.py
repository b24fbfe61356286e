"""Renders a digest issue as text: RFC 1153, 72 columns, pleasant in a terminal."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from listfold.publish.article import ITEM, Block, is_even, short, width
from listfold.publish.digest import Digest, Item, counted
from listfold.publish.fit import HERE, MAX_PAGE, fit
from listfold.publish.html import summary
from listfold.publish.issue import DAYS, MONTHS
from listfold.publish.words import copy_text, folded

COLUMNS = 72
RULE = "-" * 70  # RFC 1153: ends the preamble
SEPARATOR = "-" * 30  # RFC 1153: between letters
MAX_DRAWN = 200  # columns of a kept line: a table wider than that is data


def text(digest: Digest) -> bytes:
    """The issue, at most MAX_PAGE bytes of UTF-8. All lines fit in 72 columns, but those of tables and single words."""
    numbers = {item.id: n for n, item in zip(count(1), (i for t in digest.threads for i in t.items), strict=False)}
    name = f"{short(digest.scope.name, 40)} Digest, {digest.issue.name}"
    head = [name, "=" * width(name), "", *wrap(digest.issue.title + _dates(digest)), *wrap(summary(digest))]
    if digest.open:
        head += wrap(f"Still open: letters of this {digest.issue.period} keep coming in.")
    frame = 200 + COLUMNS * 4
    fitted = fit(
        digest,
        "text",
        MAX_PAGE - 16 * 1024 - sum(len(_topic(t.subject, len(t.items)).encode()) + 8 for t in digest.threads[:200]),
        lambda item: _letter(item, digest),
        _line,
        frame,
        lambda item, told: told.replace(HERE, b"%d" % numbers[item.id]),
    )
    head += ["", "Today's Topics:" if digest.issue.period == "day" else "Topics:", ""]
    head += [_topic(t.subject, len(t.items)) for t in digest.threads[:200]]
    if len(digest.threads) > 200:
        head.append(f"   … and {counted(len(digest.threads) - 200, 'more thread')}")
    parted = f"\n{SEPARATOR}\n\n".encode()
    letters = [part for thread in fitted.threads for letter in thread for part in (letter, parted)]
    left = [*wrap(f"{counted(fitted.left, 'more letter')} had no room here."), "", SEPARATOR, ""] if fitted.left else []
    end = f"End of {name}"
    tail = [*left, end, "*" * width(end), ""]
    return b"".join(["\n".join([*head, "", RULE, "", ""]).encode(), *letters, "\n".join(tail).encode()])


def plain_blocks(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Lines of an article as text: own words wrapped, what is folded away as one line in brackets."""
    for block in blocks:
        if block.kind == "prose":
            for line in block.lines:
                yield from wrap(line.rstrip())
        elif block.kind == "kept":
            yield from (line[:MAX_DRAWN] for line in block.lines)
        else:
            yield from wrap(f"[{folded(block)}]", "  ")
        yield ""


def wrap(line: str, indent: str = "") -> list[str]:
    """A logical line in lines of at most COLUMNS; a word that is wider stands alone, but CJK breaks anywhere."""
    bare = line.lstrip()
    lead = indent + line[: len(line) - len(bare)].expandtabs(4) if len(bare) < len(line) else indent
    lead = lead if len(lead) < COLUMNS // 2 else indent
    words = " ".join(bare.split())
    even = is_even(line)
    if even and len(lead) + len(words) <= COLUMNS:
        return [lead + words]
    marker = ITEM.match(line)
    hang = lead + " " * len(marker.group().lstrip()) if marker else lead
    out: list[str] = []
    if even:  # most lines, and most of the time that an issue takes: no width but length
        before = lead
        while len(before) + len(words) > COLUMNS:
            room = COLUMNS - len(before)
            cut = words.rfind(" ", 0, room + 1)
            cut = words.find(" ", max(room, 0)) if cut < 0 else cut
            if cut < 0:
                break
            out.append(before + words[:cut])
            words, before = words[cut + 1 :], hang
        return [*out, before + words]
    now, used = lead, width(lead)
    for word in _words(line.split()):
        glue = "" if not now.strip() or word.startswith("\0") else " "
        word = word.lstrip("\0")
        wide = width(word)
        if now.strip() and used + len(glue) + wide > COLUMNS:
            out.append(now)
            now, used, glue = hang, width(hang), ""
        now += glue + word
        used += len(glue) + wide
    return [*out, now] if now.strip() or not out else out


def _words(words: list[str]) -> Iterator[str]:
    """Words, and pieces of what a line may break anywhere: a piece after the first begins with NUL."""
    for word in words:
        if word.isascii() or width(word) == len(word):
            yield word
            continue
        piece = ""
        first = True
        for char in word:
            if width(piece + char) > COLUMNS // 2:
                yield piece if first else "\0" + piece
                piece, first = "", False
            piece += char
        yield piece if first else "\0" + piece


def _letter(item: Item, digest: Digest) -> str:
    from_ = f"{item.who} <{item.address}>" if item.address else item.who
    lines = [
        f"Message: {HERE.decode()}",
        f"Date: {_date(item, digest)}",
        *wrap(f"From: {from_}"),
        *wrap(f"Subject: {item.subject}"),
        f"URL: {item.url}" if item.url else f"Id: {item.id}",
        "",
        *plain_blocks(item.article.blocks),
    ]
    if item.why:
        lines[4:4] = wrap(f"Comment: {item.why}")
    if item.article.rest:
        lines += [f"[{counted(item.article.rest, 'more line')} in the archive]", ""]
    for file in item.files:
        lines += wrap(f"[attached: {file}]")
    for copy in item.copies:
        lines += wrap(f"* {copy_text(copy)}")
    if item.hidden:
        lines.append(f"* and {item.hidden} more")
    if item.files or item.copies:
        lines.append("")
    # RFC 1153: what would look like a separator is moved by a space.
    told = "\n".join(lines)
    if SEPARATOR in told:
        told = "\n".join([" " + line if line.startswith(SEPARATOR) else line for line in lines])
    return told


def _line(item: Item) -> str:
    why = f" ({item.why})" if item.why else ""
    return "\n".join([*wrap(f"{item.who}{why}: {item.article.opening[:90] or item.subject}"),
                      f"  {item.url or item.id}", ""])  # fmt: skip


def _topic(subject: str, number: int) -> str:
    return "\n".join(wrap(f"{subject} ({number})", "   "))


def _date(item: Item, digest: Digest) -> str:
    """RFC 5322 form, in the zone of the issue."""
    local = datetime.fromtimestamp(item.when, digest.issue.zone)
    return (
        f"{DAYS[local.weekday()][:3]}, {local.day} {MONTHS[local.month - 1][:3]} {local.year:04} "
        f"{local.hour:02}:{local.minute:02}:{local.second:02} {local:%z}"
    )


def _dates(digest: Digest) -> str:
    return f" ({digest.issue.dates})" if digest.issue.dates else ""
