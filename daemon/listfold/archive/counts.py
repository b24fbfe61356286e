"""Counts what the archive holds and checks that it adds up."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from listfold.archive import gaps, tally
from listfold.archive.schema import open_archive

CHUNK = 500  # ids in one query


class Counts:
    """One read-only connection for figures and findings; private lists count too."""

    def __init__(self, path: Path) -> None:
        self._db = open_archive(path)

    def close(self) -> None:
        self._db.close()

    def status(self, rules: str, accepted: int) -> dict[str, Any]:
        """The part of `status --json` that the archive knows; a letter is in exactly one state."""
        states = dict.fromkeys(("read", "held", "failed", "purged"), 0)
        query = "SELECT state, count(*) FROM progress WHERE rules = ? AND state != 'pending' GROUP BY state"
        states.update(self._db.execute(query, (rules,)).fetchall())
        return {
            "letters": {"accepted": accepted, "pending": accepted - sum(states.values()), **states},
            "messages": self._one("SELECT count(*) FROM message"),
            "records": self._one("SELECT count(*) FROM message WHERE record = row"),
            "sightings": dict(self._db.execute("SELECT relation, count(*) FROM message GROUP BY relation").fetchall()),
            "settling": self._one(
                "SELECT (SELECT count(*) FROM settle) + (SELECT count(*) FROM lesson WHERE stale = 1)"
            ),
            "lists": self._one("SELECT count(*) FROM list WHERE id IN (SELECT list FROM message)"),
        }

    def outcome(self, letters: Iterable[int]) -> dict[str, Any]:
        """What became of some letters: held, failed, records that they opened, sightings by relation; `named` has
        (letter, state, why) of those that are held or failed."""
        ids = list(letters)
        states: Counter[str] = Counter()
        relations: Counter[str] = Counter()
        records = 0
        named: list[tuple[int, str, str]] = []
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            marks = f"({', '.join('?' * len(part))})"
            query = (
                f"SELECT letter, state, detail FROM progress WHERE letter IN {marks} AND state IN ('held', 'failed')"
            )
            named += self._db.execute(query, part).fetchall()
            query = f"SELECT state, count(*) FROM progress WHERE letter IN {marks} GROUP BY state"
            states.update(dict(self._db.execute(query, part).fetchall()))
            query = (
                f"SELECT relation, count(*), sum(record = row) FROM message WHERE letter IN {marks} GROUP BY relation"
            )
            for relation, count, own in self._db.execute(query, part):
                relations[relation] += count
                records += own
        return {
            "held": states["held"],
            "failed": states["failed"],
            "purged": states["purged"],
            "records": records,
            "sightings": dict(sorted(relations.items())),
            "named": named,
        }

    def touched(self) -> int:
        """Hours in which something arrived that is not published yet."""
        return self._one("SELECT count(*) FROM touched")

    def waiting(self, state: str) -> list[tuple[int, str]]:
        """Letters that are held or failed, with why."""
        query = "SELECT letter, detail FROM progress WHERE state = ? ORDER BY letter"
        return [(int(letter), str(detail)) for letter, detail in self._db.execute(query, (state,))]

    def check(self, accepted: int) -> Iterator[str]:
        """A line for each finding: integrity, accounting, every message in one record and every record its own."""
        for (line,) in self._db.execute("PRAGMA main.integrity_check"):
            if line != "ok":
                yield f"archive.db: {line}"
        beyond = self._one("SELECT count(*) FROM progress WHERE letter > ?", accepted)
        if beyond:
            yield f"archive.db: progress for {beyond} letters that were never accepted"
        queries = {
            "is in no record": "SELECT letter || ' ' || path FROM message m WHERE NOT EXISTS "
            "(SELECT 1 FROM message c WHERE c.row = m.record AND c.record = c.row)",
            "is a record without an id": "SELECT letter || ' ' || path FROM message WHERE record = row AND rid IS NULL",
            "has an id but is no record": "SELECT letter || ' ' || path FROM message "
            "WHERE record != row AND rid IS NOT NULL",
            "is of a letter that is not marked read": "SELECT letter || ' ' || path FROM message m WHERE NOT EXISTS "
            "(SELECT 1 FROM progress p WHERE p.letter = m.letter AND p.state IN ('read', 'pending'))",
            "is folded across a private border": "SELECT m.letter || ' ' || m.path FROM message m JOIN message c "
            "ON c.row = m.record WHERE c.domain != m.domain",
        }
        for what, query in queries.items():
            for (name,) in self._db.execute(query):
                yield f"archive.db: message {name.strip()} {what}"
        read = self._one("SELECT count(*) FROM progress WHERE state = 'read'")
        held = self._one("SELECT count(DISTINCT letter) FROM message")
        if held < read:
            yield f"archive.db: {read - held} letters are marked read and have no message"
        indexed = self._one("SELECT count(*) FROM terms")
        records = self._one("SELECT count(*) FROM message WHERE record = row")
        if indexed != records:
            yield f"archive.db: {indexed} records in the search index, {records} in the archive"
        for line in (*tally.findings(self._db), *gaps.findings(self._db)):
            yield f"archive.db: {line}"

    def _one(self, query: str, *values: object) -> int:
        return int(self._db.execute(query, values).fetchone()[0])
