"""The index of shingles: which messages hold a hash. New pairs wait in a small table and move on part by part.

Hashes are random: put into the large table at once, each pair of a batch makes another of its pages old, and a letter
costs the more, the more there are. Each batch moves one part of all hashes, in order: a page then takes many pairs.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter

from listfold.archive.rows import among

PARTS = 61  # prime, so that batches of any size come to each; more make the small table large, fewer the moves
WIDTH = 2**64 // PARTS + 1  # hashes of one part
CHUNK = 500  # pairs in one statement

TABLES = "".join(
    f"CREATE TABLE {name} (hash INTEGER NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (hash, row)) STRICT, WITHOUT ROWID;"
    for name in ("fingerprint", "fingerprint_new")
)

_SHARED = """SELECT value, (SELECT group_concat(row) FROM (SELECT row FROM fingerprint WHERE hash = value UNION ALL
        SELECT row FROM fingerprint_new WHERE hash = value LIMIT ?2)) FROM json_each(?1)
    WHERE EXISTS (SELECT 1 FROM fingerprint WHERE hash = value)
    OR EXISTS (SELECT 1 FROM fingerprint_new WHERE hash = value LIMIT 1 OFFSET 1)"""

Pair = tuple[int, int]  # a hash and a message's row
Shared = Mapping[int, Sequence[int]]  # rows by hash


def put(db: sqlite3.Connection, pairs: Iterable[Pair], turn: int) -> None:
    """Add pairs, after the part whose turn it is has moved on; any number that changes from batch to batch will do."""
    low = turn % PARTS * WIDTH - 2**63
    part = (low, min(low + WIDTH, 2**63) - 1)
    db.execute("INSERT INTO fingerprint SELECT hash, row FROM fingerprint_new WHERE hash BETWEEN ? AND ?", part)
    db.execute("DELETE FROM fingerprint_new WHERE hash BETWEEN ? AND ?", part)
    wanted = sorted(pairs, key=itemgetter(0))
    for at in range(0, len(wanted), CHUNK):
        values = list(chain.from_iterable(wanted[at : at + CHUNK]))
        marks = ", ".join(["(?, ?)"] * (len(values) // 2))
        db.execute(f"INSERT OR ROLLBACK INTO fingerprint_new VALUES {marks}", values)  # see tally.py for the policy


def drop(db: sqlite3.Connection, pairs: Sequence[Pair]) -> None:
    """Take pairs out; those that are not there do not matter."""
    for table in ("fingerprint", "fingerprint_new"):
        db.executemany(f"DELETE FROM {table} WHERE hash = ? AND row = ?", pairs)


def shared(db: sqlite3.Connection, hashes: Iterable[int], most: int) -> Shared:
    """Of each hash that two rows have or more the rows that have it, but not where more than `most` do."""
    found = db.execute(_SHARED, (among(sorted(set(hashes))), most + 1))
    return {value: rows for value, told in found if 1 < len(rows := list(map(int, told.split(",")))) <= most}
