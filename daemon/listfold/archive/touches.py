"""Notes which pages are old: those about the hours in which something arrived or is shown otherwise now."""

import sqlite3
from collections.abc import Collection, Sequence

from listfold.archive.rows import AMONG, among

LONGEST = 32 * 86400  # seconds of an issue: what one of its letters shows may be told beside another

_TOUCH = (
    "INSERT OR REPLACE INTO touched SELECT DISTINCT list, arrived / 3600 * 3600, "
    "(SELECT coalesce(max(seq), 0) + 1 FROM touched) FROM message WHERE"
)


def touch(db: sqlite3.Connection, *rows: int) -> None:
    """Pages about the hours in which these messages arrived are old."""
    db.execute(f"{_TOUCH} row {AMONG}", (among(rows),))


def touch_from(db: sqlite3.Connection, row: int) -> None:
    """The same of this message and all that were put in after it."""
    db.execute(f"{_TOUCH} row >= ?", (row,))


def touch_around(db: sqlite3.Connection, letters: Sequence[int]) -> None:
    """The same of all in one thread with one of these letters."""
    threads = f"SELECT thread FROM message WHERE letter {AMONG}"
    db.execute(f"{_TOUCH} thread IN ({threads})", (among(letters),))


def touch_thread(db: sqlite3.Connection, thread: int) -> None:
    """The same of all in a thread, which is called otherwise now."""
    db.execute(f"{_TOUCH} thread = ?", (thread,))


def touch_hours(db: sqlite3.Connection, hours: Collection[tuple[str, int]]) -> None:
    """Pages about these hours of lists are old."""
    seq = db.execute("SELECT coalesce(max(seq), 0) + 1 FROM touched").fetchone()[0]
    db.executemany("INSERT OR REPLACE INTO touched VALUES (?, ?, ?)", [(*hour, seq) for hour in sorted(hours)])


def touch_answers(db: sqlite3.Connection, thread: int, message_id: str) -> None:
    """The same of what answers this Message-ID, which came late: it leads to it now."""
    db.execute(f"{_TOUCH} thread = ? AND in_reply_to = ?", (thread, message_id))


def touch_beside(db: sqlite3.Connection, pairs: Collection[tuple[int, int]]) -> None:
    """The same of all that shows one of these records at about the time of the row with it: each tells of the others.

    Of all at once: a program's letters may be one text ten thousand times."""
    query = f"SELECT row, arrived FROM message WHERE row {AMONG}"
    arrived = dict(db.execute(query, (among({row for _, row in pairs}),)).fetchall())
    times: list[tuple[int, int, int]] = []  # a record, from when on, until when
    for record, at in sorted((record, arrived[row]) for record, row in pairs):
        if times and times[-1][0] == record and at - LONGEST <= times[-1][2]:
            times[-1] = (*times[-1][:2], at + LONGEST)
        else:
            times.append((record, at - LONGEST, at + LONGEST))
    for each in times:
        db.execute(f"{_TOUCH} record = ? AND arrived > ? AND arrived < ?", each)
