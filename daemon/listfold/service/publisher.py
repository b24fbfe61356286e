"""Keeps the published files true: soon after letters are read, and when issues close."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import structlog

from listfold import __version__
from listfold.archive.store import Archive
from listfold.archive.writer import Touch, Writer, short_hash
from listfold.publish.issue import PERIODS, closing, month_of, within
from listfold.service.job import Imprint, Job
from listfold.service.press import Press

log = structlog.get_logger()

SOON = 0.3  # seconds that further letters are waited for: one page then shows them all
BACKLOG = 256  # pending letters from which pages wait for the rest…
PATIENCE = 60.0  # …for at most so many seconds: pages of a month that is still coming in are written in vain
LOOK = 2.0  # seconds without a change after which a month is not one of these…
MUCH = 1024  # …and is written meanwhile, if so many letters are pending
PORTION = 128  # touched hours, of whole months, that are written at a time
AWAY = 31 * 86400  # seconds since pages were last looked at; after more, or less than none, the clock may have stepped
REST = 3.0  # times as long as it took to write pages none is written: a busy day's issue is large each time
LONGEST = 20.0  # …but at most so many seconds
LAST = 1.0  # seconds for pages at a stop
PRESSES = 2  # processes that write pages, where there are as many cores
MANY = 512  # touched hours, as an import brings them: from so many on all of them write
TICK = 15.0  # seconds between looks at the clock: an issue's entry appears within a minute of its close


class Publisher:
    """One task that writes pages. `wake` says that something was read; `backlog` tells how much more is coming."""

    def __init__(self, imprint: Imprint, archive: Archive, processes: int) -> None:
        self._archive = archive
        self._presses = [Press(imprint, number) for number in range(min(PRESSES, processes))]
        self._press = self._presses[0]
        shown = (__version__, imprint.tag, imprint.base_url, imprint.timezone, *imprint.periods)
        self._guise = {"settings": short_hash(*shown)}
        self._periods = tuple(period for period in PERIODS if period in imprint.periods)
        self._zone = ZoneInfo(imprint.timezone)
        self._woken = asyncio.Event()
        self._busy = asyncio.Lock()
        self._stopping = False
        self._looked = 0  # the newest touch at the last look at what is quiet
        self._ahead: set[Touch] = set()  # what is written, but for what leads to it…
        self._then: dict[str, int] = {}  # …in this guise…
        self._first = 0  # …at this time and after it; 0 when nothing is
        self.backlog: Callable[[], int] = lambda: 0
        self.rush: Callable[[], bool] = lambda: False

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Publish until stopped: at once what a stop or a crash left, and what the clock has closed meanwhile."""
        self._woken.set()
        while not self._stopping:
            try:
                async with asyncio.timeout(TICK):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()
            if self._stopping:
                return
            await asyncio.sleep(SOON)
            began = time.monotonic()
            try:
                await self._wait()
                began = time.monotonic()
                await self.flush()
            except Exception:
                if self._stopping:
                    return
                # Letters are taken all the same; what was touched is published by the next try.
                log.exception("pages.failed", do="the next letter or `listfold publish` tries again")
            await asyncio.sleep(min(LONGEST, REST * (time.monotonic() - began)))

    async def flush(self) -> int:
        """Write what has changed, now; gives the number of pages written."""
        async with self._busy:
            touched, before, guise = await self._state()
            since = before.get("closed", self._first)
            now = int(time.time())
            others = [name for name in guise if name in before]
            if since and not -TICK <= now - since <= AWAY:
                log.warning("clock.stepped", seconds=now - since, do="nothing: all pages are written anew")
                pages = await self._press.do(self._job(None, 0, now))
            elif others:
                log.info("pages.outdated", by=others[:10], do="nothing: all pages are written anew")
                pages = await self._press.do(self._job(None, since, now))
            elif touched or self._closes(since, now):
                pages = await self._write(touched, since, now)
            else:
                pages = 0
            if touched or pages or now - since > TICK:
                await self._published(touched, guise, now)
            if pages:
                log.info("pages.published", pages=pages, lists=len({name for name, *_ in touched}))
            return pages

    async def _state(self) -> tuple[list[Touch], dict[str, int], dict[str, int]]:
        """What was touched, the guise that pages were written in, and what of the present one is otherwise."""
        touched = await self._archive.do(Writer.touched)
        before = await self._archive.do(Writer.published_as)
        guise = {name: value for name, value in (await self.guise()).items() if before.get(name) != value}
        if guise != self._then:
            self._ahead.clear()
        return touched, before, guise

    async def _wait(self) -> None:
        """Wait while many letters are to be read; write meanwhile the months in which nothing arrives any more."""
        until = time.monotonic() + PATIENCE
        look = time.monotonic() + LOOK
        most = BACKLOG
        while (self.rush() or self.backlog() > most) and time.monotonic() < until and not self._stopping:
            most = 0  # the last ones are soon here, too
            await asyncio.sleep(SOON)
            if time.monotonic() > look and self.backlog() > MUCH and not self.rush():
                look = time.monotonic() + LOOK
                await self._go_ahead()

    async def _go_ahead(self) -> None:
        async with self._busy:
            touched, _, self._then = await self._state()
            found = quiet([touch for touch in touched if touch not in self._ahead], self._looked)
            self._looked = max((seq for *_, seq in touched), default=0)
            if found:
                now = int(time.time())
                await self._press.do(replace(self._job(found, now, now), lead=False))
                self._ahead.update(found)
                self._first = self._first or now

    async def everything(self) -> int:
        """Write all pages anew."""
        async with self._busy:
            touched, _, guise = await self._state()
            now = int(time.time())
            pages = await self._press.do(self._job(None, 0, now))
            await self._published(touched, guise, now)
            return pages

    async def _published(self, touched: list[Touch], guise: dict[str, int], now: int) -> None:
        self._ahead.clear()  # numbers of touches are given again
        self._first = self._looked = 0
        await self._archive.do(Writer.published, touched, {**guise, "closed": now})

    async def guise(self) -> dict[str, int]:
        """What all pages show or go by beside the letters: lists' names and addresses, settings, our own version."""
        return self._guise | await self._archive.do(Writer.guise)

    async def between(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something while no page is being written."""
        async with self._busy:
            await work()

    async def stop(self) -> None:
        """Publish what was read, if that is soon done, and end: the next start publishes what is left."""
        self._stopping = True
        self._woken.set()
        try:
            async with asyncio.timeout(LAST):
                await self.flush()
        except TimeoutError:
            log.info("pages.left", do="nothing: the next start writes them")
        finally:
            await asyncio.gather(*(press.close() for press in self._presses))

    async def _write(self, touched: list[Touch], since: int, now: int) -> int:
        """Pages of these hours and of what has closed. Many are written by two processes where there are two, which
        then go: what they remember of each other's months is not true any more.

        Each goes through a half from its beginning, since a week over a month's end is remembered for the next one,
        and then takes what is left of the other's from the end."""
        if len(touched) < MANY:
            return await self._press.do(self._job(touched, since, now))
        rest = [touch for touch in touched if touch not in self._ahead]
        parts = portions(rest)
        presses = self._presses[: len(parts)] if len(rest) >= MANY else [self._press]
        half = -(-len(parts) // len(presses))
        first, second = deque(parts[:half]), deque(parts[half:])

        async def some(press: Press, own: deque[list[Touch]], others: deque[list[Touch]]) -> int:
            pages = 0
            while own or others:
                part = own.popleft() if own else others.pop()
                pages += await press.do(replace(self._job(part, now, now), lead=False))
            return pages

        try:
            pages = sum(await asyncio.gather(*map(some, presses, (first, second), (second, first))))
        finally:
            first.clear()  # when one has failed the other one stops, too
            second.clear()
        pages += await presses[-1].do(replace(self._job(touched, since, now), months=False))
        await asyncio.gather(*(press.close() for press in self._presses))
        return pages

    def _closes(self, since: int, now: int) -> bool:
        """Whether an issue, or a month of a feed, closes in (since, now]."""
        return since > 0 and (
            month_of(since) != month_of(now)
            or any(True for period in self._periods for _ in closing(period, since, now, self._zone))
        )

    def _job(self, touched: list[Touch] | None, since: int, now: int) -> Job:
        hours = None if touched is None else tuple((name, hour) for name, hour, _ in touched)
        return Job(self._archive.path, hours, since, now)


def quiet(touched: Sequence[Touch], looked: int) -> list[Touch]:
    """A portion of the months in which nothing was touched after the touch number `looked`, the oldest; [] when there
    is hardly one."""
    still = [touch for held in months(touched) if max(seq for *_, seq in held) <= looked for touch in held]
    return portions(still)[0] if len(still) >= PORTION else []


def portions(touched: Sequence[Touch]) -> list[list[Touch]]:
    """Months that follow one another, oldest first, some PORTION hours or more together; at the end perhaps less."""
    out: list[list[Touch]] = []
    for held in months(touched):
        if not out or len(out[-1]) >= PORTION:
            out.append([])
        out[-1] += held
    return out


def months(touched: Sequence[Touch]) -> list[list[Touch]]:
    """By month, oldest first."""
    out: dict[str, list[Touch]] = {}
    for touch in touched:
        out.setdefault(month_of(within(touch[1])), []).append(touch)
    return [held for _, held in sorted(out.items())]
