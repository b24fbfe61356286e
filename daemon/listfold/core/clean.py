"""Marks what is not the author's text: one block at a time from the end, until nothing changes.

quotes and forwards are marked first, and removed never;
then blocks are peeled: from the end of the text, and from the end of the author's own words above what they
answer. Each turn of the loop asks every finder for the one block that ends there, the list's own first.
"""

from collections.abc import Sequence

from listfold.core.block import TAIL, View, last, quoted, view
from listfold.core.footer import Signs, footer, needles_of
from listfold.core.footer_rules import FOOTER_RULES
from listfold.core.learned import learned
from listfold.core.quote import Quotes, quotes
from listfold.core.rule import Rule, plain, table
from listfold.core.signature import signature
from listfold.core.tail import advertisement, banner, boxed, headed, mobile, notice, scrubbed
from listfold.core.tail_rules import MOBILE_RULES, TAIL_RULES
from listfold.frozen import dataclass
from listfold.model import ListName, Person, Span

PEELS = 24  # blocks that are peeled at one end: real mail stacks five or six
TAIL_TEXT = 6_000  # characters before an end that rules are chosen by: no footer or advertisement is longer

GATEWAYS = frozenset({"nabble", "phpbb", "gmane"})  # a forum's footers

_MOBILE = frozenset(MOBILE_RULES)
BUILT_IN: tuple[Rule, ...] = (*FOOTER_RULES, *MOBILE_RULES, *TAIL_RULES)
_RULES = table(BUILT_IN)


@dataclass(frozen=True, slots=True)
class Context:
    """What the message itself says about who sent it and over which list: blocks are matched against it."""

    list: ListName
    author: Person
    subject: str = ""
    urls: tuple[str, ...] = ()  # every URL and address of the List-* fields and Archived-At
    seams: tuple[int, ...] = ()  # lines where another MIME part begins
    spans: tuple[Span, ...] = ()  # what structure has told already
    signed: bool = False
    html: bool = False
    reply: bool = False  # has In-Reply-To or References
    learned: tuple[tuple[str, ...], ...] = ()  # masked footers that the list itself has taught
    rules: tuple[Rule, ...] = ()  # the operator's own, from config/lists.d


@dataclass(frozen=True, slots=True)
class Seen:
    """A text as lines, and what it quotes or forwards: the same whatever its list has taught."""

    view: View
    marks: Quotes


def look(text: str, context: Context) -> Seen:
    seen = view(text)
    return Seen(seen, quotes(seen, context.spans, context.reply))


def clean(text: str, context: Context) -> tuple[Span, ...]:
    """Spans of everything but body text, in line order, not overlapping. Linear time; never raises."""
    return spans_of(look(text, context), context)


def spans_of(text: Seen, context: Context) -> tuple[Span, ...]:
    """As `clean`, of a text that was looked at."""
    seen, marks = text.view, text.marks
    lines = seen.lines
    cuts = [span for span in context.spans if span.kind in ("footer", "signature", "disclaimer")]
    floor = max((span.end for span in marks.spans if span.kind == "forward_header"), default=0)
    end = last(lines, len(lines))
    for span in cuts:
        if last(lines, span.end) >= end:
            end = min(end, last(lines, span.start))
    tail, end = peel(seen, end, floor, context, marks.message)
    cuts += tail
    above = _own_end(lines, end, marks)
    if above is not None:
        cuts += peel(seen, last(lines, above), 0, context, None, answered=True)[0]
    if top := banner(lines):
        cuts.append(top)
    return merge(len(lines), [*context.spans, *marks.spans], cuts)


def peel(
    seen: View, end: int, floor: int, context: Context, message: int | None, *, answered: bool = False
) -> tuple[list[Span], int]:
    """Every block that ends at `end`, then at the start of that one, and so on; and the end that is left. `answered`:
    the message that these words answer stands below them."""
    lines = seen.lines
    found: list[Span] = []
    rules: Chosen | None = None
    for _ in range(PEELS):
        low = max(floor, seen.floor(end))
        end = last(lines, end, low)
        if end <= low or quoted(lines[end - 1]):
            break
        rules = rules or _choose(lines, low, end, context)
        span = (
            learned(lines, end, low, context.learned)
            or footer(lines, end, low, rules.signs, context.seams, answered=answered)
            or scrubbed(lines, end, low)
            or boxed(lines, end, low)
            or headed(lines, end, low)
            or mobile(lines, end, low, rules.mobiles)
            or advertisement(lines, end, low, rules.tails)
            or notice(lines, end, low, bool(found) and found[-1].kind == "disclaimer")
            or _signed(
                lines,
                end,
                low,
                context.author,
                rules.signs,
                own=message is None or end <= message,
                gateway=bool(found) and found[-1].rule in GATEWAYS,
            )
        )
        if span is None:
            break
        found.append(span)
        end = span.start
    return found, end


def _signed(
    lines: Sequence[str], end: int, low: int, author: Person, signs: Signs, *, own: bool, gateway: bool
) -> Span | None:
    """The signature that ends at `end`, unless it is a footer with something written under it."""
    span = signature(lines, end, low, author, own=own, gateway=gateway)
    if span is None:
        return None
    weights = [signs.weigh(line)[0] for line in lines[span.start : span.end] if line.strip()]
    drawn = span.rule.startswith("ruled")
    return None if 3 in weights or 2 in weights[: len(weights) if drawn else 3] else span


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is asked at one end of a text: the rules whose words occur there."""

    signs: Signs
    mobiles: tuple[Rule, ...]
    tails: tuple[Rule, ...]


def _choose(lines: Sequence[str], low: int, end: int, context: Context) -> Chosen:
    near: list[str] = []
    size = 0
    for at in range(end - 1, max(low, end - TAIL) - 1, -1):
        size += len(lines[at]) + 1
        if size > TAIL_TEXT or quoted(lines[at]):
            break
        near.append(lines[at])
    text = plain(" ".join(reversed(near)))
    chosen = (*_RULES.active(text), *context.rules)
    mentioned = {context.list.name.casefold(), context.list.id.casefold(), context.list.address.casefold()}
    signs = Signs(
        needles=needles_of((*context.urls, context.list.address)),
        names=tuple(name for name in sorted(mentioned) if len(name) > 5),
        rules=tuple(rule for rule in chosen if rule.kind == "footer"),
    )
    others = [rule for rule in chosen if rule.kind == "disclaimer"]
    return Chosen(signs, tuple(r for r in others if r in _MOBILE), tuple(r for r in others if r not in _MOBILE))


def _own_end(lines: Sequence[str], end: int, marks: Quotes) -> int | None:
    """Where the author's own words end above the message that they answer, when that message comes last."""
    if marks.message is not None and marks.message < end:
        return marks.message
    if end == 0:
        return None
    top = None
    for span in sorted(marks.spans, key=lambda s: s.start, reverse=True):
        if span.kind not in ("quote", "attribution", "forward_header") or last(lines, span.end) < (
            end if top is None else last(lines, top)
        ):
            break
        top = span.start
    return top


def merge(size: int, marks: Sequence[Span], cuts: Sequence[Span]) -> tuple[Span, ...]:
    """One span a line: what is cut before what is only marked, the first finder before the next."""
    owner: list[Span | None] = [None] * (size + 1)
    edges = {size}  # at these lines one span may give way to another
    for span in reversed((*cuts, *marks)):
        first, end = max(span.start, 0), min(span.end, size)
        owner[first:end] = [span] * (end - first)
        edges.update((first, end))
    merged: list[Span] = []
    start = 0
    for n in sorted(edges):
        one = owner[start]
        if owner[n] is not one:
            if one is not None:
                merged.append(Span(one.kind, start, n, one.rule, one.confidence))
            start = n
    return tuple(merged)
