"""Takes letters out everywhere (raw, records, index, pages, feeds) and leaves hashes that keep them out.

Strategy: what is to go is planned on a read-only look, and can be shown first. Then it is decided, durably. All that
follows is made from the decisions, at the next start if the process dies on the way (burial.py): the archive lets go,
then the letters' bytes go, then pages, and free pages are made clean.
"""

import asyncio
import getpass
import time
from contextlib import closing
from typing import Any

import structlog

from listfold.archive import store
from listfold.archive.reader import Reader
from listfold.archive.removal import Doomed, Removal
from listfold.archive.store import LINK
from listfold.errors import ListfoldError, NotFound, UsageError
from listfold.frozen import dataclass
from listfold.letters.decisions import Decision
from listfold.letters.reader import LettersReader
from listfold.letters.tombstones import mark_of_bytes, mark_of_name, text_marks, words_of
from listfold.service.burial import bury, cleaned
from listfold.service.config import Settings
from listfold.service.house import House
from listfold.sqlite import LETTERS

log = structlog.get_logger()

PHRASES = 12  # lines of a purged text that are sought in others
PHRASE_WORDS = 7  # a line of fewer words is many people's
QUOTING = 100  # records that are told to quote what was purged


@dataclass(frozen=True, slots=True)
class Plan:
    """What a purge would take: named records, every letter that shows them, and what else stands in these alone."""

    records: tuple[str, ...]
    letters: tuple[int, ...]
    also: tuple[str, ...]
    quoted: tuple[str, ...]  # records that stay and repeat lines of what goes: the operator's to decide
    doomed: tuple[Doomed, ...]

    def report(self) -> dict[str, Any]:
        return {
            "records": list(self.records),
            "letters": list(self.letters),
            "also": list(self.also),
            "quoted": list(self.quoted),
        }


def plan(settings: Settings, words: dict[str, Any]) -> Plan:
    """words: ids, letters, author, search. Raises NotFound for what is not there, UsageError when nothing is named."""
    letters: set[int] = {int(n) for n in words.get("letters") or ()}
    records: set[str] = set()
    if not (letters or words.get("ids") or words.get("author") or words.get("search")):
        raise UsageError("purge what? name an id, --letter, --author or --search")
    with closing(LettersReader(settings.data_dir / LETTERS)) as stored:
        for number in sorted(letters):
            if stored.get(number) is None:
                raise NotFound(f"letter {number}: there is none, or it was purged")
        with Reader(settings.data_dir / LINK) as reader:
            for any_id in words.get("ids") or ():
                found = reader.resolve(any_id)
                if not found:
                    raise NotFound(f"{any_id}: {fate(stored, reader, any_id)}")
                if len(found) > 1:
                    raise UsageError(f"{any_id} means {len(found)} records: name one of {', '.join(found)}")
                records |= set(found)
            if words.get("author") or words.get("search"):
                chosen = reader.export(author=words.get("author"), query=words.get("search"))
                records |= {record.id for record in chosen}
    if not (letters or records):
        raise NotFound("nothing in the archive is by that author, or matches that search")
    with Removal(settings.data_dir / LINK) as removal:
        letters |= set(removal.letters(sorted(records)))
        doomed = removal.doomed(sorted(letters), records)
        also = removal.orphans(sorted(letters), records)
    quoted = _quoting(settings, doomed, {*records, *also})
    return Plan(tuple(sorted(records)), tuple(sorted(letters)), tuple(also), tuple(quoted), tuple(doomed))


async def purge(house: House, args: dict[str, Any], cwd: str, progress: Any) -> dict[str, Any]:
    """Carry out a plan. args: those of `plan`, reason. Gives the plan's report when nothing is left anywhere."""
    if house.rebuilding:
        raise ListfoldError("a rebuild is under way: purge when it has ended, or end it first")
    await house.settled()
    for left in await asyncio.to_thread(store.leftovers, house.settings.data_dir):
        await asyncio.to_thread(store.discard, left)  # a rebuild that was cut short: it holds the same texts
    for copy in house.settings.data_dir.glob(f"{LETTERS}.schema-*"):
        copy.unlink()  # what an upgrade left: it holds the letter, too
    found = await asyncio.to_thread(plan, house.settings, args)
    detail = await asyncio.to_thread(_detail, house, found, str(args.get("reason") or ""))
    subject = found.records[0] if found.records else f"letter {found.letters[0]}"
    await house.letters.purge(subject, detail)
    log.info(
        "purge.done", records=list(found.records), letters=list(found.letters), by=detail["by"], reason=detail["reason"]
    )
    await bury(house.letters, house.stored, house.archive)
    await house.settled()
    await cleaned(house.letters, house.archive)
    return found.report()


def fate(stored: LettersReader, reader: Reader, any_id: str) -> str:
    """Why an id names nothing: it was purged (when, and why), or it never was here."""
    if not reader.purged(any_id):
        return "no record, message or Message-ID of that name"
    mark = mark_of_name(bytes.fromhex(stored.installation("secret")), any_id)
    for decision in stored.decisions():
        if decision.kind == "purge" and any(name in (any_id, mark) for name, _, _ in decision.detail.get("gone", ())):
            return f"purged on {time.strftime('%Y-%m-%d', time.gmtime(decision.made))}: {reason_of(decision)}"
    return "purged"


def reason_of(decision: Decision) -> str:
    return str(decision.detail.get("reason") or "no reason was given")


def _detail(house: House, found: Plan, reason: str) -> dict[str, Any]:
    """What is kept of it, by keyed hashes: see letters/tombstones.py."""
    secret = house.letters.tombstones.secret
    marks: dict[str, None] = {}
    gone: dict[tuple[str, str], tuple[str, ...]] = {}
    texts: dict[str, tuple[int, list[str]]] = {}
    for number in found.letters:
        letter = house.stored.get(number)
        if letter is not None:
            marks[mark_of_bytes(secret, letter.raw)] = None
    for message in found.doomed:
        gone.setdefault((message.id, message.domain), ())
        if message.rid:
            gone[message.rid, message.domain] = message.lists
        if message.message_id:
            name = mark_of_name(secret, message.message_id)
            gone.setdefault((name, message.domain), ())
            if not message.shared and (message.target or message.path == ""):
                marks[name] = None
        if message.target and (text := text_marks(secret, message.body)) is not None:
            texts[" ".join(text[1])] = text
    return {
        "reason": reason,
        "by": getpass.getuser(),
        "letters": list(found.letters),
        "records": list(found.records),
        "gone": [[name, domain, list(lists)] for (name, domain), lists in sorted(gone.items())],
        "marks": list(marks),
        "texts": list(texts.values()),
    }


def _quoting(settings: Settings, doomed: list[Doomed], going: set[str]) -> list[str]:
    """Records that repeat lines of what goes, found by phrase."""
    out: dict[str, None] = {}
    with Reader(settings.data_dir / LINK) as reader:
        for message in doomed:
            if not message.target or not message.rid:
                continue
            lines = [line for line in message.body.split("\n") if len(words_of(line)) >= PHRASE_WORDS]
            for line in sorted(lines, key=len, reverse=True)[:PHRASES]:
                hits = reader.search('"' + " ".join(words_of(line)) + '"', limit=QUOTING)
                out |= {record.id: None for record in hits.records if record.id not in going}
    return sorted(out)[:QUOTING]
