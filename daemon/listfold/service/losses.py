"""Tells which lists have begun to lose letters: far more threads than usual name some that never came.

Threads are counted, not letters: one that went on elsewhere can miss a dozen of them, and means nothing. Of 56 weeks of
a real list none had more than three such threads; a week that a third of its letters was taken from had six or seven.
"""

import time
from collections.abc import Iterable
from pathlib import Path

import structlog

from listfold import metrics
from listfold.archive.gaps import Losses
from listfold.archive.reader import Reader

log = structlog.get_logger()

LATELY = 7 * 86400  # seconds that are held against all the time before
LEAST = 5  # threads: below, it may be chance
TIMES = 3.0  # as many for each letter as before


def lately(reader: Reader) -> list[Losses]:
    """What lists miss, parted at a week ago."""
    return list(reader.losses(int(time.time()) - LATELY))


def losing(found: Iterable[Losses]) -> list[Losses]:
    """Those that miss letters in more threads than they used to."""
    out = []
    for row in found:
        usual = row.before / row.arrived_before if row.arrived_before else 0.0
        if row.since >= LEAST and row.since > TIMES * usual * row.arrived_since:
            out.append(row)
    return out


def look(archive: Path, known: set[str]) -> set[str]:
    """Count the lists that are losing letters, log those that are not `known` to be, and give them all."""
    with Reader(archive) as reader:
        found = losing(lately(reader))
    metrics.LOSING.set(len(found))
    for row in found:
        if row.list not in known:
            do = f"see why mail does not come, then import the list's own archive; `listfold lists missing {row.list}`"
            log.warning("list.losing", list=row.list, missing=row.letters, threads=row.since, do=do)
    return {row.list for row in found}
