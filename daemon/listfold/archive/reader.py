"""Reads the archive: read-only, at any time, beside the writer. What pages, feeds and commands ask for."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import orjson

from listfold.archive import gaps, gone, rows, texts
from listfold.archive.gaps import Gap, Losses
from listfold.archive.schema import open_archive
from listfold.archive.search import Matches, parse
from listfold.frozen import dataclass
from listfold.model import ListName, Person, Record, Sighting

RECORD = rows.record_columns("m")
MEMBERS = 1000  # sightings of one record that are shown
PAGE = 2**18  # characters of one text that are read for pages: an issue has room for twice as many bytes in all


@dataclass(frozen=True, slots=True)
class ListRow:
    """One list with what it holds. `first` and `last` are arrival times."""

    id: str
    name: str
    address: str
    visibility: str
    records: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One sighting that came over a list; `first` is true where the text is seen there for the first time."""

    record: Record
    sighting: Sighting
    first: bool


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """One thread as a list page shows it: `id` opens it, `last` is its latest arrival on that list."""

    id: str
    subject: str
    records: int
    authors: tuple[str, ...]
    last: int


@dataclass(frozen=True, slots=True)
class Heading:
    """One record of a thread without its text: enough for a tree and its lines. `size` is of the text, in bytes."""

    id: str
    message_id: str
    message_ids: tuple[str, ...]  # its own first, then those of its other sightings
    in_reply_to: str
    references: tuple[str, ...]
    subject: str
    author: Person
    date: int | None
    lists: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of a search, and how many records match in all, or `more` than that; `ranked`: the best come first."""

    records: tuple[Record, ...]
    total: int
    more: bool
    ranked: bool


def once(arrivals: Iterable[Arrival]) -> Sequence[Arrival]:
    """A forward and what it encloses are one arrival: of what one letter shows of one record, the first."""
    shown: set[tuple[int, str]] = set()
    out: list[Arrival] = []
    for arrival in arrivals:
        key = (arrival.sighting.letter, arrival.record.id)
        if key not in shown:
            shown.add(key)
            out.append(arrival)
    return out


@dataclass(slots=True)
class About:
    """What one reading has looked up already: lists by id, the ids that open threads by number, records by row."""

    lists: dict[str, ListName] = field(default_factory=dict)
    threads: dict[int, str] = field(default_factory=dict)
    records: dict[int, Record] = field(default_factory=dict)


LIST_ROWS = """SELECT l.id, l.name, l.address, l.visibility, coalesce(h.records, 0),
    (SELECT min(arrived) FROM message WHERE list = l.id), (SELECT max(arrived) FROM message WHERE list = l.id)
    FROM list l LEFT JOIN held h ON h.list = l.id"""


class Reader:
    """One read-only connection (use one per thread). `public` hides private lists from everything it gives."""

    def __init__(self, path: Path, *, public: bool = False) -> None:
        self._db = open_archive(path)
        self._db.row_factory = sqlite3.Row
        self._public = public
        self._seen = "m.domain = 'public'" if public else "1"  # true of every row `m` that may be shown
        self._lists = "l.visibility = 'public'" if public else "1"

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def lists(self) -> Sequence[ListRow]:
        """All lists by id."""
        return [ListRow(*row) for row in self._db.execute(f"{LIST_ROWS} WHERE {self._lists} ORDER BY l.id")]

    def list(self, list_id: str) -> ListRow | None:
        row = self._db.execute(f"{LIST_ROWS} WHERE l.id = ? AND {self._lists}", (list_id,)).fetchone()
        return ListRow(*row) if row else None

    def latest(self, limit: int) -> Sequence[tuple[str, int]]:
        """The lists whose last letters are the newest, each with when that one arrived."""
        found = self._db.execute(
            "SELECT l.id, (SELECT max(arrived) FROM message WHERE list = l.id) AS last FROM list l "
            f"WHERE {self._lists} AND last IS NOT NULL ORDER BY last DESC, l.id LIMIT ?",
            (limit,),
        )
        return [(str(row[0]), int(row[1])) for row in found]

    def losses(self, since: int) -> Sequence[Losses]:
        """What each list that misses letters misses (archive/gaps.py says what that means)."""
        return gaps.losses(self._db, self._lists, since)

    def missing(self, list_id: str, offset: int = 0, limit: int = 50, named: int = 5) -> tuple[Sequence[Gap], int]:
        """Letters that a list most likely misses, last named first; and how many there are."""
        return gaps.of_list(self._db, list_id, self._lists, offset, limit, named)

    def footers(self) -> int:
        """How many footers are cut that a list has taught."""
        return int(self._db.execute("SELECT coalesce(sum(json_array_length(footers)), 0) FROM lesson").fetchone()[0])

    def record(self, record_id: str) -> Record | None:
        """The record with that id; sightings in order, the canonical message's own first."""
        query = f"SELECT {RECORD} FROM message m WHERE m.rid = ? AND {self._seen}"
        row = self._db.execute(query, (record_id,)).fetchone()
        return self._record(row) if row else None

    def resolve(self, any_id: str) -> Sequence[str]:
        """Record ids for a record id, a message id of ours, a Message-ID with or without <>, or Mailman 3's hash of it.

        Several for a Message-ID that was used for several texts."""
        bare = any_id.strip()
        wanted = (bare, bare, rows.hashed(bare), bare if bare.startswith("<") else f"<{bare}>")
        found = self._db.execute(
            "SELECT DISTINCT c.rid FROM message m JOIN message c ON c.row = m.record "
            "WHERE (m.rid = ? OR m.id = ? OR m.hashed = ? AND m.message_id = ? "
            f"OR m.row IN (SELECT row FROM alias WHERE name = ?)) AND {self._seen} ORDER BY c.rid != ?, c.rid",
            (*wanted, bare, bare),
        ).fetchall()
        rids: Sequence[str] = [str(row[0]) for row in found] or self._mailman(bare)
        return rids[:1] if bare in rids else rids

    def _mailman(self, name: str) -> Sequence[str]:
        query = (
            "SELECT DISTINCT c.rid, m.message_id FROM message m JOIN message c ON c.row = m.record "
            f"WHERE m.hashed = ? AND m.message_id != '' AND {self._seen} ORDER BY c.rid"
        )
        found = self._db.execute(query, (rows.unmailman(name),)).fetchall()
        return tuple(dict.fromkeys(str(rid) for rid, message_id in found if rows.mailman(message_id) == name))

    def names(self, record_id: str) -> Sequence[tuple[str, int]]:
        """The messages that show a record, by their names in archive.bonds, with their letters; the canonical first."""
        found = self._db.execute(
            "SELECT m.id || ' ' || lower(hex(m.key)) AS name, m.letter AS letter FROM message m "
            f"JOIN message c ON c.row = m.record WHERE c.rid = ? AND {self._seen} "
            "ORDER BY m.row != m.record, m.claimed, m.letter, m.path",
            (record_id,),
        )
        return [(row["name"], row["letter"]) for row in found]

    def standing(self, name: str) -> Sequence[str]:
        """The records that a message shows, by its name."""
        id_, _, key = name.partition(" ")
        query = "SELECT c.rid FROM message m JOIN message c ON c.row = m.record WHERE m.id = ? AND m.key = ?"
        return sorted({str(row[0]) for row in self._db.execute(query, (id_, bytes.fromhex(key)))})

    def home(self, record_id: str) -> str:
        """The id of the list that a record stands on."""
        return str(self._db.execute("SELECT list FROM message WHERE rid = ?", (record_id,)).fetchone()[0])

    def domain(self, record_id: str) -> str:
        """Either "public" or the private list behind whose wall the record is."""
        return str(self._db.execute("SELECT domain FROM message WHERE rid = ?", (record_id,)).fetchone()[0])

    def purged(self, any_id: str) -> bool:
        """Whether that id was once a message here and was taken out."""
        return gone.is_gone(self._db, any_id, public=self._public)

    def taken_out(self, list_id: str | None) -> Sequence[tuple[str, int]]:
        """(record id, when it was purged), newest first: what a list's feed tells to be deleted."""
        return gone.taken_out(self._db, list_id)

    def records(self, record_ids: Sequence[str]) -> dict[str, Record]:
        """Those of some records that are here, by id."""
        marks = ", ".join("?" * len(record_ids))
        query = f"SELECT {RECORD} FROM message m WHERE m.rid IN ({marks}) AND {self._seen}"
        about = About()
        found = [self._record(row, about) for row in self._db.execute(query, record_ids).fetchall()]
        return {record.id: record for record in found}

    def thread(self, record_id: str, list_id: str | None = None) -> Sequence[Heading]:
        """The thread that this record is in (its frame on one list, if given), oldest first, without the texts."""
        frame = " AND EXISTS (SELECT 1 FROM message s WHERE s.record = m.row AND s.list = :list)" if list_id else ""
        found = self._db.execute(
            "SELECT m.row, m.rid, m.message_id, m.in_reply_to, m.refs, m.subject, m.author_name, m.author_address, "
            "m.date, m.list, substr(m.text, 1, 18) AS head FROM message m WHERE m.thread = (SELECT thread FROM "
            f"message WHERE rid = :id) AND m.record = m.row AND m.role != 'digest' AND {self._seen}{frame} "
            "ORDER BY coalesce(m.date, m.arrived), m.id, m.key, m.path",
            {"id": record_id, "list": list_id},
        ).fetchall()
        others: dict[int, list[tuple[str, str]]] = {}
        for record, message_id, on in self._db.execute(
            "SELECT record, message_id, list FROM message WHERE thread = (SELECT thread FROM message WHERE rid = ?) "
            "AND record != row ORDER BY list",
            (record_id,),
        ):
            others.setdefault(record, []).append((message_id, on))
        out = []
        for row, rid, message_id, in_reply_to, refs, subject, name, address, date, on, head in found:
            names, lists = (message_id,) if message_id else (), (on,)
            if row in others:
                names = tuple(filter(None, dict.fromkeys((message_id, *(name for name, _ in others[row])))))
                lists = tuple(dict.fromkeys((on, *(where for _, where in others[row]))))
            heading = Heading(
                id=rid,
                message_id=message_id,
                message_ids=names,
                in_reply_to=in_reply_to,
                references=tuple(orjson.loads(refs)) if refs != "[]" else (),
                subject=subject,
                author=Person(name, address),
                date=date,
                lists=lists,
                size=texts.size(head),
            )
            out.append(heading)
        return out

    def threads(self, list_id: str, offset: int = 0, limit: int = 50) -> tuple[Sequence[ThreadRow], int]:
        """A list's threads by latest arrival, newest first; and how many there are."""
        shown = f"FROM talk JOIN list l ON l.id = talk.list WHERE talk.list = ? AND records > 0 AND {self._lists}"
        total = self._db.execute(f"SELECT count(*) {shown}", (list_id,)).fetchone()[0]
        found = self._db.execute(
            f"SELECT talk.id, subject, records, authors, last {shown} ORDER BY last DESC, thread DESC LIMIT ? OFFSET ?",
            (list_id, limit, offset),
        )
        return [
            ThreadRow(id_, subject, records, tuple(orjson.loads(authors)), last)
            for id_, subject, records, authors, last in found
        ], total

    def arrivals(
        self, list_id: str | None, since: int, until: int, *, live_only: bool = False, newest: int = -1
    ) -> Sequence[Arrival]:
        """What arrived in [since, until) over a list (None: over all public lists), oldest first.

        For None a record comes once, at its first sighting on any public list, and `first` is always true. With
        `newest` no more than so many of the last ones are looked at."""
        return once(self.sightings(list_id, since, until, live_only=live_only, newest=newest))

    def nth(self, list_id: str | None, since: int, until: int, n: int, *, last: bool = False) -> int | None:
        """When the n-th sighting (from 0) of [since, until) arrived, or the n-th from the end; None without one."""
        scope, values = ("list = ?", [list_id]) if list_id else ("domain = 'public'", [])
        row = self._db.execute(
            f"SELECT arrived FROM message WHERE {scope} AND arrived >= ? AND arrived < ? "
            f"ORDER BY arrived {'DESC' if last else ''} LIMIT 1 OFFSET ?",
            (*values, since, until, n),
        ).fetchone()
        return int(row[0]) if row else None

    def live(self, list_id: str | None, since: int, until: int) -> bool:
        """Whether anything in [since, until) arrived as live mail."""
        scope, values = ("list = ?", [list_id]) if list_id else ("domain = 'public'", [])
        query = f"SELECT 1 FROM message WHERE {scope} AND arrived >= ? AND arrived < ? AND live = 1 LIMIT 1"
        return self._db.execute(query, (*values, since, until)).fetchone() is not None

    def letters(self, list_id: str | None, since: int, until: int) -> int:
        """How many letters arrived in [since, until)."""
        scope, values = ("list = ?", [list_id]) if list_id else ("domain = 'public'", [])
        query = f"SELECT count(DISTINCT letter) FROM message WHERE {scope} AND arrived >= ? AND arrived < ?"
        return int(self._db.execute(query, (*values, since, until)).fetchone()[0])

    def sightings(
        self, list_id: str | None, since: int, until: int, *, live_only: bool = False, newest: int = -1,
        about: "About | None" = None,
    ) -> Sequence[Arrival]:  # fmt: skip
        """The same, and what one letter shows twice comes twice: `once` makes arrivals of any part of it.

        A record that `about` knows is not read again. Texts are read as far as pages may show them (PAGE)."""
        live = " AND m.live = 1" if live_only else ""
        scope = "m.list = ?" if list_id else "m.domain = 'public'"
        same = "e.list = m.list" if list_id else "e.domain = 'public'"
        before = "(e.arrived, e.claimed, e.id, e.key, e.path) < (m.arrived, m.claimed, m.id, m.key, m.path)"
        found = self._db.execute(
            "SELECT m.row, m.letter, m.path, NOT EXISTS (SELECT 1 FROM message e "
            f"INDEXED BY message_record WHERE e.record = m.record AND {same} AND {before}), {rows.record_columns('c')} "
            "FROM message m JOIN message c ON c.row = m.record "
            f"WHERE m.row IN (SELECT m.row FROM message m WHERE {scope} AND m.arrived >= ? AND m.arrived < ? "
            f"AND m.role != 'digest' AND {self._seen}{live} "
            "ORDER BY m.arrived DESC, m.claimed DESC, m.id DESC, m.key DESC, m.path DESC LIMIT ?) "
            "ORDER BY m.arrived, m.claimed, m.id, m.key, m.path",
            (*((list_id,) if list_id else ()), since, until, newest),
        ).fetchall()
        out = []
        known = About() if about is None else about
        for sighted, letter, path, first, *row in found:
            if list_id is None and not first:
                continue
            record = known.records.get(row[0]) or known.records.setdefault(row[0], self._record(row, known, PAGE))
            here = (s for s in record.sightings if s.letter == letter and s.path == path)
            sighting = next(here, None) or self._sightings("row", sighted)[0]
            out.append(Arrival(record, sighting, bool(first)))
        return out

    def months(self, list_id: str | None) -> dict[str, int]:
        """Letters per UTC month of their arrival, {"2015-11": 42}, in order; None: over all public lists."""
        query = "SELECT month, letters FROM monthly WHERE list = ? AND letters > 0 ORDER BY month"
        return dict(self._db.execute(query, (list_id or "",)).fetchall())

    def days(self, list_id: str | None, since: int, until: int) -> dict[str, int]:
        """Letters per UTC day, {"2015-11-30": 3}, in order; days without any are left out. Bounds are midnights."""
        query = "SELECT day, letters FROM daily WHERE list = ? AND day >= ? AND day < ? AND letters > 0 ORDER BY day"
        found = self._db.execute(query, (list_id or "", since // 86400, until // 86400))
        return {datetime.fromtimestamp(day * 86400, UTC).strftime("%Y-%m-%d"): letters for day, letters in found}

    def search(
        self, query: str, *, list_id: str | None = None, offset: int = 0, limit: int = 20, newest: bool = False
    ) -> Hits:
        """Records that match a query (archive.search says what one means); best first unless `newest`.

        Never raises on odd queries; one that asks for nothing finds nothing."""
        matches = Matches(self._db, query, self._seen if self._hides() else "", list_id)
        found = matches.newest(limit, offset) if newest else matches.best(limit, offset)
        about = About()
        fetch = f"SELECT {RECORD} FROM message m WHERE m.row = ?"
        records = tuple(self._record(self._db.execute(fetch, (n,)).fetchone(), about) for n in found)
        return Hits(records, matches.total, matches.more, matches.ranked and not newest)

    def export(
        self,
        list_id: str | None = None,
        since: int | None = None,
        author: str | None = None,
        query: str | None = None,
        until: int | None = None,
    ) -> Iterator[Record]:
        """Every record once, the oldest first, so that a text comes before what forwards it: all, or those seen on a
        list, dated in [since, until), by an address, that match a search."""
        where = f"{self._seen} AND m.rid IS NOT NULL"
        values: list[object] = []
        if list_id:
            where += " AND EXISTS (SELECT 1 FROM message s WHERE s.record = m.row AND s.list = ?)"
            values.append(list_id)
        if since is not None:
            where += " AND coalesce(m.date, m.arrived) >= ?"
            values.append(since)
        if until is not None:
            where += " AND coalesce(m.date, m.arrived) < ?"
            values.append(until)
        if author:
            where += " AND lower(m.author_address) = ?"
            values.append(author.lower())
        if query:
            asked = parse(query)
            where += "".join(f" AND {condition}" for condition in asked.where)
            values += asked.values
            for name, words in (("IN", asked.match), ("NOT IN", asked.without)):
                if words:
                    where += f" AND m.row {name} (SELECT rowid FROM terms WHERE terms MATCH ?)"
                    values.append(words)
            if not (asked.match or asked.where or asked.without):
                return
        about = About()
        order = "coalesce(m.date, m.arrived), m.id DESC, m.key DESC, m.path DESC"
        for row in self._db.execute(f"SELECT {RECORD} FROM message m WHERE {where} ORDER BY {order}", values):
            yield self._record(row, about)

    def _hides(self) -> bool:
        """Whether there is anything that this reader must not show."""
        query = "SELECT EXISTS (SELECT 1 FROM message WHERE domain < 'public' OR domain > 'public')"
        return self._public and bool(self._db.execute(query).fetchone()[0])

    def _record(self, row: Sequence[Any], about: "About | None" = None, most: int | None = None) -> Record:
        """Of a row of rows.record_columns. `about` remembers lists and threads from one record to the next; of a text
        with more than `most` characters the lines that fit are given."""
        known = About() if about is None else about
        number, shown, on, thread, letter, text, spans, *rest = row
        if on not in known.lists:
            query = "SELECT id, name, address FROM list WHERE id = ?"
            known.lists[on] = ListName(*self._db.execute(query, (on,)).fetchone())
        if thread not in known.threads:
            query = "SELECT id FROM talk WHERE thread = ? LIMIT 1"
            known.threads[thread] = str(self._db.execute(query, (thread,)).fetchone()[0])
        sightings = self._sightings("record", number)
        if shown is not None:
            query = "SELECT letter, text, spans FROM message WHERE row = ?"
            letter, text, spans = self._db.execute(query, (shown,)).fetchone()
        whole, beyond = texts.unpack(self._db, letter, text), 0
        if most is not None and len(whole) > most:
            end = max(whole.rfind("\n", 0, most), 0) or most
            whole, beyond = whole[:end], whole[end:].strip("\n").count("\n") + 1
        written = whole, rows.unpack_spans(spans)
        return rows.record(rest, written, known.lists[on], known.threads[thread], sightings, beyond)

    def _sightings(self, by: Literal["row", "record"], number: int) -> tuple[Sighting, ...]:
        found = self._db.execute(
            f"SELECT {rows.SIGHTING_COLUMNS} FROM message m WHERE m.{by} = ?1 AND {self._seen} "
            f"ORDER BY m.row != ?1, claimed, arrived, id, key, path LIMIT {MEMBERS}",
            (number,),
        )
        return tuple([rows.sighting(tuple(row)) for row in found])
