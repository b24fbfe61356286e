"""A program's letters: one text, one subject or one Message-ID thousands of times. What each costs stays the same."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from pathlib import Path
from random import Random

import pytest
from making import apply, letter, partition, renumbered, writer
from test_bonds import COPIES, judged

from listfold.archive.reader import Reader
from listfold.archive.writer import Writer
from listfold.model import Letter

WATERED = "The tap was opened at the usual hour, all beds got their water,\nand it was closed again without trouble.\n"
WORDS = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in ("r", "st", "ll", "nd")]
BATCH = 40


def daily(n: int, text: str, author: str, subject: str, name: str = "") -> Letter:
    """The n-th day's letter."""
    one = letter(n, text, author=author, subject=subject, name=name)
    moment = one.received + 86_400 * n
    dated = one.raw.replace(b"1 Nov 2015 10:00:00 +0000", formatdate(moment).encode())
    return replace(one, raw=dated, received=moment)


def watered(n: int) -> Letter:
    """The same words each day."""
    return daily(n, WATERED, "Tap <tap@example.org>", "Beds watered")


def reported(n: int) -> Letter:
    """The same subject each day, over other words."""
    words = " ".join(Random(n).choices(WORDS, k=60))
    return daily(n, words, "Tap <tap@example.org>", "Report")


def numbered(n: int) -> Letter:
    """A program that gives all its letters one Message-ID."""
    words = " ".join(Random(n).choices(WORDS, k=60))
    return daily(n, words, f"Anna {n} <a{n}@example.org>", f"Report {n}", "same")


def answered(n: int) -> Letter:
    """Each answers the one before."""
    words = " ".join(Random(n).choices(WORDS, k=60))
    one = daily(n, words, f"Anna {n % 9} <a{n % 9}@example.org>", "Re: Report")
    return replace(one, raw=f"In-Reply-To: <{n - 1}@example.org>\n".encode() + one.raw)


def thanked(n: int) -> Letter:
    """Too short to be one text: each is its author's."""
    return daily(n, "Thanks!", f"Anna {n} <a{n}@example.org>", f"Bed {n}")


def reverse(letters: Sequence[Letter]) -> Sequence[Letter]:
    return letters[::-1]


def shuffled(letters: Sequence[Letter]) -> Sequence[Letter]:
    return Random(3).sample(letters, len(letters))


def steps(made: Writer, work: Callable[[], None]) -> int:
    """Hundreds of steps that SQLite takes for some work."""
    count = 0

    def one_more() -> None:
        nonlocal count
        count += 1

    made._db.set_progress_handler(one_more, 100)
    work()
    made._db.set_progress_handler(None, 0)
    return count


@pytest.mark.parametrize("kind", [watered, reported, numbered, thanked])
def test_the_thousandth_costs_what_the_hundredth_did(tmp_path: Path, kind: Callable[[int], Letter]) -> None:
    """Whatever a program sends: what is like a letter is found without a look at all that is."""
    with closing(writer(tmp_path)) as made:
        batches = [[kind(n) for n in range(at, at + BATCH)] for at in range(1, 1001, BATCH)]
        cost = [steps(made, partial(apply, made, *batch)) for batch in batches]
    early, late = sum(cost[3:6]), sum(cost[-3:])
    assert late < 1.5 * early, cost


@pytest.mark.parametrize("order", [reverse, shuffled])
@pytest.mark.parametrize("kind", [watered, thanked])
def test_more_copies_than_are_looked_at_fold_alike_in_any_order(
    tmp_path: Path, kind: Callable[[int], Letter], order: Callable[[Sequence[Letter]], Sequence[Letter]]
) -> None:
    """One record of all, or as many as there are, whichever came first."""
    letters = [kind(n) for n in range(1, 241)]
    found = []
    for name, arrived in (("one", letters), ("two", order(letters))):
        folder = tmp_path / name
        folder.mkdir()
        with closing(writer(folder)) as made:
            for at in range(0, len(arrived), BATCH):
                apply(made, *renumbered(list(arrived))[at : at + BATCH])
            with Reader(made.path) as reader:
                found.append(partition(list(reader.export())))
    assert found[0] == found[1]
    assert len(found[0]) == (1 if kind is watered else 240)


@pytest.mark.parametrize("kind", [watered, answered])
def test_to_take_out_many_costs_what_they_cost_one_by_one(tmp_path: Path, kind: Callable[[int], Letter]) -> None:
    """All of one text, or of one thread."""
    cost = []
    for count in (100, 400):
        folder = tmp_path / str(count)
        folder.mkdir()
        with closing(writer(folder)) as made:
            for at in range(1, count + 1, BATCH):
                apply(made, *[kind(n) for n in range(at, at + BATCH)])
            cost.append(steps(made, partial(made.purge, range(1, count + 1), [], b"")))
    assert cost[1] < 6 * cost[0], cost


def test_what_leaves_a_record_changes_the_pages_that_told_of_it(tmp_path: Path) -> None:
    """A copy that a person parts from the others is told beside them no more."""
    with closing(writer(tmp_path)) as made:
        apply(made, *COPIES)
        made.published(made.touched(), {})
        made.bind(judged(("unfold", COPIES[2:3], COPIES[:2])))
        hours = {hour for _, hour, _ in made.touched()}
    assert {one.received // 3600 * 3600 for one in COPIES[:3]} <= hours
