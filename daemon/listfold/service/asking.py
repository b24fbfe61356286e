"""What the reading commands find out: they open the stores read-only, beside a daemon or without one."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from listfold import __version__
from listfold.archive.counts import Counts
from listfold.archive.gaps import Gap
from listfold.archive.reader import Hits, ListRow, Reader
from listfold.archive.store import LINK
from listfold.core import mime
from listfold.core.clean import BUILT_IN
from listfold.core.confirm import Answer, answer
from listfold.core.control import ALARMS
from listfold.core.read import read
from listfold.core.rule import failing, own_rules
from listfold.errors import NotFound, UsageError
from listfold.frozen import dataclass
from listfold.intake.files import Unreadable, letters
from listfold.letters.reader import LettersReader
from listfold.model import Letter, ListRule, Reading, Record, record_of
from listfold.publish.issue import PERIODS, issue_named, newest_nonempty
from listfold.service import losses
from listfold.service.config import Settings
from listfold.service.listbook import discarded, lists_of, rules_of
from listfold.service.printer import site_of
from listfold.service.purge import fate
from listfold.service.silence import silent
from listfold.sqlite import LETTERS, VERSION

PUBLISH_SECONDS = 30.0  # that a daemon may be behind with its pages while `verify` looks at them


@dataclass(frozen=True, slots=True)
class Held:
    """A letter that waits for a person. `answer` is what confirms a subscription."""

    letter: Letter
    why: str
    author: str
    subject: str
    text: str
    answer: Answer | None


def parse(settings: Settings, paths: list[str]) -> Iterator[tuple[Letter, Reading] | Unreadable]:
    """Letters of files as core reads them; no store, nothing learned.

    What an archive would hold for a person is read all the same: the note `held: WHY` says that it is."""
    rules = rules_of(settings)
    anyway = replace(rules, released=frozenset({0}))  # a letter of no store has the number 0
    for item in letters(paths):
        if isinstance(item, Unreadable):
            yield item
            continue
        reading = read(item, rules)
        if reading.held:
            note = f"held: {reading.held}"
            reading = read(item, anyway)
            reading = replace(reading, messages=tuple(replace(m, notes=(*m.notes, note)) for m in reading.messages))
        yield item, reading


def records_of(letter: Letter, reading: Reading) -> Iterator[Record]:
    """What `parse` prints of a letter: the outer message first, then what it encloses."""
    for message in reading.messages:
        yield record_of(letter, message)


def status(settings: Settings) -> dict[str, Any]:
    """DESIGN.md, Accounting. Before there is an archive everything is pending."""
    stored = LettersReader(settings.data_dir / LETTERS)
    with closing(stored), closing(Counts(settings.data_dir / LINK)) as counts:
        known = counts.status(rules_of(settings).version, stored.count())
        again = int(stored.installation("again"))
        hidden = discarded(stored.decisions())
        with reader_of(settings) as reader:
            quiet = dict(silent(reader.lists(), int(time.time())))
            lost = losses.lately(reader)
        waiting = Counter(why for letter, why in counts.waiting("held") if letter not in hidden)
        return {
            "letters": known.pop("letters"),
            "again": again,
            **known,
            "waiting": dict(waiting.most_common()),
            "silent": quiet,
            "missing": {row.list: row.letters for row in lost},
            "losing": [row.list for row in losses.losing(lost)],
            "version": __version__,
            "sqlite": VERSION,
        }


def verify(settings: Settings) -> Iterator[str]:
    """A line for each finding, in both stores and in the published files."""
    stored = LettersReader(settings.data_dir / LETTERS)
    with closing(stored), closing(Counts(settings.data_dir / LINK)) as counts:
        yield from stored.check()
        yield from counts.check(stored.count())
        known = {letter for letter, _ in counts.waiting("failed")}
        yield from (f"letter {letter}: failed; `listfold retry` reads it again" for letter in sorted(known))
        yield from _unpublished(settings, counts, stored.installation("tag"))


def _unpublished(settings: Settings, counts: Counts, tag: str) -> list[str]:
    """Findings in the published files. What the daemon is about to write is no finding: it is waited for."""
    end = time.monotonic() + PUBLISH_SECONDS
    while True:
        before = counts.touched()
        with reader_of(settings) as reader:
            found = site_of(settings.imprint(tag), reader).check(int(time.time()))
        quiet = (
            before == 0 == counts.touched()
        )  # nothing was on its way to the pages, neither before the look nor after
        if not found or quiet or time.monotonic() > end:
            return found
        time.sleep(1.0)


def reader_of(settings: Settings) -> Reader:
    return Reader(settings.data_dir / LINK)


def lists(settings: Settings) -> list[ListRow]:
    with reader_of(settings) as reader:
        return list(reader.lists())


def missing(settings: Settings, list_id: str) -> list[Gap]:
    """Letters that a list most likely misses, of any visibility. Raises NotFound for a list that is not there."""
    with reader_of(settings) as reader:
        if reader.list(list_id) is None:
            raise NotFound(f"{list_id}: no such list")
        return list(reader.missing(list_id, limit=-1)[0])


def search(settings: Settings, query: str, limit: int) -> Hits:
    with reader_of(settings) as reader:
        return reader.search(query, limit=limit)


def show(settings: Settings, any_id: str) -> list[Record]:
    """The records that an id means: one, or several for a reused Message-ID. Raises NotFound."""
    with reader_of(settings) as reader:
        found = [reader.record(rid) for rid in reader.resolve(any_id)]
        records = [record for record in found if record is not None]
        if not records:
            with closing(LettersReader(settings.data_dir / LETTERS)) as stored:
                raise NotFound(f"{any_id}: {fate(stored, reader, any_id)}")
    return records


def digest(settings: Settings, list_id: str, period: str, form: str) -> bytes:
    """One issue of a list, of any visibility. A bare period is its newest issue that is not empty.

    Raises NotFound for a list or issue that is not there, UsageError for a name that is none."""
    zone, now = ZoneInfo(settings.digest.timezone), int(time.time())
    with closing(LettersReader(settings.data_dir / LETTERS)) as stored, reader_of(settings) as reader:
        if reader.list(list_id) is None:
            known = ", ".join(row.id for row in reader.lists()[:5]) or "none yet"
            raise NotFound(f"{list_id}: no such list; there is {known}")
        site = site_of(settings.imprint(stored.installation("tag")), reader)
        bare = next((p for p in PERIODS if p == period), None)
        issue = newest_nonempty(reader, list_id, bare, zone, now) if bare else issue_named(period, zone)
        if issue is None:
            raise NotFound(f"{list_id}: nothing has arrived yet")
        found = site.issue(list_id, issue, now)
        if not found.letters:
            raise NotFound(f"{list_id}: nothing arrived in {issue.name}")
        return site.render(found, form)


def raw(settings: Settings, record: Record) -> bytes:
    """The bytes of the canonical message's letter."""
    with closing(LettersReader(settings.data_dir / LETTERS)) as stored:
        letter = stored.get(record.sightings[0].letter)
    if letter is None:
        raise NotFound(f"{record.id}: its letter was purged")
    return letter.raw


def check(settings: Settings) -> list[str]:
    """A line for each cleaning rule, ours or the operator's, that does not match its own example."""
    found = [f"built-in rule '{name}' does not match its example" for name in failing(BUILT_IN)]
    for rule in settings.lists:
        own = failing(own_rules(rule.cleaning))
        found += [f"lists.d: {rule.id}: rule '{name}' does not match its example" for name in own]
    return found


def described(settings: Settings) -> dict[str, ListRule]:
    """The lists of lists.d and those that were added, with the addresses to subscribe."""
    if not (settings.data_dir / LETTERS).exists():
        return lists_of(settings, [])
    with closing(LettersReader(settings.data_dir / LETTERS)) as stored:
        return lists_of(settings, stored.decisions())


def held(settings: Settings) -> list[Held]:
    """Letters that wait for a person, with why; confirmations first, then what ends our subscription."""
    with (
        closing(LettersReader(settings.data_dir / LETTERS)) as stored,
        closing(Counts(settings.data_dir / LINK)) as counts,
    ):
        hidden = discarded(stored.decisions())
        found = [(stored.get(letter), why) for letter, why in counts.waiting("held") if letter not in hidden]
    kept = [_held(letter, why) for letter, why in found if letter is not None]
    return sorted(kept, key=lambda item: (item.why != "confirmation", item.why not in ALARMS, item.letter.id))


def _held(letter: Letter, why: str) -> Held:
    parsed = mime.parse(letter.raw)
    asked = answer(parsed.headers, parsed.text) if why == "confirmation" else None
    return Held(letter, why, parsed.headers.get("From"), parsed.headers.get("Subject"), parsed.text, asked)


def moment_of(option: str, text: str) -> int:
    """2015, 2015-11, 2015-11-30 or a full RFC 3339 time as seconds. Raises UsageError, naming the option."""
    padded = text + "-01" * (2 - text.count("-")) if re.fullmatch(r"\d{4}(-\d\d){0,2}", text, re.ASCII) else text
    try:
        moment = datetime.fromisoformat(padded)
    except ValueError as error:
        raise UsageError(f"{option} {text}: not a date such as 2015-11-30") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def export_records(settings: Settings, chosen: dict[str, Any]) -> Iterator[Record]:
    """`chosen`: what `Reader.export` takes. Raises NotFound for a list that is not there."""
    with reader_of(settings) as reader:
        asked = chosen.get("list_id")
        if asked and reader.list(asked) is None:
            raise NotFound(f"{asked}: no such list")
        yield from reader.export(**chosen)


def export_letters(settings: Settings, chosen: dict[str, Any]) -> Iterator[Letter]:
    """Raw letters in the order of acceptance, each once: all, or those that show a record of the selection."""
    wanted: set[int] | None = None
    if any(value is not None for value in chosen.values()):
        wanted = {s.letter for r in export_records(settings, chosen) for s in r.sightings}
    with closing(LettersReader(settings.data_dir / LETTERS)) as stored:
        for letter in stored.all():
            if wanted is None or letter.id in wanted:
                yield letter


def private(settings: Settings) -> list[str]:
    """The ids of private lists, which need no archive: an export is all that a broken one leaves."""
    with closing(LettersReader(settings.data_dir / LETTERS)) as stored:
        rules = rules_of(settings, stored.decisions())
    return sorted(rule.id for rule in rules.lists if rule.visibility == "private")


def write_mbox(found: Iterable[Letter], folder: Path, private: Sequence[str]) -> int:
    """letters.mbox (mboxrd: every From_ line in a letter gets one more `>`) and envelopes.jsonl in `folder`, which
    begins with the ids of private lists: an import asks that they are private there, too."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / "letters.mbox").open("wb") as box, (folder / "envelopes.jsonl").open("w") as envelopes:
        envelopes.write(_private(private))
        for letter in found:
            when = datetime.fromtimestamp(letter.received, UTC).strftime("%a %b %e %H:%M:%S %Y")
            box.write(f"From mboxrd@z {when}\n".encode())  # says which dialect; the sender is in the envelopes
            box.write(re.sub(rb"^(>*From )", rb">\1", letter.raw, flags=re.MULTILINE))
            box.write(b"\n" if letter.raw.endswith(b"\n") else b"\n\n")
            envelopes.write(_envelope(letter, None))
            count += 1
    return count


def write_maildir(found: Iterable[Letter], folder: Path, private: Sequence[str]) -> int:
    """A Maildir in `folder`, with the same envelopes.jsonl in it."""
    for name in ("tmp", "new", "cur"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / "envelopes.jsonl").open("w") as envelopes:
        envelopes.write(_private(private))
        for letter in found:
            name = f"{letter.received}.{letter.id}.listfold:2,S"
            (folder / "tmp" / name).write_bytes(letter.raw)
            (folder / "tmp" / name).rename(folder / "cur" / name)
            envelopes.write(_envelope(letter, f"cur/{name}"))
            count += 1
    return count


def _private(ids: Sequence[str]) -> str:
    return json.dumps({"private": list(ids)}) + "\n" if ids else ""


def _envelope(letter: Letter, file: str | None) -> str:
    row = {
        "sha256": letter.sha256,
        "file": file,
        "sender": letter.sender,
        "recipients": list(letter.recipients),
        "source": letter.source,
        "received": letter.received,
        "list": letter.list_hint or None,
    }
    return json.dumps(row, ensure_ascii=False) + "\n"
