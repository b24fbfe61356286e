"""The fingerprint index at a size: python tests/bench/fold_index.py [MESSAGES] [FOLDER].

Messages of about 27 fingerprints in the index with the skew of real lists: most stand in one message, some in
several, a few (quoted licences, disclaimers that no rule knows) in thousands. The table is filled in order, as fast as
it goes; then new messages come as they do in life, in batches of 64, each searched for by `archive.near` and put in as
the writer does.
"""

import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

from listfold.archive import near, shingles
from listfold.archive.schema import create
from listfold.model import Identity, Known, Person
from listfold.sqlite import DERIVED, open_writer

EACH = 27  # fingerprints of a message that the index holds, in the middle (`near.told`)
BATCH = 64
NEW = 6400  # messages that come when it is full
PICKED = 20_000  # hashes that are there, to be met again
# (share of all hashes, messages that share one): an assumption about list mail, not a count
SKEW = ((0.90, 1), (0.06, 2), (0.02, 4), (0.013, 12), (0.006, 40), (0.001, 400))


def fill(db: sqlite3.Connection, messages: int, chance: random.Random) -> list[int]:
    """A full table; gives some of its hashes, picked as often as they stand in messages."""
    # Whatever else the table keeps up to date would cost the filling its time, and is not asked for here.
    query = "SELECT type, name FROM sqlite_master WHERE type = 'trigger' OR type = 'index' AND sql IS NOT NULL"
    for kind, name in db.execute(query).fetchall():
        db.execute(f"DROP {kind} {name}")
    db.execute("BEGIN")
    names = [str(row[1]) for row in db.execute("PRAGMA table_info(message)") if row[3]]
    values = {"hashes": "zeroblob(552)", "text": "zeroblob(400)", "words": "40", "domain": "'public'", "date": "0"}
    rest = [values.get(name, "0" if name == "score" else "''") for name in names]
    numbers = {"hashed", "letter", "record", "thread", "received", "arrived", "live", "claimed", "exact"}
    blobs = {"sha256", "key"}
    rest = [
        "n" if name in numbers else "zeroblob(32)" if name in blobs else value
        for name, value in zip(names, rest, strict=True)
    ]
    db.execute(
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?) "
        f"INSERT INTO message ({', '.join(names)}) SELECT {', '.join(rest)} FROM c",
        (messages + NEW,),
    )
    total = messages * EACH
    step = int(2**64 / (total / sum(share * many for share, many in SKEW)))
    db.execute("CREATE TEMP TABLE skew (pick INTEGER PRIMARY KEY, many INTEGER)")
    picks = [many for share, many in SKEW for _ in range(round(share * 1000))]
    db.executemany("INSERT INTO skew VALUES (?, ?)", enumerate(picks))
    db.execute("CREATE TEMP TABLE upto (n INTEGER PRIMARY KEY)")
    db.executemany("INSERT INTO upto VALUES (?)", [(n + 1,) for n in range(max(picks))])
    db.execute(  # in the order of the hashes
        f"WITH RECURSIVE c(h, pick) AS (SELECT {-(2**63)}, 0 UNION ALL SELECT h + 1 + abs(random() % {2 * step - 1}), "
        f"abs(random() % {len(picks)}) FROM c WHERE h < {2**63 - 1 - 2 * step}) "
        f"INSERT OR IGNORE INTO fingerprint SELECT h, 1 + abs(random() % {messages}) FROM c "
        "CROSS JOIN skew USING (pick) CROSS JOIN upto ON upto.n <= skew.many"
    )
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    some: list[int] = []
    while len(some) < PICKED:  # rows next to random places: a hash comes as often as it stands in messages
        at = chance.randint(-(2**63), 2**63 - 1)
        query = "SELECT hash FROM fingerprint WHERE hash >= ? LIMIT 40"
        some += [row[0] for row in db.execute(query, (at,))]
    return some


def coming(some: list[int], chance: random.Random) -> tuple[int, ...]:
    """A new message's: two in three were never seen, or it is a copy of what others have in part."""
    count = max(8, min(512, int(chance.lognormvariate(3.2, 0.5))))
    seen = sum(chance.random() < 0.33 for _ in range(count))
    return tuple(sorted({*(chance.choice(some) for _ in range(seen)),
                         *(chance.randint(-(2**63), 2**63 - 1) for _ in range(count - seen))}))  # fmt: skip


def known(row: int, found: tuple[int, ...]) -> Known:
    identity = Identity("text", 40, 0, found)
    return Known(
        row,
        row,
        "",
        (0, 0, "", ""),
        False,
        "",
        "",
        Person(),
        0,
        "",
        "original",
        False,
        None,
        identity,
        lambda: ("", ()),
    )


def per(values: list[float]) -> str:
    cuts = statistics.quantiles(values, n=100)
    return f"p50 {cuts[49] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms, longest {max(values) * 1e3:.0f} ms"


def main(messages: int, folder: Path) -> None:
    chance = random.Random(4)
    path = folder / "index.db"
    db = open_writer(path, DERIVED)
    create(db)
    began = time.monotonic()
    some = fill(db, messages, chance)
    size = db.execute("SELECT sum(pgsize) FROM dbstat WHERE name = 'fingerprint'").fetchone()[0]
    print(
        f"filled with {messages} messages in {time.monotonic() - began:.0f} s; {size / messages:.0f} bytes each",
        flush=True,
    )
    queries: list[float] = []
    inserts: list[float] = []
    batches: list[float] = []
    row = messages
    for _ in range(NEW // BATCH):
        batch = [coming(some, chance) for _ in range(BATCH)]
        start = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        for found in batch:
            row += 1
            began = time.perf_counter()
            near._shingles(db, known(row, found), "public")
            asked = time.perf_counter()
            shingles.put(db, {(value, row) for value in found}, row)
            inserts.append(time.perf_counter() - asked)
            queries.append(asked - began)
        db.execute("COMMIT")
        batches.append(time.perf_counter() - start)
    print(f"query   {per(queries)}")
    print(f"insert  {per(inserts)}")
    print(f"batch   {per(batches)} (of {BATCH}, with its commit and checkpoint)")
    print(f"memory  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="listfold-", dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        main(count, Path(folder))
