"""The index of shingles: what is put in is found at once and after it has moved on, and can be taken out of either."""

import random
import sqlite3

from listfold.archive.shingles import PARTS, TABLES, drop, put, shared


def index() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(TABLES)
    return db


def held(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_a_shared_hash_is_found_wherever_its_pairs_are() -> None:
    chance = random.Random(7)
    hashes = [-(2**63), 2**63 - 1, 0, *(chance.randrange(-(2**63), 2**63) for _ in range(200))]
    db = index()
    put(db, [(value, 1) for value in hashes], 0)
    for turn in range(1, 2 * PARTS):  # each part moves on once
        put(db, [(value, turn + 1) for value in hashes[turn % 3 :: 50]], turn)
        of_first = shared(db, hashes, PARTS)
        assert len(of_first) == len({value for n in range(1, turn + 1) for value in hashes[n % 3 :: 50]})
        assert all(1 in rows and len(rows) > 1 for rows in of_first.values())
    assert held(db, "fingerprint") > len(hashes) / 2
    assert held(db, "fingerprint") + held(db, "fingerprint_new") == sum(
        len(hashes[n % 3 :: 50]) for n in range(1, 2 * PARTS)
    ) + len(hashes)


def test_every_part_comes_whatever_the_size_of_batches() -> None:
    """The number of the first row of each batch tells whose turn it is."""
    for size in (1, 64, 192, 500):
        db = index()
        put(db, [(value, 1) for value in range(-(2**63), 2**63, 2**56)], 1)
        for batch in range(1, PARTS + 1):
            put(db, [], 1 + batch * size)
        assert held(db, "fingerprint_new") == 0


def test_what_too_many_have_says_nothing() -> None:
    db = index()
    put(db, [(5, row) for row in range(4)], 0)
    put(db, [(5, 9), (6, 9)], 0)
    assert shared(db, [5, 6, 7], 5) == {5: [0, 1, 2, 3, 9]}
    assert shared(db, [5, 6, 7], 4) == {}


def test_pairs_are_taken_out_of_either_table() -> None:
    db = index()
    put(db, [(5, 1), (2**62, 1)], 0)
    for turn in range(PARTS // 2 + 2):
        put(db, [], turn)
    assert (held(db, "fingerprint"), held(db, "fingerprint_new")) == (1, 1)
    drop(db, [(5, 1), (2**62, 1), (77, 1)])
    assert (held(db, "fingerprint"), held(db, "fingerprint_new")) == (0, 0)
