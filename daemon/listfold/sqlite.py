"""Opens SQLite files the one way both stores need: durable to write, harmless to read. Only they import it."""

import sqlite3
from pathlib import Path

from listfold.errors import ListfoldError

VERSION = sqlite3.sqlite_version
BUSY_SECONDS = 10.0  # another tool's short lock, such as a backup's, is waited for
JOURNAL_LIMIT = 64 * 2**20  # bytes of WAL kept after a checkpoint
CACHE = 48 * 2**20  # bytes of pages that the archive's writer keeps, in use only after much was written
READER_CACHE = 8 * 2**20  # …that a reader keeps
APPLICATION_ID = 0x6C666F6C  # "lfol": a file of ours
LETTERS = "letters.db"  # the durable store's file, beside the archive's in one folder

DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}

Settings = dict[str, str | int]
DURABLE: Settings = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}  # 2 is FULL: a commit is fsynced
DURABLE_PAGE = 2048  # bytes of a page in a new file: what a letter leaves empty on its last page is half as much
DERIVED: Settings = {  # 1 is NORMAL: consistent, and made again if lost; a negative cache is in KiB
    "journal_mode": "wal",
    "synchronous": 1,
    "cache_size": -CACHE // 1024,
    "wal_autocheckpoint": 4000,  # pages: a page that many batches write is written back once
}


def is_disk(error: BaseException) -> bool:
    """Whether the file or its disk is at fault, and nothing that was to be written."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in DISK  # an extended code


def pragmas(wanted: Settings) -> list[str]:
    return [
        *(f"PRAGMA {name} = {value}" for name, value in wanted.items()),
        f"PRAGMA journal_size_limit = {JOURNAL_LIMIT}",
    ]


def assert_pragma(path: Path, name: str, wanted: str | int, found: object) -> None:
    """Raise when a setting that durability rests on did not take (a file system without WAL, say)."""
    if found != wanted:
        raise ListfoldError(f"{path}: SQLite has {name} = {found}, not {wanted}; use a local file system")


def open_writer(path: Path, wanted: Settings, page: int = 0) -> sqlite3.Connection:
    """The one connection that writes. Transactions are explicit; settings are read back; `page` is for a new file."""
    db = sqlite3.connect(_uri(path), uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False)
    if page:
        db.execute(f"PRAGMA page_size = {page}")
    for statement in pragmas(wanted):
        db.execute(statement)
    for name, value in wanted.items():
        assert_pragma(path, name, value, db.execute(f"PRAGMA {name}").fetchone()[0])
    return db


def open_reader(path: Path) -> sqlite3.Connection:
    """A read-only connection, beside a writer or after it has gone.

    After a clean stop there is no WAL, and who may not write the folder cannot make one: such a file is opened
    as immutable (measured: `mode=ro` alone fails with "attempt to write a readonly database").
    Raises ListfoldError when there is no such file.
    """
    try:
        db = sqlite3.connect(
            _to_read(path), uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
        )
        db.execute("PRAGMA query_only = ON")
        db.execute(f"PRAGMA cache_size = {-READER_CACHE // 1024}")
    except sqlite3.Error as error:
        raise ListfoldError(f"{path}: cannot be opened: {error}") from error
    return db


def beside(db: sqlite3.Connection, path: Path) -> None:
    """Let a connection read the letters beside its own file too, as the schema `letters`. Raises ListfoldError when
    there are none."""
    try:
        db.execute("ATTACH ? AS letters", (_to_read(path.resolve().with_name(LETTERS)),))
    except sqlite3.Error as error:
        raise ListfoldError(f"{path.with_name(LETTERS)}: cannot be opened: {error}") from error


def _to_read(path: Path) -> str:
    real = path.resolve()
    if not real.exists():
        raise ListfoldError(f"{path}: no such file; has the daemon run, or anything been imported, with this data_dir?")
    live = real.with_name(real.name + "-wal").exists()
    return f"{_uri(real)}?mode=ro" + ("" if live else "&immutable=1")


def _uri(path: Path) -> str:
    quoted = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{quoted}"
