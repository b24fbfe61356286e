"""Reads every letter again into a new archive beside the one in use, which it replaces at the end by rename.

Strategy: a second pipeline fills archive-(N+1).db from the same letters while the first one goes on with what arrives.
When the new archive has caught up, reading stands still for the last few letters and the switch: the link is renamed,
the writer changes files, readers open the new one at their next request. A rebuild that was cut short left its file
behind; the next one goes on in it. Permalinks and feed ids are made of what no rule changes, so they stay.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from listfold.archive import diff, store
from listfold.archive.lessons import Teaching
from listfold.archive.store import Archive
from listfold.archive.writer import Writer
from listfold.core.fold import decide
from listfold.core.learned import footers_of, tail_lines
from listfold.errors import ListfoldError
from listfold.letters.reader import LettersReader
from listfold.pipeline import Pipeline
from listfold.service.burial import bury
from listfold.service.config import Settings
from listfold.service.house import House, bonds_in
from listfold.service.listbook import concerned
from listfold.sqlite import LETTERS
from listfold.workers import Workers

log = structlog.get_logger()

Progress = Callable[[Any], None]

TELL_SECONDS = 0.5  # between two lines of progress


@dataclass(slots=True)
class Site:
    """A new archive under way, with the pipeline that fills it."""

    archive: Archive
    workers: Workers
    pipeline: Pipeline
    task: "asyncio.Task[None]"


def begin(settings: Settings) -> None:
    """Raises ListfoldError when there is nothing to rebuild."""
    LettersReader(settings.data_dir / LETTERS).close()


async def rebuild(
    house: House, args: dict[str, Any], cwd: str, progress: Progress, *, alone: bool = False
) -> dict[str, Any]:
    """Make the archive anew; with args["dry_run"] only say what would change. Raises ListfoldError when one runs.

    `alone`: nothing arrives and nobody reads, so the archive in use need not be filled meanwhile."""
    if house.rebuilding:
        raise ListfoldError("a rebuild is under way already")
    house.rebuilding = True
    report: dict[str, Any] = {}

    async def work() -> None:
        report.update(await _rebuild(house, progress, dry_run=bool(args.get("dry_run")), alone=alone))

    try:
        await (house.pipeline.between(work) if alone else work())
        if not args.get("dry_run"):
            await house.settled()
            report["pages"] = await house.publisher.everything()
    finally:
        house.rebuilding = False
    return report


async def _rebuild(house: House, progress: Progress, *, dry_run: bool, alone: bool) -> dict[str, Any]:
    begun = await asyncio.to_thread(store.unfinished, house.settings.data_dir)
    path = begun if begun is not None else await asyncio.to_thread(store.following, house.settings.data_dir)
    log.info("rebuild.started", file=path.name, resumed=begun is not None, dry_run=dry_run)
    try:
        async with _building(house, path) as new:
            await _caught_up(house, new, progress)
            report = await asyncio.to_thread(diff.compared, house.archive.path, path)
            if not dry_run:
                switch = partial(house.publisher.between, partial(_switch, house, new))
                await (switch() if alone else house.pipeline.between(switch))
    finally:
        if dry_run:
            await asyncio.to_thread(store.discard, path)
    log.info("rebuild.done", file=path.name, **{k: v for k, v in report.items() if k != "samples"})
    return {"resumed": begun is not None, **report}


@asynccontextmanager
async def _building(house: House, path: Path) -> AsyncIterator[Site]:
    """The new archive, its own workers and reader; all closed at the end, when its file may be the house's."""
    stored = LettersReader(house.stored.path)
    archive = await Archive(path, house.rules, decide, Teaching(tail_lines, footers_of)).open()
    workers = Workers(house.workers.count, house.rules)
    pipeline = Pipeline(house.letters, stored, archive, workers)
    try:
        await _obeying(house, archive, stored)
        task = asyncio.create_task(pipeline.run(), name="rebuild")
        yield Site(archive, workers, pipeline, task)
    finally:
        await pipeline.stop()
        house.letters.wake()  # the two pipelines share one bell
        await archive.close()
        stored.close()


async def _obeying(house: House, archive: Archive, stored: LettersReader) -> None:
    """What was decided holds in the new archive, too."""
    await bury(house.letters, stored, archive)
    decisions = stored.decisions()
    heeded = await archive.do(Writer.heeded)
    if decisions and decisions[-1].id > heeded:
        about = concerned(house.settings, decisions, heeded)
        await archive.do(Writer.heed, house.rules, decisions[-1].id, *about)
    await archive.do(Writer.bind, bonds_in(stored))


async def _caught_up(house: House, new: Site, progress: Progress) -> None:
    """Wait until the new archive has every letter. Raises what ended its pipeline."""
    settled = asyncio.create_task(new.pipeline.settled())
    try:
        while not settled.done():
            await asyncio.wait({settled, new.task}, timeout=TELL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if new.task.done() and not settled.done():
                raise ListfoldError(f"the rebuild stopped: {new.task.exception()}")
            last = house.letters.last
            progress({"read": max(0, last - new.pipeline.pending), "of": last})  # more may wait than are new
    finally:
        settled.cancel()


async def _switch(house: House, new: Site) -> None:
    """The last letters, then the new file in the old one's place. Nothing else is read meanwhile."""
    new.workers.rules = replace(house.rules, learned=new.workers.rules.learned)
    await _obeying(house, new.archive, house.stored)
    await new.pipeline.settled()
    old = house.archive.path
    await new.archive.do(Writer.published, [], await house.archive.do(Writer.published_as))
    await new.pipeline.stop()
    await asyncio.to_thread(store.switch, house.settings.data_dir, new.archive.path)
    await house.archive.become(new.archive)
    house.workers.rules = new.workers.rules
    await asyncio.to_thread(store.discard, old)
