"""The nouns of listfold, one type for each: what crosses the borders between rooms.

Times are whole seconds since 1970 (UTC). Texts are decoded, hold no lone surrogate and no NUL, and their lines
end in LF. Line ranges are half open and count `text.split("\\n")` from 0.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, Literal

from listfold.frozen import dataclass

SCHEMA = "listfold/record/1"

SpanKind = Literal["body", "quote", "attribution", "signature", "footer", "disclaimer", "forward_header", "forwarded"]
Relation = Literal["original", "redelivery", "crosspost", "forward", "enclosed", "repost"]
DateSource = Literal["header", "received", "arrival"]
Source = Literal["smtp", "lmtp", "mbox", "maildir", "eml", "pipermail"]

CUT_KINDS = frozenset({"signature", "footer", "disclaimer"})  # kinds that the body leaves out
CUT_CONFIDENCE = 0.5  # a span below this is marked, and stays in the body
CLAIMED_DAY = 36 * 3600  # seconds between two dates of a claim: a day without its hour, in a zone that nobody names
LIVE_SOURCES = frozenset({"smtp", "lmtp"})


@dataclass(frozen=True)
class Letter:
    """One accepted delivery: raw bytes as they came, envelope, source, time; no opinions. Its hashes are made once."""

    raw: bytes
    source: Source
    received: int
    sender: str = ""  # envelope sender; "" is the null sender, or an import's
    recipients: tuple[str, ...] = ()  # envelope recipients, in order; empty for an import
    list_hint: str = ""  # `--list` of an import
    id: int = 0  # given by the letters store, from 1, without gaps

    @property
    def live(self) -> bool:
        return self.source in LIVE_SOURCES

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the bytes as they are kept."""
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def key(self) -> bytes:
        """What tells `the same again`: the bytes with LF line ends, and where they were sent (32 bytes)."""
        body = bytes.fromhex(self.sha256)  # of most imports' letters: their lines end in LF
        if b"\r\n" in self.raw:
            body = hashlib.sha256(self.raw.replace(b"\r\n", b"\n")).digest()
        where = self.list_hint or "\n".join(sorted({r.lower() for r in self.recipients}))
        return hashlib.sha256(body + where.encode("utf-8", "replace")).digest()


@dataclass(frozen=True, slots=True)
class Person:
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ListName:
    """What a letter says of its list: id (path-safe, lower case), display name, posting address."""

    id: str
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Lines [start, end) of a text, what they are, and the rule that says so."""

    kind: SpanKind
    start: int
    end: int
    rule: str
    confidence: float = 1.0

    @property
    def cut(self) -> bool:
        return self.kind in CUT_KINDS and self.confidence >= CUT_CONFIDENCE


@dataclass(frozen=True, slots=True)
class Attachment:
    """A MIME part that is not the text: name as given (never a path), media type, decoded size in bytes."""

    name: str
    type: str
    size: int
    part: str = ""  # MIME part number, "2" or "1.3"


@dataclass(frozen=True, slots=True)
class Identity:
    """What folding compares: never the raw bytes, never a learned rule's work (FOLDING.md, The method).

    Made of the message's own words under its role (core.fingerprint.own derives them again from text, spans and
    role): `hashes` are sampled 5-word shingles (signed 64-bit, sorted, at most 512), `exact` hashes all own words.
    """

    role: Literal["text", "reply", "forward", "digest"]
    words: int
    exact: int  # signed 64-bit; 0 when there are no words
    hashes: tuple[int, ...]
    subject: str = ""  # normalised: no tags, no prefixes, casefolded
    patch: str = ""  # the "[PATCH vN i/n]" tuple as text; "" when none


@dataclass(frozen=True, slots=True)
class Message:
    """One message in a letter: the outer one (path "") or one enclosed in it ("1", "1.2", …)."""

    path: str
    id: str
    message_id: str  # with its angle brackets; "" when there is none
    list: ListName
    subject: str
    subject_original: str
    author: Person
    date: int | None
    date_source: DateSource
    offset: str | None  # "-0700"
    in_reply_to: str
    references: tuple[str, ...]
    text: str
    spans: tuple[Span, ...]
    identity: Identity
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    relation: Relation = "original"  # how it stands in its letter: original, forward or enclosed
    claimed: bool = False  # its headers are what somebody else says of it
    forwards: tuple[str, ...] = ()  # ids of the messages that it encloses
    comment: str | None = None  # a forwarder's own words about it

    @property
    def body(self) -> str:
        return body_of(self.text, self.spans)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that core makes of one letter. `held` names why a letter waits for a person; it then has no messages."""

    letter: int
    rules: str
    messages: tuple[Message, ...]
    held: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A cleaning rule of the operator's: core.rule.Rule says what each field means."""

    name: str
    kind: Literal["footer", "disclaimer"]
    phrase: str
    example: str
    weight: Literal[1, 2, 3] = 3


@dataclass(frozen=True, slots=True)
class ListRule:
    """One list as the operator describes it (config/lists.d) or as it was added."""

    id: str
    name: str = ""
    addresses: tuple[str, ...] = ()  # recipients bound to it
    aliases: tuple[str, ...] = ()  # other list ids, names or addresses that mean this list
    visibility: Literal["public", "private"] = "public"
    raw: bool = False  # raw letters may be had from the reader
    no_archive: Literal["auto", "honour", "ignore"] = "auto"
    post: str = ""  # the address that members post to
    retired: tuple[str, ...] = ()  # addresses that were bound to it: their letters stay its own, no more are taken
    cleaning: tuple[OwnRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Versioned data that core reads. `version` changes when any of it does."""

    version: str = "0"
    lists: tuple[ListRule, ...] = ()
    learned: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)  # list id -> masked footers
    open: bool = True  # lists come into being by themselves; else what no list was added for is held
    released: frozenset[int] = frozenset()  # letters that a person let go on, whatever holds them
    authserv: str = ""  # the authserv-id whose Authentication-Results are believed (RFC 8601)
    authenticated: bool = False  # what that server found no proof for is held


Written = tuple[str, tuple[Span, ...]]  # a text with its spans


@dataclass(frozen=True, slots=True)
class Known:
    """A message as folding sees it: one that is in the archive, or the one to be placed. `canonical` is true of
    whatever stands for its record.

    `order` is the fixed total order in which canonical messages are chosen, lowest first: a message's own letter
    before a claimed copy, then the earliest (received for live mail, Date for imports), then what ties without arrival.
    """

    row: int
    letter: int
    path: str
    order: tuple[int, int, str, str]
    canonical: bool
    message_id: str
    list: str
    author: Person
    date: int | None
    in_reply_to: str
    relation: Relation
    claimed: bool
    comment: str | None
    identity: Identity
    written: Callable[[], Written]  # looked up when somebody asks: most candidates are told by their identity alone
    forwards: tuple[str, ...] = ()  # ids of what it encloses beside words of its own

    @property
    def text(self) -> str:
        return self.written()[0]

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.written()[1]


@dataclass(frozen=True, slots=True)
class New:
    """A message opens a record of its own."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A message shows a record that is there: `into` is the row of the message that it was matched with.

    What `stands` for its record is matched with as if it were the canonical message: "joined" by a person, or
    "fuller": the record shows its text."""

    into: int
    relation: Relation
    method: str
    score: float
    comment: str | None = None
    stands: Literal["", "joined", "fuller"] = ""


Fold = New | Folded


@dataclass(frozen=True, slots=True)
class Sighting:
    """One message that shows a record."""

    letter: int
    sha256: str
    path: str
    id: str
    message_id: str
    list: str
    author: Person
    date: int | None
    received: int
    arrived: int  # received for live mail, the date for an import: the time that digests and feeds go by
    live: bool
    relation: Relation
    method: str
    score: float
    claimed: bool
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The canonical text, kept once, with every sighting of it (the first is the canonical message's own)."""

    id: str
    message_id: str
    list: ListName
    lists: tuple[str, ...]
    subject: str
    subject_original: str
    author: Person
    date: int | None
    date_source: DateSource
    offset: str | None
    thread: str
    in_reply_to: str
    references: tuple[str, ...]
    forwards: tuple[str, ...]
    text: str
    spans: tuple[Span, ...]
    attachments: tuple[Attachment, ...]
    notes: tuple[str, ...]
    sightings: tuple[Sighting, ...]
    beyond: int = 0  # lines of the text that were not read, for a page that has no room for them

    @property
    def body(self) -> str:
        return body_of(self.text, self.spans)

    def as_json(self) -> dict[str, Any]:
        """The record as DESIGN.md's contract has it: null is written, never left out."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            "message_id": self.message_id or None,
            "list": {"id": self.list.id, "name": self.list.name or None, "address": self.list.address or None},
            "lists": list(self.lists),
            "subject": self.subject,
            "subject_original": self.subject_original,
            "author": person_json(self.author),
            "date": iso(self.date),
            "date_source": self.date_source,
            "offset": self.offset,
            "thread": self.thread,
            "in_reply_to": self.in_reply_to or None,
            "references": list(self.references),
            "forwards": list(self.forwards),
            "text": self.text,
            "spans": [
                {"kind": s.kind, "start": s.start, "end": s.end, "rule": s.rule, "confidence": s.confidence}
                for s in self.spans
            ],
            "body": self.body,
            "attachments": [{"name": a.name, "type": a.type, "size": a.size, "part": a.part} for a in self.attachments],
            "notes": list(self.notes),
            "sightings": [
                {
                    "sha256": s.sha256,
                    "path": s.path,
                    "message_id": s.message_id or None,
                    "list": s.list,
                    "author": person_json(s.author),
                    "date": iso(s.date),
                    "received": iso(s.received),
                    "relation": s.relation,
                    "method": s.method,
                    "score": round(s.score, 4),
                    "claimed": s.claimed,
                    "comment": s.comment,
                }
                for s in self.sightings
            ],
        }


@dataclass(frozen=True, slots=True)
class Page:
    """One published file: path below the data directory's public/ or private/, media type, bytes."""

    path: str
    type: str
    content: bytes


def body_of(text: str, spans: tuple[Span, ...]) -> str:
    """The text without what was cut; quotes, attributions and forwarded text stay. Blank lines at both ends go."""
    lines = text.split("\n")
    if cut := sorted((s.start, s.end) for s in spans if s.cut):
        left, at = list[str](), 0
        for start, end in cut:
            left += lines[at:start]
            at = max(at, end)
        lines = left + lines[at:]
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return "\n".join(lines[start:end])


def id_of(message_id: str, date: str, opening: str) -> str:
    """A message's id: 16 base32 characters over what no rule changes and no relay touches (DESIGN.md, Ids)."""
    seed = "\0".join((message_id, date, opening)).encode("utf-8", "replace")
    return base64.b32encode(hashlib.sha256(seed).digest()[:10]).decode("ascii").lower()


def record_of(letter: Letter, message: Message) -> Record:
    """The record that one message would be if it were alone: what `parse` prints."""
    arrived = letter.received if letter.live or message.date is None else message.date
    return Record(
        id=message.id,
        message_id=message.message_id,
        list=message.list,
        lists=(message.list.id,),
        subject=message.subject,
        subject_original=message.subject_original,
        author=message.author,
        date=message.date,
        date_source=message.date_source,
        offset=message.offset,
        thread=message.id,
        in_reply_to=message.in_reply_to,
        references=message.references,
        forwards=message.forwards,
        text=message.text,
        spans=message.spans,
        attachments=message.attachments,
        notes=message.notes,
        sightings=(
            Sighting(
                letter=letter.id,
                sha256=letter.sha256,
                path=message.path,
                id=message.id,
                message_id=message.message_id,
                list=message.list.id,
                author=message.author,
                date=message.date,
                received=letter.received,
                arrived=arrived,
                live=letter.live,
                relation=message.relation,
                method="alone",
                score=1.0,
                claimed=message.claimed,
                comment=message.comment,
            ),
        ),
    )


def person_json(person: Person) -> dict[str, str | None]:
    return {"name": person.name or None, "address": person.address or None}


@lru_cache(maxsize=1024)  # strings of 20 characters: a letter's times are told in many forms
def iso(moment: int | None) -> str | None:
    """RFC 3339 in UTC, or None."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()[:19] + "Z"
