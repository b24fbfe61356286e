"""fold and unfold: what a person decided about two records holds, beside a daemon, without one, and after a rebuild."""

import json
from pathlib import Path
from typing import Any

from listfold.core.fold import VERSION
from running import Running, command

TEXT = """\
The valley had its first hard frost on the ninth of October, eleven days before the mean of the last thirty
years. Stations below the mill recorded minus four; on the ridge the air stayed above zero until dawn. Growers
who had covered their late beans reported little damage, but unprotected dahlias were lost along the river.
"""


def mail(name: str, text: str, author: str, day: int) -> bytes:
    return (
        f"From: {author} <{author}@example.org>\nTo: gardeners@example.org\nSubject: From {author}\n"
        f"Message-ID: <{name}@example.org>\nDate: {day} Nov 2015 10:00:00 +0000\n"
        f"List-Id: <gardeners.example.org>\n\n{text}"
    ).encode()


def taken_in(folder: Path) -> list[str]:
    """A text, a copy pasted by somebody else, and another text; the words that name the data directory."""
    mails = folder / "mails"
    mails.mkdir()
    (mails / "1.eml").write_bytes(mail("one", TEXT, "anna", 1))
    (mails / "2.eml").write_bytes(mail("two", "Look!\n\n" + TEXT, "ben", 2))
    (mails / "3.eml").write_bytes(mail("three", "The hedgehog has come back to his logs. " * 5, "cleo", 3))
    data = ["--data", str(folder / "data")]
    command("import", str(mails), *data)
    return data


def shown(data: list[str]) -> set[frozenset[str]]:
    """Which Message-IDs stand together."""
    rows = [json.loads(line) for line in command("export", *data).splitlines()]
    return {frozenset(s["message_id"] for s in row["sightings"]) for row in rows}


def test_what_was_parted_and_joined_stays_so_through_a_rebuild(tmp_path: Path) -> None:
    """unfold by the letter's number, fold by Message-IDs; both print the records that there are now."""
    data = taken_in(tmp_path)
    assert shown(data) == {frozenset({"<one@example.org>", "<two@example.org>"}), frozenset({"<three@example.org>"})}
    (row,) = [json.loads(x) for x in command("show", "one@example.org", "--json", *data).splitlines()]
    letter = next(s["sha256"] for s in row["sightings"] if s["message_id"] == "<two@example.org>")
    parted = command("unfold", row["id"], letter, *data).split()
    assert len(parted) == 2
    assert len(command("fold", "two@example.org", "three@example.org", *data).split()) == 1
    expected = {frozenset({"<one@example.org>"}), frozenset({"<two@example.org>", "<three@example.org>"})}
    assert shown(data) == expected
    command("verify", *data)
    report: dict[str, Any] = json.loads(command("rebuild", "--json", *data))
    assert (report["same"], report["gone"]) == (report["messages"], 0)
    assert shown(data) == expected


def test_show_says_why_letters_are_one_record(tmp_path: Path) -> None:
    """Relation, method with the version of the folding that decided, score, and the words that were added."""
    data = taken_in(tmp_path)
    told = command("show", "one@example.org", *data)
    assert f"repost by exact/{VERSION}" in told or f"repost by containment/{VERSION}" in told
    assert "| Look!" in told


def test_a_daemon_carries_out_what_is_decided_beside_it(tmp_path: Path) -> None:
    """Over the control socket, and the pages follow; what cannot be decided is said in one line."""
    with Running(tmp_path) as daemon:
        daemon.send(mail("one", TEXT, "anna", 1))
        daemon.send(mail("two", "Look!\n\n" + TEXT, "ben", 2))
        daemon.settled()
        (row,) = [json.loads(x) for x in daemon.command("export").splitlines()]
        daemon.command("unfold", row["id"], "99", code=1)
        daemon.command("fold", row["id"], "two@example.org", code=2)
        told = daemon.command("unfold", row["id"], "2").split()
        assert len(told) == 2
        assert "Record" in daemon.command("show", told[1])
        assert daemon.command("fold", *told).split() == [row["id"]]
        daemon.command("verify")
