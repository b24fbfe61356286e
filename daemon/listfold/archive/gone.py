"""What a purge reaches in the archive, and what is remembered of it: that something was here, never what it said."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from listfold.archive.rows import unpack, unpack_spans
from listfold.archive.schema import open_archive
from listfold.model import body_of

CHUNK = 500  # ids in one query
RECENT = 100  # entries that a feed's head tells to be deleted


@dataclass(frozen=True, slots=True)
class Doomed:
    """One message that is about to be taken out. `rid` is its record's id where it is canonical, else ""."""

    letter: int
    path: str
    id: str
    rid: str
    record: str  # the id of the record that it shows
    message_id: str
    domain: str
    lists: tuple[str, ...]  # on a canonical one: where its record was seen
    body: str
    target: bool  # it shows a record that was named; the others only stand in the same letter
    shared: bool  # another letter that stays has its Message-ID


@dataclass(frozen=True, slots=True)
class Gone:
    """One name that answers 410: an id of ours, or a Message-ID as `mark` hashes it; a record's lists."""

    name: str
    domain: str
    made: int
    lists: tuple[str, ...] = ()


class Removal:
    """A read-only look at what hangs on what is to be taken out."""

    def __init__(self, path: Path) -> None:
        self._db = open_archive(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def letters(self, records: Sequence[str]) -> list[int]:
        """Every letter that shows one of these records, also as a part of something larger, such as a digest."""
        found: set[int] = set()
        for marks, part in _parts(records):
            query = f"SELECT m.letter FROM message m JOIN message c ON c.row = m.record WHERE c.rid IN ({marks})"
            found |= {int(row[0]) for row in self._db.execute(query, part)}
        return sorted(found)

    def doomed(self, letters: Sequence[int], records: Iterable[str]) -> list[Doomed]:
        """Every message of these letters."""
        named, numbers = set(records), set(letters)
        return [self._doomed(row, named, numbers) for row in self._rows(letters)]

    def orphans(self, letters: Sequence[int], records: Iterable[str]) -> list[str]:
        """Other records that stand in none but these letters, and go with them."""
        named, numbers = set(records), set(letters)
        seen = {row[4]: row[5] for row in self._rows(letters)}
        out = []
        for record, rid in seen.items():
            where = {int(r[0]) for r in self._db.execute("SELECT letter FROM message WHERE record = ?", (record,))}
            if where <= numbers and rid not in named:
                out.append(str(rid))
        return sorted(out)

    def _rows(self, letters: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        for marks, part in _parts(letters):
            yield from self._db.execute(
                "SELECT m.letter, m.path, m.id, m.rid, m.record, c.rid, m.message_id, m.domain, m.text, m.spans "
                f"FROM message m JOIN message c ON c.row = m.record WHERE m.letter IN ({marks}) "
                "ORDER BY m.letter, m.path",
                part,
            ).fetchall()

    def _doomed(self, row: tuple[Any, ...], named: set[str], numbers: set[int]) -> Doomed:
        letter, path, id_, rid, record, shows, message_id, domain, text, spans = row
        lists: tuple[str, ...] = ()
        if rid is not None:
            found = self._db.execute("SELECT DISTINCT list FROM message WHERE record = ? ORDER BY list", (record,))
            lists = tuple(str(r[0]) for r in found)
        others = (
            self._db.execute("SELECT letter FROM message WHERE message_id = ?", (message_id,)) if message_id else ()
        )
        return Doomed(
            letter=letter,
            path=path,
            id=id_,
            rid=rid or "",
            record=shows,
            message_id=message_id,
            domain=domain,
            lists=lists,
            body=body_of(unpack(text), unpack_spans(spans)),
            target=shows in named,
            shared=any(int(r[0]) not in numbers for r in others),
        )


def remember(db: sqlite3.Connection, gone: Iterable[Gone], secret: bytes) -> None:
    """Put names into the table of what is gone. `secret` is the key that Message-IDs are hashed with."""
    db.execute("DELETE FROM secret")
    db.execute("INSERT INTO secret VALUES (?)", (secret,))
    db.executemany(
        "INSERT OR REPLACE INTO gone VALUES (?, ?, ?, ?)",
        [(g.name, g.domain, g.made, json.dumps(g.lists)) for g in gone],
    )


def is_gone(db: sqlite3.Connection, any_id: str, *, public: bool) -> bool:
    """Whether an id of ours, or a Message-ID with or without <>, was here once and was taken out."""
    row = db.execute("SELECT value FROM secret").fetchone()
    if row is None:
        return False
    domain = " AND domain = 'public'" if public else ""
    query = f"SELECT 1 FROM gone WHERE name IN (?, ?){domain}"
    return db.execute(query, (any_id.strip(), mark(bytes(row[0]), any_id))).fetchone() is not None


def taken_out(db: sqlite3.Connection, list_id: str | None) -> list[tuple[str, int]]:
    """(record id, when it was taken out) of a list, or of all public ones: the latest, newest first."""
    where = "EXISTS (SELECT 1 FROM json_each(lists) WHERE value = ?)" if list_id else "domain = 'public'"
    found = db.execute(
        f"SELECT name, made FROM gone WHERE lists != '[]' AND {where} ORDER BY made DESC, name LIMIT ?",
        (*((list_id,) if list_id else ()), RECENT),
    )
    return [(str(row[0]), int(row[1])) for row in found]


def mark(secret: bytes, message_id: str) -> str:
    """A Message-ID's keyed hash, as letters/tombstones.py has it (a test holds the two together)."""
    bare = "".join(message_id.split()).strip("<>")
    return blake2b(b"message-id\0" + bare.encode("utf-8", "replace"), digest_size=16, key=secret).hexdigest()


def _parts(values: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    for start in range(0, len(values), CHUNK):
        part = list(values[start : start + CHUNK])
        yield ", ".join("?" * len(part)), part
