"""Lays a record's text out in blocks that a page shows: prose, kept lines, quotes, patches, forwarded text, cuts.

Spans say what each line is. Cut lines become a block that names them and holds nothing of them (DESIGN.md, Privacy
is a wall). Everything else is linkified, so mangled and escaped, and hard-wrapped prose is joined so that it reads on
a phone; what looks like a table, a list or code keeps its lines.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Literal

from markupsafe import Markup

from listfold.frozen import dataclass
from listfold.model import CUT_KINDS, Record, Span
from listfold.publish.article import width
from listfold.publish.patches import trimmed
from listfold.web.safetext import line, shown

BlockKind = Literal["prose", "pre", "patch", "quote", "forwarded", "cut"]

OPEN_QUOTE = 6  # lines: a quote this short that is answered below it stays open, or the answer makes no sense
ATTRIBUTION = 6  # lines that "On … wrote:" and the blank under it take, wrapped as they come
LONG_PRE = 30  # lines: longer logs and patches are folded
WRAPPED, MAX_WRAPPED = 45, 110  # columns that mail programs wrap at; narrower or wider lines were set on purpose
ITEM = re.compile(r"[-*•·–+#|>]\s|\(?\d{1,3}[.)]\s|[A-Z][A-Za-z-]{1,30}: ")  # starts a line of its own
MAX_SHOWN = 60_000  # bytes of HTML of one letter, so that its page stays under 100 kB; the rest is in its plain text
FRAME = 250  # bytes of HTML around a part of it
NAMES = {"signature": "signature", "footer": "footer of the list", "disclaimer": "legal notice"}


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a body. `lines` counts the lines of the text that it stands for."""

    kind: BlockKind
    html: Markup
    lines: int
    summary: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    blocks: tuple[Block, ...]
    cuts: tuple[str, ...]  # "signature, 3 lines"
    left_out: int = 0  # lines that did not fit


Run = tuple[str, list[str]]


def lay_out(record: Record, limit: int = MAX_SHOWN) -> Body:
    """The body of a record as blocks, of about `limit` bytes."""
    runs = joined(list(labelled(record.text.split("\n"), record.spans)))
    blocks: list[Block] = []
    cuts: list[str] = []
    room, left_out = limit, 0
    last = max(
        (n for n, (label, lines) in enumerate(runs) if label == "body" and any(map(str.strip, lines))), default=0
    )
    for n, (label, lines) in enumerate(runs):
        if label in NAMES:
            cuts.append(f"{NAMES[label]}, {counted(len(lines))}")
            continue
        lines, over, room = fitting(lines, room - FRAME if blocks else room)
        left_out += over
        if not any(text.strip() for text in lines):
            continue
        match label:
            case "quote":
                blocks.append(quote(lines, answered=n < last))
            case "forwarded":
                kept = Block("forwarded", shown("\n".join(trimmed(lines))), len(lines))
                blocks.append(replace(kept, summary=f"Forwarded text · {counted(len(lines))}", open=True))
            case _:
                blocks.extend(own(lines))
    return Body(tuple(blocks), tuple(cuts), left_out)


def labelled(lines: list[str], spans: Sequence[Span]) -> Iterator[Run]:
    """Runs of lines of one label: body, quote (with its attribution), forwarded, or a kind that was cut."""
    labels: list[str] = ["body"] * len(lines)
    for span in spans:
        if span.kind in CUT_KINDS and not span.cut:
            continue
        label = "forwarded" if span.kind == "forward_header" else str(span.kind)
        for n in range(max(0, span.start), min(span.end, len(lines))):
            if labels[n] not in NAMES:  # where spans overlap, what is cut stays cut
                labels[n] = label
    for n, text in enumerate(lines):  # what no rule has named and a program has marked is a quote all the same
        if labels[n] == "body" and text.startswith(">") and not text.startswith(">From "):
            labels[n] = "quote"
    for label, group in groupby(range(len(lines)), key=labels.__getitem__):
        yield label, [lines[n] for n in group]


def joined(runs: list[Run]) -> list[Run]:
    """An attribution goes with the quote under it, and blank lines do not part what belongs together."""
    out: list[Run] = []
    for label, lines in runs:
        blank = label == "body" and not any(map(str.strip, lines))
        if blank and out and out[-1][0] in ("attribution", "quote", "forwarded"):
            out[-1][1].extend(lines)
        elif out and (out[-1][0] == label or (out[-1][0], label) == ("attribution", "quote")):
            out[-1][1].extend(lines)
            out[-1] = (label, out[-1][1])
        else:
            out.append((label, lines))
    return [("body" if label == "attribution" else label, lines) for label, lines in out]


def fitting(lines: list[str], room: int) -> tuple[list[str], int, int]:
    """As many whole lines as fit into `room` bytes, how many do not, and the room that is left."""
    for n, text in enumerate(lines):
        taken = charge(text)
        if taken > room:
            return lines[:n], len(lines) - n, room
        room -= taken
    return lines, 0, room


def charge(text: str) -> int:
    """Bytes that a line takes on a page, at most: escaped, linked twice over, coloured when it is of a patch."""
    written = text.encode()
    escapes = 5 * (len(written) - len(written.translate(None, b"&<>\"'")))
    links = len(text) + 50 * text.count("://") if "://" in text else 0
    return len(written) + escapes + links + (30 if text[:1] in ("+", "-") else 1)


def quote(lines: list[str], *, answered: bool) -> Block:
    """What stands above the first marked line is the attribution; it becomes the line that opens the quote."""
    lines = trimmed(lines)
    head = next((n for n, text in enumerate(lines[:ATTRIBUTION]) if text.lstrip().startswith(">")), 0)
    opening = line(" ".join(lines[:head]), 160).rstrip(":：") or "Quoted text"
    said = trimmed([unquoted(text) for text in lines[head:]])
    summary = f"{opening} · {counted(len(said))}"
    return Block("quote", shown("\n".join(said)), len(lines), summary, answered and len(said) <= OPEN_QUOTE)


def unquoted(text: str) -> str:
    """Without one level of `>`; deeper levels stay to be seen."""
    bare = text.lstrip()
    return bare[1:].removeprefix(" ") if bare.startswith(">") else text


def own(lines: list[str]) -> Iterator[Block]:
    """The author's own lines by paragraph; from the first line of a patch on, all is patch."""
    start = next((n for n, text in enumerate(lines) if opens_patch(lines, n, text)), len(lines))
    for filled, group in groupby(lines[:start], key=lambda text: bool(text.strip())):
        if filled:
            yield paragraph(list(group))
    if start < len(lines):
        patch = trimmed(lines[start:])
        html = Markup("\n").join(coloured(text) for text in patch)
        yield Block("patch", html, len(patch), f"Patch · {counted(len(patch))}", len(patch) <= LONG_PRE)


def opens_patch(lines: list[str], n: int, text: str) -> bool:
    if text.startswith("diff --git "):
        return True
    follows = lines[n + 1] if n + 1 < len(lines) else ""
    return text.startswith(("--- ", "Index: ")) and follows.startswith(("+++ ", "====="))


def coloured(text: str) -> Markup:
    html = shown(text)
    if text.startswith("+") and not text.startswith("+++"):
        return Markup('<span class="plus">{}</span>').format(html)
    if text.startswith("-") and not text.startswith("---"):
        return Markup('<span class="minus">{}</span>').format(html)
    return html


def paragraph(lines: list[str]) -> Block:
    if columnar(lines):
        folded = len(lines) > LONG_PRE
        summary = f"Lines as they were set · {counted(len(lines))}" if folded else ""
        return Block("pre", shown("\n".join(lines)), len(lines), summary)
    return Block("prose", shown("\n".join(unwrapped(lines))), len(lines))


def columnar(lines: list[str]) -> bool:
    """Tables, code and drawings: most lines are indented, or hold gaps or strokes that only a fixed width keeps."""
    if len(lines) < 2:
        return lines[0].startswith(("    ", "\t"))
    return sum(map(set_out, lines)) * 2 >= len(lines)


def set_out(text: str) -> bool:
    """A line that reads wrong in any but a fixed width."""
    inside = text.strip()
    starts = text.startswith(("    ", "\t", "|", "+--", "$ ", "# "))
    return starts or any(gap in inside for gap in ("   ", " | ", "\t"))


def unwrapped(lines: list[str]) -> Iterator[str]:
    """Lines as they were written: one was broken by a program when the next word would not have fitted in.

    Between two ideographs there is no blank (UAX 14: they break anywhere)."""
    widths = [width(text) for text in lines]
    widest = max(widths)
    logical = lines[0].rstrip()
    for n, text in enumerate(lines[1:]):
        word = text.split(maxsplit=1)[0]
        full = WRAPPED <= widest <= MAX_WRAPPED and widths[n] + 1 + width(word) > widest
        if full and not text[0].isspace() and not ITEM.match(text):
            wide = unicodedata.east_asian_width(logical[-1]) in "WF" and text[0] > "\u2e7f"
            logical += ("" if wide else " ") + text.strip()
        else:
            yield logical
            logical = text.rstrip()
    yield logical


def counted(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines:,} lines"
