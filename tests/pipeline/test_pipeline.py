"""pipeline: what is pending is read, whatever happens to the processes that read it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from listfold import workers as workers_room
from listfold.archive.counts import Counts
from listfold.archive.store import Archive
from listfold.archive.writer import Writer
from listfold.core.fold import decide
from listfold.errors import DiskFault
from listfold.letters.reader import LettersReader
from listfold.letters.writer import Letters
from listfold.model import Letter, Rules
from listfold.pipeline import Pipeline
from listfold.workers import COMMAND, Workers

# A reader process with faults on demand: what it does depends on the letter's text.
FAULTY = """
import os, sys, time
from listfold import worker
from listfold.core.read import read

def faulty(letter, rules):
    if b"DIE" in letter.raw:
        os.kill(os.getpid(), 9)
    if b"HANG" in letter.raw:
        time.sleep(600)
    if b"EAT" in letter.raw:
        return len(bytearray(8 * 2**30))
    if b"RAISE" in letter.raw:
        raise RuntimeError("a bug of ours")
    return read(letter, rules)

worker.read = faulty
worker.main()
"""


@dataclass
class Parts:
    letters: Letters
    archive: Archive
    pipeline: Pipeline
    folder: Path

    async def send(self, *texts: str) -> None:
        for text in texts:
            raw = f"From: a@example.org\nTo: g@example.org\nSubject: x\nMessage-ID: <{text}@x>\n\n{text}\n".encode()
            await self.letters.accept(Letter(raw, "smtp", 5, "", ("g@example.org",)))

    async def settled(self) -> dict[str, Any]:
        await asyncio.wait_for(self.pipeline.settled(), 60)
        with closing(Counts(self.folder / "archive-1.db")) as counts:
            return dict(counts.status("0", self.letters.last)["letters"])

    def failed(self) -> list[tuple[int, str]]:
        with closing(Counts(self.folder / "archive-1.db")) as counts:
            return counts.waiting("failed")


@asynccontextmanager
async def running(folder: Path, command: Sequence[str] = COMMAND) -> AsyncIterator[Parts]:
    letters = await Letters.open(folder / "letters.db")
    stored = LettersReader(folder / "letters.db")
    archive = await Archive(folder / "archive-1.db", Rules(), decide).open()
    pipeline = Pipeline(letters, stored, archive, Workers(2, Rules(), command))
    task = asyncio.create_task(pipeline.run())
    try:
        yield Parts(letters, archive, pipeline, folder)
    finally:
        try:
            await pipeline.stop()
            await task
        finally:
            await archive.close()
            stored.close()
            await letters.close()


def faulty(folder: Path) -> tuple[str, ...]:
    (folder / "faulty.py").write_text(FAULTY)
    return (sys.executable, str(folder / "faulty.py"))


@pytest.mark.asyncio
async def test_letters_are_read_as_they_come(tmp_path: Path) -> None:
    """Accepted, then read; nothing else has to happen."""
    async with running(tmp_path) as parts:
        await parts.send(*(f"letter{n}" for n in range(150)))
        assert (await parts.settled())["read"] == 150


@pytest.mark.asyncio
async def test_what_was_pending_at_the_last_stop_is_read_at_the_next_start(tmp_path: Path) -> None:
    """There is nothing to recover: pending is what has no progress."""
    letters = await Letters.open(tmp_path / "letters.db")
    for n in range(5):
        await letters.accept(Letter(b"Subject: %d\n\nx\n" % n, "smtp", 5, "", ("g@example.org",)))
    await letters.close()
    async with running(tmp_path) as parts:
        assert (await parts.settled())["read"] == 5


@pytest.mark.asyncio
async def test_a_letter_that_kills_its_reader_fails_alone(tmp_path: Path) -> None:
    """Its neighbours in the batch are read; it is tried three times alone, kept, marked failed and named."""
    async with running(tmp_path, faulty(tmp_path)) as parts:
        await parts.send("a", "b", "DIE", "c", "d")
        states = await parts.settled()
        assert (states["read"], states["failed"], states["pending"]) == (4, 1, 0)
        ((letter, why),) = parts.failed()
        assert letter == 3
        assert "died 3 times" in why


@pytest.mark.asyncio
async def test_a_letter_that_hangs_its_reader_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader is killed after its time; the next letters are read by another."""
    monkeypatch.setattr(workers_room, "LETTER_SECONDS", 1.5)
    async with running(tmp_path, faulty(tmp_path)) as parts:
        await parts.send("a", "HANG", "b")
        states = await parts.settled()
        assert (states["read"], states["failed"]) == (2, 1)


@pytest.mark.asyncio
async def test_a_letter_that_comes_while_others_are_read_goes_to_another_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not wait for their batch: here that ends only when its reader is killed."""
    monkeypatch.setattr(workers_room, "LETTER_SECONDS", 8.0)
    async with running(tmp_path, faulty(tmp_path)) as parts:
        await parts.send("HANG")
        async with asyncio.timeout(8):
            while await parts.archive.do(Writer.pending, 1, 9) != [(1, 1)]:  # a reader has it
                await asyncio.sleep(0.05)
            await parts.send("b")
            while parts.pipeline.read == 0:
                await asyncio.sleep(0.05)
        assert await parts.archive.do(Writer.pending, 2, 9) == [(1, 1)]


@pytest.mark.asyncio
async def test_a_letter_that_eats_memory_fails_with_its_traceback(tmp_path: Path) -> None:
    """The address space of a reader is bounded: MemoryError there, nothing here."""
    async with running(tmp_path, faulty(tmp_path)) as parts:
        await parts.send("EAT", "b")
        states = await parts.settled()
        assert (states["read"], states["failed"]) == (1, 1)
        assert "MemoryError" in parts.failed()[0][1]


@pytest.mark.asyncio
async def test_what_core_raises_is_kept_with_its_traceback_and_retried(tmp_path: Path) -> None:
    """A bug of ours: the letter is marked failed; with the bug gone `retry` reads it."""
    async with running(tmp_path, faulty(tmp_path)) as parts:
        await parts.send("RAISE", "b")
        assert (await parts.settled())["failed"] == 1
        assert "RuntimeError: a bug of ours" in parts.failed()[0][1]
    async with running(tmp_path) as parts:
        assert await parts.pipeline.retry() == 1
        states = await parts.settled()
        assert (states["read"], states["failed"]) == (2, 0)


@pytest.mark.asyncio
async def test_a_reading_that_cannot_be_applied_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch's transaction is undone and its letters applied one by one."""
    apply = Writer.apply

    def sometimes(self: Writer, batch: Any) -> None:
        if any(b"SPOIL" in letter.raw for letter, _ in batch):
            raise RuntimeError("spoiled")
        apply(self, batch)

    monkeypatch.setattr(Writer, "apply", sometimes)
    async with running(tmp_path) as parts:
        await parts.send("a", "SPOIL", "b")
        states = await parts.settled()
        assert (states["read"], states["failed"]) == (2, 1)


@pytest.mark.asyncio
async def test_a_full_disk_is_no_letters_fault(tmp_path: Path) -> None:
    """It ends the pipeline, and with it the daemon; no letter is marked failed, all are read when there is room."""

    async def filled() -> None:
        async with running(tmp_path) as parts, asyncio.timeout(30):
            await parts.archive.do(lambda writer: writer._db.execute("PRAGMA max_page_count = 1"))
            await parts.send(*(f"{n} {'frost ' * 2000}" for n in range(40)))
            while parts.pipeline._broken is None:
                await asyncio.sleep(0.05)

    with pytest.raises(DiskFault, match="full"):
        await filled()
    with closing(Counts(tmp_path / "archive-1.db")) as counts:
        assert counts.waiting("failed") == []
    async with running(tmp_path) as parts:
        assert (await parts.settled())["read"] == 40
