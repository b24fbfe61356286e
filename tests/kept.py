"""Letters put into a folder's letters.db without a daemon: an archive that tests write by themselves reads there."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import zstandard

from listfold.letters.schema import migrate
from listfold.model import Letter
from listfold.sqlite import DURABLE, LETTERS, open_writer

STORES = 4  # that stay open, as a daemon's does

_open: dict[Path, sqlite3.Connection] = {}


def keep(folder: Path, letters: Iterable[Letter]) -> None:
    """Under the ids that they have; who has one already is replaced. The store stays open until others are in use."""
    if folder not in _open:
        if len(_open) == STORES:
            _open.pop(next(iter(_open))).close()
        folder.mkdir(exist_ok=True)
        _open[folder] = open_writer(folder / LETTERS, DURABLE)
        _open[folder].execute("PRAGMA synchronous = OFF")
        migrate(_open[folder])
    rows = [
        (x.id, b"%d" % x.id, bytes.fromhex(x.sha256), zstandard.compress(x.raw), len(x.raw), x.sender,
         json.dumps(x.recipients), x.source, x.list_hint, x.received)
        for x in letters
    ]  # fmt: skip
    db = _open[folder]
    db.execute("BEGIN")
    db.executemany("INSERT OR REPLACE INTO letter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    db.execute("COMMIT")
