"""Holds the archive open for writing: the file behind the symlink, and the one thread that writes it."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from listfold.archive.lessons import Teaching
from listfold.archive.placing import Decide
from listfold.archive.schema import VERSION
from listfold.archive.writer import Writer
from listfold.model import Rules

P = ParamSpec("P")
T = TypeVar("T")

LINK = "archive.db"


class Archive:
    """The writer in a thread of its own: `await archive.do(Writer.apply, batch)` is one hop, whatever the batch."""

    def __init__(self, path: Path, rules: Rules, decide: Decide, teaching: Teaching | None = None) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive-writer")
        self._open: Callable[[], Writer] = lambda: Writer(path, rules, decide, teaching)
        self._writer: Writer
        self._given = False  # another one writes the file now

    async def open(self) -> "Archive":
        self._writer = await self._hop(self._open)
        return self

    async def do(self, verb: Callable[Concatenate[Writer, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one verb of the writer in its thread. It is carried out even if the caller is cancelled."""
        return await self._hop(lambda: verb(self._writer, *args, **kwargs))

    async def become(self, other: "Archive") -> None:
        """Write `other`'s file from now on, which is closed with this one."""
        await self._hop(self._writer.close)
        self._writer, self.path, other._given = other._writer, other.path, True

    async def close(self) -> None:
        if not self._given:
            await self._hop(self._writer.close)
        self._thread.shutdown()

    async def _hop(self, work: Callable[[], T]) -> T:
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))


def current(data_dir: Path) -> Path:
    """The archive's file: what the symlink names; where there is none, or it is of another schema, a new one."""
    link = data_dir / LINK
    if link.is_symlink() and link.exists() and _version(link.resolve()) in (0, VERSION):
        return link.resolve()
    fresh = following(data_dir)
    switch(data_dir, fresh)
    return fresh


def following(data_dir: Path) -> Path:
    """The path of the next archive: archive-(N+1).db."""
    numbers = [int(p.stem[8:]) for p in data_dir.glob("archive-*.db") if p.stem[8:].isdecimal()]
    return data_dir / f"archive-{max(numbers, default=0) + 1}.db"


def leftovers(data_dir: Path) -> list[Path]:
    """Archives that are not in use, oldest first: what a rebuild left that was cut short."""
    used = (data_dir / LINK).resolve()
    found = [p for p in data_dir.glob("archive-*.db") if p.stem[8:].isdecimal() and p.resolve() != used]
    return sorted(found, key=lambda p: int(p.stem[8:]))


def unfinished(data_dir: Path) -> Path | None:
    """The archive that a rebuild which was cut short had begun and that can be gone on with; others are removed."""
    used = (data_dir / LINK).resolve()
    found = leftovers(data_dir)
    last = found.pop() if found and int(found[-1].stem[8:]) > int(used.stem[8:]) else None
    if last is not None and _version(last) != VERSION:
        found.append(last)
        last = None
    for path in found:
        discard(path)
    return last


def switch(data_dir: Path, path: Path) -> None:
    """Make `path` the archive, by rename: a reader sees the old one or the new one."""
    temporary = data_dir / ".archive.db.new"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(path.name)
    temporary.rename(data_dir / LINK)


def discard(path: Path) -> None:
    """Remove an archive file with its WAL."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _version(path: Path) -> int:
    db = sqlite3.connect(path)
    try:
        return int(db.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.DatabaseError:
        return -1
    finally:
        db.close()
