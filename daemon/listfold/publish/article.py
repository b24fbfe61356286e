"""Lays one record's body out in blocks, so that an issue can show what was said and fold away what surrounds it.

It is made fit to be shown first, and laid out from that: no block can hold what the body must not show.

    prose       the author's own words; hard-wrapped lines joined, lines broken on purpose kept
    kept        tables, code and drawings, every column where it was
    quote       what somebody else said before; folded to a line
    forwarded   an enclosed or inlined letter; folded to a line
    patch, log  folded to a line

Only the body is read: lines under a cut span (footer, signature, disclaimer) never come here. Own words are
shortened at the end of a paragraph, what is folded away more sharply; `rest` counts the lines that went.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import compress, repeat
from operator import ne
from typing import Literal

from listfold.frozen import dataclass
from listfold.model import Record
from listfold.publish.patches import parted, trimmed

BlockKind = Literal["prose", "kept", "quote", "forwarded", "patch", "log"]

MAX_OWN = 8_000  # characters of own words in an issue: some 1,300 words, what is read without scrolling for long
MAX_FOLDED = 3_000  # characters of one folded block; the rest is a link away
MAX_BLOCKS = 120
MAX_LABEL = 160  # characters
MAX_LINE = 2_000  # characters: a longer line is data

_FROM = re.compile(r"[>\s*]{0,8}(?:From|Von|De|Da|Van|Från|Fra|От|寄件者|发件人|差出人)\*?\s?[::]\*?\s*(\S.{0,200})")
ITEM = re.compile(r"\s*([-*•·–+o]|\(?\d{1,3}[.)]|\[\w{1,3}\]|[a-z]\))\s")
_FIELD = re.compile(r"[A-Z][\w-]{0,30}: ")  # "Signed-off-by: ", "Link: ": each is a line of its own
_SIGN = re.compile("[@＠%&]")  # of an address, as it is or disguised
_NOT_ONE = re.compile("[\xad\u0300-\U0010ffff]")  # characters that may take another number of columns than one
# What stands together; all other kinds are the author's own.
_GROUPS = {"quote": "quote", "attribution": "attribution", "forwarded": "forwarded", "forward_header": "forwarded"}
_QUOTED = re.compile(r"\n ?[>|] ?")


@dataclass(frozen=True, slots=True)
class Block:
    """`lines` are logical lines of prose, or the lines as they stood. `total` counts those before shortening."""

    kind: BlockKind
    lines: tuple[str, ...]
    total: int
    label: str = ""  # who is quoted; the files that a patch touches


@dataclass(frozen=True, slots=True)
class Article:
    blocks: tuple[Block, ...]
    rest: int = 0  # lines that are only at the record's own page

    @property
    def opening(self) -> str:
        """The first own words, for a line that stands for the letter."""
        own = (line.strip() for b in self.blocks if b.kind == "prose" for line in b.lines)
        return next((line for line in own if len(line) > 1), "")


@dataclass(frozen=True, slots=True)
class Body:
    """What a record's body shows, line by line, each with its kind: that of its span, or "body"."""

    lines: list[str]
    kinds: list[str]
    beyond: int = 0  # lines after these


def body(record: Record, show: Callable[[str], str] = str) -> Body:
    """The lines that were not cut, as `show` shows them. It may part a line in two, and joins none."""
    lines = record.text.split("\n")
    kinds = ["body"] * len(lines)
    for span in record.spans:
        kinds[span.start : span.end] = ["cut" if span.cut else span.kind] * len(kinds[span.start : span.end])
    if "cut" in kinds:
        left = [kind != "cut" for kind in kinds]
        lines, kinds = list(compress(lines, left)), list(compress(kinds, left))
    text = show("\n".join(lines))
    shown = text.split("\n")
    if len(shown) > len(lines):  # a form feed, a line separator
        pairs = [(part, kind) for line, kind in zip(lines, kinds, strict=True) for part in show(line).split("\n")]
        shown, kinds = [part for part, _ in pairs], [kind for _, kind in pairs]
    # What a mail program marks as quoted and no rule has named is a quote all the same.
    if text.startswith(">") or "\n>" in text:
        for n in [n for n, line in enumerate(shown) if line[:1] == ">" and kinds[n] == "body"]:
            if not shown[n].startswith(">From "):
                kinds[n] = "quote"
    return Body(shown, kinds, record.beyond)


def article(body: Body) -> Article:
    """The body in blocks, shortened. Linear in the text."""
    blocks: list[Block] = []
    own, rest = 0, body.beyond
    for kind, lines, label in _runs(body):
        total = len(lines)
        if own >= MAX_OWN or len(blocks) >= MAX_BLOCKS:
            rest += total
            continue
        if kind in ("quote", "forwarded", "patch", "log"):
            blocks.append(Block(kind, _first(lines, MAX_FOLDED), total, short(" ".join(label.split()), MAX_LABEL)))
            continue
        for paragraph in _paragraphs(lines):
            if own >= MAX_OWN or len(blocks) >= MAX_BLOCKS:
                rest += len(paragraph)
                continue
            form: BlockKind = "kept" if _is_drawn(paragraph) else "prose"
            shown = _first(paragraph if form == "kept" else _joined(paragraph), MAX_OWN - own)
            own += sum(map(len, shown)) + len(shown)
            blocks.append(Block(form, shown, len(paragraph)))
            if sum(map(len, shown)) < sum(map(len, paragraph)) * 0.9:
                rest += max(1, len(paragraph) - len(shown))
    return Article(tuple(_merged(blocks)), rest)


def plain(body: Body, room: int) -> str:
    """The body with its quotes, as a letter of its own shows it, at most `room` characters; long lines shortened."""
    lines = trimmed(body.lines)
    if lines and max(map(len, lines)) > MAX_LINE:
        lines = [line if len(line) <= MAX_LINE else line[:MAX_LINE] + "…" for line in lines]
    text = "\n".join(lines)
    return text if len(text) <= room else text[:room].rsplit("\n", 1)[0] + "\n[…]"


def short(text: str, room: int) -> str:
    """At most `room` characters, cut at a word."""
    if len(text) <= room:
        return text
    head = text[: room - 1]
    cut = head.rfind(" ")
    return (head[:cut] if cut > room * 2 // 3 else head).rstrip() + "…"


def width(text: str) -> int:
    """Columns that a text takes in a terminal: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    odd = _NOT_ONE.findall(text)
    return len(text) - len(odd) + sum(map(_columns, odd))


def is_even(text: str) -> bool:
    """Whether each character takes one column: most texts that are not ASCII hold an ellipsis or curved quotes."""
    return text.isascii() or all(_columns(char) == 1 for char in _NOT_ONE.findall(text))


@lru_cache(maxsize=4096)
def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _runs(body: Body) -> Iterator[tuple[BlockKind, list[str], str]]:
    """The body in runs of one kind. An attribution joins the quote that it introduces, as its label."""
    lines, kinds = body.lines, body.kinds
    groups = list(map(_GROUPS.get, kinds, repeat("own")))
    edges = [*compress(range(1, len(groups)), map(ne, groups, groups[1:])), len(groups)]
    at, label = 0, ""
    while at < len(lines):
        kind, group, end = kinds[at], groups[at], edges[bisect_right(edges, at)]
        while group != "own" and _bridges(lines, groups, end, group):
            end = edges[bisect_right(edges, end + 1)]
        run = lines[at:end]
        if kind == "attribution":
            while end < len(lines) and not lines[end].strip():
                end += 1
            said = " ".join(line.strip(" >\t") for line in run).strip()
            if end < len(lines) and kinds[end] == "quote":
                label = said
            elif said:
                yield "prose", run, ""
            at = end
            continue
        if group == "own":
            yield from parted(run)
        elif any(line.strip() for line in run):
            if group == "quote":
                yield "quote", trimmed(_unquoted(run)), label
            else:
                yield "forwarded", trimmed(run), _sender(run)
        label, at = "", end


def _sender(lines: list[str]) -> str:
    """Whose letter an inlined one is, by its header; headers come in every language, and those that we know not stay
    without a name."""
    found = (match for line in lines[:12] if (match := _FROM.match(line)))
    return next((match[1].strip() for match in found), "")


def _bridges(lines: list[str], groups: list[str], at: int, group: str) -> bool:
    """A blank line between two lines of one quote belongs to it."""
    return at + 1 < len(lines) and groups[at + 1] == group and not lines[at].strip()


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    paragraph: list[str] = []
    for line in lines:
        if line.strip():
            paragraph.append(line.rstrip())
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


def _is_drawn(lines: list[str]) -> bool:
    """Whether columns matter: a table, code, a drawing."""
    if len(lines) < 2:
        return lines[0].startswith(("\t", "    ")) and not lines[0].strip().endswith((".", "?", "!"))
    columns = indented = 0
    text = "\n".join(lines)
    if "   " in text or "\t" in text or "|" in text:  # few paragraphs: the others are told at once
        columns = sum("   " in line.strip() or "\t" in line.strip() or " | " in line or "|--" in line for line in lines)
        indented = sum(line.startswith(("    ", "\t")) for line in lines)
    code = sum([line.endswith((";", "{", "}", "\\", "*/")) for line in lines])
    return max(columns, indented, code) * 2 >= len(lines) and max(columns, indented, code) >= 2


def _joined(lines: list[str]) -> list[str]:
    """Logical lines: one was wrapped when the first word of the next would not have fitted into the widest of all."""
    widths = list(map(width, lines))
    widest = max(widths)
    if not 45 <= widest <= 110:
        return lines
    out = [lines[0]]
    for n in range(1, len(lines)):
        line, previous = lines[n], lines[n - 1]
        wrapped = widths[n - 1] >= 40 and widths[n - 1] + 1 + width(line.split(maxsplit=1)[0]) > widest
        if wrapped and not ITEM.match(line) and not _FIELD.match(line) and not previous.endswith("  "):
            wide = not previous.isascii() and unicodedata.east_asian_width(previous[-1]) in "WF"
            # What is shown was mangled line by line: without a space the two halves of an address would be one again.
            wide = wide and not _SIGN.search(previous.rsplit(maxsplit=1)[-1] + line.split(maxsplit=1)[0])
            out[-1] += line.strip() if wide else " " + line.strip()
        else:
            out.append(line)
    return out


def _merged(blocks: list[Block]) -> Iterator[Block]:
    """Drawn paragraphs that follow one another are one drawing, its blank lines kept."""
    held: Block | None = None
    for block in blocks:
        if held and held.kind == block.kind == "kept":
            held = Block("kept", (*held.lines, "", *block.lines), held.total + block.total + 1)
            continue
        if held:
            yield held
        held = block
    if held:
        yield held


def _first(lines: list[str], room: int) -> tuple[str, ...]:
    """The lines from the first on that fit; at least a part of one."""
    if lines and sum(map(len, lines)) + len(lines) <= room and max(map(len, lines)) <= MAX_LINE:
        return tuple(lines)
    out: list[str] = []
    for line in lines:
        short = line if len(line) <= MAX_LINE else line[:MAX_LINE] + "…"
        if len(short) > room:
            if not out:
                out.append(short[: max(room, 200)].rsplit(" ", 1)[0] + " …")
            break
        out.append(short)
        room -= len(short) + 1
    return tuple(out)


def _unquoted(lines: list[str]) -> list[str]:
    """One level of quoting less."""
    text = "\n" + "\n".join(lines)
    for mark in ("\n> ", "\n>"):  # nearly all lines; a NUL, which no text holds, stands where one was taken away
        text = text.replace(mark, "\n\0")
    if "\n " in text or "\n|" in text:
        text = _QUOTED.sub("\n", text)
    return text.replace("\0", "")[1:].split("\n")
