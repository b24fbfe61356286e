"""Makes letters durable: one writer task, many letters a commit, an answer only after it.

Strategy: sessions put letters in a queue; the one writer task takes the first, drains what else is there (no artificial
delay), inserts all in one transaction with synchronous=FULL, and only then resolves each letter's future. When a
batch fails it is rolled back and tried letter by letter, so that one poison row does not fail its neighbours.
The write connection is the task's alone and the task is never cancelled, only told to stop: a cancelled await
would not cancel the SQL that aiosqlite has queued.
"""

import asyncio
import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any

import aiosqlite
import zstandard

from listfold import metrics
from listfold.errors import LettersFull, NotDurable, Refused
from listfold.frozen import dataclass
from listfold.letters import decisions
from listfold.letters.decisions import INSERT, Kind, row
from listfold.letters.reader import copy
from listfold.letters.schema import migrate, older
from listfold.letters.tombstones import Tombstones
from listfold.model import Letter
from listfold.sqlite import BUSY_SECONDS, DURABLE, DURABLE_PAGE, assert_pragma, open_writer, pragmas

BATCH_LETTERS = 256  # RELIABILITY.md 2: past this a batch gains nothing
BATCH_BYTES = 8 * 2**20
QUEUE_LETTERS = 4096  # waiting for a commit; more is refused with 452
SPELL = 0.25  # seconds…
RUSH = 25  # …in which so many live letters are a rush
LARGE = 256 * 2**10  # bytes from which a letter is compressed in a thread, to keep the loop free
ZSTD_LEVEL = 3

# After these the state of the file is unknowable: nothing more is accepted (RELIABILITY.md 2).
FATAL = frozenset({"SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC", "SQLITE_CORRUPT", "SQLITE_NOTADB"})
FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_CANTOPEN"})


@dataclass(frozen=True, slots=True)
class Accepted:
    """Where a letter is kept. `new` is false for the same again: then `id` is the first one's.

    `purged`: it was taken out once (then `id` is that letter's), and is not stored again."""

    id: int
    new: bool
    purged: bool = False


@dataclass(slots=True)
class Waiting:
    letter: Letter
    key: bytes
    packed: bytes
    done: "asyncio.Future[Accepted]" = field(repr=False)


class Letters:
    """The durable store's one writer. `open` it in the loop that uses it."""

    def __init__(self, path: Path, reserve: int) -> None:
        self.path = path
        self.broken = ""  # why nothing more is accepted
        self._folder = str(path.parent)
        self._reserve = reserve
        metrics.DISK_RESERVE.set(reserve)
        self._queue: asyncio.Queue[Waiting | None] = asyncio.Queue()
        self._arrived = asyncio.Event()
        self._zstd = _zstd()  # the loop's; a thread makes its own
        self._last = 0
        self._since = 0.0  # when the commit under way began
        self._rush = (0.0, 0)  # when a spell began, and the live letters in it
        self._rushed = 0.0  # when the last one was a rush
        self._turn = asyncio.Lock()  # whose transaction it is on the one connection
        self._db: aiosqlite.Connection
        self._task: asyncio.Task[None]
        self.tombstones: Tombstones

    @classmethod
    async def open(cls, path: Path, *, reserve: int = 0) -> "Letters":
        """Open or make the store. `reserve`: bytes of disk that are never used up (452 before that).

        Raises ListfoldError when the file is a newer one or its settings do not take."""
        await asyncio.to_thread(_prepare, path)
        self = cls(path, reserve)
        self._db = await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
        for statement in pragmas(DURABLE):
            await self._db.execute(statement)
        for name, value in DURABLE.items():
            rows = list(await self._db.execute_fetchall(f"PRAGMA {name}"))
            assert_pragma(path, name, value, rows[0][0])
        rows = list(await self._db.execute_fetchall("SELECT coalesce(max(id), 0) FROM letter"))
        self._last = int(rows[0][0])
        self.tombstones = await asyncio.to_thread(_tombstones, path)
        self._task = asyncio.create_task(self._write(), name="letters-writer")
        return self

    @property
    def last(self) -> int:
        """The newest letter's id."""
        return self._last

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def busy_for(self, now: float) -> float:
        """Seconds (of time.monotonic) that the present commit has taken; 0 when there is none."""
        return now - self._since if self._since else 0.0

    @property
    def rush(self) -> bool:
        """Whether live letters come so fast that whoever is not at the door had better wait."""
        return time.monotonic() - self._rushed < SPELL

    async def accept(self, letter: Letter) -> Accepted:
        """Return once the letter is durable. Raises LettersFull (452) or NotDurable (451); then nothing was kept."""
        if self.broken:
            raise NotDurable(self.broken)
        if self._queue.qsize() >= QUEUE_LETTERS:
            raise LettersFull(f"{self.path}: {QUEUE_LETTERS} letters wait to be written")
        if not self._room(len(letter.raw)):
            raise LettersFull(f"{self.path}: its disk is full, but for what is kept free")
        if len(letter.raw) > LARGE:
            key, packed = await asyncio.to_thread(_pack, letter, _zstd())
        else:
            key, packed = _pack(letter, self._zstd)
        done: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(Waiting(letter, key, packed, done))
        return await done

    def wake(self) -> None:
        """Let whoever waits for an arrival look again."""
        self._arrived.set()

    async def arrived(self) -> None:
        """Wait until a letter was accepted since the last call."""
        await self._arrived.wait()
        self._arrived.clear()

    async def decide(self, kind: Kind, subject: str, detail: dict[str, Any]) -> int:
        """Append a decision of a person's; gives its id. Durable on return; raises LettersFull or NotDurable."""
        if self.broken:
            raise NotDurable(self.broken)
        async with self._turn:  # never inside a batch's transaction: that may be rolled back
            try:
                cursor = await self._db.execute(INSERT, row(kind, subject, detail, int(time.time())))
            except sqlite3.Error as error:
                raise self._refusal(error) from error
            number = cursor.lastrowid
            await cursor.close()
        assert number is not None
        return number

    async def purge(self, subject: str, detail: dict[str, Any]) -> None:
        """Decide that detail["letters"] go for good: the archive follows, which needs their bytes for that, then
        `erase`. `detail` says by keyed hashes what must not come back (letters/tombstones.py)."""
        await self.decide("purge", subject, detail)
        self.tombstones.add(detail)

    async def erase(self, letters: Sequence[int]) -> int:
        """Take out raw bytes and envelopes of these letters; gives how many had them. The rows stay, so that numbers
        do. Raises LettersFull or NotDurable."""
        if self.broken:
            raise NotDurable(self.broken)
        async with self._turn:
            try:
                cursor = await self._db.execute(
                    "UPDATE letter SET raw = NULL, size = 0, sender = '', recipients = '[]', list_hint = '', "
                    "key = CAST('purged ' || id AS BLOB), sha256 = zeroblob(32) "
                    "WHERE id IN (SELECT value FROM json_each(?)) AND raw IS NOT NULL",
                    (json.dumps(list(letters)),),
                )
            except sqlite3.Error as error:
                raise self._refusal(error) from error
            count = cursor.rowcount
            await cursor.close()
        return count

    async def compact(self) -> bool:
        """Leave nothing of what was purged in a free page or in the WAL; false while a reader holds on to the WAL."""
        async with self._turn:
            await self._db.execute("VACUUM")
            rows = list(await self._db.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)"))
        return not rows[0][0]

    async def close(self) -> None:
        """Commit what waits, fold the WAL into the file if there is room, and let go of it."""
        self._queue.put_nowait(None)
        await self._task
        if not self.broken:
            with suppress(sqlite3.Error):  # a full disk: what was committed stands in the WAL
                await self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        await self._db.close()  # whatever happened: its thread would keep the process

    def _room(self, size: int) -> bool:
        if not self._reserve:
            return True
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize - 2 * size >= self._reserve

    async def _write(self) -> None:
        while (first := await self._queue.get()) is not None:
            batch, size, stop = [first], len(first.packed), False
            while len(batch) < BATCH_LETTERS and size < BATCH_BYTES and not self._queue.empty():
                item = self._queue.get_nowait()
                if item is None:
                    stop = True
                    break
                batch.append(item)
                size += len(item.packed)
            await self._settle(batch)
            if stop:
                return

    async def _settle(self, batch: list[Waiting]) -> None:
        """Commit a batch and answer each of its letters, come what may."""
        try:
            self._since = time.monotonic()
            async with self._turn:
                answers: Sequence[Accepted | Refused] = await self._commit(batch)
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            if len(batch) > 1 and not self.broken:
                for waiting in batch:
                    await self._settle([waiting])
                return
            answers = [self._refusal(error)] * len(batch)
        finally:
            self._since = 0.0
        for waiting, answer in zip(batch, answers, strict=True):
            if waiting.done.cancelled():
                continue
            if isinstance(answer, Accepted):
                waiting.done.set_result(answer)
            else:
                waiting.done.set_exception(answer)

    async def _commit(self, batch: list[Waiting]) -> list[Accepted]:
        with metrics.COMMIT.time():
            known = await self._known([waiting.key for waiting in batch])
            answers: list[Accepted] = []
            rows = []
            last = self._last
            for waiting in batch:
                if gone := self.tombstones.letter(waiting.letter.raw):
                    answers.append(Accepted(gone, new=False, purged=True))
                    continue
                seen = known.get(waiting.key)
                if seen is None:
                    last += 1
                    known[waiting.key] = last
                    rows.append(_row(last, waiting))
                answers.append(Accepted(known[waiting.key], seen is None))
            again = len(batch) - len(rows)
            try:
                await self._db.execute("BEGIN IMMEDIATE")
                if rows:
                    await self._db.executemany("INSERT INTO letter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
                if again:
                    await self._db.execute(
                        "UPDATE installation SET value = CAST(value AS INTEGER) + ? WHERE name = 'again'", (again,)
                    )
                await self._db.commit()
            except BaseException:
                if self._db.in_transaction:
                    await self._db.rollback()
                raise
        self._last = last
        new = Counter(item.letter.source for item, answer in zip(batch, answers, strict=True) if answer.new)
        for source, count in new.items():
            metrics.ACCEPTED.labels(source).inc(count)
        metrics.AGAIN.inc(again)
        self._arrived.set()
        self._feel(sum(waiting.letter.live for waiting in batch))
        return answers

    def _feel(self, live: int) -> None:
        now = time.monotonic()
        began, count = self._rush if now - self._rush[0] < SPELL else (now, 0)
        self._rush = (began, count + live)
        if count + live >= RUSH:
            self._rushed = now

    async def _known(self, keys: list[bytes]) -> dict[bytes, int]:
        marks = ", ".join("?" * len(keys))
        rows = await self._db.execute_fetchall(f"SELECT key, id FROM letter WHERE key IN ({marks})", keys)
        return {bytes(key): int(letter) for key, letter in rows}

    def _refusal(self, error: Exception) -> Refused:
        name = getattr(error, "sqlite_errorname", "")
        if name in FATAL:
            self.broken = f"{self.path}: {error} ({name})"
        kind = LettersFull if name in FULL else NotDurable
        refusal = kind(f"{self.path}: {error}")
        refusal.__cause__ = error
        return refusal


def _tombstones(path: Path) -> Tombstones:
    db = open_writer(path, DURABLE)
    try:
        (secret,) = db.execute("SELECT value FROM installation WHERE name = 'secret'").fetchone()
        return Tombstones(bytes.fromhex(secret), decisions.read(db))
    finally:
        db.close()


def _zstd() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL)


def _pack(letter: Letter, zstd: zstandard.ZstdCompressor) -> tuple[bytes, bytes]:
    return letter.key, zstd.compress(letter.raw)


def _row(number: int, waiting: Waiting) -> tuple[object, ...]:
    letter = waiting.letter
    return (
        number,
        waiting.key,
        bytes.fromhex(letter.sha256),
        waiting.packed,
        len(letter.raw),
        letter.sender,
        json.dumps(letter.recipients),
        letter.source,
        letter.list_hint,
        letter.received,
    )


def _prepare(path: Path) -> None:
    """Make the file, or migrate it with a copy beside it first. A new file is durable only when its folder is."""
    db = open_writer(path, DURABLE, DURABLE_PAGE)
    try:
        if (old := older(db)) is not None:
            copy(path, path.with_name(f"{path.name}.schema-{old}"))
        migrate(db)
    finally:
        db.close()
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
