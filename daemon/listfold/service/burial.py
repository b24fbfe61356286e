"""Carries out the purges that letters.db tells of: archive, then letters, then free pages and WALs."""

import asyncio

from listfold.archive.gone import Gone
from listfold.archive.store import Archive
from listfold.archive.writer import Writer
from listfold.errors import ListfoldError
from listfold.letters.reader import LettersReader
from listfold.letters.writer import Letters

TRIES = 40  # times half a second that a reader's hold on a WAL is waited for


async def bury(letters: Letters, stored: LettersReader, archive: Archive) -> int:
    """Take out what was decided to go, of the archive first: its texts are told from the letters (archive/texts.py).
    Gives how many letters were still somewhere."""
    count = 0
    numbers: list[int] = []
    for decision in await asyncio.to_thread(stored.decisions):
        if decision.kind != "purge":
            continue
        here = await archive.do(Writer.without, decision.detail["letters"])
        if here:
            gone = [
                Gone(name, domain, decision.made, tuple(lists))
                for name, domain, lists in decision.detail.get("gone", ())
            ]
            await archive.do(Writer.purge, here, gone, letters.tombstones.secret)
            count += len(here)
        numbers += decision.detail["letters"]
    return max(count, await letters.erase(numbers))


async def cleaned(letters: Letters, archive: Archive) -> None:
    """Make free pages and WALs clean. Raises ListfoldError when somebody reads on and on, and so holds a WAL."""
    for _ in range(TRIES):
        if await letters.compact() and await archive.do(Writer.compact):
            return
        await asyncio.sleep(0.5)
    raise ListfoldError("purged, but a program that reads the data holds an old WAL: end it, then stop the daemon once")
