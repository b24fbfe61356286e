"""Notes the letters that this archive has most likely missed: letters here name them, and no list has brought them.

A thread holds together all that one reference connects (threads.py), so what it names and has not is found in the
thread alone, whenever it has changed: the same whatever the order of arrival. A letter that comes late closes its gap.

Most Message-IDs that an archive has never seen were never its own: a private reply that was quoted on the list,
another list's part of a thread, what was written before the archive began. So a name counts only

- inside a thread: a letter's References has it after one that is here, which it answered. (Of a real list's letters
  some were taken away: of those that left any trace five in six left this one; of all other names one in six does.)
  It asks for no time: nothing that an archive has was answered before the archive began;
- at its head: two authors have answered it, which nobody does with a private letter, after the archive's first days.

The number is what was missed and then talked about. A letter that nobody answered leaves no gap, nor does one whose
answers are missing, too, as when a list is out for days (service/silence.py sees that). A few are normal: an answer on
the list to what was sent to one person makes one. What is held or could not be read is missing until it is in; what
was purged is not.
"""

import sqlite3
from collections.abc import Iterator, Sequence

import orjson

from listfold.archive import threads
from listfold.archive.gone import is_gone
from listfold.archive.rows import hashed
from listfold.frozen import dataclass

BEGINNING = 30 * 86400  # seconds from a list's tenth letter on in which answers are to what was there before
NAMED = 20  # names of one letter that can be missing: more are a stranger's inventions
LONG = 32_768  # characters of References, of which nothing is believed
TENTH = 9  # not the first one: a forged date must not move the beginning

TABLES = """
CREATE TABLE gap (
    thread INTEGER NOT NULL, list TEXT NOT NULL, name TEXT NOT NULL,    -- a Message-ID that letters of the list name
    hashed INTEGER NOT NULL,            -- as in message
    first INTEGER NOT NULL,             -- when the first of them arrived
    inside INTEGER NOT NULL,            -- one of them names it after a letter that is here
    PRIMARY KEY (thread, list, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX gap_list ON gap (list, first);
"""

# Whether a row g of `gap` counts. Behind its wall a private list sees what is public, and nobody sees over it.
COUNTS = f"""(g.inside OR g.first >= {BEGINNING} + coalesce(
        (SELECT arrived FROM message WHERE list = g.list ORDER BY arrived LIMIT 1 OFFSET {TENTH}), g.first))
    AND (l.visibility = 'public' OR NOT EXISTS
        (SELECT 1 FROM message WHERE hashed = g.hashed AND message_id = g.name AND domain = 'public'))"""

Row = tuple[str, str, int, int]  # list, name, first, inside


@dataclass(frozen=True, slots=True)
class Losses:
    """What one list misses: letters in all, and how many threads miss one, those that did so before some time and
    since; with the letters that arrived before and since."""

    list: str
    letters: int
    before: int
    since: int
    arrived_before: int
    arrived_since: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A Message-ID that nobody has brought, when it was named first, and the records that name it, oldest first."""

    name: str
    first: int
    records: tuple[str, ...]


def note(db: sqlite3.Connection, thread: int) -> None:
    """Write down what a thread that has changed names and has not; to be called before each commit."""
    db.execute("DELETE FROM gap WHERE thread = ?", (thread,))
    found = missing(db, thread)
    db.executemany(
        "INSERT INTO gap (thread, list, name, first, inside, hashed) VALUES (?, ?, ?, ?, ?, ?)",
        [(thread, *row, hashed(row[1])) for row in found],
    )


def missing(db: sqlite3.Connection, thread: int) -> list[Row]:
    """Only what may count: what stands inside, or was answered by two. What somebody forwards has its own lists."""
    found = db.execute("SELECT domain FROM message WHERE thread = ? LIMIT 1", (thread,)).fetchone()
    absent = threads.absent(db, thread, found[0]) if found else set()
    if not absent:  # so it is with most threads
        return []
    first: dict[tuple[str, str], int] = {}
    inside: set[tuple[str, str]] = set()
    answered: dict[tuple[str, str], set[str]] = {}
    for own, list_id, arrived, author, parent, refs in db.execute(
        f"SELECT message_id, list, arrived, author_address, in_reply_to, iif(length(refs) < {LONG}, refs, '[]') "
        "FROM message WHERE thread = ? AND stands != 'forward'",
        (thread,),
    ):
        chain = [name for name in dict.fromkeys((*orjson.loads(refs), parent)) if name and name != own]
        oldest = next((n for n, name in enumerate(chain) if name not in absent), len(chain))
        for n, name in [item for item in enumerate(chain) if item[1] in absent][-NAMED:]:
            key = (list_id, name)
            first[key] = min(arrived, first.get(key, arrived))
            if n > oldest:
                inside.add(key)
            if name == (parent or chain[-1]):
                answered.setdefault(key, set()).add(author.casefold())
    counted = [key for key in first if key in inside or len(answered.get(key, ())) > 1]
    public = found[0] == "public"
    return [(*key, first[key], int(key in inside)) for key in counted if not is_gone(db, key[1], public=public)]


def losses(db: sqlite3.Connection, lists: str, since: int) -> list[Losses]:
    """What each list misses. `lists` is the condition on `l` that the reader goes by."""
    found = db.execute(
        f"SELECT g.list, count(*), count(DISTINCT iif(g.first < ?1, g.thread, NULL)), "
        f"count(DISTINCT iif(g.first < ?1, NULL, g.thread)) FROM gap g JOIN list l ON l.id = g.list "
        f"WHERE {lists} AND {COUNTS} GROUP BY g.list ORDER BY g.list",
        (since,),
    ).fetchall()
    arrived = "SELECT coalesce(sum(letters), 0) FROM daily WHERE list = ? AND day"
    return [
        Losses(
            *row,
            *(db.execute(f"{arrived} {which} ?", (row[0], since // 86400)).fetchone()[0] for which in ("<", ">=")),
        )
        for row in map(tuple, found)
    ]


def of_list(
    db: sqlite3.Connection, list_id: str, lists: str, offset: int, limit: int, named: int
) -> tuple[Sequence[Gap], int]:
    """A list's gaps, newest first, each with up to `named` records that name it; and how many gaps there are."""
    which = f"FROM gap g JOIN list l ON l.id = g.list WHERE g.list = ? AND {lists} AND {COUNTS}"
    total = int(db.execute(f"SELECT count(*) {which}", (list_id,)).fetchone()[0])
    query = f"SELECT g.thread, g.name, g.first {which} ORDER BY g.first DESC, g.name LIMIT ? OFFSET ?"
    out = []
    for thread, name, first in db.execute(query, (list_id, limit, offset)).fetchall():
        records = db.execute(
            "SELECT DISTINCT c.rid FROM message m JOIN message c ON c.row = m.record WHERE m.thread = ? AND m.list = ? "
            "AND m.stands != 'forward' AND (m.in_reply_to = ? OR EXISTS (SELECT 1 FROM json_each(m.refs) "
            "WHERE value = ?)) ORDER BY m.arrived, c.rid LIMIT ?",
            (thread, list_id, name, name, named),
        )
        out.append(Gap(name, first, tuple(rid for (rid,) in records)))
    return out, total


def findings(db: sqlite3.Connection) -> Iterator[str]:
    """A line for each list whose gaps are noted otherwise than its threads have them."""
    noted = set(db.execute("SELECT thread, list, name, first, inside FROM gap"))
    threads = db.execute("SELECT DISTINCT thread FROM message").fetchall()
    true = {(thread, *row) for (thread,) in threads for row in missing(db, thread)}
    for name in sorted({row[1] for row in noted ^ true}):
        yield f"list {name} misses other letters than are noted"
