"""Finds the messages that a text forwards, inline or as one quote.

A mail program writes a forward as a separator, a few labels and the text, which may stand behind quote marks. The same
separator over the same labels is also what Outlook writes above a reply's full quote, so that the subject has to tell
the two apart: whoever forwards says so there. Each call opens one level; the caller opens what is found in turn.
"""

import re
from array import array
from collections.abc import Sequence, Set
from functools import lru_cache
from itertools import accumulate

from listfold.core.block import View
from listfold.core.claimed import attribution_fields
from listfold.core.fingerprint import words_of
from listfold.core.forward_rules import (
    EITHER,
    MAX_BLOCK,
    QUOTE_MARK,
    UNQUOTED,
    arrowed,
    ends_forward,
    forward_at,
    headed,
    label_of,
    no_quote,
    separator_of,
)
from listfold.core.headers import Headers
from listfold.frozen import dataclass
from listfold.model import Span

MAX_SIBLINGS = 1000  # members of one text: no digest has more
MAX_LOOSE = 2  # lines one after the other that a second wrapping may have left without their mark
WRAPPED = 65  # characters that mail programs fill a line with at least, before they wrap it
LEAST_QUOTED = 5  # words that a quoted forward has at least

# Prefixes that say forward and nothing else ("VS:" is a reply in Finnish and a forward in Danish).
FORWARD_SUBJECT = re.compile(
    r"\s*(?:\[[^\[\]:]{1,60}\]\s*)*\[?\s*"
    r"(?:fwd?|fw|forwarded|wg|weitergeleitet|tr|transf|rv|reenv|enc|vb|doorst|vl|pd|i|ilt|i̇lt|fs|trs|továbbítás|πρθ|пересл"
    r"|转发|轉寄|轉發|转寄|転送|전달|הועבר|إعادة توجيه)\s?(?:\[\d{1,3}\])?\s?[:：]\s*",
    re.IGNORECASE,
)
REPLY_SUBJECT = re.compile(
    r"\s*(?:\[[^\[\]:]{1,60}\]\s*)*"
    r"(?:re|aw|antwort|antw|sv|svar|vs|odp|ref?|réf?|rép|réponse|res|resp|rif|r|ynt|vá|απ|отв|ответ|на|回复|回覆|答复|答覆|返信|답장|회신|رد|תשובה)"
    r"\s?(?:[\[(]\d{1,3}[\])]|\^\d{1,3})?\s?[:：]",
    re.IGNORECASE,
)

# "VS:" begins a Finnish or Estonian reply, and a forward where the labels are Danish or Norwegian.
VS_SUBJECT = re.compile(r"\s*(?:\[[^\[\]:]{1,60}\]\s*)*vs\s?:", re.IGNORECASE)
DANISH_SENDER = re.compile(r"\s*[*_]*fra[*_]*\s?:", re.IGNORECASE)
INITIALS = re.compile(r"[A-Za-z]{1,4}>(?: |$)")  # a quote mark with who is quoted: "AO> text"

FIELD_NAMES = {
    "from": "From",
    "date": "Date",
    "subject": "Subject",
    "to": "To",
    "cc": "Cc",
    "message-id": "Message-ID",
    "in-reply-to": "In-Reply-To",
    "references": "References",
}

FULL_HEADER = frozenset({"from", "date", "to", "subject"})


@dataclass(frozen=True, slots=True)
class Inline:
    """A message that a text shows: its labels on lines [start, body), its own text on lines [body, end).

    `text` has one line for each of [body, end), a quote mark less where the whole of it was quoted. `after` is the
    line behind what belongs to it (an end mark).
    """

    start: int
    body: int
    end: int
    after: int
    headers: Headers
    text: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What each forward asks of the text that follows it, found once for all of them: a letter may have a thousand."""

    quoted: Sequence[bool]
    stops: Sequence[int]  # for each line the end mark of a forward whose text begins there; the text's end without one
    filled: Sequence[int]  # lines before this one that are not blank…
    held: Sequence[int]  # …and how many of them are quoted


@lru_cache(maxsize=16)  # a letter's subject is asked several times
def is_forward(subject: str) -> bool:
    """Whether a raw subject says first of all that this is a forward."""
    return FORWARD_SUBJECT.match(subject) is not None


@lru_cache(maxsize=16)
def is_reply(subject: str) -> bool:
    """Whether a raw subject says first of all that this is a reply."""
    return REPLY_SUBJECT.match(subject) is not None


def without_forward(subject: str) -> str:
    """The subject that a forward's subject forwards: "Re: x" of "[list] Fwd: Re: x" and of "[Fwd: Re: x]"."""
    match = FORWARD_SUBJECT.match(subject)
    if match is None:
        return subject
    rest = subject[match.end() :].strip()
    return rest.removesuffix("]") if "[" in match[0].rsplit("]", 1)[-1] else rest


def inlines(view: View, spans: Sequence[Span], subject: str, reply: bool) -> tuple[Inline, ...]:
    """The messages that a text forwards, in order. `spans` are what cleaning found in it, `subject` is as written,
    `reply` tells that the message answers another by its header."""
    lines = view.lines
    forwarding = is_forward(subject)
    if not view.openings and not forwarding:
        return ()  # most messages
    end = body_end(lines, spans)
    ground: Ground | None = None
    answering = not forwarding and (reply or is_reply(subject))
    found: list[Inline] = []
    after = 0
    for n in view.openings:
        if n >= end or len(found) == MAX_SIBLINGS:
            break
        block = None if n < after else forward_at(lines, n)
        if block is None:
            continue
        ground = ground or ground_of(lines, end, spans)
        if ground.quoted[n]:
            continue
        body, fields = rest_of_labels(lines, *block)
        danish = answering and VS_SUBJECT.match(subject) and has_danish_sender(lines, n, body)
        if not opens_forward(
            fields["style"], fields.keys(), lines, n, forwarding or bool(danish), answering and not danish
        ):
            return tuple(found)  # the full quote of a reply: what follows in it is quoted too
        if not found and forwarding:
            body, fields = with_attribution(lines, body, fields, without_forward(subject))
        one = document(lines, n, min(body, end), end, fields, ground)
        found.append(one)
        after = one.after
    if not found and forwarding:
        quoted = ground.quoted if ground else quoted_lines(lines, spans)
        whole = quoted_forward(lines, end, quoted, spans, subject)
        return (whole,) if whole else ()
    return tuple(found)


def opens_forward(style: str, named: Set[str], lines: Sequence[str], n: int, forwarding: bool, answering: bool) -> bool:
    """Whether a header block at line n begins a forward and not the full quote under a reply."""
    if style not in EITHER:
        return True
    if forwarding or answering or style == "groupwise":
        return forwarding
    # Neither says what it is: a separator does; labels with nothing around them are common in text, all four are not.
    return style == "reply" or label_of(lines[n]) is None or named >= FULL_HEADER


def has_danish_sender(lines: Sequence[str], start: int, body: int) -> bool:
    return any(DANISH_SENDER.match(lines[n]) for n in range(start, body))


def with_attribution(
    lines: Sequence[str], body: int, fields: dict[str, str], subject: str
) -> tuple[int, dict[str, str]]:
    """A header block that names nobody: an attribution may follow the separator instead ("07.12.2015, 13:22, "Ann"
    <ann@example.org>:"), and the forward's own subject tells that of the only message in it."""
    if fields.get("from"):
        return body, {"subject": subject, **fields} if subject else fields
    at = next((n for n in range(body, min(body + 3, len(lines))) if lines[n].strip()), len(lines))
    if at == len(lines) or "@" not in lines[at] or not lines[at].rstrip().endswith(":"):
        return body, fields
    named = {name.lower(): value for name, value in attribution_fields(without_mark(lines[at]))}
    return (at + 1, {"subject": subject, **fields, **named}) if len(named) == 2 else (body, fields)


def rest_of_labels(lines: Sequence[str], end: int, fields: dict[str, str]) -> tuple[int, dict[str, str]]:
    """A header block whose long values a second wrapping has broken, put together again: a line without a label counts
    as a value's rest when labels that are not named yet follow it, when it names more recipients, or when it ends the
    block and its first word had no room above."""
    fields = dict(fields)
    start = end
    last = label_of(without_mark(lines[end - 1])) if end else None
    marked = end > 0 and without_mark(lines[end - 1]) != lines[end - 1]
    blank = " \t>" if marked else " \t"
    while end < len(lines) and end - start < MAX_BLOCK and lines[end].strip(blank):
        bare = without_mark(lines[end])
        if bare != lines[end] and not marked:
            break  # the text begins with a quote
        label = label_of(bare)
        if label is None:
            following = lines[end + 1 : end + 3]
            ahead = [found for line in following if (found := label_of(without_mark(line)))]
            more = bool(ahead) and ahead[0][0] != "" and ahead[0][0] not in fields
            recipients = last is not None and last[0] in ("to", "cc") and "@" in bare
            end_of_it = not following or not following[0].strip(blank)
            if last is None or not (more or recipients or (end_of_it and is_rest(lines[end - 1], bare))):
                break
            if last[0]:
                fields[last[0]] = f"{fields.get(last[0], '')} {bare.strip()}".strip()
        elif label[0] in fields:
            break
        else:
            last = label
            if label[0]:
                fields[label[0]] = label[1]
        end += 1
    return end, fields


def ground_of(lines: Sequence[str], end: int, spans: Sequence[Span]) -> Ground:
    """The lines of a text whose own words end at line `end`. Within a forward that begins and ends with marks another
    one's end is no end: going up, a beginning takes the nearest end below it away."""
    quoted = quoted_lines(lines, spans)
    stops = array("q", [end]) * (end + 1)
    ends = [end]
    for n in range(end - 1, -1, -1):
        if lines[n].startswith(("-", "=", "_", " ", "\t")):
            if ends_forward(lines[n]):
                ends.append(n)
            elif len(ends) > 1 and (mark := separator_of(lines[n])) is not None and mark[0] == "mutt":
                ends.pop()
        stops[n] = ends[-1]
    filled = [bool(line.strip()) for line in lines[:end]]
    held = map(bool.__and__, filled, quoted)
    return Ground(quoted, stops, array("q", accumulate(filled, initial=0)), array("q", accumulate(held, initial=0)))


def document(lines: Sequence[str], start: int, body: int, end: int, fields: dict[str, str], ground: Ground) -> Inline:
    """The forward whose header block stands on lines [start, body)."""
    stop = ground.stops[body]
    after = min(stop + 1, end)
    while body < stop and not lines[body].strip(" \t>|"):
        body += 1
    above = [line for line in lines[start:body] if line.strip() and not arrowed(line)]
    marked = any(map(QUOTE_MARK.match, above))
    inside = ground.filled[stop] - ground.filled[body]
    held = ground.held[stop] - ground.held[body]
    if held and (marked or held == inside):
        last = last_of_run(lines, body, stop, ground.quoted)
        text = taken_out(lines, body, last, ground.quoted)
        # A quoted forward ends with its quote: what follows is the forwarder's.
        return Inline(start, body, last, last, claimed_headers(fields), text)
    return Inline(start, body, stop, after, claimed_headers(fields), "\n".join(lines[body:stop]))


def quoted_forward(
    lines: Sequence[str], end: int, quoted: Sequence[bool], spans: Sequence[Span], subject: str
) -> Inline | None:
    """A forward that is one quote under an attribution, or under nothing: only its subject says that it is one."""
    first = next((n for n in range(end) if quoted[n]), None)
    if first is None:
        return None
    last = last_of_run(lines, first, end, quoted)
    if any(quoted[n] for n in range(last, end)):
        return None  # quotes and answers by turns: a reply
    start = first
    fields: tuple[tuple[str, str], ...] = ()
    above = first - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    marked = [s for s in spans if s.kind == "attribution" and s.start <= above < s.end]
    if marked:
        start = marked[0].start
    elif above >= 0 and lines[above].rstrip().endswith((":", "：")):
        start = above
        while start > 0 and lines[start - 1].strip() and above - start < 2:
            start -= 1
    if start < first:
        fields = attribution_fields("\n".join(lines[start : above + 1]))
    text = taken_out(lines, first, last, quoted)
    if len(words_of(text)) < LEAST_QUOTED:
        return None
    inner = text.split("\n")
    top = next((n for n, line in enumerate(inner) if line.strip()), 0)
    block = forward_at(inner, top) or headed(inner, top)
    if block is not None:  # the separator and labels are quoted with the rest
        below = block[0]
        while below < len(inner) and not inner[below].strip():
            below += 1
        return Inline(start, first + below, last, last, claimed_headers(block[1]), "\n".join(inner[below:]))
    headers = Headers((*fields, ("Subject", without_forward(subject))))
    return Inline(start, first, last, last, headers, text)


def body_end(lines: Sequence[str], spans: Sequence[Span]) -> int:
    """The line where the text's own last footers begin: they are the outer message's and nobody else's. What a list
    has taught us does not count, since an identity may not depend on it."""
    end = len(lines)
    for span in sorted(spans, key=lambda s: s.end, reverse=True):
        while end > 0 and not lines[end - 1].strip():
            end -= 1
        if span.end < end:
            break
        if span.kind in ("footer", "disclaimer") and not span.rule.startswith("learned"):
            end = min(end, span.start)
    return end


def quoted_lines(lines: Sequence[str], spans: Sequence[Span]) -> list[bool]:
    """Which lines are quoted, by mark or by what HTML said."""
    quoted = [
        line[:1] in "> " and line.lstrip(" ").startswith(">") and not (line.startswith(UNQUOTED) and no_quote(line))
        for line in lines
    ]
    if not any(quoted):
        for span in spans:
            if span.rule == "quote-marks" and INITIALS.match(lines[span.start]):
                quoted[span.start : span.end] = [True] * (span.end - span.start)
    for span in spans:
        if span.kind == "quote" and span.rule.startswith("html"):
            for n in range(span.start, min(span.end, len(lines))):
                quoted[n] = True
    return quoted


def last_of_run(lines: Sequence[str], first: int, end: int, quoted: Sequence[bool]) -> int:
    """The line behind a quote that begins at `first`. Blank lines belong to it, and lines whose mark a second
    wrapping has lost, right under the line that was full."""
    last = first
    loose = 0  # lines without a mark since the last one that had it
    for n in range(first, end):
        if quoted[n]:
            last, loose = n + 1, 0
        elif n == last and n > first and loose < MAX_LOOSE and is_rest(lines[n - 1], lines[n]):
            last, loose = n + 1, loose + 1
        elif lines[n].strip():
            break
    return last


def is_rest(line: str, after: str) -> bool:
    """Whether a line was cut off the one before it by wrapping: its first word had no room there."""
    word = next(iter(after.split(None, 1)), "")
    return bool(word) and len(line) + 1 + len(word) >= WRAPPED


def taken_out(lines: Sequence[str], first: int, last: int, quoted: Sequence[bool]) -> str:
    """A quote without its marks. One that HTML alone has marked keeps those that stand in it: they are its own."""
    for n in range(first, last):
        if quoted[n] and lines[n].strip() and not (lines[n].lstrip(" ").startswith(">") or INITIALS.match(lines[n])):
            return "\n".join(lines[first:last])
    return unquoted(lines[first:last])


def unquoted(lines: Sequence[str]) -> str:
    """The lines with one quote mark less each."""
    if lines and INITIALS.match(lines[0]):
        return "\n".join(INITIALS.sub("", line, count=1) if INITIALS.match(line) else line for line in lines)
    return "\n".join(without_mark(line) for line in lines)


def without_mark(line: str) -> str:
    bare = line.lstrip(" ")
    if not bare.startswith(">"):
        return line
    return bare[2:] if bare.startswith("> ") else bare[1:]


def claimed_headers(fields: dict[str, str]) -> Headers:
    """Header fields as a forward's labels claim them."""
    return Headers(tuple((FIELD_NAMES[name], value) for name, value in fields.items() if name in FIELD_NAMES and value))
