"""Applies readings to the archive: one batch, one transaction, the same result whatever the order of arrival."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import chain, product
from pathlib import Path

from listfold import heap, metrics
from listfold.archive import lessons, rows, shingles, tally, threads
from listfold.archive.bonds import Bonds
from listfold.archive.gone import Gone, remember
from listfold.archive.lessons import Footers, Tail, Teaching
from listfold.archive.names import call, name, other_id
from listfold.archive.near import told
from listfold.archive.placing import Decide, Fresh, Placing, hide
from listfold.archive.schema import create
from listfold.archive.search import Index, terms_of
from listfold.archive.touches import touch, touch_answers, touch_around, touch_from
from listfold.errors import DiskFault
from listfold.model import Letter, ListName, ListRule, Message, Reading, Rules
from listfold.sqlite import DERIVED, beside, is_disk, open_writer

TRIES = 3  # a letter whose worker died so often alone is marked failed
PROGRESS = (
    "INSERT INTO progress VALUES (?, ?, ?, 0, ?) ON CONFLICT (letter) DO UPDATE SET "
    "rules = excluded.rules, state = excluded.state, detail = excluded.detail"
)
OWN = ("thread", "decided", "bound")  # what an archive counts for itself among what its pages go by
UNNAMED = 2**62  # a list's `named` that any letter precedes
WINDOW = 4096  # progress rows looked at in one step when pending letters are sought

Touch = tuple[str, int, int]  # a list, an hour in which something arrived or changed on it, and a number that grows


def short_hash(*words: str) -> int:
    """63 bits that tell whether any of these words is another one."""
    return int.from_bytes(sha256("\0".join(words).encode()).digest()[:8]) >> 1


class Writer:
    """The archive's one writing connection. One thread at a time."""

    def __init__(self, path: Path, rules: Rules, decide: Decide, teaching: Teaching | None = None) -> None:
        """`decide` and `teaching` are core's pure functions; without `teaching` no list teaches its footers."""
        self.path = path
        self._db = open_writer(path, DERIVED)
        create(self._db)
        beside(self._db, path)
        self._rules = rules
        self._index = Index(self._db)
        self._placing = Placing(self._db, self._index, decide, Bonds())
        self._teaching = teaching
        self._private = {rule.id for rule in rules.lists if rule.visibility == "private"}
        self._frontier = 0  # every letter up to here is done under the present rules
        with self._transaction():
            for rule in rules.lists:
                self._list(rule)

    def close(self) -> None:
        with suppress(sqlite3.Error):  # a full disk: what was committed stands in the WAL
            self._db.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")
        self._db.close()

    # -- progress ---------------------------------------------------------------------------------------------

    def pending(self, last: int, limit: int) -> list[tuple[int, int]]:
        """Up to `limit` letters of 1..last that have no progress under the present rules, with their attempts."""
        out: list[tuple[int, int]] = []
        start = self._frontier
        while start < last and len(out) < limit:
            end = min(start + WINDOW, last)
            found = self._db.execute(
                "SELECT letter, state, attempts FROM progress WHERE letter > ? AND letter <= ? AND rules = ?",
                (start, end, self._rules.version),
            ).fetchall()
            state = {letter: (kind, attempts) for letter, kind, attempts in found}
            for letter in range(start + 1, end + 1):
                kind, attempts = state.get(letter, ("pending", 0))
                if kind == "pending":
                    out.append((letter, attempts))
            if not out:
                self._frontier = end
            start = end
        return out[:limit]

    def attempt(self, letters: Sequence[int]) -> None:
        """Note, durably and as they go to a worker, that these letters are being read.

        One attempt says that a letter was under way in a batch, and is read alone next; only those that follow, when
        it is alone, are its own."""
        more = 1 if len(letters) == 1 else 0
        with self._transaction():
            self._db.executemany(
                "INSERT INTO progress VALUES (?, ?, 'pending', 1, '') ON CONFLICT (letter) DO UPDATE SET "
                "attempts = iif(rules = excluded.rules, max(attempts + ?, 1), 1), rules = excluded.rules, "
                "state = 'pending' WHERE state != 'purged' OR rules != excluded.rules",
                [(letter, self._rules.version, more) for letter in letters],
            )

    def attempts(self, letters: Sequence[int]) -> list[int]:
        query = "SELECT attempts FROM progress WHERE letter = ?"
        return [int(self._db.execute(query, (letter,)).fetchone()[0]) for letter in letters]

    def fail(self, letter: int, detail: str) -> None:
        """Mark a letter that could not be read: it is kept, counted, and read again by `retry`."""
        self._progress(letter, "failed", detail)
        self._db.execute("DELETE FROM settle WHERE letter = ?", (letter,))
        metrics.FAILED.inc()

    def retry(self) -> int:
        """Make failed letters pending again; gives how many."""
        self._frontier = 0
        return self._db.execute("DELETE FROM progress WHERE state = 'failed'").rowcount

    def heeded(self) -> int:
        """The newest decision that this archive knows of."""
        row = self._db.execute("SELECT value FROM published WHERE name = 'decided'").fetchone()
        return int(row[0]) if row else 0

    def heed(self, rules: Rules, decision: int, letters: Sequence[int], lists: Sequence[str]) -> None:
        """Go by what was decided up to `decision`: these letters, those of these lists, and where lists changed all
        that is held become pending. Nothing is being read meanwhile."""
        self._rules = rules
        self._private = {rule.id for rule in rules.lists if rule.visibility == "private"}
        again = "UPDATE progress SET state = 'pending', attempts = 0 WHERE state IN ('read', 'held') AND "
        with self._transaction():
            for rule in rules.lists:
                self._list(rule)
            renamed = [(UNNAMED, x) for x in lists]  # by the earliest of their letters, which are read again
            self._db.executemany("UPDATE list SET named = ? WHERE id = ? AND named >= 0", renamed)
            self._db.executemany(f"{again} letter = ?", [(letter,) for letter in letters])
            self._db.executemany(
                f"{again} letter IN (SELECT letter FROM message WHERE list = ?)", [(x,) for x in lists]
            )
            if lists:
                self._db.execute(f"{again} state = 'held'")
            self._db.execute("INSERT OR REPLACE INTO published VALUES ('decided', ?)", (decision,))
        self._frontier = 0

    # -- readings ---------------------------------------------------------------------------------------------

    def apply(self, batch: Sequence[tuple[Letter, Reading]]) -> None:
        """Put readings into the archive. Idempotent on (letter, rules version): a letter read again replaces itself."""
        with metrics.APPLY.time(), self._transaction():
            ids = [letter.id for letter, _ in batch]
            here = set(self.without(ids))  # the others were purged meanwhile
            batch = [item for item in batch if item[0].id in here]
            again = {
                letter
                for (letter,) in self._db.execute(
                    f"SELECT letter FROM message WHERE letter {rows.AMONG}", (rows.among(ids),)
                )
            }
            loose: list[int] = []
            other: list[int] = []  # letters of which more has changed than spans
            new = []
            for letter, reading in batch:
                changed = self._respanned(letter, reading) if letter.id in again else None
                if changed is not None:
                    loose += changed
                    continue
                if letter.id in again:
                    other.append(letter.id)
                new += [(letter, message, reading.messages[0]) for message in reading.messages]
            loose += self._forget(other)
            self._place(loose, self._insert(new))
            self._db.executemany(
                PROGRESS,
                [(letter.id, self._rules.version, "held" if r.held else "read", r.held) for letter, r in batch],
            )
            self._db.execute(f"DELETE FROM settle WHERE letter {rows.AMONG}", (rows.among(here),))
        metrics.READ.inc(len(batch))

    def purge(self, letters: Sequence[int], gone: Sequence[Gone], secret: bytes) -> None:
        """Take these letters out, durably; the names of `gone` are remembered. Done twice it is the same."""
        with self._transaction():
            touch_around(
                self._db, letters
            )  # what answers them, or is told in one thread with them, is told otherwise now
            loose = self._forget(letters)
            for letter in letters:
                self._progress(letter, "purged", "")
            self._db.execute(f"DELETE FROM settle WHERE letter {rows.AMONG}", (rows.among(letters),))
            remember(self._db, gone, secret)  # before the last step, which asks what is missing and not gone
            self._place(loose)
        self._db.execute("PRAGMA main.wal_checkpoint")  # fsyncs: the letters, which it took to do this, go next

    def without(self, letters: Sequence[int]) -> list[int]:
        """Those of these letters that are not marked as purged under the present rules."""
        query = f"SELECT letter FROM progress WHERE letter {rows.AMONG} AND state = 'purged' AND rules = ?"
        purged = {letter for (letter,) in self._db.execute(query, (rows.among(letters), self._rules.version))}
        return [letter for letter in letters if letter not in purged]

    def compact(self) -> bool:
        """Leave nothing of what was taken out in index, free pages and WAL; false while a reader holds the WAL."""
        self._db.execute("INSERT INTO terms (terms) VALUES ('optimize')")
        self._db.execute("VACUUM main")
        return not self._db.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").fetchone()[0]

    def rest(self) -> None:
        """Do what a stop would have to do, and give back the memory of pages that were held for the next batch: it may
        be hours away."""
        with suppress(sqlite3.OperationalError):  # no room: a later commit needs it, and says so
            self._db.execute("PRAGMA main.wal_checkpoint")
        self._db.execute("PRAGMA shrink_memory")
        heap.trim()

    def learn(self) -> Footers | None:
        """Draw the lessons of lists whose sample has changed; what all lists teach now, if any teaches otherwise."""
        if self._teaching is None:
            return None
        with self._transaction():
            changed = lessons.learn(self._db, self._teaching)
        return lessons.learned(self._db) if changed else None

    def learned(self) -> Footers:
        return lessons.learned(self._db)

    def settling(self, limit: int) -> list[int]:
        """Letters that are to be read again because their list's footers became known."""
        return [row[0] for row in self._db.execute("SELECT letter FROM settle ORDER BY letter LIMIT ?", (limit,))]

    def bind(self, bonds: Bonds) -> None:
        """Let placing hold what people decided. Whom decisions that are new to this archive are about is placed."""
        query = "SELECT value FROM published WHERE name = 'bound'"
        held = (self._db.execute(query).fetchone() or (0,))[0]
        self._placing.bonds = bonds
        fresh = {name for number, names in bonds.named.items() if number > held for name in names}
        if bonds.number > held:
            with self._transaction():
                self._place(self._placing.named(sorted(fresh)))
                self._db.execute("INSERT OR REPLACE INTO published VALUES ('bound', ?)", (bonds.number,))

    def touched(self) -> list[Touch]:
        """Where something arrived or changed since it was published."""
        return self._db.execute("SELECT list, hour, seq FROM touched ORDER BY list, hour").fetchall()

    def guise(self) -> dict[str, int]:
        """What the pages show of each list beside its letters, as a number; it changes when that does."""
        rows = self._db.execute("SELECT id, name, address, visibility FROM list")
        return {f"list {id_}": short_hash(*shown) for id_, *shown in rows}

    def published_as(self) -> dict[str, int]:
        """The guise that was given to `published`, with "closed" until when issues were closed."""
        marks = ", ".join("?" * len(OWN))
        return dict(self._db.execute(f"SELECT name, value FROM published WHERE name NOT IN ({marks})", OWN))

    def published(self, touched: Sequence[Touch], guise: Mapping[str, int]) -> None:
        """These are published in this guise; what has been touched once more since stays."""
        with self._transaction():
            self._db.executemany("DELETE FROM touched WHERE list = ? AND hour = ? AND seq = ?", touched)
            self._db.executemany("INSERT OR REPLACE INTO published VALUES (?, ?)", guise.items())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._index.write()
            self._db.execute("COMMIT")
        except BaseException as error:
            self._index.forget()
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if is_disk(error):
                raise DiskFault(f"{self.path}: {error}: make room or mend the disk, then start again") from error
            raise

    # -- inside a transaction -----------------------------------------------------------------------------------

    def _progress(self, letter: int, state: str, detail: str) -> None:
        self._db.execute(PROGRESS, (letter, self._rules.version, state, detail))

    def _list(self, rule: ListRule) -> None:
        """What a rule does not say of a list its letters do, before and after a rebuild: theirs hold what it says."""
        named = -1 if rule.name and rule.post else UNNAMED
        self._db.execute(
            "INSERT INTO list VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET visibility = excluded.visibility, "
            "name = iif(excluded.name = '', name, excluded.name), named = min(named, excluded.named), "
            "address = iif(excluded.address = '', address, excluded.address)",
            (rule.id, rule.name, rule.post, named, rule.visibility),
        )

    def _insert(self, found: Sequence[tuple[Letter, Message, Message]]) -> list[Fresh]:
        """Put messages (of a letter, with its outer one) into all tables; they have no place yet."""
        if not found:
            return []
        db = self._db
        first = int(db.execute("SELECT coalesce(max(row), 0) FROM message").fetchone()[0]) + 1
        domains = [outer.list.id if outer.list.id in self._private else "public" for _, _, outer in found]
        late = threads.awaited(db, {(domain, m.message_id) for domain, (_, m, _) in zip(domains, found, strict=True)})
        made = threads.join(
            db,
            [
                threads.keys(domain, m.id, m.message_id, m.in_reply_to, m.references, m.forwards)
                for domain, (_, m, _) in zip(domains, found, strict=True)
            ],
        )
        values = [
            rows.message_row(row, thread, *item, domain)
            for row, (thread, item, domain) in enumerate(zip(made, found, domains, strict=True), first)
        ]
        db.executemany(rows.INSERT, values)
        fresh = [
            Fresh(
                rows.new(row, letter, message, outer.list.id),
                domain,
                told(message.identity),
                terms_of(message.subject, message.author, message.text, message.spans),
            )
            for row, ((letter, message, outer), domain) in enumerate(zip(found, domains, strict=True), first)
        ]
        shingles.put(db, chain.from_iterable(product(new.told, (new.known.row,)) for new in fresh), first)
        call(db, {message.id for _, message, _ in found}, first)
        outer = [(letter, message) for letter, message, outer in found if message is outer]
        self._met(outer)
        if self._teaching is not None:
            tails: dict[str, list[Tail]] = {}
            for letter, m in outer:
                if m.identity.role != "digest":
                    tails.setdefault(m.list.id, []).append(Tail(letter.key, m.author.address, m.text, m.spans))
            lessons.sample(db, tails, self._teaching)
        touch_from(db, first)
        for thread, domain, (_, message, _) in zip(made, domains, found, strict=True):
            if (domain, message.message_id) in late:
                touch_answers(db, thread, message.message_id)
        return fresh

    def _met(self, outer: Sequence[tuple[Letter, Message]]) -> None:
        """Note the lists of these letters. The earliest letter that names one gives it its name."""
        named: dict[ListName, int] = {}
        for letter, message in outer:
            arrived = letter.received if letter.live or message.date is None else message.date
            named[message.list] = min(arrived, named.get(message.list, arrived))
        self._db.executemany(
            "INSERT INTO list VALUES (?, ?, ?, ?, 'public') ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
            "address = excluded.address, named = excluded.named WHERE excluded.named < named AND excluded.name != ''",
            [(name.id, name.name, name.address, arrived) for name, arrived in named.items()],
        )

    def _respanned(self, letter: Letter, reading: Reading) -> list[int] | None:
        """Take over new spans where nothing else is read otherwise than before, as when a list's footers became known.

        Gives the rows to be placed again (their own words, and so their comments, may be others); None when more than
        spans has changed."""
        columns = "row, path, id, list, exact, domain, record, spans, said"
        before = self._db.execute(
            f"SELECT {columns} FROM message WHERE letter = ? ORDER BY row", (letter.id,)
        ).fetchall()
        outer = reading.messages[0].list.id if reading.messages else ""
        domain = outer if outer in self._private else "public"
        after = [(m.path, m.id, outer, m.identity.exact, domain) for m in reading.messages]
        if reading.held or [row[1:6] for row in before] != after:
            return None
        loose: list[int] = []
        for (row, *_, record, spans, said), message in zip(before, reading.messages, strict=True):
            now = rows.pack_spans(message.spans)
            if (spans, said) == (now, message.comment):
                continue
            hide(self._db, self._index, row)
            if record == row:
                self._index.take(row)
            self._db.execute("UPDATE message SET spans = ?, said = ? WHERE row = ?", (now, message.comment, row))
            if record == row:
                self._index.put(row)
            loose += [row, *self._placing.held_by(row)]
            touch(self._db, row)
        return loose

    def _forget(self, letters: Sequence[int]) -> list[int]:
        """Take out these letters' messages; gives the rows of others that have to be placed again."""
        columns = "row, thread, id, rid, hashes, list, key, path"
        own = f"FROM message WHERE letter {rows.AMONG}"
        found = self._db.execute(f"SELECT {columns} {own}", (rows.among(letters),)).fetchall()
        again: set[int] = set()
        for row, *_ in found:
            hide(self._db, self._index, row)
        for row, _thread, id_, rid, hashes, list_id, key, path in found:
            self._db.execute("DELETE FROM alias WHERE name = ?", (other_id(id_, f"{key.hex()} {path}"),))
            lessons.forget(self._db, list_id, key)
            if rid is not None:
                self._index.take(row)
            shingles.drop(self._db, [(value, row) for value in rows.unpack_hashes(hashes)])  # more than there are
            again.update(self._placing.held_by(row))
        touch(self._db, *(row for row, *_ in found))
        self._db.execute(f"DELETE {own}", (rows.among(letters),))
        for id_ in {id_ for _row, _thread, id_, rid, *_ in found if rid is not None}:
            name(self._db, id_)
        for thread in {thread for _row, thread, *_ in found}:
            threads.again(self._db, thread)
        return sorted(again - {row for row, *_ in found})

    def _place(self, loose: list[int], fresh: Sequence[Fresh] = ()) -> None:
        """The last step of every transaction that changes messages."""
        self._placing.place(loose, fresh)
        tally.sum_up(self._db)
