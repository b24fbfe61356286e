"""Opens the rooms in order and closes them in reverse: the stores, the pipeline, the publisher."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from listfold import heap
from listfold.archive import store
from listfold.archive.bonds import Bonds, Judgement, bonds_of
from listfold.archive.lessons import Teaching
from listfold.archive.store import Archive
from listfold.archive.writer import Writer
from listfold.core.fold import decide
from listfold.core.learned import footers_of, tail_lines
from listfold.errors import ListfoldError
from listfold.letters.reader import LettersReader
from listfold.letters.writer import Letters
from listfold.model import Rules
from listfold.pipeline import Pipeline
from listfold.service.burial import bury, cleaned
from listfold.service.config import Settings
from listfold.service.listbook import concerned, rules_of
from listfold.service.publisher import Publisher
from listfold.sqlite import LETTERS
from listfold.workers import Workers

log = structlog.get_logger()


@dataclass(slots=True)
class House:
    """Everything that one writing process holds open."""

    settings: Settings
    rules: Rules
    letters: Letters
    stored: LettersReader
    archive: Archive
    workers: Workers
    pipeline: Pipeline
    publisher: Publisher
    failure: "asyncio.Future[None]"  # done, with the error, when a room's own task has died
    publishing: bool = True  # not for a dry run
    rebuilding: bool = False  # a new archive is being made beside this one

    async def settled(self) -> None:
        """Wait until everything accepted is read and published, as mutating commands promise."""
        await self._or_failure(self.pipeline.settled())
        await self.archive.do(Writer.rest)  # while pages are written, which takes memory elsewhere
        if self.publishing:
            await self._or_failure(self.publisher.flush())

    async def heed(self) -> None:
        """Go by the decisions made until now; what they concern is read again soon."""
        await self._or_failure(self.pipeline.between(self._heed))

    async def _heed(self) -> None:
        decisions = self.stored.decisions()  # nothing else reads while the pipeline stands still
        rules = rules_of(self.settings, decisions)
        heeded = await self.archive.do(Writer.heeded)
        self.workers.rules = replace(rules, learned=self.workers.rules.learned)
        about = concerned(self.settings, decisions, heeded)
        await self.archive.do(Writer.heed, rules, decisions[-1].id if decisions else 0, *about)
        self.rules = rules

    async def _or_failure(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        await asyncio.wait({task, self.failure}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            raise ListfoldError(f"stopped: {self.failure.exception()}")
        task.result()


def bonds_in(stored: LettersReader) -> Bonds:
    """What people decided about folding."""
    decisions = [d for d in stored.decisions() if d.kind in ("fold", "unfold")]
    return bonds_of(
        Judgement(d.id, d.kind == "fold", tuple(d.detail["these"]), tuple(d.detail["those"])) for d in decisions
    )


@asynccontextmanager
async def open_house(settings: Settings, archive_path: Path | None = None) -> AsyncIterator[House]:
    """Open the data directory for writing (its lock is the caller's). With another archive than
    today's nothing is published."""
    heap.share()
    data_dir = settings.data_dir
    count = settings.pipeline.workers or os.cpu_count() or 1
    async with AsyncExitStack() as stack:
        letters = await Letters.open(data_dir / LETTERS, reserve=settings.smtp.min_free_disk)
        stack.push_async_callback(letters.close)
        stored = LettersReader(data_dir / LETTERS)
        stack.callback(stored.close)
        decisions = stored.decisions()
        rules = rules_of(settings, decisions)
        path = await asyncio.to_thread(store.current, data_dir) if archive_path is None else archive_path
        archive = await Archive(path, rules, decide, Teaching(tail_lines, footers_of)).open()
        stack.push_async_callback(archive.close)
        if await bury(letters, stored, archive) and archive_path is None:  # a purge that was cut short
            await cleaned(letters, archive)
        heeded = await archive.do(Writer.heeded)
        if decisions and decisions[-1].id > heeded:  # made just before a crash, or while another archive was in use
            await archive.do(Writer.heed, rules, decisions[-1].id, *concerned(settings, decisions, heeded))
        await archive.do(Writer.bind, bonds_in(stored))
        publisher = Publisher(settings.imprint(stored.installation("tag")), archive, count)
        if archive_path is None:
            stack.push_async_callback(publisher.stop)
        workers = Workers(count, rules)
        pipeline = Pipeline(letters, stored, archive, workers, publisher.wake)
        publisher.backlog = lambda: pipeline.pending
        publisher.rush = lambda: letters.rush
        stack.push_async_callback(pipeline.stop)
        failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        stack.callback(lambda: failure.done() and failure.exception())  # it was logged; nobody else has to look
        tasks = [asyncio.create_task(pipeline.run(), name="pipeline")]
        if archive_path is None:
            tasks.append(asyncio.create_task(publisher.run(), name="publisher"))
        for task in tasks:
            task.add_done_callback(lambda done: _died(done, failure))
        yield House(
            settings, rules, letters, stored, archive, workers, pipeline, publisher, failure, archive_path is None
        )


def _died(task: "asyncio.Task[None]", failure: "asyncio.Future[None]") -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None and not failure.done():
        log.error("room.died", room=task.get_name(), exc_info=error)
        failure.set_exception(error)
