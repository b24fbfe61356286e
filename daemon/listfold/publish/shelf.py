"""Keeps one feed's files: the head and the archive pages of the months that something changed in (feed.py says how)."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol

from listfold.publish.atom import atom_linked, atom_page
from listfold.publish.disk import Sink
from listfold.publish.entries import Rendered
from listfold.publish.feed import ROOM, Deleted, Feed, head, tag_uri
from listfold.publish.issue import bounds, month_of
from listfold.publish.jsonfeed import json_linked, json_page
from listfold.publish.scopes import Scope
from listfold.publish.sources import Sources

SLICE = 8 * 86400  # seconds that are read at a time: a busy month need not fit into memory
LOOK_BACK = 400 * 86400  # a list that was quiet for longer than that has a head with what is new


class Source(Protocol):
    """Gives a feed's entries with since <= at < until, by (at, id); only live ones, or only imported ones."""

    def __call__(self, since: int, until: int, live: bool) -> Sequence[Rendered]: ...


Cut = Callable[[int, int, bool], int]  # where a part of [since, until) that fits into memory ends, or the last begins
Chain = dict[str, list[str]]  # the archive pages that are there: month -> names in order, older ones first


class Shelf:
    """One feed in one folder. It remembers where the open month's last full page ends and which pages hold what was
    imported in it: a letter costs one page."""

    def __init__(
        self, feed: Feed, folder: str, source: Source, cut: Cut, deleted: Callable[[], Sequence[Deleted]] = tuple
    ) -> None:
        self._feed = feed
        self._folder = folder
        self._source = source
        self._cut = cut
        self._deleted = deleted
        self._full = ("", (0, ""), 0)  # the open month, the last entry on a full page, how many are full
        self._brought = ("", 0, list[str]())  # the open month, its last imported entry's second, and their pages

    def archive(self, sink: Sink, months: Iterable[str], now: int) -> None:
        """Write the archive pages of those of these months that are over; `lead` has to follow."""
        chain = self._chain(sink)
        for month in sorted(set(months) - {month_of(now)}):
            before, names = chain.pop(month, []), self._closed(sink, month, chain)
            if names:
                chain[month] = names
            self._drop(sink, before, names)

    def lead(self, sink: Sink, months: Iterable[str], since: int, now: int) -> None:
        """Write what leads to the archive pages of these months: the months after them, the open one, in which nothing
        before `since` changed, and the head."""
        today = month_of(now)
        chain = self._chain(sink)
        before = chain.pop(today, [])
        names, fresh = self._open(sink, today, since, chain)
        self._drop(sink, before, names)
        if names:
            chain[today] = names
        for month in sorted({*months, today}):
            if after := min((m for m in chain if m > month), default=""):
                self._link(sink, chain[after][0], previous(chain, after))
        self._head(sink, fresh, chain, bounds(today)[1])

    def _link(self, sink: Sink, name: str, older: str) -> None:
        """Let a page lead to the one before it, as that is called now."""
        for ending, linked in ((".atom", atom_linked), (".json", json_linked)):
            if page := sink.get(f"{self._folder}{name}{ending}"):
                sink.put(f"{self._folder}{name}{ending}", linked(self._feed, page, older))

    def _open(self, sink: Sink, month: str, since: int, chain: Chain) -> tuple[list[str], list[Rendered]]:
        """Full pages of live entries, pages of imported ones; and the live entries that are on none, oldest first."""
        start, end = bounds(month)
        held, last, full = self._full
        if held != month or since <= last[0]:
            last, full = (start - 1, ""), 0
        names = [part_name(self._feed.kind, month, n) for n in range(1, full + 1)]
        older = names[-1] if names else previous(chain, month)
        fresh: list[Rendered] = []
        for page in _pages(r for r in self._entries(max(start, last[0]), end, True) if r.place > last):
            if fresh:
                names.append(part_name(self._feed.kind, month, len(names) + 1))
                older = self._put(sink, names[-1], fresh, older)
                last = fresh[-1].place
            fresh = page
        self._full = (month, last, len(names))
        return [*names, *self._imported(sink, month, since, older)], fresh

    def _imported(self, sink: Sink, month: str, since: int, older: str) -> list[str]:
        """The open month's pages of imported entries: only linked anew when all of them came before `since`, those that
        are new, too."""
        start, end = bounds(month)
        held, last, names = self._brought
        if held == month and since > last and not any(self._entries(max(start, since), end, False)):
            if names:
                self._link(sink, names[0], older)
            return names
        last, names = 0, []
        for number, page in enumerate(_pages(self._entries(start, end, False)), 1):
            names.append(part_name(self._feed.kind, f"{month}-imported", number))
            older = self._put(sink, names[-1], page, older)
            last = page[-1].at
        self._brought = (month, last, names)
        return names

    def _closed(self, sink: Sink, month: str, chain: Chain) -> list[str]:
        start, end = bounds(month)
        older = previous(chain, month)
        names: list[str] = []
        entries = itertools.chain(self._entries(start, end, True), self._entries(start, end, False))
        for number, page in enumerate(_pages(entries), 1):
            names.append(part_name(self._feed.kind, month, number))
            older = self._put(sink, names[-1], page, older)
        return names

    def _head(self, sink: Sink, fresh: Sequence[Rendered], chain: Chain, end: int) -> None:
        """The newest live entries: those on no archive page, and older ones as head() wants and has room for."""
        newest = list(reversed(fresh))
        until = newest[-1].at if newest else end
        known = {r.id for r in newest}
        edge, step = until + 1, SLICE  # its second again: entries of the same one may be on that page and on none
        while edge > until - LOOK_BACK and self._fits(newest, fresh) == len(newest):
            start = self._cut(edge - step, edge, True)
            part = [e for e in self._source(start, edge, True) if e.id not in known]
            known |= {e.id for e in part}
            newest += sorted(part, key=lambda e: e.place, reverse=True)
            edge, step = start, 2 * step
        taken = newest[: self._fits(newest, fresh)]
        older = chain[max(chain)][-1] if chain else ""
        updated = taken[0].at if taken else bounds(max(chain))[0] if chain else 0  # of a feed that was only imported
        self._write(sink, self._feed.kind, taken, updated, older, archive=False)

    def _fits(self, newest: Sequence[Rendered], fresh: Sequence[Rendered]) -> int:
        return head([(r.at, r.size) for r in newest], len(fresh), ROOM)

    def _put(self, sink: Sink, name: str, page: Sequence[Rendered], older: str) -> str:
        updated = max(r.at for r in page)
        self._write(sink, name, list(reversed(page)), updated, older, archive=True)
        return name

    def _write(
        self, sink: Sink, name: str, page: Sequence[Rendered], updated: int, older: str, *, archive: bool
    ) -> None:
        deleted = () if archive else self._deleted()
        updated = max([updated, *(gone.at for gone in deleted)])
        atom = atom_page(self._feed, name, [r.atom for r in page], updated, older, archive=archive, deleted=deleted)
        sink.put(f"{self._folder}{name}.atom", atom)
        sink.put(f"{self._folder}{name}.json", json_page(self._feed, name, [r.json for r in page], older))

    def _drop(self, sink: Sink, before: Sequence[str], names: Sequence[str]) -> None:
        for name in sorted(set(before) - set(names)):
            sink.drop(f"{self._folder}{name}.atom")
            sink.drop(f"{self._folder}{name}.json")

    def _entries(self, start: int, end: int, live: bool) -> Iterator[Rendered]:
        while start < end:
            stop = self._cut(start, min(start + SLICE, end), False)
            yield from self._source(start, stop, live)
            start = stop

    def _chain(self, sink: Sink) -> Chain:
        pattern = re.compile(rf"({self._feed.kind}-(\d{{4}}-\d\d)(-imported)?(?:-(\d+))?)\.atom")
        found = [m for m in map(pattern.fullmatch, sink.names(self._folder.rstrip("/"))) if m]
        chain: Chain = {}
        for match in sorted(found, key=lambda m: (m[2], m[3] or "", int(m[4] or 1))):
            chain.setdefault(match[2], []).append(match[1])
        return chain


def feed_shelf(scope: Scope, kind: str, sources: Sources, tag: str) -> Shelf:
    """The shelf of one of a scope's feeds, "messages" or "digest"."""
    feed = Feed(
        id=tag_uri(tag, "list", scope.id or "-", kind),
        kind=kind,
        title=f"{scope.name}: {'digests' if kind == 'digest' else 'letters'}",
        home=scope.url or "index.html",
        base=scope.url,
    )

    def deleted() -> list[Deleted]:
        found = sources.reader.taken_out(scope.id or None)
        return [Deleted(tag_uri(tag, "record", record), made) for record, made in found]

    give = sources.issues if kind == "digest" else sources.letters
    gone = deleted if kind == "messages" else tuple
    return Shelf(feed, f"{scope.place}/", partial(give, scope), partial(sources.cut, scope), gone)


def part_name(kind: str, month: str, part: int) -> str:
    return f"{kind}-{month}" if part == 1 else f"{kind}-{month}-{part}"


def previous(chain: dict[str, list[str]], month: str) -> str:
    older = max((m for m in chain if m < month), default="")
    return chain[older][-1] if older else ""


def _pages(entries: Iterable[Rendered]) -> Iterator[list[Rendered]]:
    page: list[Rendered] = []
    used = 0
    for rendered in entries:
        if used + rendered.size > ROOM and page:
            yield page
            page, used = [], 0
        page.append(rendered)
        used += rendered.size
    if page:
        yield page
