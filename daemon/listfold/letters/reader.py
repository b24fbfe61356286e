"""Reads letters.db: read-only, at any time, beside the writer."""

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard

from listfold.letters import decisions
from listfold.letters.decisions import Decision
from listfold.model import Letter
from listfold.sqlite import open_reader

COLUMNS = "id, raw, source, received, sender, recipients, list_hint, key, sha256"


class LettersReader:
    """One read-only connection. Not for two threads at the same moment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = open_reader(path)
        self._zstd = zstandard.ZstdDecompressor()

    def close(self) -> None:
        self._db.close()

    def count(self) -> int:
        """Letters ever accepted. Ids are dense: this is the highest one too."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM letter").fetchone()[0])

    def purged(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM letter WHERE raw IS NULL").fetchone()[0])

    def installation(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM installation WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def get(self, letter: int) -> Letter | None:
        row = self._db.execute(f"SELECT {COLUMNS} FROM letter WHERE id = ? AND raw IS NOT NULL", (letter,)).fetchone()
        return self._letter(row) if row else None

    def find(self, sha256: str) -> list[int]:
        """Ids of the letters with these bytes (hex digest), oldest first."""
        rows = self._db.execute("SELECT id FROM letter WHERE sha256 = ? ORDER BY id", (bytes.fromhex(sha256),))
        return [int(row[0]) for row in rows]

    def batch(self, ids: list[int], max_bytes: int) -> tuple[list[Letter], list[int]]:
        """These letters in order, as many as fit in max_bytes of raw (always at least the first), and the ids that
        did not fit. What was purged is in neither."""
        out: list[Letter] = []
        total = 0
        for n, letter in enumerate(ids):
            row = self._db.execute(f"SELECT {COLUMNS}, size FROM letter WHERE id = ?", (letter,)).fetchone()
            if row is None or row[1] is None:
                continue
            total += int(row[9])
            if out and total > max_bytes:
                return out, ids[n:]
            out.append(self._letter(row))
        return out, []

    def all(self) -> Iterator[Letter]:
        """Every letter that was not purged, in the order of acceptance."""
        for row in self._db.execute(f"SELECT {COLUMNS} FROM letter WHERE raw IS NOT NULL ORDER BY id"):
            yield self._letter(row)

    def decisions(self, after: int = 0) -> list[Decision]:
        """What people decided, in order: all, or what came after the decision with this id."""
        return decisions.read(self._db, after)

    def check(self) -> Iterator[str]:
        """A line for each fault: integrity, and every raw letter decodes to the bytes it was taken in with."""
        for (line,) in self._db.execute("PRAGMA integrity_check"):
            if line != "ok":
                yield f"letters.db: {line}"
        rows = self._db.execute("SELECT id, raw, sha256, size FROM letter WHERE raw IS NOT NULL ORDER BY id")
        for letter, raw, sha256, size in rows:
            try:
                content = self._zstd.decompress(raw)
            except zstandard.ZstdError as error:
                yield f"letter {letter}: raw does not decode: {error}"
                continue
            if len(content) != size or Letter(content, "smtp", 0).sha256 != sha256.hex():
                yield f"letter {letter}: raw is not what was accepted"
        gaps = self._db.execute("SELECT max(id) - count(*) FROM letter").fetchone()[0]
        if gaps:
            yield f"letters.db: {gaps} letters are missing from the sequence"

    def _letter(self, row: tuple[Any, ...]) -> Letter:
        letter, raw, source, received, sender, recipients, hint, key, sha256 = row[:9]
        content = self._zstd.decompress(raw) if raw else b""
        made = Letter(content, source, received, sender, tuple(json.loads(recipients)), hint, letter)
        vars(made).update(key=key, sha256=sha256.hex())  # they need not be reckoned again
        return made


def copy(source: Path, target: Path) -> None:
    """A consistent copy of letters.db, also beside a writer. Never copy the file alone: its WAL belongs to it."""
    db, out = open_reader(source), sqlite3.connect(target)
    try:
        db.backup(out, pages=-1)  # in one step: a stepwise backup begins again whenever the writer commits
    finally:
        out.close()
        db.close()
    with target.open("rb") as file:
        os.fsync(file.fileno())
