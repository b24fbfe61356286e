"""Full-text search over records: what is indexed, and what a person's query means.

Queries are words and "phrases", -not, and from: subject: list: before: after: has:attachment is:folded. Anything else
is taken as words: a query never fails. The index is contentless: `add=False` gives FTS5 the same words again to remove.
"""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import field
from datetime import UTC, datetime

from listfold.archive.rows import unpack_spans
from listfold.archive.texts import unpack
from listfold.frozen import dataclass
from listfold.model import Person, Span, body_of

TERMS = 32  # of one query; what comes after is not looked at
BODY_CHARACTERS = 2**20  # of one body that are indexed
MANY = 2000  # matches that are ranked: of more, the last that came in, and the others follow as they came
COUNTED = 20_000  # matches that are counted; a query that has so many is ranked by subjects alone
SPREAD = 4  # times as far back in time is looked as evenly spread words would need: some come in bursts
LOOK = 10  # steps back in time that cost as much as looking up when one match was written

# Scripts without spaces: unicode61 would take a whole sentence for one word, so each character is one.
UNSPACED = re.compile("([\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
ASCII = bytes(range(128))
TOKEN = re.compile(r'(-?)(?:([a-z]+):)?("[^"]*"?|\S+)', re.IGNORECASE)
COLUMN = {"from": "author", "subject": "subject"}
BEST = "bm25(terms, 4.0, 2.0, 1.0)"
AT = "coalesce(m.date, m.arrived)"
DATED = f"{AT} DESC, m.id, m.key, m.path"


@dataclass(frozen=True, slots=True)
class Query:
    """A query taken apart: an FTS5 expression for what must and what must not be there, and SQL conditions."""

    match: str = ""
    title: str = ""  # of `match` what a subject can hold
    without: str = ""
    where: tuple[str, ...] = ()
    values: tuple[object, ...] = ()
    words: tuple[str, ...] = field(default=())  # to highlight


def spaced(text: str) -> str:
    if text.isascii():
        return text
    rare = text.encode("utf-8", "surrogatepass").translate(None, ASCII).decode("utf-8", "surrogatepass")
    return UNSPACED.sub(r" \1 ", text) if UNSPACED.search(rare) else text  # quotation marks and dashes, as a rule


Terms = tuple[str, str, str]  # what is indexed of a record: subject, author, body


def terms_of(subject: str, author: Person, text: str, spans: tuple[Span, ...]) -> Terms:
    body = body_of(text, spans)[:BODY_CHARACTERS]
    return spaced(subject), spaced(f"{author.name} {author.address}"), spaced(body)


class Index:
    """The words of records, put in and taken out at the end of each transaction.

    FTS5 writes out what it has gathered whenever a statement opens a savepoint, as each does that fires triggers and
    may fail: between such statements every letter would become a segment of its own, to be merged again."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._put: list[tuple[str | None, int, str, str, str]] = []

    def put(self, row: int, terms: Terms | None = None) -> None:
        """Put in the words of a canonical row's record, as the archive holds them now."""
        self._put.append((None, row, *(terms or self._terms(row))))

    def take(self, row: int) -> None:
        """Take the same words out."""
        self._put.append(("delete", row, *self._terms(row)))

    def write(self) -> None:
        """The last step before a commit."""
        self._db.executemany(
            "INSERT INTO terms (terms, rowid, subject, author, body) VALUES (?, ?, ?, ?, ?)", self._put
        )
        self._put.clear()

    def forget(self) -> None:
        """The transaction was rolled back."""
        self._put.clear()

    def _terms(self, row: int) -> Terms:
        subject, name, address, letter, text, spans = self._db.execute(
            "SELECT m.subject, m.author_name, m.author_address, s.letter, s.text, s.spans FROM message m "
            "JOIN message s ON s.row = coalesce(m.shown, m.row) WHERE m.row = ?",
            (row,),
        ).fetchone()
        return terms_of(subject, Person(name, address), unpack(self._db, letter, text), unpack_spans(spans))


class Matches:
    """The records that match a query: how many, and a page of them, newest or best first, as rows of `message`.

    A match costs the index a tenth of a microsecond and a look at its row some ten times as much or more: rows are
    looked at for what is asked beside words, and for the order of those that may come onto the page. bm25 looks at all
    matches of each word to weigh it."""

    def __init__(self, db: sqlite3.Connection, query: str, seen: str = "", list_id: str | None = None) -> None:
        """`seen` is what must be true of a row `m` that may be shown, if anything must."""
        asked = parse(query)
        where, values = [*asked.where, *([seen] if seen else [])], list(asked.values)
        if asked.match:
            row, source = "terms.rowid", "terms CROSS JOIN message m ON m.row = terms.rowid" if where else "terms"
            where.append("terms MATCH ?")
            values.append(f"({asked.match}) NOT ({asked.without})" if asked.without else asked.match)
        else:
            row, source = "m.row", "message m"
            where.append("m.rid IS NOT NULL" if asked.where or asked.without else "0")
            if asked.without:
                where.append("m.row NOT IN (SELECT rowid FROM terms WHERE terms MATCH ?)")
                values.append(asked.without)
        if list_id:
            where.append(f"EXISTS (SELECT 1 FROM message s WHERE s.record = {row} AND s.list = ?)")
            values.append(list_id)
        self._db = db
        self._values = values
        self._words = asked.match
        self._title = asked.title
        self.ranked = bool(asked.title)  # it has words that one record may match better than another
        self._matching = f"FROM {source} WHERE {' AND '.join(where)}"
        counted = f"SELECT count(*), max(row) FROM (SELECT {row} AS row {self._matching} LIMIT {COUNTED})"
        self.total, self._reach = db.execute(counted, values).fetchone()
        self.more = self.total == COUNTED

    def newest(self, limit: int, offset: int) -> Sequence[int]:
        """By their own dates, whatever the order in which they came.

        Many matches are found by going back in time until there are enough; it is a guess how far that is."""
        if not self._words:
            return self._rows(f"SELECT m.row {self._matching} ORDER BY {DATED} LIMIT ? OFFSET ?", limit, offset)
        records = int(self._db.execute("SELECT coalesce(max(row), 0) FROM message").fetchone()[0])
        many = self.total * records // self._reach if self.more else self.total  # had they come evenly spread
        steps = SPREAD * (offset + limit) * records // max(1, many)
        if steps < LOOK * many:
            last = f"SELECT m.row FROM message m INDEXED BY message_dated WHERE m.rid IS NOT NULL ORDER BY {DATED} "
            last += f"LIMIT {steps}"  # rows alone: what else the index holds takes several times as long to read
            matching = f"SELECT terms.rowid AS row {self._matching}"
            if steps < many:  # else all matches are read sooner than the bounds are known
                matching += (
                    f" AND terms.rowid BETWEEN (SELECT min(row) FROM ({last})) AND (SELECT max(row) FROM ({last}))"
                )
            found = self._rows(
                f"WITH found AS MATERIALIZED ({matching}) SELECT m.row FROM message m WHERE m.row IN "
                f"(SELECT row FROM found WHERE row IN ({last})) ORDER BY {DATED} LIMIT ? OFFSET ?",
                *(limit, offset),
            )
            if len(found) == (limit if self.more else min(limit, self.total - offset)):
                return found
        every = f"SELECT m.row FROM message m WHERE m.row IN (SELECT terms.rowid {self._matching})"
        return self._rows(f"{every} ORDER BY {DATED} LIMIT ? OFFSET ?", limit, offset)

    def best(self, limit: int, offset: int) -> Sequence[int]:
        """The best of the MANY that came in last, then the others as they came; without words, the newest."""
        if not self._words:
            return self.newest(limit, offset)
        found: list[int] = []
        if self.more:
            found = self._titled()[offset : offset + limit]
        elif offset < MANY:  # of what is equally good the newest comes first, but few need to be looked up for that
            found = self._rows(
                f"WITH late AS MATERIALIZED (SELECT terms.rowid AS row, {BEST} AS score {self._matching} "
                f"ORDER BY terms.rowid DESC LIMIT {MANY}) "
                "SELECT m.row FROM late CROSS JOIN message m ON m.row = late.row WHERE late.score <= coalesce("
                "(SELECT score FROM late ORDER BY score LIMIT 1 OFFSET ?), 0) "
                f"ORDER BY late.score, {DATED} LIMIT ? OFFSET ?",
                *(offset + limit - 1, limit, offset),
            )
        if len(found) < limit and offset + len(found) < self.total:
            later = f"SELECT terms.rowid {self._matching} ORDER BY terms.rowid DESC LIMIT ? OFFSET ?"
            found += self._rows(later, limit - len(found), max(offset, MANY))
        return found

    def _titled(self) -> list[int]:
        """Of the MANY that came in last those that match in the subject, then the others; the last one first."""
        late = self._rows(f"SELECT terms.rowid {self._matching} ORDER BY terms.rowid DESC LIMIT {MANY}")
        if not self._title:
            return late
        query = "SELECT rowid FROM terms WHERE terms MATCH ? AND rowid >= ?"
        titled = {row[0] for row in self._db.execute(query, (f"subject : ({self._title})", late[-1]))}
        return sorted(late, key=lambda row: row not in titled)

    def _rows(self, statement: str, *bounds: int) -> list[int]:
        return [row[0] for row in self._db.execute(statement, (*self._values, *bounds))]


def parse(query: str) -> Query:
    """Take a person's query apart."""
    must: list[str] = []
    title: list[str] = []
    mustnot: list[str] = []
    where: list[str] = []
    values: list[object] = []
    words: list[str] = []
    for minus, name, value in TOKEN.findall(query)[:TERMS]:
        key, plain = name.lower(), value.strip('"')
        condition = _condition(key, plain)
        if condition:
            sql, bound = condition
            where.append(f"NOT ({sql})" if minus else sql)
            values += bound
            continue
        if key and key not in COLUMN:
            plain = f"{name} {plain}"
        phrase = _phrase(plain)
        if not phrase:
            continue
        term = f"{COLUMN[key]} : {phrase}" if key in COLUMN else phrase
        (mustnot if minus else must).append(term)
        if not minus:
            if key != "from":
                title.append(phrase)
            words += spaced(plain).split()
    match, titled, without = " AND ".join(must), " AND ".join(title), " OR ".join(mustnot)
    return Query(match, titled, without, tuple(where), tuple(values), tuple(words))


def _condition(key: str, value: str) -> tuple[str, list[object]] | None:
    if key == "list" and value:
        return "EXISTS (SELECT 1 FROM message s WHERE s.record = m.row AND s.list = ?)", [value.lower()]
    if key in ("before", "after"):
        moment = _day(value)
        if moment is not None:
            return f"coalesce(m.date, m.arrived) {'<' if key == 'before' else '>='} ?", [moment]
    if key == "has" and value.lower().startswith("attachment"):
        return "m.attachments != '[]'", []
    if key == "is" and value.lower() == "folded":
        return "EXISTS (SELECT 1 FROM message s WHERE s.record = m.row AND s.letter != m.letter)", []
    return None


def _day(text: str) -> int | None:
    """2015, 2015-11 or 2015-11-30 as the second it begins (UTC)."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", text, re.ASCII)
    if not found:
        return None
    year, month, day = (int(x) if x else 1 for x in found.groups())
    try:
        return int(datetime(year, month, day, tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _phrase(text: str) -> str:
    """FTS5 string: its tokens in a row. Empty when there is nothing that the tokenizer would keep."""
    bare = spaced(text).replace('"', " ").replace("\0", " ").strip()
    return f'"{bare}"' if re.search(r"\w", bare) else ""
