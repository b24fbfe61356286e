"""Keeps what each list teaches about its footers: a bounded sample of its letters' tails, and what follows from it.

The sample is drawn by hash, not by arrival: of each list the letters with the lowest keys. So the footers that are
learned, when all is settled, depend on which letters there are and on nothing else. When a list's footers change its
letters are read again (`settle`); reading them adds or takes away spans and moves nothing.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence

from listfold.frozen import dataclass
from listfold.model import Span

SAMPLE = 500  # letters of a list: 3 % of them are 15, well above what one sender may count for

Footers = Mapping[str, tuple[tuple[str, ...], ...]]  # list id -> masked footers


@dataclass(frozen=True, slots=True)
class Teaching:
    """Core's pure functions: the masked lines at the end of a text, and the footers that many of those teach."""

    tail_lines: Callable[[str, Sequence[Span]], tuple[str, ...]]
    footers_of: Callable[[Iterable[tuple[str, Sequence[str]]]], tuple[tuple[str, ...], ...]]


@dataclass(frozen=True, slots=True)
class Tail:
    """A letter that a list might be learned from: its key, its author's address, its text."""

    key: bytes
    author: str
    text: str
    spans: tuple[Span, ...]


def sample(db: sqlite3.Connection, tails: Mapping[str, Sequence[Tail]], teaching: Teaching) -> None:
    """Take letters' outer messages into their lists' samples: those whose keys are low enough."""
    for list_id, found in tails.items():
        held = [key for (key,) in db.execute("SELECT key FROM tail WHERE list = ?", (list_id,))]
        kept = set(sorted({*held, *(tail.key for tail in found)})[:SAMPLE])
        taken = [tail for tail in found if tail.key in kept]
        if not taken:
            continue
        rows = [(list_id, t.key, t.author.casefold(), json.dumps(teaching.tail_lines(t.text, t.spans))) for t in taken]
        db.executemany("INSERT OR REPLACE INTO tail VALUES (?, ?, ?, ?)", rows)
        gone = [(list_id, key) for key in held if key not in kept]
        db.executemany("DELETE FROM tail WHERE list = ? AND key = ?", gone)
        db.execute("INSERT INTO lesson VALUES (?, '[]', 1) ON CONFLICT (list) DO UPDATE SET stale = 1", (list_id,))


def forget(db: sqlite3.Connection, list_id: str, key: bytes) -> None:
    """Take a letter out of its list's sample."""
    if db.execute("DELETE FROM tail WHERE list = ? AND key = ?", (list_id, key)).rowcount:
        db.execute("UPDATE lesson SET stale = 1 WHERE list = ?", (list_id,))


def learn(db: sqlite3.Connection, teaching: Teaching) -> bool:
    """Draw the lessons of every list whose sample has changed; the letters of a list that has taught something else
    are to be read again. True when any has."""
    changed = False
    for list_id, before in db.execute("SELECT list, footers FROM lesson WHERE stale = 1").fetchall():
        tails = db.execute("SELECT author, lines FROM tail WHERE list = ? ORDER BY key", (list_id,)).fetchall()
        after = json.dumps(teaching.footers_of((author, json.loads(lines)) for author, lines in tails))
        db.execute("UPDATE lesson SET footers = ?, stale = 0 WHERE list = ?", (after, list_id))
        if after != before:
            changed = True
            db.execute("INSERT OR IGNORE INTO settle SELECT DISTINCT letter FROM message WHERE list = ?", (list_id,))
    return changed


def learned(db: sqlite3.Connection) -> Footers:
    rows = db.execute("SELECT list, footers FROM lesson WHERE footers != '[]'")
    return {list_id: tuple(tuple(footer) for footer in json.loads(footers)) for list_id, footers in rows}
