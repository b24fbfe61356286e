"""What records are called: the first of a message id's has it, the others one made from their letters."""

import json
import sqlite3
from collections.abc import Collection

from listfold.archive.rows import AMONG, order_of
from listfold.model import id_of


def name(db: sqlite3.Connection, id_: str) -> None:
    """Give the records of one message id theirs: the first in order has it, another one made from its letter."""
    columns = "row, rid, role, claimed, live, received, date, key, path"
    found = db.execute(f"SELECT {columns} FROM message WHERE id = ? AND record = row", (id_,)).fetchall()
    canonical = sorted(
        (order_of(role, claimed, live, received, date, id_, f"{key.hex()} {path}"), row, rid)
        for row, rid, role, claimed, live, received, date, key, path in found
    )
    wanted = [
        (id_ if n == 0 else other_id(id_, order[3]), row)
        for n, (order, row, rid) in enumerate(canonical)
        if n == 0 or rid in (None, id_)
    ]
    db.executemany("UPDATE message SET rid = NULL WHERE row = ?", [(row,) for _, row in wanted])
    db.executemany("UPDATE message SET rid = ? WHERE row = ?", wanted)


def other_id(id_: str, placed: str) -> str:
    """What a record is called whose message has another one's id. `placed` ends `Known.order`."""
    return id_of(id_, placed, "")


def call(db: sqlite3.Connection, ids: Collection[str], first: int) -> None:
    """Let the other ids that messages of one id could have, or have had, name them forever, also after a rebuild.

    Rows from `first` on are new; an older one has no such name yet where it was alone."""
    shared = db.execute(
        f"SELECT id FROM message WHERE id {AMONG} GROUP BY id HAVING count(*) > 1",
        (json.dumps(sorted(ids)),),
    ).fetchall()
    for (id_,) in shared:
        query = "SELECT row, key, path FROM message WHERE id = ? AND row"
        found = db.execute(f"{query} < ? LIMIT 2", (id_, first)).fetchall()
        found = found if len(found) == 1 else []
        found += db.execute(f"{query} >= ?", (id_, first)).fetchall()
        names = [(other_id(id_, f"{key.hex()} {path}"), row) for row, key, path in found]
        db.executemany("INSERT OR REPLACE INTO alias VALUES (?, ?)", names)
