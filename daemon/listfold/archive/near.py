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
from listfold.model import Identity, Known, Written

COMMON = 64  # a shingle that more messages share says nothing (FOLDING.md, Index)
SHINGLE = 5  # words
TOLD = 48  # shingles that the index holds of one message, half as many at least of one that has them…
COARSEST = 64  # …up to 2048: a sample has no more than 512 of every fourth (FOLDING.md, The method, 4)
SHARED_LEAST = 2  # shingles
SHARED_PART = 0.1  # of what the index could hold of the longer one; folding accepts from 0.4 on, and samples err
CANDIDATES = 64  # of each kind
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


_BY = "SELECT row FROM message WHERE {} AND domain = ? AND row != ?"
_ANY = f"LIMIT {CANDIDATES + 1}"
# What stands for a record first: its other members say nothing that it does not.
_BEST = f"ORDER BY row != record AND head = '', claimed, arrived, id, key, path LIMIT {CANDIDATES}"
_MESSAGE_ID = _BY.format("hashed = ? AND message_id = ?")
_EXACT = _BY.format("exact = ?")
_CLAIMED = _BY.format("subject_key = ? AND author_address = '' AND author_name = ?")  # a claim often has but the name
_NAMED = _BY.format("subject_key = ? AND author_name = ?")
_WRAPPERS = ("forward", "digest")
# What one author has sent in two letters, in other words and at another time, is two texts however much they share
# (FOLDING.md: a new edition): in a series of patches these are three in four that share a shingle.
_NOT_ANOTHER = (
    f" AND NOT (author_address = ? AND NOT claimed AND role NOT IN {_WRAPPERS} "
    "AND exact != ? AND message_id != ? AND date IS NOT ?)"
)
_SUBJECT = _BY.format("subject_key = ? AND author_address = ?")
_SUBJECT_AGAIN = _BY.format("subject_key = ? AND author_address = ?" + _NOT_ANOTHER)


def shared(db: sqlite3.Connection, messages: Iterable[Iterable[int]]) -> Shared:
    """What the index holds of what these messages have `told` it: asked for many together."""
    return shingles.shared(db, chain.from_iterable(messages), COMMON)


def near(db: sqlite3.Connection, message: Known, domain: str, hashes: Sequence[int], held: Shared) -> list[Known]:
    """Messages of the same domain that could show the same text, in the fixed order. `hashes`: what it has `told`;
    `held`: what was `shared` of them, and may be of others."""
    identity = message.identity
    asked: list[str] = []
    values: list[object] = []
    end = (domain, message.row)
    if message.message_id:
        asked.append(_MESSAGE_ID)
        values += (hashed(message.message_id), message.message_id, *end)
    if identity.exact:
        asked.append(_EXACT)
        values += (identity.exact, *end)
    other = _another(message)
    if identity.subject and message.author.address:
        asked += (_SUBJECT_AGAIN if other else _SUBJECT, _CLAIMED)
        values += (identity.subject, message.author.address, *other, *end)
        values += (identity.subject, message.author.name, *end)
    elif identity.subject and message.author.name:
        asked.append(_NAMED)
        values += (identity.subject, message.author.name, *end)
    rows = _rows(db, asked, values, _ANY)
    if len(rows) > CANDIDATES:  # there is a choice: nearly always there are a few, and to sort costs more than to look
        rows = _rows(db, asked, values, _BEST)
    found = _shingles(db, message, domain, hashes, held)
    rows -= {other.row for other in found}
    found += loaded(db, sorted(rows)) if rows else []
    return sorted(found, key=lambda other: other.order)


def _rows(db: sqlite3.Connection, asked: Sequence[str], values: Sequence[object], limit: str) -> set[int]:
    query = " UNION ALL ".join([f"SELECT * FROM ({each} {limit})" for each in asked])
    return {row for (row,) in db.execute(query, values)} if asked else set()


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
