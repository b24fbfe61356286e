"""Learns footers from a list's own letters, and finds them.

A learned footer is its lines, masked: what changes from letter to letter and from subscriber to subscriber
(numbers, addresses, links beyond their host, tokens) is taken out. Masked lines hold nobody's address.

Learning has no words: the lines that many letters of several authors end with are the list's (DESIGN.md, Cleaning,
4). The sample is bounded and drawn by its owner; here the same sample gives the same footers in any order.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from listfold.core.block import last, quoted, ruler
from listfold.core.rule import plain
from listfold.model import Span

T = TypeVar("T", str, tuple[str, ...])

TAIL_LINES = 24  # that are not blank: as many as a footer can have
MASK_LENGTH = 200  # characters of a masked line that count
LEAST_LETTERS = 3  # that end with a line, and this share of the sample: measured (DESIGN.md, Cleaning, 4)
LEAST_SHARE = 0.03
LEAST_AUTHORS = 3  # one author's signature, or two who share one, teach nothing
AUTHOR_LETTERS = 4  # that count for one author: a flood from one sender teaches nothing
LEAST_WORDS = 12  # letters of a footer that are words: less is a table's frame
MOST_FOOTERS = 32  # of a list, old variants included

_URL = re.compile(
    r"(?:https?|ftp)://([\w.-]{1,253})[^\s<>\"')\]]*|mailto:\S+|\bwww\.([\w-][\w.-]{1,250})[^\s<>\"')\]]*"
)
_ADDRESS = re.compile(r"[^\s<>()\[\]:,;\"'@]{1,64}@[\w.-]{3,253}")
_TOKEN = re.compile(r"\b(?=[\w-]{0,200}\d)[\w-]{16,200}\b")
_DIGITS = re.compile(r"\d+")


def mask(line: str) -> str:
    """A line without what changes: links keep their host, addresses nothing, drawn lines their sign."""
    if sign := ruler(line):
        return f"<rule {sign}>"
    text = plain(line[: 4 * MASK_LENGTH])
    if ":" in text or "www." in text:
        text = _URL.sub(lambda m: f"<url {m[1] or m[2] or ''}>".replace(" >", ">"), text)
    if "@" in text:
        text = _ADDRESS.sub("<address>", text)
    if _DIGITS.search(text):  # a token holds one, too
        text = _DIGITS.sub("0", _TOKEN.sub("<token>", text))
    return text[:MASK_LENGTH]


def tail_lines(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """The masked lines at the end of a text that its list may have added, in order: nothing quoted, and nothing
    that other rules than learned ones have cut."""
    lines = text.split("\n")
    gone = {n for s in spans if s.cut and not s.rule.startswith("learned") for n in range(s.start, s.end)}
    gone |= {n for s in spans if s.kind in ("quote", "attribution", "forward_header") for n in range(s.start, s.end)}
    found: list[str] = []
    for at in range(len(lines) - 1, -1, -1):
        if at in gone or not lines[at].strip():
            if at in gone and quoted(lines[at]):
                break
            continue
        if quoted(lines[at]) or len(found) >= TAIL_LINES:
            break
        found.append(mask(lines[at]))
    return tuple(reversed(found))


def footers_of(samples: Iterable[tuple[str, Sequence[str]]]) -> tuple[tuple[str, ...], ...]:
    """The masked footers that a sample of a list's letters teaches, most frequent first.

    A sample is (author, tail_lines of the letter); an author is any key, and counts AUTHOR_LETTERS times at most.
    """
    letters = _bounded(samples)
    least = max(LEAST_LETTERS, LEAST_SHARE * len(letters))
    lines = _frequent(((author, set(rows)) for author, rows in letters), least)
    runs: list[tuple[str, tuple[str, ...]]] = []
    for author, rows in letters:
        start = len(rows)
        while start > 0 and rows[start - 1] in lines:
            start -= 1
        if start < len(rows):
            runs.append((author, tuple(rows[start:])))
    found = _frequent(((author, _endings(run)) for author, run in runs), least)
    kept: dict[tuple[str, ...], int] = {}
    for footer in sorted(found, key=lambda f: (-found[f], -len(f), f)):
        # A line above it that not half of its letters have ("thanks") is their authors'.
        shorter = max((found[footer[n:]] for n in range(1, len(footer))), default=0)
        if _anchored(footer) and found[footer] * 2 > shorter:
            kept[footer] = found[footer]
    whole = [f for f in kept if not any(f != g and f == g[-len(f) :] and kept[g] * 2 > kept[f] for g in kept)]
    return tuple(whole[:MOST_FOOTERS])


def _bounded(samples: Iterable[tuple[str, Sequence[str]]]) -> list[tuple[str, tuple[str, ...]]]:
    """No more than AUTHOR_LETTERS of an author, the same ones whatever the order; the last TAIL_LINES of each."""
    by_author: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for author, rows in samples:
        by_author[author].append(tuple(rows)[-TAIL_LINES:])
    return [(author, rows) for author in sorted(by_author) for rows in sorted(by_author[author])[:AUTHOR_LETTERS]]


def _frequent(counted: Iterable[tuple[str, Iterable[T]]], least: float) -> dict[T, int]:
    """What enough letters of enough authors have, with the number of letters."""
    letters: Counter[T] = Counter()
    authors: dict[T, set[str]] = defaultdict(set)
    for author, things in counted:
        for thing in things:
            letters[thing] += 1
            authors[thing].add(author)
    return {t: n for t, n in letters.items() if n >= least and len(authors[t]) >= LEAST_AUTHORS}


def _endings(run: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [run[n:] for n in range(len(run))]


def _anchored(footer: Sequence[str]) -> bool:
    """Two lines or more, one of them a link, an address or a drawn line, and some words: several people may end with
    "thanks", and tables look alike without their numbers."""
    marks = [row.startswith("<rule") or "<url" in row or "<address>" in row for row in footer]
    words = sum(sum(c.isalpha() for c in row) for row in footer if not row.startswith("<rule"))
    return len(footer) >= 2 and any(marks) and words >= LEAST_WORDS


def learned(lines: Sequence[str], end: int, floor: int, footers: Sequence[Sequence[str]]) -> Span | None:
    """The footer that ends at `end` and that the list has taught: all lines of one, or a run of known lines."""
    if not footers:
        return None
    known = {row for footer in footers for row in footer}
    run: list[tuple[int, str]] = []
    for at in range(end - 1, max(floor, end - 3 * TAIL_LINES) - 1, -1):
        if not lines[at].strip():
            continue
        row = mask(lines[at])
        if row not in known or len(run) >= TAIL_LINES:
            break
        run.append((at, row))
    if not run:
        return None
    rows = [row for _, row in reversed(run)]
    for footer in sorted(footers, key=len, reverse=True):
        size = len(footer)
        if size and rows[-size:] == list(footer):
            return Span("footer", _drawn(lines, run[size - 1][0], floor), end, "learned", 0.95)
    if _anchored(rows):
        return Span("footer", _drawn(lines, run[-1][0], floor), end, "learned", 0.85)
    return None


def _drawn(lines: Sequence[str], start: int, floor: int) -> int:
    """A line drawn above belongs to the footer."""
    above = last(lines, start, floor)
    return above - 1 if above > floor and (ruler(lines[above - 1]) or lines[above - 1].strip() == "--") else start
