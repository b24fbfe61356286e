"""Finds what a purge reaches in the archive; reads only."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from listfold.archive.rows import hashed, unpack_spans
from listfold.archive.schema import open_archive
from listfold.archive.texts import unpack
from listfold.frozen import dataclass
from listfold.model import body_of

CHUNK = 500  # ids in one query


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
        query = "SELECT letter FROM message WHERE hashed = ? AND message_id = ?"
        others = self._db.execute(query, (hashed(message_id), message_id)) if message_id else ()
        return Doomed(
            letter=letter,
            path=path,
            id=id_,
            rid=rid or "",
            record=shows,
            message_id=message_id,
            domain=domain,
            lists=lists,
            body=body_of(unpack(self._db, letter, text), unpack_spans(spans)),
            target=shows in named,
            shared=any(int(r[0]) not in numbers for r in others),
        )


def _parts(values: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    for start in range(0, len(values), CHUNK):
        part = list(values[start : start + CHUNK])
        yield ", ".join("?" * len(part)), part
