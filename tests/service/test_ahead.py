"""Pages of an import: months that are complete are written while later ones are still read, the rest by two processes;
in the end the tree is what one process would have written."""

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from listfold import pipeline
from listfold.archive.reader import Reader
from listfold.archive.store import LINK
from listfold.service import publisher
from listfold.service.config import Settings
from listfold.service.house import open_house
from listfold.service.imports import import_
from listfold.service.job import Job
from listfold.service.press import Press
from listfold.service.printer import site_of
from listfold.service.publisher import Publisher

MONTHS = 8
WORDS = ["bean", "row", "leaf", "frost", "soil", "rain", "hedge", "spade", "root", "seed", "bulb", "moss"]


def box(folder: Path) -> Path:
    """40 letters a month, by date; but for one of the first month, which comes last."""
    chance = random.Random(1)
    when = [(month, day, hour) for month in range(1, MONTHS + 1) for day in range(1, 21) for hour in (9, 15)]
    letters = []
    for n, (month, day, hour) in enumerate([*when, (1, 25, 12)]):
        text = " ".join(chance.choice(WORDS) + str(chance.randrange(999)) for _ in range(80))
        date = format_datetime(datetime(2015, month, day, hour, tzinfo=UTC))
        letters.append(
            f"From m@z Fri Jan  2 00:00:00 2015\nFrom: Anna <anna@example.org>\nSubject: Row {n // 3}\n"
            f"Message-ID: <{n}@example.org>\nDate: {date}\n"
            f"List-Id: <{'cooks' if n % 3 else 'gardeners'}.example.org>\n\n{text}\n\n"
        )
    path = folder / "old.mbox"
    path.write_text("".join(letters))
    return path


@dataclass
class Asked:
    """What printers were asked for: in all, and how many of these jobs while letters were still to be read."""

    jobs: list[Job] = field(default_factory=list)
    by: list[Press] = field(default_factory=list)
    ahead: int = 0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Of an import whose letters come slowly, and where few are many."""
    for name, value in (("SOON", 0.02), ("LOOK", 0.1), ("BACKLOG", 24), ("MUCH", 24), ("PORTION", 30), ("MANY", 30)):
        monkeypatch.setattr(publisher, name, value)
    monkeypatch.setattr(pipeline, "BATCH_LETTERS", 8)
    asked = Asked()
    do, go_ahead = Press.do, Publisher._go_ahead

    async def noted(press: Press, job: Job) -> int:
        asked.jobs.append(job)
        asked.by.append(press)
        return await do(press, job)

    async def counted(of: Publisher) -> None:
        before = len(asked.jobs)
        await go_ahead(of)
        asked.ahead += len(asked.jobs) - before

    monkeypatch.setattr(Press, "do", noted)
    monkeypatch.setattr(Publisher, "_go_ahead", counted)
    return asked


@pytest.mark.asyncio
async def test_an_import_writes_complete_months_ahead(tmp_path: Path, asked: Asked) -> None:
    """Each month but for a few once; the month that a late letter is for, once more; nothing amiss in the end."""
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir()
    async with open_house(settings) as house:
        report = await import_(house, {"paths": [str(box(tmp_path))]}, str(tmp_path), lambda _: True)
        tag = house.stored.installation("tag")
    assert report["new"] == MONTHS * 40 + 1
    assert asked.ahead > 0
    hours = [hour for job in asked.jobs if job.months for hour in job.touched or ()]
    assert len(set(hours)) == MONTHS * 40 + 1
    assert len(hours) < 1.5 * len(set(hours))
    with Reader(settings.data_dir / LINK) as reader:
        assert site_of(settings.imprint(tag), reader).check(int(time.time())) == []


@pytest.mark.asyncio
async def test_two_processes_take_a_half_each(tmp_path: Path, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each begins at the beginning of its own half, every hour is written once, and one writes what leads there."""
    monkeypatch.setattr(publisher, "SOON", 30.0)  # nothing is written before all is read
    settings = Settings.model_validate({"data_dir": tmp_path / "data", "pipeline": {"workers": 2}})
    settings.data_dir.mkdir()
    async with open_house(settings) as house:
        await import_(house, {"paths": [str(box(tmp_path))]}, str(tmp_path), lambda _: True)
    *months, lead = asked.jobs
    assert (lead.months, lead.lead, len(lead.touched or ())) == (False, True, MONTHS * 40 + 1)
    assert [(job.months, job.lead) for job in months] == [(True, False)] * MONTHS
    starts = [min(hour for _, hour in job.touched or ()) for job in months]
    begun = dict(reversed(list(zip(asked.by[:-1], starts, strict=True))))
    assert sorted(begun.values()) == [min(starts), sorted(starts)[MONTHS // 2]]
    hours = [hour for job in months for hour in job.touched or ()]
    assert len(hours) == len(set(hours)) == MONTHS * 40 + 1
