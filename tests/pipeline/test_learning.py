"""learning: a footer that no rule knows is learned from the list itself, and goes from all of its letters."""

import asyncio
import random
from contextlib import closing
from pathlib import Path

import pytest

from listfold.archive.counts import Counts
from listfold.archive.lessons import Teaching
from listfold.archive.reader import Reader
from listfold.archive.store import Archive
from listfold.core.fold import decide
from listfold.core.learned import footers_of, tail_lines
from listfold.letters.reader import LettersReader
from listfold.letters.writer import Letters
from listfold.model import Letter, Record, Rules
from listfold.pipeline import Pipeline
from listfold.workers import Workers

# A made-up language: no table can know it.
OLD = "~ ~ ~\nVelkor sut mirrano gardenistoj: brunelo kaj telle\nZurno mirra: https://listoj.example.net/g/{token}"
NEW = "Mirrano gardenistoj, sut velka domo\nPost {address} telle zurno, aŭ vidu https://nova.example.net/{token}"
BEDS = ("beans", "leeks", "carrots", "onions", "kale", "chard", "radish", "turnip", "parsnip", "fennel", "beetroot")


CLOSINGS = ("Regards", "Best wishes from the lower beds", "Thanks,", "Yours", "Happy digging")
NAMES = ("Ada", "Bo", "Cy", "Dee", "Eli", "Fay", "Gil", "Hal", "Ida", "Jo", "Kim", "Lee", "Mia", "Ned", "Oda", "Pia")


def body(n: int, chance: random.Random) -> str:
    words = " ".join(chance.choice(BEDS) for _ in range(40))
    came = f"The {chance.choice(BEDS)} came up well."
    return f"Letter {n}: today I sowed {words}.\n{came}\n\n{CLOSINGS[n % 5]}\n{NAMES[n % 16]}"


def letters(count: int, switch: int, lacking: int) -> list[tuple[str, Letter]]:
    """(body, letter): the footer changes at letter `switch`, and every `lacking`th letter has none."""
    chance = random.Random(5)
    out = []
    for n in range(count):
        text = body(n, chance)
        form = OLD if n < switch else NEW
        footer = form.format(token=f"{chance.getrandbits(80):x}", address=f"member{n}@example.org")
        whole = text if lacking and n % lacking == 0 else f"{text}\n\n{footer}"
        raw = (
            f"From: Member {n % 16} <m{n % 16}@example.org>\nTo: g@example.net\nSubject: Plot {n}\n"
            f"Message-ID: <{n}@example.org>\nDate: {1 + n % 27} Nov {2000 + n // 27} 10:00:00 +0000\n"
            f"List-Id: <g.example.net>\n\n{whole}\n"
        )
        out.append((text, Letter(raw.encode(), "mbox", 5)))
    return out


async def settled(folder: Path, given: list[Letter], size: int) -> None:
    """Accept and read them in chunks of `size`, with a restart after each chunk, until nothing is left to do."""
    for start in range(0, len(given), size):
        store = await Letters.open(folder / "letters.db")
        stored = LettersReader(folder / "letters.db")
        teaching = Teaching(tail_lines, footers_of)
        archive = await Archive(folder / "archive-1.db", Rules(), decide, teaching).open()
        pipeline = Pipeline(store, stored, archive, Workers(2, Rules()))
        task = asyncio.create_task(pipeline.run())
        await asyncio.gather(*(store.accept(one) for one in given[start : start + size]))
        await asyncio.wait_for(pipeline.settled(), 100)
        await pipeline.stop()
        await task
        await archive.close()
        stored.close()
        await store.close()


def records(folder: Path) -> dict[str, Record]:
    with Reader(folder / "archive-1.db") as reader:
        return {r.message_id: r for r in reader.export()}


@pytest.mark.asyncio
@pytest.mark.parametrize(("switch", "lacking"), [(200, 0), (100, 0), (200, 5)])
async def test_an_unknown_footer_goes_from_all_letters(tmp_path: Path, switch: int, lacking: int) -> None:
    """200 letters in date order: always there, changed half-way, lacking in a fifth. No other line is touched."""
    made = letters(200, switch, lacking)
    await settled(tmp_path, [one for _, one in made], 200)
    found = records(tmp_path)
    assert [found[f"<{n}@example.org>"].body for n in range(200)] == [text for text, _ in made]
    with closing(Counts(tmp_path / "archive-1.db")) as counts:
        assert list(counts.check(200)) == []
        assert counts.status("0", 200)["settling"] == 0


@pytest.mark.asyncio
async def test_what_is_learned_does_not_depend_on_arrival(tmp_path: Path) -> None:
    """In order at once, or shuffled in chunks with restarts between: the same records with the same spans."""
    made = [one for _, one in letters(60, 30, 5)]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    await settled(tmp_path / "a", made, 60)
    random.Random(3).shuffle(made)
    await settled(tmp_path / "b", made, 17)
    one, two = records(tmp_path / "a"), records(tmp_path / "b")
    assert {m: (r.id, r.body, r.spans) for m, r in one.items()} == {m: (r.id, r.body, r.spans) for m, r in two.items()}


@pytest.mark.asyncio
async def test_a_flood_from_one_sender_teaches_nothing(tmp_path: Path) -> None:
    """One author's own ending, however often, stays in the author's letters."""
    ending = "Anna of the hill\nhttps://anna.example.org/"
    made = [
        Letter(
            f"From: anna@example.org\nList-Id: <g.example.net>\nMessage-ID: <{n}@x>\nSubject: {n}\n\n"
            f"{body(n, random.Random(n))}\n\n{ending}\n".encode(),
            "mbox",
            5,
        )
        for n in range(40)
    ]
    await settled(tmp_path, made, 40)
    with Reader(tmp_path / "archive-1.db") as reader:
        assert all(r.spans == () or all(not s.rule.startswith("learned") for s in r.spans) for r in reader.export())
