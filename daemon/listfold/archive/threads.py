"""Joins messages into threads: everything that one Message-ID, one reference or one record connects.

A thread is a component of the graph whose nodes are Message-IDs (and our own ids), so a parent that comes late, or
never, holds its replies together. Joining is a union of numbers; when a fold is undone the touched thread alone is
made again from its messages, so that the result depends on what is there and not on the way that it came.
"""

import json
import sqlite3
from collections.abc import Iterable


def keys(
    domain: str, id_: str, message_id: str, in_reply_to: str, references: Iterable[str], forwards: Iterable[str]
) -> list[str]:
    """The graph's nodes that a message connects; a private list's are its own."""
    names = [f"id:{id_}", message_id, in_reply_to, *references, *(f"id:{other}" for other in forwards)]
    prefix = "" if domain == "public" else f"{domain}\0"
    return [prefix + name for name in dict.fromkeys(names) if name]


def join(db: sqlite3.Connection, row: int, nodes: Iterable[str]) -> int:
    """Put a message into the thread of its nodes, joining threads that it connects; gives the thread's number."""
    nodes = list(nodes)
    found: set[int] = set()
    missing: list[str] = []
    for node in nodes:
        hit = db.execute("SELECT thread FROM node WHERE key = ?", (node,)).fetchone()
        if hit:
            found.add(hit[0])
        else:
            missing.append(node)
    thread = min(found) if found else _next(db)
    for other in sorted(found - {thread}):
        merge(db, thread, other)
    db.executemany("INSERT INTO node VALUES (?, ?)", [(node, thread) for node in missing])
    db.execute("UPDATE message SET thread = ? WHERE row = ?", (thread, row))
    return thread


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
    parts: dict[int, int] = {}  # record -> its part of the thread
    for row, record, domain, id_, message_id, in_reply_to, refs, forwards in rows:
        nodes = keys(domain, id_, message_id, in_reply_to, json.loads(refs), json.loads(forwards))
        part = join(db, row, nodes)
        if record in parts and parts[record] != part:
            low, high = sorted((parts[record], part))
            merge(db, low, high)
            parts = {r: low if p == high else p for r, p in parts.items()}
            part = low
        parts[record] = part


def _next(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT value FROM published WHERE name = 'thread'").fetchone()
    thread = (row[0] if row else 0) + 1
    db.execute("INSERT OR REPLACE INTO published VALUES ('thread', ?)", (thread,))
    return int(thread)
