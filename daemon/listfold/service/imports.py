"""Takes letters in from files, and accounts for each: new, again, held, failed, or unreadable and why.

Every letter is durable before the next chunk is read, so an import may end anywhere: what was taken is kept, and the
same command again finds it there and goes on. Who hangs up, or presses Ctrl-C, ends it between two chunks.
"""

import asyncio
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from listfold.archive.counts import Counts
from listfold.archive.store import LINK
from listfold.intake.files import Course, Located, located
from listfold.intake.piece import message_id_of
from listfold.letters.reader import copy
from listfold.metrics import folded
from listfold.model import Letter
from listfold.service.burial import cleaned
from listfold.service.config import Settings
from listfold.service.house import House
from listfold.sqlite import LETTERS

Progress = Callable[[Any], bool | None]

CHUNK = 128  # letters handed to the store at a time…
CHUNK_BYTES = 16 * 2**20  # …or so many bytes of them
AHEAD = 2048  # letters that may wait to be read before an import takes more
SCRATCH = "archive-1.db"  # a dry run's copy


class Places:
    """Where each new letter stood, 20 bytes a letter: which ones will be held or fail is known at the end."""

    def __init__(self) -> None:
        self.ids = array("q")
        self._files = array("l")
        self._offsets = array("q")
        self._names: dict[str, int] = {}

    def add(self, letter: int, file: str, offset: int) -> None:
        self.ids.append(letter)
        self._files.append(self._names.setdefault(file, len(self._names)))
        self._offsets.append(offset)

    def of(self, letters: set[int]) -> dict[int, tuple[str, int]]:
        names = list(self._names)
        found = (n for n, letter in enumerate(self.ids) if letter in letters)
        return {self.ids[n]: (names[self._files[n]], self._offsets[n]) for n in found}


async def import_(house: House, args: dict[str, Any], cwd: str, progress: Progress) -> dict[str, Any]:
    """Take letters from files; the report of `import --json`. args: paths, list. Ends settled."""
    found = again = purged = 0
    places = Places()
    unreadable: list[dict[str, Any]] = []
    interrupted = False
    paths = [path if path == "-" else str(Path(cwd) / path) for path in args["paths"]]
    course = Course()
    private = {rule.id for rule in house.rules.lists if rule.visibility == "private"}
    source = located(paths, args.get("list") or "", int(time.time()), course, private)
    before = folded()
    while not interrupted and (chunk := await asyncio.to_thread(_take, source)):
        taken = [item for item in chunk if isinstance(item.found, Letter)]
        unreadable += [_unreadable(item) for item in chunk if not isinstance(item.found, Letter)]
        found += len(chunk)
        answers = await asyncio.gather(*(house.letters.accept(i.found) for i in taken if isinstance(i.found, Letter)))
        for item, answer in zip(taken, answers, strict=True):
            if answer.new:
                places.add(answer.id, item.file, item.offset)
            else:
                again += 1
            purged += answer.purged
        while True:
            told = {"found": found, "new": len(places.ids), "again": again, "folded": folded() - before}
            interrupted = progress({**told, "waiting": house.pipeline.pending, "part": course.part}) is False
            if interrupted or house.pipeline.pending <= AHEAD:
                break
            await asyncio.sleep(0.1)
    await house.settled()
    outcome = await asyncio.to_thread(_outcome, house, places)
    if outcome["purged"]:
        await cleaned(house.letters, house.archive)
    outcome["purged"] += purged
    report = {"found": found, "new": len(places.ids), "again": again, **outcome, "unreadable": unreadable}
    return {**report, "interrupted": True} if interrupted else report


def scratch(settings: Settings, folder: Path) -> Settings:
    """The same settings over copies of both stores, for a dry run: exact, and nothing is touched."""
    for name, there in ((LINK, SCRATCH), (LETTERS, LETTERS)):  # no text without its letter
        if (settings.data_dir / name).exists():
            copy(settings.data_dir / name, folder / there)
    return settings.model_copy(update={"data_dir": folder})


def _take(source: Iterator[Located]) -> list[Located]:
    out: list[Located] = []
    size = 0
    for item in source:
        out.append(item)
        size += len(item.found.raw) if isinstance(item.found, Letter) else 0
        if len(out) == CHUNK or size >= CHUNK_BYTES:
            break
    return out


def _unreadable(item: Located) -> dict[str, Any]:
    assert not isinstance(item.found, Letter)
    what = item.found
    return {"file": what.file, "offset": what.offset, "message_id": what.message_id or None, "reason": what.reason}


def _outcome(house: House, places: Places) -> dict[str, Any]:
    """What became of the new letters; those that are held or failed by name."""
    with closing(Counts(house.archive.path)) as counts:
        out = counts.outcome(places.ids)
    named = out.pop("named")
    where = places.of({letter for letter, _, _ in named})
    lists: dict[str, list[dict[str, Any]]] = {"held": [], "failed": []}
    for number, state, detail in named:
        letter = house.stored.get(number)
        file, offset = where[number]
        message_id = message_id_of(letter.raw) if letter else None
        reason = detail.strip().rpartition("\n")[2]
        lists[state].append(
            {"letter": number, "file": file, "offset": offset, "message_id": message_id, "reason": reason}
        )
    return {**out, "held_letters": lists["held"], "failed_letters": lists["failed"]}
