"""Gives letters of an export back what an mbox or a Maildir cannot carry: the rows of the envelopes.jsonl beside them.

An export writes its rows in the order of its letters, so they are read in step with them; what comes in another order
waits in memory until it is asked for. A letter that no row tells of is an import like any other.
"""

import json
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

from listfold.model import Letter, Source

NAME = "envelopes.jsonl"
MAX_ROW = 2**20  # bytes of one line: a thousand recipients need a tenth
ENDS = (b"\n", b"\r\n")  # what an mbox adds to a letter that does not end in a line


class Envelopes:
    """The rows of one file. `restored` takes each of them once; `private` are lists that were private there."""

    def __init__(self, path: Path) -> None:
        self.private = _private(path)
        self._rows = _rows(path)
        self._waiting: dict[str, deque[Letter]] = defaultdict(deque)

    def restored(self, letter: Letter) -> Letter | None:
        """The letter as it was accepted once, with its own end; None when no row tells of it."""
        for raw in (letter.raw, *(letter.raw.removesuffix(end) for end in ENDS if letter.raw.endswith(end))):
            row = self._row(sha256(raw).hexdigest())
            if row is not None:
                return replace(row, raw=raw, list_hint=letter.list_hint or row.list_hint)
        return None

    def _row(self, digest: str) -> Letter | None:
        if not self._waiting[digest]:
            for name, row in self._rows:
                if name == digest:
                    return row
                self._waiting[name].append(row)
        return self._waiting[digest].popleft() if self._waiting[digest] else None


def beside(path: Path) -> Path | None:
    """The envelopes of an mbox in the same folder, of a Maildir's letter one folder up; None when there are none."""
    folder = path.parent.parent if path.parent.name in ("cur", "new") else path.parent
    found = folder / NAME
    return found if found.is_file() else None


def _private(path: Path) -> list[str]:
    with path.open("rb") as stream:
        try:
            return [str(id) for id in json.loads(stream.readline(MAX_ROW))["private"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            return []


def _rows(path: Path) -> Iterator[tuple[str, Letter]]:
    """(sha256, envelope as a letter without its bytes) of each line that is one."""
    with closing(path.open("rb")) as stream:
        while line := stream.readline(MAX_ROW):
            try:
                row = json.loads(line)
                yield str(row["sha256"]), _envelope(row)
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # not one of ours: its letter is imported as any other


def _envelope(row: dict[str, Any]) -> Letter:
    if row["source"] not in get_args(Source):
        raise ValueError(row["source"])
    return Letter(
        raw=b"",
        source=row["source"],
        received=int(row["received"]),
        sender=str(row["sender"]),
        recipients=tuple(str(one) for one in row["recipients"]),
        list_hint=str(row["list"] or ""),
    )
