"""Gives digests and feed entries of a scope from the archive, and remembers what it made while nothing changed.

What is remembered is compared with the archive's rows each time or dropped when its hour is touched, so that it
saves work and never changes a byte.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from listfold.archive.reader import Arrival, Reader, once
from listfold.model import Record
from listfold.publish.article import Article
from listfold.publish.digest import Digest, Scope, digest, laid
from listfold.publish.entries import issue_entry, message_entry
from listfold.publish.feed import Entry
from listfold.publish.issue import Issue, Period, closing

REMEMBERED = 4000  # records, and entries: their text and HTML take some 5 kB each
REMEMBERED_ISSUES = 1500  # issues whose entry is kept, at most 28 kB each and mostly far less
WINDOW = 4000  # letters that are held while everything around them is written
SUBJECTS = 4  # threads of an issue that a front page names


@dataclass(frozen=True, slots=True)
class Told:
    """One issue on a front page."""

    name: str
    title: str
    open: bool
    letters: int
    subjects: tuple[str, ...]


Held = tuple[str, int, int, Sequence[Arrival], Sequence[int]]  # scope, since, until, what arrived, and when
NOTHING: Held = ("", 0, 0, (), ())


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
        self._laid: dict[tuple[str, bool], tuple[Record, tuple[Article, str]]] = {}
        self._letters: dict[tuple[str, str], tuple[Arrival, str, Entry]] = {}
        self._closed: dict[tuple[str, str], Entry] = {}
        self._told: dict[tuple[str, str], Told] = {}
        self._held: Held = NOTHING

    def hold(self, scope: Scope, since: int, until: int, letters: int) -> None:
        """Read what arrived in [since, until) once for all that is asked of it; not when `letters` are too many."""
        self.let_go()
        if letters <= WINDOW:
            held = self.reader.sightings(scope.id or None, since, until)
            self._held = (scope.id, since, until, held, [arrival.sighting.arrived for arrival in held])

    def let_go(self) -> None:
        self._held = NOTHING

    def arrivals(self, scope: Scope, since: int, until: int, *, live: bool = False) -> Sequence[Arrival]:
        """What the archive's reader gives, from what is held where that covers it."""
        id_, start, end, held, moments = self._held
        if id_ != scope.id or since < start or until > end:
            return self.reader.arrivals(scope.id or None, since, until, live_only=live)
        part = held[bisect_left(moments, since) : bisect_left(moments, until)]
        return once(arrival for arrival in part if arrival.sighting.live or not live)

    def changed(self, scope: Scope, issue: Issue) -> None:
        """Something in this issue is not as it was."""
        self._told.pop((scope.id, issue.name), None)
        self._closed.pop((scope.id, issue.name), None)

    def digest(self, scope: Scope, issue: Issue) -> Digest:
        """One issue's model; its entry and its line on front pages are remembered."""
        arrivals = self.arrivals(scope, issue.start, issue.end)
        found = digest(issue, scope, arrivals, self.now, lambda record: self._lay(record, scope))
        key = (scope.id, issue.name)
        subjects = tuple(thread.subject for thread in found.threads[:SUBJECTS])
        _room(self._told, REMEMBERED)
        self._told[key] = Told(issue.name, issue.title, found.open, found.letters, subjects)
        if found.letters and not found.open:
            _room(self._closed, REMEMBERED_ISSUES)
            self._closed[key] = issue_entry(found, self._tag)
        return found

    def tell(self, scope: Scope, issue: Issue) -> Told:
        held = self._told.get((scope.id, issue.name))
        if held is None or held.open != issue.open(self.now):
            self.digest(scope, issue)
        return self._told[scope.id, issue.name]

    def issues(self, scope: Scope, since: int, until: int, live: bool) -> list[Entry]:
        """Entries of closed issues whose last second is in [since, until); those with live mail, or the others."""
        entries: list[Entry] = []
        for period in self._periods:
            for issue in closing(period, since, min(until, self.now), self._zone):
                key = (scope.id, issue.name)
                if key not in self._closed:
                    if not self.arrivals(scope, issue.start, issue.end, live=live):
                        continue
                    self.digest(scope, issue)
                entry = self._closed[key]
                if entry.live == live:
                    entries.append(entry)
        return sorted(entries, key=lambda e: (e.at, e.id))

    def letters(self, scope: Scope, since: int, until: int, live: bool) -> list[Entry]:
        """Entries of texts first seen in [since, until); those that came as live mail, or the others."""
        arrivals = [
            arrival
            for arrival in self.arrivals(scope, since, until, live=live)
            if arrival.first and arrival.sighting.live == live
        ]
        here = {a.record.message_id: a.record.id for a in arrivals if a.record.message_id}
        return sorted((self._letter(a, scope, here) for a in arrivals), key=lambda e: (e.at, e.id))

    def _letter(self, arrival: Arrival, scope: Scope, here: dict[str, str]) -> Entry:
        """A letter's entry, the one remembered if the arrival and what it answers are the same."""
        record = arrival.record
        answered = self._parent(record.in_reply_to, scope, here) if record.in_reply_to else ""
        held = self._letters.get((scope.id, record.id))
        if held and held[:2] == (arrival, answered):
            return held[2]
        _room(self._letters, REMEMBERED)
        entry = message_entry(arrival, scope, self._tag, self._lay(record, scope)[0], answered)
        self._letters[scope.id, record.id] = (arrival, answered, entry)
        return entry

    def _parent(self, message_id: str, scope: Scope, here: dict[str, str]) -> str:
        """The record that a Message-ID names, if it is one and may be named in this scope."""
        if message_id not in here:
            found = self.reader.resolve(message_id)
            record = self.reader.record(found[0]) if len(found) == 1 else None
            here[message_id] = record.id if record and record.list.id in scope.lists else ""
        return here[message_id]

    def _lay(self, record: Record, scope: Scope) -> tuple[Article, str]:
        """A record's text laid out, the one remembered if text and spans are the same."""
        key = (record.id, scope.public)
        held = self._laid.get(key)
        if held and held[0].text == record.text and held[0].spans == record.spans:
            return held[1]
        _room(self._laid, REMEMBERED)
        self._laid[key] = (record, laid(record, scope))
        return self._laid[key][1]


def _room(held: dict[Any, Any], most: int) -> None:
    """Forget the oldest when there is no room for one more."""
    if len(held) >= most:
        del held[next(iter(held))]
