"""Finds what a message could be a copy of: a bounded handful of candidates, by headers and by shared shingles.

What it gives is the same whatever the order of arrival, and near(a) holds b when near(b) holds a, but for the bounds.

The index holds a part of a message's sampled shingles, `told`: about three dozen whatever its length, those that are
0 modulo a power of two that grows with the length. Two texts of which one holds most of the other differ in length
by a factor of two or three, so what both tell at the coarser of their two steps is enough to find one by the other.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from listfold.archive import shingles
from listfold.archive.rows import AMONG, KNOWN_COLUMNS, among, hashed, known, order_of, unpack_spans
from listfold.archive.shingles import Shared
from listfold.archive.texts import unpack
from listfold.model import CLAIMED_DAY, Identity, Known, Written

COMMON = 64  # a shingle that more messages share says nothing (FOLDING.md, Index)
SHINGLE = 5  # words
TOLD = 48  # shingles that the index holds of one message, half as many at least of one that has them…
COARSEST = 64  # …up to 2048: a sample has no more than 512 of every fourth (FOLDING.md, The method, 4)
SHARED_LEAST = 2  # shingles
SHARED_PART = 0.1  # of what the index could hold of the longer one; folding accepts from 0.4 on, and samples err
CANDIDATES = 64  # of each kind…
FEW = 16  # …and where there are more, so many of what stands for them
LOOKED_AT = 4 * CANDIDATES  # rows that share anything, those that share most


def step(words: int) -> int:
    """1, 2, 4…: the part of its shingles that a text of so many words tells the index."""
    out = 1
    while words - SHINGLE + 1 > TOLD * out and out < COARSEST:
        out *= 2
    return out


def told(identity: Identity) -> list[int]:
    """What of a message's shingles the index holds."""
    every = step(identity.words)
    return [value for value in identity.hashes if value % every == 0]


def load(db: sqlite3.Connection, row: int) -> Known:
    return loaded(db, [row])[0]


def loaded(db: sqlite3.Connection, rows: Sequence[int]) -> list[Known]:
    """Rows as folding sees them; their texts are read when they are asked for."""
    found = db.execute(f"SELECT {KNOWN_COLUMNS} FROM message WHERE row {AMONG}", (among(rows),))
    return [known(row, Later(db, row[0])) for row in found]


class Later:
    """A row's text and spans: read once, when first asked for."""

    __slots__ = ("_db", "_found", "_row")

    def __init__(self, db: sqlite3.Connection, row: int) -> None:
        self._db, self._row = db, row
        self._found: Written | None = None

    def __call__(self) -> Written:
        if self._found is None:
            query = "SELECT letter, text, spans FROM message WHERE row = ?"
            letter, text, spans = self._db.execute(query, (self._row,)).fetchone()
            self._found = unpack(self._db, letter, text), unpack_spans(spans)
        return self._found


def place(db: sqlite3.Connection, row: int) -> tuple[tuple[int, int, str, str], int]:
    """A row's place in the fixed total order, with the row."""
    role, claimed, live, received, date, id_, key, path = db.execute(
        "SELECT role, claimed, live, received, date, id, key, path FROM message WHERE row = ?", (row,)
    ).fetchone()
    return order_of(role, claimed, live, received, date, id_, f"{key.hex()} {path}"), row


_WRAPPERS = ("forward", "digest")
Asked = tuple[str, str, tuple[object, ...]]  # a query, the order in which its index has what it finds, its values
_BY = "SELECT row, record, head FROM message WHERE {} AND domain = ? AND row != ?"
_MESSAGE_ID = _BY.format("hashed = ? AND message_id = ?")
_EXACT = _BY.format("exact = ?")
_CLAIMED = _BY.format("subject_key = ? AND author_address = '' AND author_name = ?")  # a claim often has but the name
_NAMED = _BY.format("subject_key = ? AND author_name = ?")
_SUBJECT = _BY.format("subject_key = ? AND author_address = ?")
_DAY = _BY.format("subject_key = ? AND author_address = ? AND date BETWEEN ? AND ?")
# What one author has sent in two letters, in other words and at another time, is two texts however much they share
# (FOLDING.md: a new edition): in a series of patches these are three in four that share a shingle, and of a program's
# letters under one subject all.
_NOT_ANOTHER = (
    f" AND NOT (author_address = ? AND NOT claimed AND role NOT IN {_WRAPPERS} "
    "AND exact != ? AND message_id != ? AND date IS NOT ?)"
)
# The rest of one subject and author; of the same words or Message-ID are those that the others find.
_SENDING = _BY.format("subject_key = ? AND author_address = ? AND date = ?")
_TOLD = _BY.format(f"subject_key = ? AND author_address = ? AND (claimed OR role IN {_WRAPPERS})")
_BARE = _BY.format("subject_key = ? AND author_address = ? AND (exact = ? OR message_id = ?)")  # without one of them
_ANY = f"LIMIT {CANDIDATES + 1}"


def shared(db: sqlite3.Connection, messages: Iterable[Iterable[int]]) -> Shared:
    """What the index holds of what these messages have `told` it: asked for many together."""
    return shingles.shared(db, chain.from_iterable(messages), COMMON)


def near(db: sqlite3.Connection, message: Known, domain: str, hashes: Sequence[int], held: Shared) -> list[Known]:
    """Messages of the same domain that could show the same text, in the fixed order. `hashes`: what it has `told`;
    `held`: what was `shared` of them, and may be of others."""
    rows = _named(db, message, domain)
    found = _shingles(db, message, domain, hashes, held)
    rows -= {other.row for other in found}
    found += loaded(db, sorted(rows)) if rows else []
    return sorted(found, key=lambda other: other.order)


def _named(db: sqlite3.Connection, message: Known, domain: str) -> set[int]:
    """Rows with a header or all words in common. Where there is a choice, of each kind a few of what stands for their
    records: the other members say nothing that it does not."""
    asked = _asked(message)
    end = (domain, message.row)
    values = [value for *_, bound in asked for value in (*bound, *end)]
    query = " UNION ALL ".join([f"SELECT row FROM ({each} {_ANY})" for each, *_ in asked])
    rows = {row for (row,) in db.execute(query, values)} if asked else set()
    if len(rows) <= CANDIDATES:  # nearly always there are a few, and to sort costs more than to look
        return rows
    rows.clear()
    for each, order, bound in asked:
        placed = f"{each} AND record != 0 ORDER BY {order}, id, key, path LIMIT {CANDIDATES}"
        first = db.execute(placed, (*bound, *end))
        standing = dict.fromkeys([row if head else record for row, record, head in first])
        rows.update([row for row in standing if row != message.row][:FEW])
    return rows


def _asked(message: Known) -> list[Asked]:
    identity, author, date = message.identity, message.author, message.date
    asked: list[Asked] = []
    if message.message_id:
        asked.append((_MESSAGE_ID, "arrived", (hashed(message.message_id), message.message_id)))
    if identity.exact:
        asked.append((_EXACT, "arrived", (identity.exact,)))
    sent = (identity.subject, author.address)
    if identity.subject and author.address:
        if _another(message):
            asked.append((_TOLD, "date", sent))
            if date is not None:
                asked.append((_SENDING, "date", (*sent, date)))
            if not (identity.exact and message.message_id):
                asked.append((_BARE, "date", (*sent, identity.exact, message.message_id)))
        else:
            asked.append((_SUBJECT, "date", sent))
            if date is not None:
                asked.append((_DAY, "date", (*sent, date - CLAIMED_DAY, date + CLAIMED_DAY)))
        asked.append((_CLAIMED, "date", (identity.subject, author.name)))
    elif identity.subject and author.name:
        asked.append((_NAMED, "author_address, date", (identity.subject, author.name)))
    return asked


def _shingles(db: sqlite3.Connection, message: Known, domain: str, hashes: Sequence[int], held: Shared) -> list[Known]:
    shared = Counter(chain.from_iterable([held[value] for value in hashes if value in held]))
    mine = message.identity.words
    least = max(SHARED_LEAST, SHARED_PART * min(mine, TOLD // 2))  # of any other: see `_both`
    likely = [row for row, count in shared.items() if count >= least and row != message.row]
    if not likely:
        return []
    likely = sorted(likely, key=lambda row: (-shared[row], row))[:LOOKED_AT]
    query = f"SELECT row, words FROM message WHERE row {AMONG} AND domain = ?"
    other = _another(message)
    words = dict(db.execute(query + (_NOT_ANOTHER if other else ""), (among(likely), domain, *other)).fetchall())
    close = [row for row in likely if row in words and shared[row] >= SHARED_PART * _both(mine, words[row])]
    return loaded(db, close[:CANDIDATES]) if close else []


def _another(message: Known) -> tuple[object, ...]:
    """What _NOT_ANOTHER asks of a message; nothing where it does not hold of it."""
    if message.claimed or not message.author.address or message.identity.role in _WRAPPERS:
        return ()
    return (message.author.address, message.identity.exact, message.message_id, message.date)


def _both(one: int, two: int) -> float:
    """How many shingles the index could hold of the longer of two texts, at the coarser of their steps: as many as it
    has words, or half of TOLD at least."""
    longer = max(one, two)
    return min(longer, TOLD * COARSEST) / step(longer)
