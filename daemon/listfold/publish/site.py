"""Which pages to write when: those that a letter, a closing issue or a rebuild touches, and no others.

A touched hour leads to the issues that hold it and to the feed pages of its month, of its list and of all lists
together. Everything is a function of the archive and of what is open `now`: written twice, the bytes are the same.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from listfold.archive.reader import ListRow, Reader
from listfold.frozen import dataclass
from listfold.publish.digest import Digest
from listfold.publish.disk import Compare, Disk, Fresh, Sink
from listfold.publish.front import front
from listfold.publish.html import Pages
from listfold.publish.issue import PERIODS, Issue, Period, bounds, closing, issue_at, month_of, within
from listfold.publish.jsondigest import jsondigest
from listfold.publish.maildir import Maildir
from listfold.publish.mime import mime
from listfold.publish.scopes import Scope, scopes
from listfold.publish.shelf import Shelf, feed_shelf
from listfold.publish.sources import Sources
from listfold.publish.text import text

HOUR = 3600
DAY = 86400
FEW = 6  # touched hours of a month: their issues alone are read, and of more the whole month
MARGIN = 8 * DAY  # a week that begins in one month may end in the next
WINDOW = 4000  # letters of a month that are held for all their scopes at once

Hours = Mapping[str, Collection[int] | None]  # touched hours of scopes; None is all that there are


@dataclass(frozen=True, slots=True)
class Touched:
    """An hour (seconds since 1970, a multiple of 3600) in which something arrived or changed on a list."""

    list: str
    hour: int


class Site:
    """The published tree of one data directory.

    `zone` is the one that issues go by, `tag` the installation's own authority for tag: URIs ("listfold-3f2a,2026"),
    `writer` the number of the process among those that write at the same time.
    Lists and their visibility are read from the archive each time. A Site may be kept from one call to the next and
    then remembers texts it has laid out; `reader` may be replaced in between, for it belongs to one thread."""

    def __init__(
        self,
        reader: Reader,
        data_dir: Path,
        base_url: str,
        tag: str,
        periods: Sequence[str],
        zone: ZoneInfo,
        mailbox: Maildir | None = None,
        writer: int = 0,
    ) -> None:
        self._mailbox = mailbox
        self._writer = writer
        self._root = data_dir
        self._base_url = base_url
        self._tag = tag
        self._periods: tuple[Period, ...] = tuple(p for p in PERIODS if p in periods)
        self._zone = zone
        self._pages = Pages(base_url)
        self._sources = Sources(reader, tag, self._periods, zone)
        self._shelves: dict[tuple[str, str], Shelf] = {}
        self._scopes: dict[str, Scope] = {}

    @property
    def reader(self) -> Reader:
        return self._sources.reader

    @reader.setter
    def reader(self, reader: Reader) -> None:
        self._sources.reader = reader

    def publish(self, touched: Iterable[Touched], now: int, *, months: bool = True, lead: bool = True) -> int:
        """Write what these hours touch; pages written. Files whose bytes would not change stay as they are.

        `months` are their issues and archive pages, which several processes may write at the same time, each of other
        months; `lead` is what leads to them, which one of them writes afterwards."""
        disk = Disk(self._root, self._writer)
        rows = self._begin(now)
        hours: dict[str, set[int]] = {}
        for touch in touched:
            if touch.list in rows:
                hours.setdefault(touch.list, set()).add(touch.hour)
                if rows[touch.list].visibility == "public":
                    hours.setdefault("", set()).add(touch.hour)
        for id_ in [id_ for id_ in hours if id_ and rows[id_].first is None]:
            self._take_away(disk, id_)
            del hours[id_]
        closing = self._months(disk, hours, now) if months else self._closing(hours, now)
        if lead:
            self._lead(disk, hours, closing, rows, now)
        return disk.written

    def close(self, since: int, now: int) -> int:
        """Write what closes in (since, now]: the final page of issues, their feed entries, archive pages of months."""
        disk = Disk(self._root, self._writer)
        rows = self._begin(now)
        public = [row for row in rows.values() if row.visibility == "public"]
        for id_, held in [*((row.id, [row]) for row in rows.values()), ("", public)]:
            first = min((row.first for row in held if row.first is not None), default=None)
            last = max((row.last for row in held if row.last is not None), default=None)
            if first is None or last is None:
                continue
            start, until = max(since, within(first)), min(now, within(last) + 40 * 86400)
            issues = [i for p in self._periods for i in closing(p, start, until, self._zone)]
            months: set[str] = set()
            for issue in issues:
                found = self._issue(disk, id_, issue)
                if found is not None:
                    months.add(month_of(issue.end - 1))
                    self._deliver(found)
            ended = {month for month in _months(start, until) if since < bounds(month)[1] <= now}
            if months or ended:
                self._update(disk, id_, "digest", months | ended, 0, now)
            if ended:
                self._update(disk, id_, "messages", ended, now, now)
            if months:
                self._front(disk, id_, rows)
        return disk.written

    def everything(self, now: int) -> int:
        """Write all pages anew, and take away those of ours that no longer belong; pages written or taken away."""
        disk = Disk(self._root, self._writer)
        fresh = Fresh(self._root, disk)
        self._everything(fresh, now)
        for path in fresh.leftovers():
            disk.drop(path)
        return disk.written

    def check(self, now: int) -> list[str]:
        """What of the published tree is missing, differs or should not be there, a line each. Writes nothing."""
        compare = Compare(self._root)
        fresh = Fresh(self._root, compare)
        self._everything(fresh, now)
        for path in fresh.leftovers():
            compare.drop(path)
        return compare.findings

    def issue(self, list_id: str, issue: Issue, now: int) -> Digest:
        """The model of one issue, of a list of any visibility."""
        self._begin(now)
        return self._sources.digest(self._scopes[list_id], issue)

    def render(self, found: Digest, form: str) -> bytes:
        """An issue in one of its formats: html, text, mime or json."""
        match form:
            case "html":
                return self._pages.digest(found)
            case "text":
                return text(found)
            case "mime":
                return mime(found, self._tag)
            case "json":
                return jsondigest(found)
        raise ValueError(form)

    def _begin(self, now: int) -> dict[str, ListRow]:
        """The lists as they are now, and their scopes."""
        self._sources.now = now
        self._sources.let_go()
        before = self._scopes
        rows = {row.id: row for row in self.reader.lists()}
        self._scopes = scopes(rows.values(), self._base_url)
        if before != self._scopes:  # names and posting addresses stand in what is remembered
            self._shelves.clear()
            self._sources.forget()
        return rows

    def _everything(self, sink: Sink, now: int) -> None:
        self._shelves.clear()
        self._sources.forget()
        rows = self._begin(now)
        ids = [id_ for id_ in self._scopes if not id_ or rows[id_].first is not None]
        hours = dict.fromkeys(ids)
        self._lead(sink, hours, self._months(sink, hours, now), rows, now)

    def _months(self, sink: Sink, hours: Hours, now: int) -> dict[str, set[str]]:
        """Write the issues of these hours of these scopes and the pages of their months; gives the months that follow,
        in which some of the issues close.

        Month by month of all lists together, and in a month issue by issue: what several show is rendered once."""
        ids = sorted(hours, reverse=True)
        todo = {id_: self._by_month(id_, found) for id_, found in hours.items()}
        closing: dict[str, set[str]] = {id_: set() for id_ in ids}  # months in which written issues close
        done: dict[str, set[str]] = {id_: set() for id_ in ids}  # issues that are written
        for month in sorted({month for months in todo.values() for month in months}):
            parts = {id_: todo[id_][month] for id_ in ids if month in todo[id_]}
            counts = {id_: self._letters(id_, month, found) for id_, found in parts.items()}
            together = sum(counts.values()) <= WINDOW
            for group in [list(parts)] if together else [[id_] for id_ in parts]:
                hold = sum(counts[id_] for id_ in group) <= WINDOW
                issues = self._month(sink, month, {id_: parts[id_] for id_ in group}, done, now, hold=hold)
                for id_, written in issues.items():
                    closing[id_] |= {month_of(issue.end - 1) for issue in written if not issue.open(now)}
            for id_ in ids:
                over = {m for m in closing[id_] if m <= month}
                self._shelf(id_, "digest").archive(sink, over, now)
                closing[id_] -= over
        self._sources.let_go()
        return closing

    def _closing(self, hours: Mapping[str, Collection[int]], now: int) -> dict[str, set[str]]:
        """The same, when each month was written on its own."""
        out: dict[str, set[str]] = {}
        for id_, found in hours.items():
            closing = {
                (month, month_of(issue.end - 1))
                for month, held in self._by_month(id_, found).items()
                for issue in self._issues(id_, month, held)
                if not issue.open(now)
            }
            out[id_] = {end for _, end in closing} - {end for month, end in closing if end <= month}
        return out

    def _lead(
        self, sink: Sink, hours: Hours, closing: Mapping[str, set[str]], rows: Mapping[str, ListRow], now: int
    ) -> None:
        """Write what leads to the pages of these hours of these scopes, and feed pages of the months that follow."""
        for id_ in sorted(hours, reverse=True):
            months = set(self._by_month(id_, hours[id_]))
            since = min(hours[id_] or (), default=0)
            self._shelf(id_, "messages").lead(sink, months, since, now)
            closed = any(issue_at(period, since, self._zone).end <= now for period in self._periods)
            if closed or "digest.atom" not in sink.names(self._scopes[id_].place):
                self._shelf(id_, "digest").archive(sink, closing[id_], now)
                self._shelf(id_, "digest").lead(sink, months | closing[id_], 0, now)
            self._front(sink, id_, rows)

    def _update(self, sink: Sink, id_: str, kind: str, months: set[str], since: int, now: int) -> None:
        """Write a feed's archive pages of these months, and what leads to them."""
        self._shelf(id_, kind).archive(sink, months, now)
        self._shelf(id_, kind).lead(sink, months, since, now)

    def _by_month(self, id_: str, hours: Collection[int] | None) -> Mapping[str, int | set[int]]:
        """These hours of a scope by their month, or for all of them how many letters each month has."""
        if hours is None:
            return self.reader.months(id_ or None)
        out: dict[str, set[int]] = {}
        for hour in hours:
            out.setdefault(month_of(within(hour)), set()).add(hour)
        return out

    def _letters(self, id_: str, month: str, found: int | set[int]) -> int:
        return found if isinstance(found, int) else self.reader.months(id_ or None).get(month, 0)

    def _month(
        self, sink: Sink, month: str, parts: Mapping[str, int | set[int]], done: dict[str, set[str]], now: int, *,
        hold: bool,
    ) -> dict[str, list[Issue]]:  # fmt: skip
        """Write the issues of these hours of a month (or of all of its so many letters) and its pages of letters;
        gives the issues of each scope."""
        since, until = bounds(month)
        held = [self._scopes[id_] for id_ in parts]
        whole = any(isinstance(found, int) or len(found) > FEW for found in parts.values())
        if not hold:
            self._sources.let_go()
        elif whole:
            self._sources.hold(held, since - DAY, until + MARGIN)
        issues = {id_: self._issues(id_, month, found) for id_, found in parts.items()}
        todo = [(issue, id_) for id_, own in issues.items() for issue in own if issue.name not in done[id_]]
        if hold and not whole and todo:
            self._sources.hold(held, min(i.start for i, _ in todo), max(i.end for i, _ in todo))
        for issue, id_ in sorted(todo, key=lambda pair: (pair[0].end, pair[0].name)):
            self._issue(sink, id_, issue)
            if whole and id_ and issue.period == self._periods[0]:
                self._sources.enter(self._scopes[id_], max(issue.start, since), min(issue.end, until))
            done[id_].add(issue.name)
        for id_ in parts:
            self._shelf(id_, "messages").archive(sink, [month], now)
        return issues

    def _issues(self, id_: str, month: str, found: int | set[int]) -> list[Issue]:
        """The issues that these hours of a month are in, or all its letters."""
        if isinstance(found, int):
            arrivals = self._sources.arrivals(self._scopes[id_], *bounds(month))
            found = {a.sighting.arrived // HOUR * HOUR for a in arrivals}
        return list(
            {i.name: i for hour in found for p in self._periods for i in [issue_at(p, hour, self._zone)]}.values()
        )

    def _take_away(self, sink: Sink, id_: str) -> None:
        """All pages of a list in which nothing stands any more."""
        place = self._scopes[id_].place
        for folder in (place, f"{place}/digests"):
            for name in sorted(sink.names(folder)):
                sink.drop(f"{folder}/{name}")

    def _deliver(self, found: Digest) -> None:
        """Put a list's issue that has just closed into the mailbox; what was only imported is no news."""
        if self._mailbox is not None and found.scope.id and found.live:
            key = f"{found.scope.id} {found.issue.name}"
            self._mailbox.deliver(key, found.issue.end, mime(found, self._tag))

    def _issue(self, sink: Sink, id_: str, issue: Issue) -> Digest | None:
        """Write an issue in its formats, or take it away when nothing stands in it any more.

        That of all lists is a page to look at: its letters stand in the other formats on their own lists."""
        place = f"{self._scopes[id_].place}/digests/{issue.name}."
        self._sources.changed(self._scopes[id_], issue)
        found = self._sources.digest(self._scopes[id_], issue)
        if not found.letters:
            for ending in ("html", "txt", "eml", "json"):
                sink.drop(place + ending)
            return None
        sink.put(place + "html", self._pages.digest(found))
        if id_:
            sink.put(place + "txt", text(found))
            sink.put(place + "eml", mime(found, self._tag))
            sink.put(place + "json", jsondigest(found))
        return found

    def _front(self, sink: Sink, id_: str, rows: Mapping[str, ListRow]) -> None:
        front(sink, self._scopes[id_], self._scopes, rows, self._pages, self._sources, self._zone)

    def _shelf(self, id_: str, kind: str) -> Shelf:
        if (id_, kind) not in self._shelves:
            self._shelves[id_, kind] = feed_shelf(self._scopes[id_], kind, self._sources, self._tag)
        return self._shelves[id_, kind]


def _months(since: int, until: int) -> Iterator[str]:
    month = month_of(since)
    while bounds(month)[0] <= until:
        yield month
        month = month_of(bounds(month)[1])
