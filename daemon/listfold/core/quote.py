"""Marks what a message quotes or forwards, in whatever style, and the lines that introduce it; removes nothing."""

import re
from collections.abc import Sequence
from itertools import chain, compress

from listfold.core.attribution_rules import WROTE
from listfold.core.block import View
from listfold.core.forward_rules import ARROWS, EITHER, UNQUOTED, ends_forward, forward_at, label_of, no_quote
from listfold.core.rule import plain
from listfold.frozen import dataclass
from listfold.model import Span, SpanKind

ATTRIBUTION_LINES = 4  # Gmail wraps its longest at 78 characters into three
ATTRIBUTION_LENGTH = 500
NABBLE_WORDS = 6  # of "Anna Lind wrote", which has no colon and stands on its quote

_INITIALS = re.compile(r"[ \t]{0,3}[A-Za-z]{1,4}>")  # Supercite and others: "AB> text"
_TIME = re.compile(
    r"\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d\d\b|(?:19|20)\d\d ?[年년-]|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|[۰-۹]{4}"
)
_SOMEBODY = re.compile(r"[\w.+-](?:@|\(at\)| at |_at_)[\w-]{1,63}[.\w-]|<[^<>]{3,80}>|\[mailto:")
_OPENS = re.compile(
    r"(?:on|am|le|el|il|em|op|den|w dniu|dnia|dne|dňa|on|in|at|в|на|пн|вт|ср|чт|пт|сб|вс|у|je|pada|vào|στις"
    r"|dana|kuupäev|în|în data"
    r"|tarihinde|del|il giorno|lainaus|quoting|citando|zitat von|selon|a las|\"|'|\d|mon|tue|wed|thu|fri|sat"
    r"|sun|date:)\b",
    re.IGNORECASE,
)
_SHORTEST = tuple(word for word in WROTE if not any(other in word for other in WROTE if other != word))
_SHORTEST_ASCII = tuple(word for word in _SHORTEST if word.isascii())
_MARKS = "|:}%#"  # by which some programs mark quotes: only under an attribution, since they are much else


@dataclass(frozen=True, slots=True)
class Quotes:
    """What was marked, and where a quoted message without marks begins that runs to the end (or None)."""

    spans: tuple[Span, ...]
    message: int | None


def quotes(view: View, known: Sequence[Span], reply: bool) -> Quotes:
    lines = view.lines
    inside = _known(len(lines), known)
    marked = [False] * len(lines)
    for n in view.marks:
        marked[n] = _marked(lines[n])
    if inside:
        marked = [a or b for a, b in zip(marked, inside, strict=True)]
    spans: list[Span] = []
    message = _messages(view, marked, spans, reply)
    stop = len(lines) if message is None else message
    at = 0
    while at < stop:
        if not marked[at]:
            at += 1
            continue
        end = _run(lines, marked, at, stop)
        top = _attribution(lines, marked, at)
        depth = _depth(lines[at])
        if top is None and depth >= 3 and not any(_depth(line) in (1, 2) for line in lines[at:end]):
            at = end  # ">>> print(1)": a prompt, not a quote three deep
            continue
        if top is not None and top < at:
            spans.append(Span("attribution", top, _last(lines, at), "attribution", 0.9))
        spans.append(Span("quote", at, end, "quote-marks", 0.95))
        at = end
    if message is None:
        message = _unmarked(view, marked, spans)
    return Quotes(tuple(spans), message)


def _known(size: int, known: Sequence[Span]) -> list[bool]:
    if not any(span.kind == "quote" for span in known):
        return []
    inside = [False] * size
    for span in known:
        if span.kind == "quote":
            for n in range(span.start, min(span.end, size)):
                inside[n] = True
    return inside


def _marked(line: str) -> bool:
    mark = line[:1]
    if mark == ">":
        return not (line.startswith(UNQUOTED) and no_quote(line))
    if mark == " " or mark == "\t":
        return line.lstrip(" \t")[:1] == ">" and len(line) - len(line.lstrip(" \t")) <= 3
    return mark.isalpha() and ">" in line[1:6] and _INITIALS.match(line) is not None


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(">"))


def _run(lines: Sequence[str], marked: Sequence[bool], at: int, stop: int) -> int:
    """The line after a quote; one blank line between two marked ones belongs to it."""
    end = at
    while at < stop:
        if marked[at]:
            end = at + 1
        elif lines[at].strip() or at - end > 0:
            break
        at += 1
    return end


def _last(lines: Sequence[str], at: int) -> int:
    while at > 0 and not lines[at - 1].strip():
        at -= 1
    return at


def _attribution(lines: Sequence[str], marked: Sequence[bool], quote: int) -> int | None:
    """The first line of what introduces a quote that begins at `quote`, or None."""
    bottom = _last(lines, quote)
    if quote - bottom > 2 or bottom == 0 or marked[bottom - 1]:
        return None
    if (labels := _labelled(lines, marked, bottom)) is not None:
        return labels
    weak = None
    words = False
    for size in range(1, ATTRIBUTION_LINES + 1):
        top = bottom - size
        if top < 0 or marked[top] or not lines[top].strip() or len(lines[top]) > ATTRIBUTION_LENGTH:
            break
        text = plain(" ".join(lines[top:bottom]))
        words, colon = words or _words(text), text.endswith((":", "：", ":-"))
        if not (words or colon or size == 1):
            continue  # a date and an address are enough in one line only
        date = _TIME.search(text) is not None
        if not (words or date or colon):
            continue
        somebody = _SOMEBODY.search(text) is not None
        if words or colon or somebody:
            if (words + date + somebody >= 2 and (colon or words or size == 1)) or (colon and somebody):
                if _OPENS.match(text) or top == 0 or not lines[top - 1].strip() or marked[top - 1] or size > 2:
                    return top
                weak = top if weak is None else weak
            elif words and colon and size == 1 and len(text.split()) in range(2, 12):
                weak = top
        if size == 1 and bottom == quote and text.endswith(" wrote") and len(text.split()) <= NABBLE_WORDS:
            return top
    return weak


def _labelled(lines: Sequence[str], marked: Sequence[bool], bottom: int) -> int | None:
    """Header labels over a quote: the sender's and one more."""
    top = bottom
    names = set()
    while top > 0 and bottom - top < 6 and not marked[top - 1] and (label := label_of(lines[top - 1])):
        names.add(label[0])
        top -= 1
    return top if "from" in names and len(names) >= 2 else None


def _words(text: str) -> bool:
    return True in [word in text for word in (_SHORTEST_ASCII if text.isascii() else _SHORTEST)]


def _messages(view: View, marked: Sequence[bool], spans: list[Span], reply: bool) -> int | None:
    """Marks header blocks and what stands under them; the first line of the first block whose message has no marks."""
    lines = view.lines
    opening = next((n for n, line in enumerate(lines) if line.strip()), 0)
    first: int | None = None
    kind: SpanKind | None = None
    start = skip = 0
    for at in _candidates(view, marked):
        if at < skip:
            continue
        line = lines[at]
        if kind == "forwarded" and ends_forward(line):
            spans.append(Span(kind, start, at, "forward", 0.9))
            spans.append(Span("forward_header", at, at + 1, "forward-end", 0.9))
            kind = None
            continue
        found = forward_at(lines, at)
        # git writes From:, Date: and Subject: of a patch's author over its message: that is the author's own text.
        if found is None or (found[1]["style"] == "outlook" and at == opening and "to" not in found[1]):
            continue
        skip, fields = found
        style = fields["style"]
        if kind:
            spans.append(Span(kind, start, at, "forward", 0.9))
        top = _announced(lines, marked, at) if style == "outlook" else at
        spans.append(Span("forward_header", top, skip, f"forward-{style}", 0.95))
        below = _below(lines, skip)
        if style == "reply" and skip == at + 1 and (end := _introduction(lines, marked, below)):
            spans.append(Span("attribution", below, end, "attribution-separated", 0.9))
            skip, below = end, _below(lines, end)
        if below < len(lines) and marked[below]:
            kind = None  # its message has marks of its own
        else:
            kind = "quote" if style in EITHER and reply else "forwarded"
            first = top if first is None else first
        start = skip
    if kind:
        spans.append(Span(kind, start, len(lines), "forward", 0.9))
    return first


def _below(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _introduction(lines: Sequence[str], marked: Sequence[bool], at: int) -> int:
    """The line after an attribution that begins at `at`, under a separator as Proton has it; 0 for none."""
    for end in range(at + 1, min(at + ATTRIBUTION_LINES, len(lines) + 1)):
        if marked[end - 1] or not lines[end - 1].strip() or len(lines[end - 1]) > ATTRIBUTION_LENGTH:
            break
        text = plain(" ".join(lines[at:end]))
        if text.endswith((":", "：")):
            known = (_words(text), _TIME.search(text) is not None, _SOMEBODY.search(text) is not None)
            return end if sum(known) >= 2 else 0
    return 0


def _announced(lines: Sequence[str], marked: Sequence[bool], at: int) -> int:
    """Where a block of labels begins that stands under an attribution, as Yahoo has it: "--- On Mon, A wrote:"."""
    above = _last(lines, at) - 1
    if above < 0 or at - above > 3 or marked[above] or not lines[above].startswith("--- "):
        return at
    text = plain(lines[above])
    return above if text.endswith(":") and _TIME.search(text) and _words(text) else at


def _candidates(view: View, marked: Sequence[bool]) -> list[int]:
    """Lines that may open or end a message, outside diffs and armour."""
    lines = view.lines
    found = [n for n in view.openings if not marked[n] and _may_open(lines[n])]
    if view.kept and found:
        held = set(chain.from_iterable(range(start, end) for start, end in view.kept))
        found = [n for n in found if n not in held]
    return found


def _may_open(line: str) -> bool:
    """A cheap look before forward_at: only a rule or a label opens a message."""
    mark = line[:1]
    if mark in "-_=*#~—─‐":
        return len(line) > 3
    if mark == ">":
        return line.startswith(ARROWS)
    return (":" in line[:48] or "：" in line[:24] or line.endswith((":", ": "))) and (
        mark.isalpha() or mark in " \t*\xa0"
    )


def _unmarked(view: View, marked: Sequence[bool], spans: list[Span]) -> int | None:
    """An attribution with no common marks anywhere under it: what follows is quoted, to the end or as far as lines
    begin with one other mark."""
    lines = view.lines
    under = max(compress(range(len(marked)), marked), default=-1)
    for at in view.colons:
        line = lines[at]
        if at <= under or line.rstrip()[-1] not in ":：" or len(line) > ATTRIBUTION_LENGTH:
            continue
        if not _words(plain(line)):
            continue
        below = at + 1
        while below < len(lines) and not lines[below].strip():
            below += 1
        if below >= len(lines) or marked[below]:
            continue
        for size in range(1, ATTRIBUTION_LENGTH // 160 + 1):
            top = at + 1 - size
            if top < 0 or marked[top] or not lines[top].strip():
                break
            text = plain(" ".join(lines[top : at + 1]))
            if _TIME.search(text) and _SOMEBODY.search(text) and _OPENS.match(text) and below - at <= 3:
                spans.append(Span("attribution", top, at + 1, "attribution-unmarked", 0.8))
                end = _otherwise(lines, below)
                if end > below:
                    spans.append(Span("quote", below, end, "quote-other-marks", 0.85))
                    return None
                spans.append(Span("quote", at + 1, len(lines), "quote-unmarked", 0.6))
                return top
    return None


def _otherwise(lines: Sequence[str], at: int) -> int:
    """The line after a run of lines that begin with one of the uncommon marks; `at` when there is none."""
    mark = lines[at][:1]
    if mark not in _MARKS or not mark:
        return at
    end = at
    while end < len(lines) and lines[end].startswith(mark) and lines[end][1:2] in ("", " ", mark):
        end += 1
    return end
