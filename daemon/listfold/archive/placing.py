"""Places messages: which record each one shows, the same whatever the order of arrival.

Placing is a greedy clustering in the fixed total order of `Known.order`: a message joins the best match among what
stands for earlier records (canonical messages, and copies that a person joined or that are fuller), or becomes
canonical. A new message is placed; if that changes what stands for a record, the later ones near it are placed
again, in order, until nothing changes. Each can only touch later ones, so it ends, and it ends at the one clustering
that placing everything in order from nothing would give. What people decided goes before all evidence.
"""

import heapq
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from listfold import metrics
from listfold.archive import threads
from listfold.archive.bonds import Bonds, name_of
from listfold.archive.names import name, other_id
from listfold.archive.near import load, near, place, shared, told
from listfold.archive.rows import AMONG, among
from listfold.archive.search import Index, Terms
from listfold.archive.shingles import Shared
from listfold.archive.touches import touch, touch_beside
from listfold.frozen import dataclass
from listfold.model import Fold, Folded, Known, New

Decide = Callable[[Known, Sequence[Known], Known | None], Fold]
Placed = tuple[tuple[int, int, str, str], int]  # a row with its place in the fixed order


@dataclass(frozen=True, slots=True)
class Fresh:
    """A row that was just inserted and has no place yet, with what would otherwise be read back of it."""

    known: Known
    domain: str
    told: Sequence[int]  # hashes, as near.py has them
    terms: Terms


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a row stands before it is placed; `record` is 0 and `rid` None for one that has no place yet."""

    domain: str
    record: int
    head: str
    rid: str | None


class Placing:
    """Places rows of one archive, inside of the writer's transactions."""

    def __init__(self, db: sqlite3.Connection, index: Index, decide: Decide, bonds: Bonds) -> None:
        self._db = db
        self._index = index
        self._decide = decide
        self.bonds = bonds

    def place(self, loose: Iterable[int], fresh: Sequence[Fresh] = ()) -> None:
        """Place these rows (those that are still there), the fresh ones, and whatever that touches."""
        queue = [place(self._db, row) for row in loose if self._one("SELECT 1 FROM message WHERE row = ?", row)]
        queue += [(new.known.order, new.known.row) for new in fresh]
        heapq.heapify(queue)
        unplaced = {new.known.row: new for new in fresh}
        held = shared(self._db, (new.told for new in fresh))
        done: Placed | None = None
        records: set[int] = set()  # whose text may be another now
        left: set[int] = set()  # rows that have gone from another's record
        beside: set[tuple[int, int]] = set()  # records that such a row is or was told in, with it
        while queue:
            item = heapq.heappop(queue)
            if item == done:
                continue
            done = item
            row = item[1]
            new = unplaced.pop(row, None)
            message = new.known if new else load(self._db, row)
            stood = Standing(new.domain, 0, "", None) if new else self._stood(row)
            if message.identity.role == "forward" and (carried := self._carried(message)):
                fold: Fold = carried
                self._set(message, stood, fold, new)
            else:
                fold = self._decided(message, stood, queue, records, new, held)
            into = fold.into if isinstance(fold, Folded) else row
            if into != stood.record:
                beside.update((record, row) for record in (into, stood.record) if record not in (0, row))
                if stood.record not in (0, row):
                    left.add(row)
            if message.path and (carrier := self._at(message.letter, message.path.rpartition(".")[0], "forward")):
                heapq.heappush(queue, place(self._db, carrier))
        for record in sorted(records):
            show(self._db, self._index, record)
        touch_beside(self._db, beside)
        for (thread,) in self._db.execute(f"SELECT DISTINCT thread FROM message WHERE row {AMONG}", (among(left),)):
            threads.again(self._db, thread)

    def named(self, names: Iterable[str]) -> list[int]:
        """The rows of messages by their names in `Bonds`, with all that stand in one record with them."""
        out: list[int] = []
        for row in self._rows(names):
            out.append(row)
            record = self._one("SELECT record FROM message WHERE row = ?", row)
            out += [member for (member,) in self._db.execute("SELECT row FROM message WHERE record = ?", (record,))]
        return out

    def held_by(self, row: int) -> list[int]:
        """Other rows that stand where they do because of this one: to be placed again when it is taken out."""
        record, head = self._db.execute("SELECT record, head FROM message WHERE row = ?", (row,)).fetchone()
        joined = self.bonds.groups.get(name_of(load(self._db, row)), ()) if self.bonds.groups else ()
        out = self._rows(joined)
        if record == row or head:
            out += [member for (member,) in self._db.execute("SELECT row FROM message WHERE record = ?", (record,))]
        return [other for other in out if other != row]

    # -- one message ------------------------------------------------------------------------------------------

    def _decided(
        self,
        message: Known,
        stood: Standing,
        queue: list[Placed],
        records: set[int],
        new: Fresh | None,
        held: Shared,
    ) -> Fold:
        """Place a message by what people decided, or else by its own text; what that touches is placed after it."""
        db, row, before = self._db, message.row, stood.record
        hashes = new.told if new else told(message.identity)
        around = near(db, message, stood.domain, hashes, held if new else shared(db, [hashes]))
        fold = self._fold(message, around, stood.domain)
        changed = self._set(message, stood, fold, new)
        after = fold.into if isinstance(fold, Folded) else row
        now = fold.stands if isinstance(fold, Folded) else ""
        stands = isinstance(fold, New) or now != ""
        if before != after:
            for partner in self._partners(message):
                _push(queue, place(db, partner), message)
        if "fuller" in (stood.head, now):
            records.update((before, after))
        if not changed and message.canonical == stands and (before == after or not stands):
            return fold
        for other in around:
            _push(queue, (other.order, other.row), message)
        if before:
            members = "SELECT row FROM message WHERE record IN (?, ?) AND row != record"
            for (member,) in db.execute(members, (row, before)).fetchall():
                _push(queue, place(db, member), message)
        return fold

    def _fold(self, message: Known, around: Sequence[Known], domain: str) -> Fold:
        """`into` of the answer is the row of a record."""
        name = name_of(message)
        lead = self._lead(message, domain)
        if lead is not None:
            return _within(self._decide(message, (), lead), self._record(lead.row))
        if name in self.bonds.alone:
            return New()
        apart = self.bonds.apart.get(name)
        if apart:
            around = [other for other in around if name_of(other) not in apart]
        fold = self._decide(message, around, None)
        if isinstance(fold, New):
            return fold
        record = self._record(fold.into)
        fuller = [k for k in around if k.canonical and k.row != record and self._is_fuller(k.row, record)]
        if fold.into == record and fuller:  # the same text as one that the record shows in full: nothing is added
            again = self._decide(message, fuller, None)
            fold = again if isinstance(again, Folded) else fold
        return _within(fold, record)

    def _lead(self, message: Known, domain: str) -> Known | None:
        """The first of those that a person joined with this one, if it comes before it."""
        earlier = [placed for placed in map(self._place_of, self._partners(message)) if placed[0] < message.order]
        for _order, row in sorted(earlier):
            if self._one("SELECT 1 FROM message WHERE row = ? AND domain = ? AND record != 0", row, domain):
                return load(self._db, row)
        return None

    def _partners(self, message: Known) -> list[int]:
        if not self.bonds.groups:
            return []
        return [row for row in self._rows(self.bonds.groups.get(name_of(message), ())) if row != message.row]

    def _rows(self, names: Iterable[str]) -> list[int]:
        out: list[int] = []
        for one in names:
            id_, _, key = one.partition(" ")
            query = "SELECT row FROM message WHERE id = ? AND key = ? ORDER BY path"
            out += [int(row) for (row,) in self._db.execute(query, (id_, bytes.fromhex(key)))]
        return out

    def _carried(self, message: Known) -> Folded | None:
        """Where a letter goes that did no more than carry another message: where that one has gone."""
        inner = self._at(message.letter, f"{message.path}.1" if message.path else "1")
        record = self._record(inner) if inner is not None else 0
        return Folded(record, "forward", "forward", 1.0, message.comment) if record else None

    # -- rows -------------------------------------------------------------------------------------------------

    def _stood(self, row: int) -> Standing:
        query = "SELECT domain, record, head, rid FROM message WHERE row = ?"
        return Standing(*self._db.execute(query, (row,)).fetchone())

    def _set(self, message: Known, stood: Standing, fold: Fold, fresh: Fresh | None) -> bool:
        """Write down a decision; true when which messages are canonical has changed by it."""
        db, row, record = self._db, message.row, stood.record
        new, was = record == 0, stood.rid is not None
        if isinstance(fold, Folded):
            into, values = fold.into, (fold.relation, fold.method, fold.score, fold.comment, fold.stands)
            metrics.FOLDED.labels(fold.relation).inc()
        else:
            into, values = row, ("original", "own", 1.0, message.comment, "")
        if into != row and was:
            self._index.take(row)
        rid = stood.rid if into == row else None
        if into == row and not was:
            rid = self._named(message)
        db.execute(
            "UPDATE OR ROLLBACK message SET record = ?, rid = ?, relation = ?, method = ?, score = ?, comment = ?, "
            f"head = ?{', shown = NULL' if into != row else ''} WHERE row = ?",
            (into, rid, *values, row),
        )
        if into == row and not was:
            self._index.put(row, fresh.terms if fresh else None)
        if into != row and stood.rid == message.order[2]:
            name(db, message.order[2])
        if record != into:
            if into != row:
                here, there = (self._one("SELECT thread FROM message WHERE row = ?", x) for x in (row, into))
                threads.merge(db, min(here, there), max(here, there))
            elif not new:
                touch(db, row)
        return (into == row) != was

    def _named(self, message: Known) -> str:
        """The id of a record that comes into being. Only the first of its id is looked at: ten thousand letters may
        have the same."""
        id_, here = message.order[2:]
        holder = self._one("SELECT row FROM message WHERE rid = ?", id_)
        if not holder:
            return id_
        first = self._place_of(holder)[0]
        if message.order > first:
            return other_id(id_, here)
        self._db.execute("UPDATE message SET rid = ? WHERE row = ?", (other_id(id_, first[3]), holder))
        return id_

    def _at(self, letter: int, path: str, role: str = "") -> int | None:
        query = "SELECT row FROM message WHERE letter = ? AND path = ? AND ? IN ('', role)"
        return self._one(query, letter, path, role) or None

    def _record(self, row: int) -> int:
        return self._one("SELECT record FROM message WHERE row = ?", row)

    def _is_fuller(self, row: int, record: int) -> bool:
        return self._one("SELECT 1 FROM message WHERE row = ? AND record = ? AND head = 'fuller'", row, record) != 0

    def _place_of(self, row: int) -> Placed:
        return place(self._db, row)

    def _one(self, query: str, *values: object) -> int:
        row = self._db.execute(query, values).fetchone()
        return int(row[0]) if row else 0


def show(db: sqlite3.Connection, index: Index, record: int) -> None:
    """Let a record show the fullest of its own and the fuller texts."""
    row = db.execute("SELECT shown FROM message WHERE row = ? AND record = row", (record,)).fetchone()
    if row is None:
        return
    best = db.execute(
        "SELECT row FROM message WHERE record = ? AND head = 'fuller' "
        "ORDER BY words DESC, exact, id, key, path LIMIT 1",
        (record,),
    ).fetchone()
    if row[0] != (best[0] if best else None):
        index.take(record)
        db.execute("UPDATE message SET shown = ? WHERE row = ?", (best[0] if best else None, record))
        index.put(record)
        touch(db, record)


def hide(db: sqlite3.Connection, index: Index, row: int) -> None:
    """Let no record show the text of a row that is to be changed or taken out; `show` chooses again."""
    for (record,) in db.execute("SELECT row FROM message WHERE shown = ?", (row,)).fetchall():
        index.take(record)
        db.execute("UPDATE message SET shown = NULL WHERE row = ?", (record,))
        index.put(record)


def _within(fold: Fold, record: int) -> Fold:
    return replace(fold, into=record) if isinstance(fold, Folded) else fold


def _push(queue: list[Placed], item: Placed, after: Known) -> None:
    if item[0] > after.order:
        heapq.heappush(queue, item)
