"""The tables of archive.db. Derived data: another version means a rebuild, never a migration.

Every message of every read letter is one row of `message`, and `record` names the row of its canonical message:
records are the rows that name themselves, sightings are all rows that name the same one.
"""

import sqlite3
from pathlib import Path

from listfold.archive import gaps, shingles, tally
from listfold.errors import ListfoldError
from listfold.sqlite import beside, open_reader

VERSION = 17

TABLES = """
CREATE TABLE progress (
    letter INTEGER PRIMARY KEY,
    rules TEXT NOT NULL,                -- Rules.version it was read under
    state TEXT NOT NULL,                -- pending (tried), read, held, failed, purged
    attempts INTEGER NOT NULL,          -- times it was handed to a worker that did not come back
    detail TEXT NOT NULL                -- why it is held, or the traceback
) STRICT;
CREATE TABLE list (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL, address TEXT NOT NULL,
    named INTEGER NOT NULL,             -- arrival time of the message that gave the name: the earliest wins
    visibility TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE message (
    row INTEGER PRIMARY KEY,
    letter INTEGER NOT NULL, path TEXT NOT NULL,
    sha256 BLOB NOT NULL, key BLOB NOT NULL,             -- of the letter; the key breaks the last ties of the order
    id TEXT NOT NULL, rid TEXT,         -- rid: the record's id, on canonical rows only
    record INTEGER NOT NULL, thread INTEGER NOT NULL,
    message_id TEXT NOT NULL, list TEXT NOT NULL, domain TEXT NOT NULL,
    subject TEXT NOT NULL, subject_original TEXT NOT NULL,
    author_name TEXT NOT NULL, author_address TEXT NOT NULL,
    date INTEGER, date_source TEXT NOT NULL, offset TEXT,
    received INTEGER NOT NULL, arrived INTEGER NOT NULL, live INTEGER NOT NULL,
    in_reply_to TEXT NOT NULL, refs TEXT NOT NULL, forwards TEXT NOT NULL,
    attachments TEXT NOT NULL, notes TEXT NOT NULL,
    stands TEXT NOT NULL, claimed INTEGER NOT NULL, said TEXT,          -- as core read it: relation and comment
    role TEXT NOT NULL, words INTEGER NOT NULL, exact INTEGER NOT NULL,
    subject_key TEXT NOT NULL, patch TEXT NOT NULL,
    relation TEXT NOT NULL, method TEXT NOT NULL, score REAL NOT NULL, comment TEXT,  -- as folding decided
    head TEXT NOT NULL,                 -- joined or fuller: it stands for its record though it is not canonical
    shown INTEGER,                      -- on canonical rows: the row whose text the record shows, if not its own
    hashed INTEGER NOT NULL,            -- Mailman's hash of the Message-ID, its beginning: what it is found by
    spans TEXT NOT NULL, hashes BLOB NOT NULL, text BLOB NOT NULL    -- hashes: 8 bytes each; the long ones last
) STRICT;
CREATE UNIQUE INDEX message_place ON message (letter, path);
CREATE INDEX message_id ON message (id);
CREATE UNIQUE INDEX message_rid ON message (rid) WHERE rid IS NOT NULL;
CREATE INDEX message_hashed ON message (hashed, arrived);
CREATE INDEX message_record ON message (record, list);
CREATE INDEX message_thread ON message (thread);
CREATE INDEX message_exact ON message (exact, arrived);
CREATE INDEX message_subject ON message (subject_key, author_address, date);
CREATE INDEX message_told ON message (subject_key, author_address, date)
    WHERE claimed OR role IN ('forward', 'digest');
CREATE INDEX message_arrived ON message (list, arrived, record);
CREATE INDEX message_domain ON message (domain, arrived);
CREATE INDEX message_dated ON message (coalesce(date, arrived), id DESC, key DESC, path DESC) WHERE rid IS NOT NULL;
CREATE TABLE alias (name TEXT PRIMARY KEY, row INTEGER NOT NULL) STRICT, WITHOUT ROWID;   -- other ids of the same id
CREATE TABLE node (key TEXT PRIMARY KEY, thread INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX node_thread ON node (thread);
CREATE TABLE touched (
    list TEXT NOT NULL, hour INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (list, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE tail (                      -- the sample that a list is learned from: its letters with the lowest keys
    list TEXT NOT NULL, key BLOB NOT NULL, author TEXT NOT NULL, lines TEXT NOT NULL, PRIMARY KEY (list, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE lesson (                    -- what a list has taught; stale: its sample has changed since
    list TEXT PRIMARY KEY, footers TEXT NOT NULL, stale INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE settle (letter INTEGER PRIMARY KEY) STRICT;                -- letters to be read again
CREATE TABLE gone (                     -- what was purged: names that answer 410
    name TEXT NOT NULL,                 -- an id of ours, or the keyed hash of a Message-ID
    domain TEXT NOT NULL, made INTEGER NOT NULL,
    lists TEXT NOT NULL,                -- JSON array, of a record: whose feeds tell that it is deleted
    PRIMARY KEY (name, domain)
) STRICT, WITHOUT ROWID;
CREATE TABLE secret (value BLOB NOT NULL) STRICT;                       -- the key of these hashes
CREATE TABLE published (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE terms USING fts5 (subject, author, body, content='', tokenize='unicode61 remove_diacritics 2');
INSERT INTO terms (terms, rank) VALUES ('automerge', 8);     -- segments: at 4, each word is written more often
"""

# What an index finds, told to the planner before there is anything to count (sqlite.org/fileformat2, 2.6.3): rows in
# all, then rows that share its first column, its first two… Without it "all public messages" looks as good a way to
# one letter's as its number does, and every step costs the archive. Nothing may be told of the tables of the search
# index: they are small as yet, and FTS5 would look through all of them for each segment that it has merged.
SELECTIVITY = {
    "message_place": "1000000 2 1",
    "message_id": "1000000 2",
    "message_rid": "800000 1",
    "message_hashed": "1000000 2 1",
    "message_record": "1000000 2 1",
    "message_thread": "1000000 8",
    "message_exact": "1000000 2 1",
    "message_subject": "1000000 6 2 1",
    "message_told": "50000 2 1 1",
    "message_arrived": "1000000 20000 2 1",
    "message_domain": "1000000 500000 2",
    "message_dated": "800000 2 1 1 1",
}


def open_archive(path: Path) -> sqlite3.Connection:
    """A read-only connection to an archive and the letters beside it. Raises ListfoldError when there is none, or it is
    another version's."""
    db = open_reader(path)
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        db.close()
        raise ListfoldError(
            f"{path}: the archive has schema {version}, this listfold {VERSION}: it is made anew by `listfold run`, "
            "or by `listfold rebuild`"
        )
    beside(db, path)
    return db


def create(db: sqlite3.Connection) -> None:
    """Make the tables in a new file. Raises ListfoldError when the file holds another version's."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == VERSION:
        return
    if version:
        raise ListfoldError(f"the archive has schema {version}, this listfold {VERSION}: run `listfold rebuild`")
    told = "".join(
        f"INSERT INTO sqlite_stat1 VALUES ('message', '{index}', '{n}');" for index, n in SELECTIVITY.items()
    )
    db.executescript(
        f"BEGIN IMMEDIATE; {TABLES} {shingles.TABLES} {tally.TABLES} {gaps.TABLES} ANALYZE message; {told} "
        f"PRAGMA user_version = {VERSION}; COMMIT; "
        "ANALYZE sqlite_schema;"  # read what was told
    )
