"""The tables of letters.db, and how an older file becomes today's. Migrations are only appended."""

import secrets
import sqlite3

from listfold.errors import ListfoldError
from listfold.sqlite import APPLICATION_ID

MIGRATIONS = (
    """
    CREATE TABLE letter (
        id INTEGER PRIMARY KEY,         -- dense, from 1, in the order of acceptance
        key BLOB NOT NULL UNIQUE,       -- Letter.key: the same again
        sha256 BLOB NOT NULL,           -- of raw as it came
        raw BLOB,                       -- zstd; NULL once purged
        size INTEGER NOT NULL,          -- bytes of raw before zstd
        sender TEXT NOT NULL,
        recipients TEXT NOT NULL,       -- JSON array
        source TEXT NOT NULL,
        list_hint TEXT NOT NULL,
        received INTEGER NOT NULL       -- seconds since 1970
    ) STRICT;
    CREATE INDEX letter_sha256 ON letter (sha256);
    CREATE TABLE decision (
        id INTEGER PRIMARY KEY,
        made INTEGER NOT NULL,          -- seconds since 1970
        kind TEXT NOT NULL,             -- what was decided: list, alias, release, discard, …
        subject TEXT NOT NULL,          -- what about
        detail TEXT NOT NULL            -- JSON object
    ) STRICT;
    CREATE TABLE installation (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO installation VALUES ('again', '0');
    """,
    # The key of what a purge leaves behind (letters/tombstones.py).
    "INSERT INTO installation VALUES ('secret', lower(hex(randomblob(32))));",
)


def older(db: sqlite3.Connection) -> int | None:
    """The schema of a file that migrate() would change; None for a new one, and for one that it leaves as it is."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    return version if 0 < version < len(MIGRATIONS) else None


def migrate(db: sqlite3.Connection) -> None:
    """Bring the file to today's schema in one transaction. Raises ListfoldError for a file of a newer listfold."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise ListfoldError(f"letters.db has schema {version}, this listfold knows {len(MIGRATIONS)}: use a newer one")
    if version == len(MIGRATIONS):
        return
    script = "".join(MIGRATIONS[version:])
    tag = secrets.token_hex(8)
    db.executescript(
        f"BEGIN IMMEDIATE; {script}"
        f"INSERT OR IGNORE INTO installation VALUES ('tag', '{tag}');"
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {len(MIGRATIONS)}; COMMIT;"
    )
