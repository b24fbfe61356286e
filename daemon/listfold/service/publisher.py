"""Keeps the published files true: soon after letters are read, and when issues close."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from listfold.archive.reader import Reader
from listfold.archive.store import Archive
from listfold.archive.writer import Writer
from listfold.publish.maildir import Maildir
from listfold.publish.site import Site, Touched
from listfold.service.config import Settings

log = structlog.get_logger()

SOON = 0.3  # seconds that further letters are waited for: one page then shows them all
BACKLOG = 256  # pending letters from which pages wait for the rest…
PATIENCE = 20.0  # …for at most so many seconds
AWAY = 31 * 86400  # seconds since pages were last looked at; after more, or less than none, the clock may have stepped
TICK = 15.0  # seconds between looks at the clock: an issue's entry appears within a minute of its close


class Publisher:
    """One task that writes pages. `wake` says that something was read; `backlog` tells how much more is coming."""

    def __init__(self, settings: Settings, archive: Archive, tag: str) -> None:
        self._settings = settings
        self._archive = archive
        self._tag = tag
        self._woken = asyncio.Event()
        self._busy = asyncio.Lock()
        self._stopping = False
        self._site: Site | None = None  # kept: it remembers texts that it has laid out
        self.backlog: Callable[[], int] = lambda: 0

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
            until = time.monotonic() + PATIENCE
            while self.backlog() > BACKLOG and time.monotonic() < until and not self._stopping:
                await asyncio.sleep(SOON)
            try:
                await self.flush()
            except Exception:  # letters are taken all the same; what was touched is published by the next try
                log.exception("pages.failed", do="the next letter or `listfold publish` tries again")

    async def flush(self) -> int:
        """Write what has changed, now; gives the number of pages written."""
        async with self._busy:
            touched, mark = await self._archive.do(Writer.touched)
            since = await self._archive.do(Writer.published_until)
            now = int(time.time())
            if since and not -TICK <= now - since <= AWAY:
                log.warning("clock.stepped", seconds=now - since, do="nothing: all pages are written anew")
                pages = await asyncio.to_thread(self._everything, now)
            else:
                pages = await asyncio.to_thread(self._publish, touched, since, now)
            if touched or pages or now - since > TICK:
                await self._archive.do(Writer.published, mark, now)
            if pages:
                log.info("pages.published", pages=pages, lists=len({name for name, _ in touched}))
            return pages

    async def everything(self) -> int:
        """Write all pages anew."""
        async with self._busy:
            _, mark = await self._archive.do(Writer.touched)
            now = int(time.time())
            pages = await asyncio.to_thread(self._everything, now)
            await self._archive.do(Writer.published, mark, now)
            return pages

    async def between(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something while no page is being written."""
        async with self._busy:
            await work()

    async def stop(self) -> None:
        """Publish what was read, then end."""
        self._stopping = True
        self._woken.set()
        await self.flush()

    def _publish(self, touched: list[tuple[str, int]], since: int, now: int) -> int:
        with Reader(self._archive.path) as reader:
            site = self._with(reader)
            pages = site.publish([Touched(name, hour) for name, hour in touched], now)
            return pages + site.close(since or now, now)

    def _everything(self, now: int) -> int:
        with Reader(self._archive.path) as reader:
            return self._with(reader).everything(now)

    def _with(self, reader: Reader) -> Site:
        if self._site is None:
            home, wanted = Path(self._settings.data_dir), self._settings.digest.maildir
            mailbox = Maildir(home / wanted, home / "delivered") if wanted else None
            self._site = site_of(self._settings, reader, self._tag, mailbox)
        self._site.reader = reader
        return self._site


def site_of(settings: Settings, reader: Reader, tag: str, mailbox: Maildir | None = None) -> Site:
    """The published tree of one data directory, as the configuration wants it."""
    zone = ZoneInfo(settings.digest.timezone)
    return Site(
        reader=reader,
        data_dir=Path(settings.data_dir),
        base_url=settings.base_url,
        tag=f"listfold-{tag},2026",
        periods=settings.digest.periods,
        zone=zone,
        mailbox=mailbox,
    )
