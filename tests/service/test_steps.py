"""Killed at each step of a letter's way: what got its 250 is there once, and sent again it is there once."""

import time
from pathlib import Path

import pytest

from listfold.letters.reader import LettersReader
from listfold.service import asking
from listfold.service.config import load
from running import until
from service.dying import STEPS, House

FEED = "public/gardeners.example.org/messages.atom"
UNANSWERED = {"a recipient is taken": 0, "the final dot has come": 0, "the writer has it": 0, "before the commit": 0}
UNANSWERED |= {"after the commit": 1}  # the letters that are kept of those that got no 250
MAILBOX = {"before the issue's delivery", "the issue is in the journal", "the issue is delivered"}
LATE = {*MAILBOX, "before a page's rename", "after a page's rename", "pages are written"}  # here a mailbox is looked at


def mail(name: str) -> bytes:
    head = f"From: anna@example.org\r\nTo: gardeners@example.org\r\nSubject: {name}\r\nMessage-ID: <{name}@x>\r\n"
    return f"{head}\r\nThe {name} frost came early to the upper valley.\r\n".encode()


def kept(house: House) -> list[bytes]:
    stored = LettersReader(house.data / "letters.db")
    try:
        return [letter.raw for letter in stored.all()]
    finally:
        stored.close()


def delivered(house: House) -> list[str]:
    return [path.read_text() for path in (house.data / "box" / "new").iterdir()]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The process dies at the step; the next one goes on, and letters, records, pages and the mailbox are right."""
    house = House(tmp_path)
    house.start(step)
    answered = house.send(mail("first"))
    if step in MAILBOX:
        until((house.data / FEED).exists)
        house.pass_the_day()
    assert house.ended() == -9, house.log
    assert answered == (step not in UNANSWERED)
    assert kept(house) == [mail("first")] * UNANSWERED.get(step, 1)

    house.start()
    if not answered:
        assert house.send(mail("first"))
    assert house.send(mail("second"))
    until(lambda: (house.data / FEED).exists() and "second" in (house.data / FEED).read_text())
    if step in LATE:
        house.pass_the_day()
        until(lambda: delivered(house) != [])
    assert house.stop() == 0, house.log

    assert sorted(kept(house)) == [mail("first"), mail("second")]
    monkeypatch.setattr(time, "time", house.clock)
    settings = load(house.config)
    assert list(asking.verify(settings)) == []
    subjects = [(record.subject, len(record.sightings)) for record in asking.export_records(settings, {})]
    assert sorted(subjects) == [("first", 1), ("second", 1)]
    issues = delivered(house)
    assert [issue.count("The first frost came early") for issue in issues] == [1] * (step in LATE)
    assert list((house.data / "box" / "tmp").iterdir()) == []
