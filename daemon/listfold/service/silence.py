"""Tells which lists have fallen silent: no letter for far longer than their rhythm. Archives mostly end like that."""

import time
from collections.abc import Iterable
from pathlib import Path

import structlog

from listfold import metrics
from listfold.archive.reader import ListRow, Reader

log = structlog.get_logger()

LOOK = 3600.0  # seconds between two looks
LETTERS = 10  # below, a list has no rhythm yet
TIMES = 10.0  # as long as ten letters used to take
LEAST = 7 * 86400  # seconds: a week of holidays is no alarm
MOST = 120 * 86400  # seconds: after four months without a letter even a slow list is worth a look


def silent(rows: Iterable[ListRow], now: int) -> list[tuple[str, int]]:
    """(list id, seconds since its last letter) of each list that is silent, the longest first."""
    found = []
    for row in rows:
        if row.last is None or row.first is None or row.records < LETTERS:
            continue
        usual = (row.last - row.first) / (row.records - 1)
        if now - row.last > min(max(TIMES * usual, LEAST), MOST):
            found.append((row.id, now - row.last))
    return sorted(found, key=lambda item: -item[1])


def look(archive: Path, known: set[str]) -> set[str]:
    """Count the silent lists, log those that are not `known` to be, and give them all."""
    with Reader(archive) as reader:
        found = dict(silent(reader.lists(), int(time.time())))
    metrics.SILENT.set(len(found))
    for name, seconds in found.items():
        if name not in known:
            log.warning(
                "list.silent", list=name, days=seconds // 86400, do="see whether the address is still subscribed"
            )
    return set(found)
