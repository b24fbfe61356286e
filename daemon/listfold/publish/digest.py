"""The model of a digest issue: what was new in it, by thread, with everything that renderers show and nothing else.

All texts in here are fit to be shown where the list is shown: for a public list they are mangled, so that a renderer
only has to escape. On one list's issue a text stands in full at its first sighting there and in one line later; on
the issue of all lists it stands once. A copy is told only when it came before the issue's end: a closed issue stays.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from sys import getsizeof

from listfold.archive.reader import Arrival
from listfold.frozen import dataclass
from listfold.model import Person, Record, Relation, Sighting
from listfold.publish.article import Article, article, body, plain, short
from listfold.publish.issue import DAYS, Issue, within
from listfold.publish.mangle import clean_line
from listfold.publish.memory import Fragments
from listfold.publish.scopes import Scope

MAX_SUBJECT = 200  # characters
MAX_COPIES = 12  # lines of copies under one letter
MAX_FILES = 20  # attachments named under one letter
MAX_LETTER = 32_000  # characters of one letter in a MIME digest

TOLD: dict[Relation, str] = {
    "original": "also sent to",
    "redelivery": "delivered again to",
    "crosspost": "also posted to",
    "forward": "forwarded to",
    "enclosed": "also in a digest of",
    "repost": "posted again to",
}
WHY: dict[Relation, str] = {"forward": "forwarded", "enclosed": "in a digest", "repost": "posted again"}


@dataclass(frozen=True, slots=True)
class Copy:
    """One more sighting of a text, told in a line: `how` and `where` it came, who sent it, and the words added."""

    how: str
    where: str
    who: str
    when: int
    words: str


@dataclass(frozen=True, slots=True)
class Laid:
    """What a scope shows of a record, whatever the issue."""

    article: Article
    plain: bytes  # UTF-8, for mail; one "…" makes a text take twice as much memory
    subject: str
    who: str
    files: tuple[str, ...]

    @property
    def weight(self) -> int:
        """Bytes that it takes: the article is hardly more than the text."""
        return 2 * getsizeof(self.plain) + 2000


@dataclass(frozen=True, slots=True)
class Item:
    """One letter of an issue. `full` is False where it is only told in a line; `why` then says what it was.

    It knows nothing of the other letters around it: issues that overlap show equal items."""

    id: str
    url: str  # of the record; "" for a private list
    subject: str
    who: str
    when: int  # its arrival, in this scope
    date: int | None
    lists: tuple[str, ...]
    full: bool
    why: str
    article: Article
    plain: bytes
    files: tuple[str, ...]
    copies: tuple[Copy, ...]
    hidden: int  # copies that are only at the record's page
    address: str = ""  # of the author; "" in public
    source: Arrival | None = field(default=None, compare=False, repr=False)  # what alone it was made of, in its scope
    forms: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)  # what was rendered of it

    @property
    def weight(self) -> int:
        words = sum(getsizeof(copy.words) for copy in self.copies)
        source = getsizeof(self.source.record.text) if self.source else 0
        return 2 * getsizeof(self.plain) + 2000 + words + source + sum(map(getsizeof, self.forms.values()))


@dataclass(frozen=True, slots=True)
class Thread:
    id: str
    subject: str
    items: tuple[Item, ...]
    authors: tuple[tuple[str, int], ...]  # with their letters, busiest first
    last: int


@dataclass(frozen=True, slots=True)
class Digest:
    issue: Issue
    scope: Scope
    open: bool
    threads: tuple[Thread, ...]
    letters: int  # arrivals, copies included
    beyond: int  # of these, letters of a crowded issue that no thread holds: they have no room on any page
    texts: int  # new texts
    authors: int
    volume: tuple[tuple[str, int], ...]  # letters of each hour, day or month of the period, with its label
    live: bool  # some of it came in as live mail
    answers: Mapping[str, str]  # the id of an item: of the one that it answers, if that is here
    made: Fragments[Item] = field(default_factory=Fragments, compare=False, repr=False)

    @property
    def title(self) -> str:
        return f"{self.scope.name}: {self.issue.title}"


Lay = Callable[[Record], Laid]


def digest(
    issue: Issue, scope: Scope, arrivals: Sequence[Arrival], now: int, lay: Lay, made: Fragments[Item],
    beyond: int = 0,
) -> Digest:  # fmt: skip
    """The issue's model from what arrived in it, oldest first. Same arrivals, same model, whatever `now` within it.

    `lay` gives what this scope shows of a record, which it may remember, as `made` does what is rendered of it.
    `beyond` letters arrived before these and are only counted."""
    shown: dict[str, Arrival] = {}
    for arrival in arrivals:
        held = shown.get(arrival.record.id)
        if held is None or (arrival.first and not held.first):
            shown[arrival.record.id] = arrival
    senders = {a.sighting.letter: a.sighting.author for a in arrivals if not a.sighting.path}
    places = {a.record.message_id: a.record.id for a in shown.values() if a.record.message_id}
    threads: dict[str, list[tuple[Item, str]]] = {}
    answers: dict[str, str] = {}
    for arrival in shown.values():
        source = arrival if _is_alone(arrival) else None
        item = made.item(arrival.record.id, source, partial(_item, arrival, scope, issue, lay, senders, source))
        parent = places.get(arrival.record.in_reply_to, item.id)
        if parent != item.id:
            answers[item.id] = parent
        threads.setdefault(arrival.record.thread, []).append((item, arrival.record.author.address.lower()))
    return Digest(
        issue=issue,
        scope=scope,
        open=issue.open(now),
        threads=tuple(sorted((_thread(id_, items) for id_, items in threads.items()), key=_newest_and_busiest)),
        letters=len({a.sighting.letter for a in arrivals}) + beyond,
        beyond=beyond,
        texts=sum(a.first for a in arrivals),
        authors=len({a.sighting.author.address.lower() or a.sighting.author.name for a in arrivals}),
        volume=() if beyond else _volume(issue, arrivals),
        live=any(a.sighting.live for a in arrivals),
        answers=answers,
        made=made,
    )


def laid(record: Record, scope: Scope) -> Laid:
    """A record's words and what names it, fit to be shown in this scope."""
    scope = scope.about(record)
    found = body(record, scope.shown)
    files = [f"{short(scope.line(a.name) or a.type, 80)} ({a.type}, {size(a.size)})" for a in record.attachments]
    return Laid(
        article=article(found),
        plain=plain(found, MAX_LETTER).encode(),
        subject=short(scope.line(record.subject) or "(no subject)", MAX_SUBJECT),
        who=scope.person(record.author),
        files=tuple(scope.line(f) for f in files[:MAX_FILES]),
    )


def copies(
    record: Record, shown: Sighting, scope: Scope, end: int, senders: Mapping[int, Person]
) -> tuple[tuple[Copy, ...], int]:
    """What else showed this text before `end`, a line each, and how many lines are too many to tell.

    Sightings of one letter are told once, its outer message first; a redelivery without a word is no news. `senders`
    are the authors of letters that stand here on their own: words that they wrote above an enclosed text are there.
    """
    if record.sightings == (shown,):  # of most records
        return (), 0
    told: dict[tuple[str, str, str, str], Copy] = {}
    letters = {shown.letter}
    for s in sorted(record.sightings, key=lambda s: (s.arrived, s.letter, s.path)):
        if s.letter in letters or s.arrived >= end or (scope.lists and s.list not in scope.lists):
            continue
        letters.add(s.letter)
        own = bool(s.path) and s.letter in senders
        words = "" if own else scope.comment(s)
        if s.relation == "redelivery" and not words:
            continue
        relation: Relation = "crosspost" if s.relation == "original" and s.list != shown.list else s.relation
        # Of a message in a letter the archive tells its author; who sent the letter is known if it stands here.
        who = scope.person(senders[s.letter]) if own else "" if s.path else scope.person(s.author)
        copy = Copy(TOLD[relation], scope.line(scope.lists.get(s.list, s.list)), who, s.arrived, words)
        told.setdefault((copy.how, copy.where, copy.who, words), copy)
    lines = tuple(told.values())
    return lines[:MAX_COPIES], max(0, len(lines) - MAX_COPIES)


def seen_on(record: Record, scope: Scope, end: int) -> list[str]:
    """The names of the lists that had shown this text before `end`: what is closed does not learn of later ones."""
    early = {s.list for s in record.sightings if s.arrived < end}
    return [scope.lists[id_] for id_ in record.lists if id_ in scope.lists and id_ in early]


def size(count: int) -> str:
    """A size in bytes as people read it."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _is_alone(arrival: Arrival) -> bool:
    """Whether an item is made of this arrival alone, whatever the issue: of most records there is one sighting."""
    return arrival.record.sightings == (arrival.sighting,) and not arrival.sighting.path


def _item(
    arrival: Arrival, scope: Scope, issue: Issue, lay: Lay, senders: Mapping[int, Person], source: Arrival | None
) -> Item:
    record, shown, scope = arrival.record, arrival.sighting, scope.about(arrival.record)
    told, hidden = copies(record, shown, scope, issue.end, senders)
    own = shown.relation in ("original", "redelivery", "crosspost")
    # A text that came here only by a forward stands under its author's name; the forwarder's words stand with it.
    sender = senders.get(shown.letter) if shown.path else shown.author
    why = "" if own else WHY[shown.relation] + (f" by {scope.person(sender)}" if sender else "")
    words = scope.comment(shown)
    if words:
        told = (Copy(why or "sent", "", "" if why else scope.person(shown.author), shown.arrived, words), *told)
    found = lay(record)
    return Item(
        id=record.id,
        url=scope.record(record.id),
        subject=found.subject,
        who=found.who,
        when=within(shown.arrived),
        date=None if record.date is None else within(record.date),
        lists=tuple([scope.called(name) for name in seen_on(record, scope, issue.end)]),
        full=arrival.first,
        why=why if arrival.first else why or "posted again",
        article=found.article if arrival.first else Article(()),
        plain=found.plain if arrival.first else b"",
        files=found.files,
        copies=told,
        hidden=hidden,
        address="" if scope.public else clean_line(record.author.address),
        source=source,
    )


def _thread(id_: str, items: Iterable[tuple[Item, str]]) -> Thread:
    members = sorted((item for item, _ in items), key=lambda i: (i.when, i.id))
    by: Counter[str] = Counter(item.who for item in members)
    authors = sorted(by.items(), key=lambda pair: (-pair[1], pair[0]))
    return Thread(id_, members[0].subject, tuple(members), tuple(authors), max(i.when for i in members))


def _newest_and_busiest(thread: Thread) -> tuple[int, int, int, str]:
    """Order of threads: where something new was said first, busiest of them first, then newest."""
    fresh = sum(item.full for item in thread.items)
    return (-min(fresh, 1), -(fresh + len(thread.authors)), -thread.last, thread.id)


def _volume(issue: Issue, arrivals: Collection[Arrival]) -> tuple[tuple[str, int], ...]:
    """Letters by hour of a day, or by day of a week or month, in the issue's zone."""
    moments = [datetime.fromtimestamp(within(a.sighting.arrived), issue.zone) for a in arrivals]
    if issue.period == "day":
        hours = Counter(m.hour for m in moments)
        return tuple((f"{hour}:00", hours[hour]) for hour in range(24))
    days = Counter(m.date() for m in moments)
    span = [issue.first + timedelta(days=n) for n in range((issue.after - issue.first).days)]
    return tuple((DAYS[d.weekday()][:3] if issue.period == "week" else str(d.day), days[d]) for d in span)
