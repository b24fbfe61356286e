"""Gives digests and feed entries of a scope from the archive, and remembers what it made while nothing changed.

What is remembered is compared with the archive's rows each time or dropped when its hour is touched, so that it
saves work and never changes a byte.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from sys import getsizeof
from zoneinfo import ZoneInfo

from listfold.archive.reader import About, Arrival, Reader, once
from listfold.frozen import dataclass
from listfold.model import Attachment, Person, Record, Span
from listfold.publish.digest import Digest, Item, Laid, digest, laid
from listfold.publish.entries import Rendered, issue_entry, message_entry, rendered
from listfold.publish.issue import Issue, Period, closing
from listfold.publish.memory import Fragments, Memory
from listfold.publish.scopes import Scope

TEXTS = 8 << 20  # bytes of texts that are laid out, some 17 kB each: those of a busy week
ENTRIES = 14 << 20  # bytes of letters' entries, some 12 kB each: those of a month are on the feeds of two scopes
ISSUES = 8 << 20  # bytes of issues' entries, at most 56 kB each
TOLD = 1 << 20  # bytes of what front pages tell of issues
HELD = 24 << 20  # bytes of letters that are held while everything around them is written
CROWD = 4000  # letters of one issue that are looked at, the last ones: of more not even the titles have room
AT_ONCE = 2000  # letters of a feed that are laid out at a time
AROUND = 2500  # bytes that a letter takes beside its text
BESIDE = 1000  # bytes that what is shown of a record takes beside its text
SUBJECTS = 4  # threads of an issue that a front page names

Shown = tuple[
    str, int, tuple[Span, ...], str, Person, tuple[Attachment, ...]
]  # of a record: its layout is made of no more


@dataclass(frozen=True, slots=True)
class Told:
    """One issue on a front page."""

    name: str
    title: str
    open: bool
    letters: int
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What arrived in a scope in [since, until), oldest first; `here` are its records by their Message-IDs."""

    since: int
    until: int
    arrivals: Sequence[Arrival]
    moments: Sequence[int]
    here: dict[str, str]

    def part(self, since: int, until: int) -> Sequence[Arrival]:
        return self.arrivals[bisect_left(self.moments, since) : bisect_left(self.moments, until)]


class Sources:
    """One installation's digests and entries. `reader` and `now` are set before each run."""

    def __init__(self, reader: Reader, tag: str, periods: tuple[Period, ...], zone: ZoneInfo) -> None:
        self.reader = reader
        self.now = 0
        self._tag = tag
        self._periods = periods
        self._zone = zone
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._laid: Memory[tuple[str, bool], tuple[Shown, Laid]] = Memory(TEXTS)
        self._letters: Memory[tuple[str, bool], tuple[Arrival, str, Rendered]] = Memory(ENTRIES)
        self._closed: Memory[tuple[str, str], Rendered] = Memory(ISSUES)
        self._told: Memory[tuple[str, str], Told] = Memory(TOLD)
        self._made: Fragments[Item] = Fragments()
        self._held: dict[str, Window] = {}

    def hold(self, scopes: Iterable[Scope], since: int, until: int) -> None:
        """Read what arrived in these scopes in [since, until) once for all that is asked of it. What is held of it
        is not read again, and a record that stands in several of them is read and kept once."""
        before = {id_: replace(held, arrivals=held.part(since, until)) for id_, held in self._held.items()}
        self.let_go()
        about = About()
        records: dict[str, Record] = {}
        room = HELD
        for scope in scopes:
            held, known, start = before.get(scope.id), list[Arrival](), since
            if held is not None and held.since <= since < held.until < until:
                known, start = list(held.arrivals), held.until
            arrivals = []
            equal: set[int] = set()  # objects found to be those records: a text may have come a thousand times
            for arrival in [*known, *self.reader.sightings(scope.id or None, start, until, about=about)]:
                record = records.get(arrival.record.id)
                if record is None:
                    records[arrival.record.id] = arrival.record
                    room -= len(arrival.record.text) + AROUND
                elif record is not arrival.record and (id(arrival.record) in equal or record == arrival.record):
                    equal.add(id(arrival.record))
                    arrival = replace(arrival, record=record)
                arrivals.append(arrival)
            if room < 0:
                self.let_go()
                return
            moments = [arrival.sighting.arrived for arrival in arrivals]
            self._held[scope.id] = Window(since, until, arrivals, moments, _places(arrivals))

    def let_go(self) -> None:
        self._held = {}

    def arrivals(
        self, scope: Scope, since: int, until: int, *, live: bool = False, newest: int = -1
    ) -> Sequence[Arrival]:
        """What the archive's reader gives, from what is held where that covers it."""
        held = self._window(scope, since, until)
        if held is None:
            return self.reader.arrivals(scope.id or None, since, until, live_only=live, newest=newest)
        part = [arrival for arrival in held.part(since, until) if arrival.sighting.live or not live]
        return once(part if newest < 0 else part[-newest:])

    def _window(self, scope: Scope, since: int, until: int) -> Window | None:
        held = self._held.get(scope.id)
        return held if held is not None and held.since <= since and until <= held.until else None

    def cut(self, scope: Scope, since: int, until: int, last: bool) -> int:
        """A moment in between that parts off as many letters as are held at once, from the beginning or the end."""
        found = self.reader.nth(scope.id or None, since, until, AT_ONCE, last=last)
        if found is None:
            return since if last else until
        return found if last else max(found, since + 1)

    def changed(self, scope: Scope, issue: Issue) -> None:
        """Something in this issue is not as it was."""
        self._told.drop((scope.id, issue.name))
        self._closed.drop((scope.id, issue.name))

    def digest(self, scope: Scope, issue: Issue) -> Digest:
        """One issue's model; its entry and its line on front pages are remembered."""
        found = self._digest(scope, issue)
        self._tell(found)
        if found.letters and not found.open:
            self._close(found)
        return found

    def tell(self, scope: Scope, issue: Issue) -> Told:
        held = self._told.get((scope.id, issue.name))
        if held is None or held.open != issue.open(self.now):
            return self._tell(self._digest(scope, issue))
        return held

    def issues(self, scope: Scope, since: int, until: int, live: bool) -> list[Rendered]:
        """Entries of closed issues whose last second is in [since, until); those with live mail, or the others."""
        entries: list[Rendered] = []
        for period in self._periods:
            for issue in closing(period, since, min(until, self.now), self._zone):
                entry = self._closed.get((scope.id, issue.name))
                if entry is None and live and not self.reader.live(scope.id or None, issue.start, issue.end):
                    continue  # what an import brought fills no head of a feed: a year of it need not be laid out
                if entry is None:
                    found = self._digest(scope, issue)
                    if not found.letters:
                        continue
                    entry = self._close(found)
                if entry.live == live:
                    entries.append(entry)
        return sorted(entries, key=lambda e: e.place)

    def letters(self, scope: Scope, since: int, until: int, live: bool) -> list[Rendered]:
        """Entries of texts first seen in [since, until); those that came as live mail, or the others."""
        arrivals = [
            arrival
            for arrival in self.arrivals(scope, since, until, live=live)
            if arrival.first and arrival.sighting.live == live
        ]
        held = self._window(scope, since, until)
        here = held.here if held else _places(arrivals)
        return sorted((self._letter(a, scope, here) for a in arrivals), key=lambda e: e.place)

    def enter(self, scope: Scope, since: int, until: int) -> None:
        """Make the entries of what arrived in [since, until), if that is held, while its texts are laid out; they are
        asked for later."""
        if self._window(scope, since, until) is not None:
            for live in (True, False):
                self.letters(scope, since, until, live)

    def _digest(self, scope: Scope, issue: Issue) -> Digest:
        arrivals = self.arrivals(scope, issue.start, issue.end, newest=CROWD)
        beyond = 0
        if self.reader.nth(scope.id or None, issue.start, issue.end, CROWD) is not None:
            letters = {arrival.sighting.letter for arrival in arrivals}
            beyond = max(0, self.reader.letters(scope.id or None, issue.start, issue.end) - len(letters))
        lay = partial(self._lay, scope=scope)
        return digest(issue, scope, arrivals, self.now, lay, self._made, beyond)

    def _tell(self, found: Digest) -> Told:
        issue, subjects = found.issue, tuple(thread.subject for thread in found.threads[:SUBJECTS])
        told = Told(issue.name, issue.title, found.open, found.letters, subjects)
        self._told.put((found.scope.id, issue.name), told, 1000 + sum(map(getsizeof, subjects)))
        return told

    def _close(self, found: Digest) -> Rendered:
        entry = rendered(issue_entry(found, self._tag))
        self._closed.put((found.scope.id, found.issue.name), entry, len(entry.atom) + len(entry.json) + AROUND)
        return entry

    def _letter(self, arrival: Arrival, scope: Scope, here: dict[str, str]) -> Rendered:
        """A letter's entry, the one remembered if the arrival and what it answers are the same."""
        record = arrival.record
        answered = self._parent(record.in_reply_to, scope, here) if record.in_reply_to else ""
        key = (record.id, scope.public)
        held = self._letters.get(key)
        if held and held[:2] == (arrival, answered):
            return held[2]
        entry = rendered(message_entry(arrival, scope, self._tag, self._lay(record, scope), answered))
        cost = len(entry.atom) + len(entry.json) + getsizeof(record.text) + AROUND
        self._letters.put(key, (arrival, answered, entry), cost)
        return entry

    def _parent(self, message_id: str, scope: Scope, here: dict[str, str]) -> str:
        """The record that a Message-ID names, if it is one and may be named in this scope."""
        if message_id not in here:
            found = self.reader.resolve(message_id)
            here[message_id] = found[0] if len(found) == 1 and self.reader.home(found[0]) in scope.lists else ""
        return here[message_id]

    def _lay(self, record: Record, scope: Scope) -> Laid:
        """A record laid out, as remembered if what is shown of it is the same."""
        key, shown = (record.id, scope.public), _shown(record)
        held = self._laid.get(key)
        if held and held[0] == shown:
            return held[1]
        found = laid(record, scope)
        self._laid.put(key, (shown, found), found.weight + getsizeof(record.text) + BESIDE)
        return found


def _places(arrivals: Iterable[Arrival]) -> dict[str, str]:
    return {a.record.message_id: a.record.id for a in arrivals if a.first and a.record.message_id}


def _shown(record: Record) -> Shown:
    return (record.text, record.beyond, record.spans, record.subject, record.author, record.attachments)
