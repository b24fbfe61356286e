"""Says how two archives of the same letters differ: folds made and undone, bodies changed, with samples to look at."""

import difflib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from listfold.archive.rows import unpack_spans
from listfold.archive.schema import open_archive
from listfold.archive.texts import unpack
from listfold.model import body_of

SAMPLES = 5  # of each kind
SAMPLE_LINES = 12  # of one changed body
COMPARED = 2000  # lines of it that are looked at: difflib is not linear
FIELDS = ("subject", "author_name", "author_address", "date", "list", "relation", "comment")

Place = tuple[bytes, str]


def compared(before: Path, after: Path) -> dict[str, Any]:
    """Counts of messages, and of each kind of change; `samples` names up to five of each kind."""
    out: dict[str, Any] = dict.fromkeys(
        (
            "messages",
            "same",
            "new",
            "gone",
            "folds_made",
            "folds_undone",
            "refolded",
            "bodies_changed",
            "fields_changed",
        ),
        0,
    )
    samples: dict[str, list[dict[str, Any]]] = {}
    with closing(open_archive(before)) as old, closing(open_archive(after)) as new:
        for first, second in _pairs(old, new):
            out["messages"] += second is not None
            if first is None or second is None:
                out["new" if first is None else "gone"] += 1
                continue
            kinds = _kinds(_facts(old, first), _facts(new, second))
            out["same"] += not kinds
            for kind, told in kinds.items():
                out[kind] += 1
                if len(samples.setdefault(kind, [])) < SAMPLES:
                    samples[kind].append(told)
    return {**out, "samples": samples}


def _pairs(old: sqlite3.Connection, new: sqlite3.Connection) -> Iterator[tuple[int | None, int | None]]:
    """The rows of each message in both archives, None where it is in one alone; by letter's key and path."""
    query = "SELECT key, path, row FROM message ORDER BY key, path"
    left, right = iter(old.execute(query)), iter(new.execute(query))
    one, two = next(left, None), next(right, None)
    while one is not None or two is not None:
        if two is None or (one is not None and _place(one) < _place(two)):
            assert one is not None
            yield one[2], None
            one = next(left, None)
        elif one is None or _place(two) < _place(one):
            yield None, two[2]
            two = next(right, None)
        else:
            yield one[2], two[2]
            one, two = next(left, None), next(right, None)


def _place(row: tuple[Any, ...]) -> Place:
    return bytes(row[0]), str(row[1])


def _facts(db: sqlite3.Connection, row: int) -> dict[str, Any]:
    found = db.execute(
        f"SELECT c.rid, m.row = m.record, m.letter, m.text, m.spans, {', '.join(f'm.{name}' for name in FIELDS)} "
        "FROM message m JOIN message c ON c.row = m.record WHERE m.row = ?",
        (row,),
    ).fetchone()
    facts = dict(zip(("record", "own", "letter", "text", "spans", *FIELDS), found, strict=True))
    return {**facts, "body": partial(_body, db, facts["letter"], facts["text"], facts["spans"])}


def _body(db: sqlite3.Connection, letter: int, text: bytes, spans: str) -> str:
    return body_of(unpack(db, letter, text), unpack_spans(spans))


def _kinds(was: dict[str, Any], now: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Kind of change -> a sample of it."""
    out: dict[str, dict[str, Any]] = {}
    head = {"subject": now["subject"], "record": now["record"]}
    if was["own"] != now["own"]:
        out["folds_made" if was["own"] else "folds_undone"] = {**head, "before": was["record"]}
    elif was["record"] != now["record"]:
        out["refolded"] = {**head, "before": was["record"]}
    if (was["text"], was["spans"]) != (now["text"], now["spans"]):
        bodies = [was["body"](), now["body"]()]
        if bodies[0] != bodies[1]:
            before, after = (body.split("\n")[:COMPARED] for body in bodies)
            lines = difflib.unified_diff(before, after, n=0, lineterm="")
            out["bodies_changed"] = {**head, "lines": list(lines)[2 : 2 + SAMPLE_LINES]}
    fields = [name for name in FIELDS if was[name] != now[name]]
    if fields and not out:
        out["fields_changed"] = {**head, **{name: [was[name], now[name]] for name in fields}}
    return out
