"""archive: whatever comes when, the same letters make the same archive, and no id that was shown is lost."""

import random
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from making import apply, writer

from core.test_order import letter as copy
from listfold.archive.counts import Counts
from listfold.archive.reader import Reader
from listfold.model import Letter, Record

Shown = set[tuple[object, ...]]


def cut(raw: bytes, chance: random.Random) -> bytes:
    """The same letter, shortened on its way or with its text replaced: its headers are as they were."""
    head, _, body = raw.partition(b"\n\n")
    if b"Encoding: 7bit" not in head:
        return raw
    if chance.random() < 0.3:
        body = re.sub(rb"[a-z]+ing\b|the [a-z]+", b"other", body)
    return head + b"\n\n" + body[: len(body) * chance.choice((1, 2, 3)) // 3]


def mailbag(seeds: Sequence[int], chance: random.Random) -> list[Letter]:
    """Copies of articles in every guise, some of them again, cut, or over another list."""
    raws: list[tuple[bytes, int]] = []
    for n, seed in enumerate(seeds):
        raw = copy(seed, chance, n)
        raws.append((raw, n))
        if chance.random() < 0.3:
            raws.append((cut(raw, chance), n + chance.randint(0, 9)))
        if chance.random() < 0.2:
            raws.append((raw.replace(b"garden", b"moss"), n + chance.randint(0, 9)))
    live = chance.random() < 0.5
    return [
        Letter(raw, "smtp" if live else "eml", 1_449_500_000 + 3600 * at, "", (f"l{n}@example.org",))
        for n, (raw, at) in enumerate(raws)
    ]


def shown(records: Sequence[Record]) -> Shown:
    """Everything about records that people see and that may not depend on arrival."""
    return {
        (r.id, r.author, r.date, r.subject, r.text, r.thread,
         tuple((s.sha256, s.path, s.relation, s.method, s.score, s.comment) for s in r.sightings))
        for r in records
    }  # fmt: skip


def names(records: Sequence[Record]) -> set[str]:
    return {name for r in records for name in (r.id, r.thread, *(s.id for s in r.sightings))}


def taken_in(folder: Path, letters: Sequence[Letter], sizes: Sequence[int], again: Sequence[int]) -> Shown:
    """An archive of these letters in batches, some of them read again; every id ever shown resolves at the end."""
    folder.mkdir()
    waiting = [replace(one, id=n) for n, one in enumerate(letters, 1)]
    ever: set[str] = set()
    at = n = 0
    with closing(writer(folder)) as made:
        while at < len(waiting):
            size = sizes[n % len(sizes)]
            apply(made, *waiting[at : at + size])
            at, n = at + size, n + 1
            with Reader(folder / "archive-1.db") as reader:
                ever |= names(list(reader.export()))
        for which in again:
            one = waiting[which % len(waiting)]
            apply(made, one)
    with closing(Counts(folder / "archive-1.db")) as counts:
        assert list(counts.check(len(waiting))) == []
    with Reader(folder / "archive-1.db") as reader:
        found = list(reader.export())
        lost = {name for name in ever if not reader.resolve(name)}
    assert lost == set()
    return shown(found)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=9),
    st.randoms(use_true_random=False),
    st.lists(st.integers(1, 6), min_size=1, max_size=3),
    st.lists(st.integers(0, 40), max_size=3),
)
def test_any_order_any_batches_and_reading_again_make_one_archive(
    seeds: list[int], chance: random.Random, sizes: list[int], again: list[int]
) -> None:
    """Shuffled, doubled, re-wrapped, re-encoded, cut, forwarded and pasted: the same records, texts, words and ids."""
    letters = mailbag(seeds, chance)
    with TemporaryDirectory() as folder:
        expected = taken_in(Path(folder) / "a", letters, [len(letters)], [])
        chance.shuffle(letters)
        assert taken_in(Path(folder) / "b", letters, sizes, again) == expected
