"""Joins messages into threads: everything that one Message-ID, one reference or one record connects.

A thread is a component of the graph whose nodes are Message-IDs (and our own ids), so a parent that comes late, or
never, holds its replies together. Joining is a union of numbers; when a fold is undone the touched thread alone is
made again from its messages, so that the result depends on what is there and not on the way that it came.
"""

import sqlite3
from collections.abc import Iterable, Sequence

import orjson

from listfold.archive.rows import hashed
from listfold.archive.touches import touch_thread

CHUNK = 500  # nodes in one query


def keys(
    domain: str, id_: str, message_id: str, in_reply_to: str, references: Iterable[str], forwards: Iterable[str]
) -> list[str]:
    """The graph's nodes that a message connects; a private list's are its own."""
    names = [f"id:{id_}", message_id, in_reply_to, *references, *(f"id:{other}" for other in forwards)]
    prefix = _prefix(domain)
    return [prefix + name for name in dict.fromkeys(names) if name]


def absent(db: sqlite3.Connection, thread: int, domain: str) -> set[str]:
    """The Message-IDs that a thread connects without having their letters."""
    prefix = _prefix(domain)
    query = "SELECT key FROM node WHERE thread = ?1 EXCEPT SELECT ?2 || message_id FROM message WHERE thread = ?1"
    left = (str(key).removeprefix(prefix) for (key,) in db.execute(query, (thread, prefix)))
    return {name for name in left if not name.startswith("id:")}


def awaited(db: sqlite3.Connection, names: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of these (domain, Message-ID) those that letters here name and none has had until now."""
    nodes = {_prefix(domain) + name: (domain, name) for domain, name in names if name}
    known = db.execute(
        "SELECT key FROM node WHERE key IN (SELECT value FROM json_each(?))", (orjson.dumps([*nodes]).decode(),)
    )
    found = [nodes[key] for (key,) in known.fetchall()]
    had = "SELECT 1 FROM message WHERE hashed = ? AND message_id = ? AND domain = ? LIMIT 1"
    return {(domain, name) for domain, name in found if not db.execute(had, (hashed(name), name, domain)).fetchone()}


def _prefix(domain: str) -> str:
    return "" if domain == "public" else f"{domain}\0"


class Union:
    """Threads that have become one: the oldest number stands for all."""

    def __init__(self) -> None:
        self._into: dict[int, int] = {}

    def now(self, thread: int) -> int:
        while thread in self._into:
            thread = self._into[thread]
        return thread

    def join(self, threads: Iterable[int]) -> int:
        met = {self.now(thread) for thread in threads}
        first = min(met)
        self._into |= {other: first for other in met if other != first}
        return first

    def merge(self, db: sqlite3.Connection) -> None:
        for other in sorted(self._into):
            merge(db, self.now(other), other)


def join(db: sqlite3.Connection, messages: Sequence[Sequence[str]]) -> list[int]:
    """Put messages, each with its nodes, into threads, joining threads that they connect; gives each one's number."""
    found: dict[str, int] = {}
    wanted = sorted({node for nodes in messages for node in nodes})
    for at in range(0, len(wanted), CHUNK):
        part = wanted[at : at + CHUNK]
        query = f"SELECT key, thread FROM node WHERE key IN ({', '.join('?' * len(part))})"
        found.update(db.execute(query, part).fetchall())
    missing = [node for node in wanted if node not in found]
    there = set(found.values())
    union = Union()
    last = _last(db)
    for nodes in messages:
        met = [found[node] for node in nodes if node in found]
        if not met:
            last += 1
        thread = union.join(met or [last])
        found |= dict.fromkeys(nodes, thread)
    for other in sorted(there):
        if union.now(other) != other:
            touch_thread(db, other)
    union.merge(db)
    db.executemany("INSERT INTO node VALUES (?, ?)", [(node, union.now(found[node])) for node in missing])
    db.execute("INSERT OR REPLACE INTO published VALUES ('thread', ?)", (last,))
    return [union.now(found[nodes[0]]) for nodes in messages]


def merge(db: sqlite3.Connection, thread: int, other: int) -> None:
    if thread != other:
        db.execute("UPDATE node SET thread = ? WHERE thread = ?", (thread, other))
        db.execute("UPDATE message SET thread = ? WHERE thread = ?", (thread, other))


def again(db: sqlite3.Connection, thread: int) -> None:
    """Make one thread again from its messages: it may have been held together by what is no longer there."""
    rows = db.execute(
        "SELECT row, record, domain, id, message_id, in_reply_to, refs, forwards FROM message WHERE thread = ?",
        (thread,),
    ).fetchall()
    db.execute("DELETE FROM node WHERE thread = ?", (thread,))
    made = join(
        db,
        [
            keys(domain, id_, message_id, in_reply_to, orjson.loads(refs), orjson.loads(forwards))
            for _row, _record, domain, id_, message_id, in_reply_to, refs, forwards in rows
        ],
    )
    places = [(part, row[0]) for part, row in zip(made, rows, strict=True)]
    db.executemany("UPDATE message SET thread = ? WHERE row = ?", places)
    union = Union()
    parts: dict[int, int] = {}  # record -> a part of the thread that it is in
    for part, (_row, record, *_) in zip(made, rows, strict=True):
        union.join((part, parts.setdefault(record, part)))
    union.merge(db)
    if len(left := {union.now(part) for part in made}) > 1:
        for part in left:
            touch_thread(db, part)


def _last(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT value FROM published WHERE name = 'thread'").fetchone()
    return int(row[0]) if row else 0
