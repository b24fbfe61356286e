"""Keeps counted what pages ask of a whole list: its texts, its letters by day and month, its threads by latest arrival.

Triggers follow every change of `message`, whoever makes it: counts move by one, and a thread or a day that changed is
marked, to be summed up again before the commit. A page then costs what it shows and not what the list holds.

A statement that fires triggers and may fail half done makes SQLite keep a copy of every page it changes, to take it
back. What is said `OR ROLLBACK` does not: it takes back the transaction. That policy reaches into the triggers, where
it wins over their own `OR IGNORE` but not over `ON CONFLICT`; and there any DO UPDATE or function call may fail.
"""

import sqlite3

import orjson

from listfold.archive import gaps
from listfold.archive.touches import touch_hours

THREAD_AUTHORS = 5  # names that a thread's row holds
LAST_DAY = 2_932_896  # 9999-12-31, the last one with a four-digit year

TABLES = """
CREATE TABLE held (list TEXT PRIMARY KEY, records INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE daily (            -- letters by day of arrival (UTC, since 1970); list '' is all public ones together
    list TEXT NOT NULL, day INTEGER NOT NULL, letters INTEGER NOT NULL, PRIMARY KEY (list, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE monthly (
    list TEXT NOT NULL, month TEXT NOT NULL, letters INTEGER NOT NULL, PRIMARY KEY (list, month)
) STRICT, WITHOUT ROWID;
CREATE TABLE talk (             -- a thread as each of its lists shows it; id opens it
    thread INTEGER NOT NULL, list TEXT NOT NULL, records INTEGER NOT NULL, last INTEGER NOT NULL,
    id TEXT NOT NULL, subject TEXT NOT NULL, authors TEXT NOT NULL, PRIMARY KEY (thread, list)
) STRICT, WITHOUT ROWID;
CREATE INDEX talk_last ON talk (list, last, thread, records) WHERE records > 0;  -- records: to be counted alone
CREATE TABLE stirred (thread INTEGER PRIMARY KEY) STRICT;       -- threads whose rows in talk are old
CREATE TABLE busy (             -- days whose months are old
    list TEXT NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (list, day)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER message_in AFTER INSERT ON message BEGIN
    INSERT INTO stirred VALUES (NEW.thread) ON CONFLICT DO NOTHING;
    INSERT INTO daily SELECT NEW.list, NEW.arrived / 86400, 0 WHERE true ON CONFLICT DO NOTHING;
    UPDATE daily SET letters = letters + 1 WHERE list = NEW.list AND day = NEW.arrived / 86400 AND NOT EXISTS
        (SELECT 1 FROM message m WHERE m.letter = NEW.letter AND m.list = NEW.list
        AND m.arrived / 86400 = NEW.arrived / 86400 AND m.row != NEW.row);
    INSERT INTO daily SELECT '', NEW.arrived / 86400, 0 WHERE NEW.domain = 'public' ON CONFLICT DO NOTHING;
    UPDATE daily SET letters = letters + 1 WHERE list = '' AND day = NEW.arrived / 86400 AND NEW.domain = 'public'
        AND NOT EXISTS (SELECT 1 FROM message m WHERE m.letter = NEW.letter AND m.domain = 'public'
        AND m.arrived / 86400 = NEW.arrived / 86400 AND m.row != NEW.row);
END;
CREATE TRIGGER message_out AFTER DELETE ON message BEGIN
    INSERT INTO stirred VALUES (OLD.thread) ON CONFLICT DO NOTHING;
    UPDATE held SET records = records - 1 WHERE list = OLD.list AND OLD.record != 0
        AND NOT EXISTS (SELECT 1 FROM message m WHERE m.record = OLD.record AND m.list = OLD.list);
    UPDATE daily SET letters = letters - 1 WHERE list = OLD.list AND day = OLD.arrived / 86400 AND NOT EXISTS
        (SELECT 1 FROM message m WHERE m.letter = OLD.letter AND m.list = OLD.list
        AND m.arrived / 86400 = OLD.arrived / 86400);
    UPDATE daily SET letters = letters - 1 WHERE list = '' AND day = OLD.arrived / 86400 AND OLD.domain = 'public'
        AND NOT EXISTS (SELECT 1 FROM message m WHERE m.letter = OLD.letter AND m.domain = 'public'
        AND m.arrived / 86400 = OLD.arrived / 86400);
END;
CREATE TRIGGER message_of AFTER UPDATE OF record ON message WHEN OLD.record != NEW.record BEGIN
    UPDATE held SET records = records - 1 WHERE list = OLD.list AND OLD.record != 0
        AND NOT EXISTS (SELECT 1 FROM message m WHERE m.record = OLD.record AND m.list = OLD.list);
    INSERT INTO held VALUES (NEW.list, 0) ON CONFLICT DO NOTHING;
    UPDATE held SET records = records + 1 WHERE list = NEW.list AND NEW.record != 0 AND NOT EXISTS (SELECT 1
        FROM message m WHERE m.record = NEW.record AND m.list = NEW.list AND m.row != NEW.row);
END;
CREATE TRIGGER message_moved AFTER UPDATE OF thread, record, rid ON message BEGIN
    INSERT INTO stirred VALUES (OLD.thread) ON CONFLICT DO NOTHING;
    INSERT INTO stirred VALUES (NEW.thread) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER daily_more AFTER UPDATE OF letters ON daily BEGIN
    INSERT INTO busy VALUES (NEW.list, NEW.day) ON CONFLICT DO NOTHING;
END;
"""


_MONTHS = f"""INSERT OR REPLACE INTO monthly SELECT m.list, m.month, sum(d.letters)
    FROM (SELECT list, strftime('%Y-%m', day * 86400, 'unixepoch') AS month, min(day) AS day FROM busy
        WHERE day BETWEEN 0 AND {LAST_DAY} GROUP BY list, month) m
    JOIN daily d ON d.list = m.list AND d.day BETWEEN m.day - 30 AND m.day + 30
    WHERE strftime('%Y-%m', d.day * 86400, 'unixepoch') = m.month GROUP BY m.list, m.month"""


def sum_up(db: sqlite3.Connection) -> None:
    """Write the rows of threads and months that changed; to be called before each commit that changes messages."""
    db.execute(_MONTHS)
    db.execute("DELETE FROM busy")
    for (thread,) in db.execute("SELECT thread FROM stirred").fetchall():
        _thread(db, thread)
        gaps.note(db, thread)
    db.execute("DELETE FROM stirred")


def _thread(db: sqlite3.Connection, thread: int) -> None:
    before = db.execute("DELETE FROM talk WHERE thread = ? RETURNING id", (thread,)).fetchall()
    found = db.execute(
        "SELECT rid, list, record, arrived, role, subject, author_name, author_address FROM message "
        "WHERE thread = ? ORDER BY coalesce(date, arrived), id, key, path",
        (thread,),
    ).fetchall()
    opening = next((rid for rid, *_ in found if rid is not None), None)
    if opening is None:
        return
    if before and before[0][0] != opening:  # an earlier letter came: all of them tell the thread's new name
        touch_hours(db, {(list_id, arrived // 3600 * 3600) for _rid, list_id, _record, arrived, *_ in found})
    shown: dict[str, list[tuple[int, int, str, str]]] = {row[1]: [] for row in found}
    for _rid, list_id, record, arrived, role, subject, name, address in found:
        if role != "digest":
            shown[list_id].append((record, arrived, subject, name or address.partition("@")[0]))
    db.executemany(
        "INSERT INTO talk VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(thread, list_id, *_summed(rows, opening)) for list_id, rows in shown.items()],
    )


def _summed(rows: list[tuple[int, int, str, str]], opening: str) -> tuple[int, int, str, str, str]:
    """What one list shows of a thread; nothing where only digests hold it there, but its id all the same."""
    authors = list(dict.fromkeys(name for *_, name in rows))[:THREAD_AUTHORS]
    last = max((arrived for _, arrived, *_ in rows), default=0)
    subject = rows[0][2] if rows else ""
    return len({record for record, *_ in rows}), last, opening, subject, orjson.dumps(authors).decode()


def findings(db: sqlite3.Connection) -> list[str]:
    """What is counted wrong, a line each: the counts against counting again."""
    queries = {
        "counts other texts than it holds": (
            "SELECT list, records FROM held WHERE records > 0",
            "SELECT list, count(DISTINCT record) FROM message WHERE record != 0 GROUP BY list",
        ),
        "counts other letters of a day than it holds": (
            "SELECT list, day, letters FROM daily WHERE letters > 0",
            "SELECT list, arrived / 86400 AS day, count(DISTINCT letter) FROM message GROUP BY list, day UNION ALL "
            "SELECT '', arrived / 86400 AS day, count(DISTINCT letter) FROM message WHERE domain = 'public' "
            "GROUP BY day",
        ),
        "shows a thread with other letters than it holds": (
            "SELECT list, thread, records FROM talk WHERE records > 0",
            "SELECT list, thread, count(DISTINCT record) FROM message WHERE role != 'digest' GROUP BY list, thread",
        ),
    }
    out: list[str] = []
    for what, (counted, true) in queries.items():
        wrong = set(db.execute(counted)) ^ set(db.execute(true))
        out += [f"list {name or 'of all'} {what}" for name in sorted({row[0] for row in wrong})]
    return out
