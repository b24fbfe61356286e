"""Finds what a message could be a copy of: a bounded handful of candidates, by headers and by shared shingles.

What it gives is the same whatever the order of arrival, and near(a) holds b when near(b) holds a, but for the bounds.
"""

import sqlite3
from collections import Counter

from listfold.archive.rows import KNOWN_COLUMNS, known, order_of
from listfold.model import Known

COMMON = 64  # a shingle that more messages share says nothing (FOLDING.md, Index)
SHARED_LEAST = 2  # shingles
SHARED_PART = 0.3  # of the smaller sample: half of what folding accepts, since samples err
FULL = 96  # shingles up to which a text keeps all of them; a longer one keeps one in SAMPLED (FOLDING.md 4)
SAMPLED = 4
CANDIDATES = 64  # of each kind


def load(db: sqlite3.Connection, row: int) -> Known:
    return known(db.execute(f"SELECT {KNOWN_COLUMNS} FROM message WHERE row = ?", (row,)).fetchone())


def place(db: sqlite3.Connection, row: int) -> tuple[tuple[int, int, str, str], int]:
    """A row's place in the fixed total order, with the row."""
    role, claimed, live, received, date, id_, key, path = db.execute(
        "SELECT role, claimed, live, received, date, id, key, path FROM message WHERE row = ?", (row,)
    ).fetchone()
    return order_of(role, claimed, live, received, date, id_, f"{key.hex()} {path}"), row


def near(db: sqlite3.Connection, message: Known, domain: str) -> list[Known]:
    """Messages of the same domain that could show the same text, in the fixed order."""
    rows: dict[int, None] = {}
    if message.message_id:
        rows |= _rows(db, "message_id = ?", (message.message_id,), domain)
    if message.identity.exact:
        rows |= _rows(db, "exact = ?", (message.identity.exact,), domain)
    if message.identity.subject and message.author.address:
        where = "author_address = ? AND subject_key = ?"
        rows |= _rows(db, where, (message.author.address, message.identity.subject), domain)
    rows |= _shingles(db, message, domain)
    rows.pop(message.row, None)
    return sorted((load(db, row) for row in rows), key=lambda k: k.order)


def _rows(db: sqlite3.Connection, where: str, values: tuple[object, ...], domain: str) -> dict[int, None]:
    """What stands for a record first: its other members say nothing that it does not."""
    query = (
        f"SELECT row FROM message WHERE {where} AND domain = ? "
        "ORDER BY row != record AND head = '', claimed, arrived, id, key, path LIMIT ?"
    )
    return {row[0]: None for row in db.execute(query, (*values, domain, CANDIDATES))}


def _shingles(db: sqlite3.Connection, message: Known, domain: str) -> dict[int, None]:
    shared: Counter[int] = Counter()
    for value in message.identity.hashes:
        hits = db.execute("SELECT row FROM fingerprint WHERE hash = ? LIMIT ?", (value, COMMON + 1)).fetchall()
        if len(hits) <= COMMON:
            shared.update(hit[0] for hit in hits)
    mine, long = len(message.identity.hashes), message.identity.words - 4 > FULL
    out: dict[int, None] = {}
    for row, count in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if count < SHARED_LEAST or len(out) >= CANDIDATES:
            break
        theirs, words, where = db.execute(
            "SELECT length(hashes) / 8, words, domain FROM message WHERE row = ?", (row,)
        ).fetchone()
        full = min(mine, theirs)
        if long != (words - 4 > FULL):  # one is sampled: of the other only one in four can be shared
            full = min(mine if long else theirs, (theirs if long else mine) // SAMPLED)
        if where == domain and count >= SHARED_PART * full:
            out[row] = None
    return out
