"""Full-text search over records: what is indexed, and what a person's query means.

Queries are words and "phrases", -not, and from: subject: list: before: after: has:attachment is:folded. Anything else
is taken as words: a query never fails. The index is contentless: `add=False` gives FTS5 the same words again to remove.
"""

import re
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime

from listfold.archive.rows import unpack, unpack_spans
from listfold.model import body_of

TERMS = 32  # of one query; what comes after is not looked at
BODY_CHARACTERS = 2**20  # of one body that are indexed

# Scripts without spaces: unicode61 would take a whole sentence for one word, so each character is one.
UNSPACED = re.compile("([\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
TOKEN = re.compile(r'(-?)(?:([a-z]+):)?("[^"]*"?|\S+)', re.IGNORECASE)
COLUMN = {"from": "author", "subject": "subject"}


@dataclass(frozen=True, slots=True)
class Query:
    """A query taken apart: an FTS5 expression for what must and what must not be there, and SQL conditions."""

    match: str = ""
    without: str = ""
    where: tuple[str, ...] = ()
    values: tuple[object, ...] = ()
    words: tuple[str, ...] = field(default=())  # to highlight


def spaced(text: str) -> str:
    return UNSPACED.sub(r" \1 ", text)


def index_words(db: sqlite3.Connection, row: int, *, add: bool) -> None:
    """Put the words of a canonical row's record into the index, or take them out."""
    subject, name, address, text, spans = db.execute(
        "SELECT m.subject, m.author_name, m.author_address, s.text, s.spans FROM message m "
        "JOIN message s ON s.row = coalesce(m.shown, m.row) WHERE m.row = ?",
        (row,),
    ).fetchone()
    body = body_of(unpack(text), unpack_spans(spans))[:BODY_CHARACTERS]
    values = (row, spaced(subject), spaced(f"{name} {address}"), spaced(body))
    if add:
        db.execute("INSERT INTO terms (rowid, subject, author, body) VALUES (?, ?, ?, ?)", values)
    else:
        db.execute("INSERT INTO terms (terms, rowid, subject, author, body) VALUES ('delete', ?, ?, ?, ?)", values)


def parse(query: str) -> Query:
    """Take a person's query apart."""
    must: list[str] = []
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
            words += spaced(plain).split()
    return Query(" AND ".join(must), " OR ".join(mustnot), tuple(where), tuple(values), tuple(words))


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
