"""Looks up, when metrics are asked for, what is cheaper to look up than to keep: sizes on disk, and what lists hold.

The reader that it is handed hides private lists, as DESIGN.md has it: over HTTP not even their names are told.
"""

import os
from pathlib import Path

from listfold import metrics
from listfold.archive.reader import Reader
from listfold.archive.store import LINK

LISTS = 100  # with a figure of their own: a label is a series that Prometheus keeps for months
STORES = {"letters": "letters.db", "archive": LINK}


def disk(data_dir: Path) -> None:
    """The two stores, their WALs, and what is left of their disk."""
    for store, name in STORES.items():
        path = (data_dir / name).resolve()  # a WAL lies beside the file, not beside the link
        metrics.STORE.labels(store).set(_size(path))
        metrics.WAL.labels(store).set(_size(path.with_name(f"{path.name}-wal")))
    found = os.statvfs(data_dir)
    metrics.DISK_FREE.set(found.f_bavail * found.f_frsize)


def lists(reader: Reader) -> None:
    """Footers in force, the last letters of the lists whose are the newest, and what lists miss."""
    metrics.FOOTERS.set(reader.footers())
    metrics.LAST.clear()
    for name, arrived in reader.latest(LISTS):
        metrics.LAST.labels(name).set(arrived)
    metrics.MISSING.clear()
    for row in sorted(reader.losses(0), key=lambda row: -row.letters)[:LISTS]:
        metrics.MISSING.labels(row.list).set(row.letters)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # no WAL after a clean stop
        return 0
