"""What people decided and mail cannot tell: how it is appended to letters.db, and how what holds now is read from it.

Decisions are never changed: a later one about the same subject stands in front of an earlier one. So they survive a
rebuild, and a backup of letters.db holds them.

kind              subject             detail
list              list id             what it is from now on: name, addresses, retired, aliases, visibility, post
release, discard  letter number       {}
fold, unfold      record id           whom it is about: these are joined with those, or leave them (archive/bonds.py)
purge             record id, letter   reason, the letters taken out, and keyed hashes that keep them out (tombstones)
"""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any, Literal, get_args

from listfold.frozen import dataclass

Kind = Literal["list", "release", "discard", "fold", "unfold", "purge"]
KINDS: frozenset[str] = frozenset(get_args(Kind))

INSERT = "INSERT INTO decision (made, kind, subject, detail) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; `id` counts up from 1, `made` is in seconds."""

    id: int
    made: int
    kind: str
    subject: str
    detail: dict[str, Any]


def row(kind: Kind, subject: str, detail: dict[str, Any], made: int) -> tuple[int, str, str, str]:
    """The values of INSERT."""
    return made, kind, subject, json.dumps(detail, ensure_ascii=False, sort_keys=True)


def read(db: sqlite3.Connection, after: int = 0) -> list[Decision]:
    """Decisions in the order in which they were made: all, or those after the one with this id."""
    rows = db.execute("SELECT id, made, kind, subject, detail FROM decision WHERE id > ? ORDER BY id", (after,))
    return [Decision(int(r[0]), int(r[1]), str(r[2]), str(r[3]), json.loads(r[4])) for r in rows]


def latest(decisions: Iterable[Decision], *kinds: Kind) -> dict[str, Decision]:
    """Subject -> the last decision of these kinds about it: the one that holds."""
    return {decision.subject: decision for decision in decisions if decision.kind in kinds}
