"""Issues in a mailbox: each closed one exactly once, whenever the process dies."""

import email
import mailbox
import os
from collections.abc import Callable
from email import policy
from pathlib import Path

import pytest

from listfold.publish.maildir import Maildir
from publish.village import Village


class Died(BaseException):
    """The process ends here."""


def letters(folder: Path) -> list[str]:
    return sorted(p.read_text() for name in ("new", "cur") for p in (folder / name).iterdir())


def opened(folder: Path) -> Maildir:
    return Maildir(folder / "box", folder / "delivered")


def test_a_letter_is_put_in_once(tmp_path: Path) -> None:
    """Again, and by another process, and after a mail program has moved or removed it: never twice."""
    box = opened(tmp_path)
    assert box.deliver("list 2015-11-30", 1448924400, b"one")
    assert not box.deliver("list 2015-11-30", 1448924400, b"one, changed later")
    (put,) = (tmp_path / "box" / "new").iterdir()
    put.rename(tmp_path / "box" / "cur" / f"{put.name}:2,S")
    assert not opened(tmp_path).deliver("list 2015-11-30", 1448924400, b"one")
    assert letters(tmp_path / "box") == ["one"]


def dies(at: int, real: Callable[..., None]) -> Callable[..., None]:
    """A call that dies when it has been made `at` times."""
    left = [at]

    def call(*given: object, **named: object) -> None:
        if left[0] == 0:
            raise Died
        left[0] -= 1
        real(*given, **named)

    return call


@pytest.mark.parametrize("point", range(6))
def test_whenever_it_dies_the_letter_is_there_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int) -> None:
    """Dead at each sync, and once at the rename: the next start and the next delivery leave one whole letter."""
    box = opened(tmp_path)
    with monkeypatch.context() as patched:
        if point < 5:
            patched.setattr(os, "fsync", dies(point, os.fsync))
        else:
            patched.setattr(Path, "rename", dies(0, lambda *_: None))
        with pytest.raises(Died):
            box.deliver("list 2015-11-30", 1448924400, b"one")
    again = opened(tmp_path)
    again.deliver("list 2015-11-30", 1448924400, b"one")
    assert letters(tmp_path / "box") == ["one"]
    assert list((tmp_path / "box" / "tmp").iterdir()) == []


def test_what_others_are_delivering_stays(tmp_path: Path) -> None:
    opened(tmp_path)
    (tmp_path / "box" / "tmp" / "123.456.host").write_text("theirs")
    opened(tmp_path)
    assert (tmp_path / "box" / "tmp" / "123.456.host").exists()


def test_a_closed_issue_arrives_as_a_letter(village: Village) -> None:
    """Of each list, with what mail programs sort by; the open one and what was only imported do not arrive."""
    village.post("2026-11-19 10:00", "The frost came early.\n")
    village.post("2026-11-20 10:00", "It is still open.\n")
    village.post("2026-06-19 10:00", "Imported, long ago.\n", live=False)
    village.publish("2026-11-20 12:00", mailbox=opened(village.folder))
    village.publish("2026-11-20 12:30", mailbox=opened(village.folder))
    box = mailbox.Maildir(village.folder / "box", create=False)
    (key,) = box.keys()
    found = email.message_from_bytes(box.get_bytes(key), policy=policy.default)
    assert found["Auto-Submitted"] == "auto-generated"
    assert "gardeners" in found["List-Id"]
    assert found["List-Archive"].startswith("<https://")
    assert "2026-11-19" in found["Message-ID"]
    assert "frost came early" in str(found)
