"""Turns messages into rows and rows into what folding and readers see."""

import base64
import hashlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from listfold.archive import texts
from listfold.model import (
    Attachment,
    Identity,
    Known,
    Letter,
    ListName,
    Message,
    Person,
    Record,
    Sighting,
    Span,
    Written,
)

NO_DATE = 2**40  # an import without a date comes after every one that has one, whenever it was imported

MESSAGE_COLUMNS = (
    "row, letter, path, sha256, key, id, record, thread, message_id, list, domain, subject, subject_original, "
    "author_name, author_address, date, date_source, offset, received, arrived, live, in_reply_to, refs, forwards, "
    "text, spans, attachments, notes, stands, claimed, said, role, words, exact, hashes, subject_key, patch, relation, "
    "method, score, comment, head, hashed"
)
_MARKS = ", ".join("?" * len(MESSAGE_COLUMNS.split(",")))
INSERT = f"INSERT OR ROLLBACK INTO message ({MESSAGE_COLUMNS}) VALUES ({_MARKS})"  # see tally.py for the policy
SIGHTING_COLUMNS = (
    "letter, sha256, path, id, message_id, list, author_name, author_address, date, received, arrived, live, "
    "relation, method, score, claimed, comment, row, record"
)
KNOWN_COLUMNS = (
    "row, letter, path, claimed, live, received, date, id, key, record, message_id, list, author_name, "
    "author_address, in_reply_to, stands, said, role, words, exact, hashes, subject_key, patch, head, "
    "forwards"
)
# What decides which text a record shows, and where; then what it says of itself.
_RECORD_COLUMNS = (
    "row, shown, list, thread, letter, text, spans, "
    "rid, message_id, subject, subject_original, author_name, author_address, date, date_source, offset, in_reply_to, "
    "refs, forwards, attachments, notes"
)

AMONG = "IN (SELECT value FROM json_each(?))"  # one statement, however many there are; see among()

Row = tuple[Any, ...]


def among(numbers: Iterable[int]) -> str:
    """The value for AMONG: a list of numbers reads in JSON as in Python."""
    return str(list(numbers))


def record_columns(table: str) -> str:
    """What a record is made of, as columns of a table's alias."""
    return ", ".join(f"{table}.{name}" for name in _RECORD_COLUMNS.split(", "))


def pack_spans(spans: tuple[Span, ...]) -> str:
    return _pack([(s.kind, s.start, s.end, s.rule, s.confidence) for s in spans])


def _pack(values: Sequence[object]) -> str:
    return orjson.dumps(values).decode() if values else "[]"  # nearly always there are none


def unpack_spans(text: str) -> tuple[Span, ...]:
    return tuple([Span(*row) for row in _unpacked(text)])


def _unpacked(text: str) -> list[Any]:
    """A JSON array; most that a row holds are empty."""
    return [] if text == "[]" else list(orjson.loads(text))


def order_of(
    role: str, claimed: int | bool, live: int | bool, received: int, date: int | None, id_: str, place: str
) -> tuple[int, int, str, str]:
    """The fixed total order of DESIGN.md (Who is canonical): a message's own letter, then a claimed copy, then a
    letter that did no more than carry one; the earliest; then what ties without arrival."""
    rank = 2 if role == "forward" else int(claimed)
    time = received if live else NO_DATE if date is None else date
    return (rank, time, id_, place)


def message_row(row: int, thread: int, letter: Letter, message: Message, outer: Message, domain: str) -> Row:
    """Values for INSERT; `record` is 0 until the message is placed.

    List and time of arrival are those of the letter's outer message: what an enclosed one says of them is a claim."""
    arrived = letter.received if letter.live or outer.date is None else outer.date
    identity = message.identity
    return (
        row,
        letter.id,
        message.path,
        bytes.fromhex(letter.sha256),
        letter.key,
        message.id,
        0,
        thread,
        message.message_id,
        outer.list.id,
        domain,
        message.subject,
        message.subject_original,
        message.author.name,
        message.author.address,
        message.date,
        message.date_source,
        message.offset,
        letter.received,
        arrived,
        int(letter.live),
        message.in_reply_to,
        _pack(message.references),
        _pack(message.forwards),
        texts.pack(message.text, letter.raw),
        pack_spans(message.spans),
        _pack([[a.name, a.type, a.size, a.part] for a in message.attachments]),
        _pack(message.notes),
        message.relation,
        int(message.claimed),
        message.comment,
        identity.role,
        identity.words,
        identity.exact,
        array("q", identity.hashes).tobytes(),
        identity.subject,
        identity.patch,
        "original",
        "",
        1.0,
        None,
        "",
        hashed(message.message_id),
    )


def mailman(message_id: str) -> str:
    """The name that Mailman 3 gives a Message-ID in its archives' addresses (X-Message-ID-Hash)."""
    return base64.b32encode(_mailman(message_id)).decode()


def hashed(message_id: str) -> int:
    """The first eight bytes of that name's hash, as an index holds them."""
    return int.from_bytes(_mailman(message_id)[:8], "big", signed=True)


def unmailman(name: str) -> int | None:
    """The same of a name; None when it is none."""
    try:
        return int.from_bytes(base64.b32decode(name)[:8], "big", signed=True) if len(name) == 32 else None
    except ValueError:
        return None


def _mailman(message_id: str) -> bytes:
    return hashlib.sha1(message_id.strip("<>").encode("utf-8", "replace"), usedforsecurity=False).digest()


def unpack_hashes(blob: bytes) -> tuple[int, ...]:
    return tuple(array("q", blob))


def known(row: Row, written: Callable[[], Written]) -> Known:
    """A row of KNOWN_COLUMNS as folding sees it."""
    (number, letter, path, claimed, live, received, date, id_, key, record, message_id, list_id, name, address,
     in_reply_to, stands, said, role, words, exact, hashes, subject, patch, head, forwards) = row  # fmt: skip
    return Known(
        row=number,
        letter=letter,
        path=path,
        order=order_of(role, claimed, live, received, date, id_, f"{key.hex()} {path}"),
        canonical=record == number or head != "",
        message_id=message_id,
        list=list_id,
        author=Person(name, address),
        date=date,
        in_reply_to=in_reply_to,
        relation=stands,
        claimed=bool(claimed),
        comment=said,
        identity=Identity(role, words, exact, unpack_hashes(hashes), subject, patch),
        written=written,
        forwards=tuple(_unpacked(forwards)),
    )


def new(row: int, letter: Letter, message: Message, list_id: str) -> Known:
    """A message that was just put into `row`, as folding sees it."""
    place = f"{letter.key.hex()} {message.path}"
    return Known(
        row=row,
        letter=letter.id,
        path=message.path,
        order=order_of(
            message.identity.role, message.claimed, letter.live, letter.received, message.date, message.id, place
        ),
        canonical=False,
        message_id=message.message_id,
        list=list_id,
        author=message.author,
        date=message.date,
        in_reply_to=message.in_reply_to,
        relation=message.relation,
        claimed=message.claimed,
        comment=message.comment,
        identity=message.identity,
        written=lambda: (message.text, message.spans),
        forwards=message.forwards,
    )


def sighting(row: Row) -> Sighting:
    """A row of SIGHTING_COLUMNS."""
    (letter, sha256, path, id_, message_id, list_id, name, address, date, received, arrived, live, relation, method,
     score, claimed, comment, _row, _record) = row  # fmt: skip
    return Sighting(
        letter=letter,
        sha256=sha256.hex(),
        path=path,
        id=id_,
        message_id=message_id,
        list=list_id,
        author=Person(name, address),
        date=date,
        received=received,
        arrived=arrived,
        live=bool(live),
        relation=relation,
        method=method,
        score=score,
        claimed=bool(claimed),
        comment=comment,
    )


def record(
    row: Sequence[Any], written: Written, list_name: ListName, thread: str, sightings: tuple[Sighting, ...], beyond: int
) -> Record:
    """The record of a canonical row (what says something of itself) with its text and its sightings."""
    (rid, message_id, subject, subject_original, name, address, date, date_source, offset, in_reply_to, refs, forwards,
     attachments, notes) = row  # fmt: skip
    text, spans = written
    return Record(
        id=rid,
        message_id=message_id,
        list=list_name,
        lists=tuple(dict.fromkeys([list_name.id, *sorted([s.list for s in sightings])])),
        subject=subject,
        subject_original=subject_original,
        author=Person(name, address),
        date=date,
        date_source=date_source,
        offset=offset,
        thread=thread,
        in_reply_to=in_reply_to,
        references=tuple(_unpacked(refs)),
        forwards=tuple(_unpacked(forwards)),
        text=text,
        spans=spans,
        attachments=tuple([Attachment(*a) for a in _unpacked(attachments)]),
        notes=tuple(_unpacked(notes)),
        sightings=sightings,
        beyond=beyond,
    )
