"""letters/decisions.py: what people decided is appended, kept, and read back as what holds."""

import asyncio
from pathlib import Path

import pytest

from letters.test_letters import letter, opened
from listfold.errors import NotDurable
from listfold.letters.decisions import latest
from listfold.letters.reader import LettersReader


@pytest.mark.asyncio
async def test_decisions_come_back_in_order_and_the_last_one_holds(tmp_path: Path) -> None:
    """A later decision stands in front of an earlier one about the same subject; nothing is changed."""
    async with opened(tmp_path) as letters:
        await letters.decide("list", "gardeners", {"name": "Gärtner", "addresses": ["g@example.net"]})
        await letters.decide("release", "7", {})
        await letters.decide("list", "gardeners", {"name": "Gardens"})
    reader = LettersReader(tmp_path / "letters.db")
    found = reader.decisions()
    assert [(d.id, d.kind, d.subject) for d in found] == [
        (1, "list", "gardeners"),
        (2, "release", "7"),
        (3, "list", "gardeners"),
    ]
    assert found[0].detail == {"name": "Gärtner", "addresses": ["g@example.net"]}
    assert latest(found, "list")["gardeners"].detail == {"name": "Gardens"}
    assert [d.id for d in reader.decisions(after=2)] == [3]
    reader.close()


@pytest.mark.asyncio
async def test_a_decision_is_no_part_of_a_batch_that_fails(tmp_path: Path) -> None:
    """Letters and decisions share one connection and never a transaction: a batch rolled back takes none with it."""
    async with opened(tmp_path) as letters:
        poison = [letter(b"x%d" % n, recipient="\ud800@example.org") for n in range(20)]
        work = [letters.accept(x) for x in poison]
        decided = [letters.decide("release", str(n), {}) for n in range(20)]
        outcome = await asyncio.gather(*work, *decided, return_exceptions=True)
    assert sorted(x for x in outcome if isinstance(x, int)) == list(range(1, 21))
    reader = LettersReader(tmp_path / "letters.db")
    assert len(reader.decisions()) == 20
    reader.close()


@pytest.mark.asyncio
async def test_nothing_is_decided_on_a_broken_store(tmp_path: Path) -> None:
    """What cannot be made durable is refused."""
    async with opened(tmp_path) as letters:
        letters.broken = "disk"
        with pytest.raises(NotDurable):
            await letters.decide("release", "7", {})
        letters.broken = ""
