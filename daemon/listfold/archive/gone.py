"""What is remembered of what was purged: that something was here, never what it said."""

import json
import sqlite3
from collections.abc import Iterable
from hashlib import blake2b

from listfold.frozen import dataclass

RECENT = 100  # entries that a feed's head tells to be deleted


@dataclass(frozen=True, slots=True)
class Gone:
    """One name that answers 410: an id of ours, or a Message-ID as `mark` hashes it; a record's lists."""

    name: str
    domain: str
    made: int
    lists: tuple[str, ...] = ()


def remember(db: sqlite3.Connection, gone: Iterable[Gone], secret: bytes) -> None:
    """Put names into the table of what is gone. `secret` is the key that Message-IDs are hashed with."""
    db.execute("DELETE FROM secret")
    db.execute("INSERT INTO secret VALUES (?)", (secret,))
    db.executemany(
        "INSERT OR REPLACE INTO gone VALUES (?, ?, ?, ?)",
        [(g.name, g.domain, g.made, json.dumps(g.lists)) for g in gone],
    )


def is_gone(db: sqlite3.Connection, any_id: str, *, public: bool) -> bool:
    """Whether an id of ours, or a Message-ID with or without <>, was here once and was taken out."""
    row = db.execute("SELECT value FROM secret").fetchone()
    if row is None:
        return False
    domain = " AND domain = 'public'" if public else ""
    query = f"SELECT 1 FROM gone WHERE name IN (?, ?){domain}"
    return db.execute(query, (any_id.strip(), mark(bytes(row[0]), any_id))).fetchone() is not None


def taken_out(db: sqlite3.Connection, list_id: str | None) -> list[tuple[str, int]]:
    """(record id, when it was taken out) of a list, or of all public ones: the latest, newest first."""
    where = "EXISTS (SELECT 1 FROM json_each(lists) WHERE value = ?)" if list_id else "domain = 'public'"
    found = db.execute(
        f"SELECT name, made FROM gone WHERE lists != '[]' AND {where} ORDER BY made DESC, name LIMIT ?",
        (*((list_id,) if list_id else ()), RECENT),
    )
    return [(str(row[0]), int(row[1])) for row in found]


def mark(secret: bytes, message_id: str) -> str:
    """A Message-ID's keyed hash, as letters/tombstones.py has it (a test holds the two together)."""
    bare = "".join(message_id.split()).strip("<>")
    return blake2b(b"message-id\0" + bare.encode("utf-8", "replace"), digest_size=16, key=secret).hexdigest()
