"""Who may write: addresses that nobody can guess, what waits for a person, and decisions that last."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from running import CONFIG, Running, until

PUBLIC = CONFIG.replace("http://127.0.0.1/", "https://archive.example.net/").replace(
    "[smtp]", '[smtp]\nrecipients = ["*@in.example.net"]'
)


def post(name: str, *fields: str, text: str = "Cover the roses before the frost comes.") -> bytes:
    head = [f"Message-ID: <{name}@example.org>", "From: Anna <anna@example.org>", f"Subject: {name}", *fields]
    return "\r\n".join([*head, "", text, ""]).encode()


LISTED = ("List-Id: <gardeners.example.org>", "List-Post: <mailto:gardeners@example.org>")


def states(daemon: Running) -> dict[str, Any]:
    daemon.settled()
    return dict(daemon.status()["waiting"])


def subjects(daemon: Running) -> list[str]:
    return sorted(json.loads(line)["subject"] for line in daemon.command("export").splitlines())


def test_the_life_of_a_list_on_a_public_address(tmp_path: Path) -> None:
    """Held until added; added while the daemon runs; taken off again; the same after a restart and a rebuild."""
    with Running(tmp_path, PUBLIC) as daemon:
        daemon.send(post("early", *LISTED), "guess@in.example.net")
        assert states(daemon) == {"unknown-list": 1}
        assert subjects(daemon) == []

        address = daemon.command("lists", "add", "gardeners@example.org").strip()
        assert re.fullmatch(r"gardeners-[0-9a-f]{20}@in\.example\.net", address)
        daemon.send(post("good", *LISTED), address)
        daemon.send(post("forged", *LISTED), "guess@in.example.net")
        daemon.send(post("other", "List-Id: <roses.example.org>"), address)
        daemon.send(post("spam"), address)
        assert states(daemon) == {"wrong-address": 2, "mismatch": 1, "not-list-mail": 1}
        assert subjects(daemon) == ["good"]

        daemon.command("lists", "alias", "gardeners.example.org", "roses.example.org")
        until(lambda: "mismatch" not in states(daemon))
        assert subjects(daemon) == ["good", "other"]
        daemon.command("held", "release", "1")
        daemon.command("held", "discard", "3")
        assert subjects(daemon) == ["early", "good", "other"]
        assert states(daemon) == {"not-list-mail": 1}
        daemon.command("held", "release", "99", code=1)

        assert "has no address any more" in daemon.command("lists", "rm", "gardeners.example.org")
        with pytest.raises(Exception, match="550"):
            daemon.send(post("late", *LISTED), address)
        assert daemon.command("verify") == ""
        daemon.stop()
        before = daemon.command("export")
        daemon.command("rebuild")
        assert daemon.command("export") == before
        daemon.start()
        assert subjects(daemon) == ["early", "good", "other"]
        assert states(daemon) == {"not-list-mail": 1}


def test_a_decision_made_just_before_a_kill_is_heeded(tmp_path: Path) -> None:
    """The decision is in letters.db; the archive learns of it at the next start."""
    with Running(tmp_path, PUBLIC) as daemon:
        daemon.send(post("early", *LISTED), "guess@in.example.net")
        assert states(daemon) == {"unknown-list": 1}
        daemon.stop()
        import sqlite3

        db = sqlite3.connect(daemon.data / "letters.db")
        db.execute("INSERT INTO decision (made, kind, subject, detail) VALUES (0, 'release', '1', '{}')")
        db.commit()
        db.close()
        daemon.start()
        until(lambda: subjects(daemon) == ["early"])


def test_a_confirmation_is_shown_with_what_to_answer(tmp_path: Path) -> None:
    """It comes first among what is held; nothing of it is published or searched."""
    token = "9c1f4e0123456789abcdef0123456789abcdef01"
    asks = (
        f"From: gardeners-confirm+{token}@lists.example.org\r\nSubject: confirm {token}\r\n"
        "Message-ID: <c@x>\r\n\r\nReply, please.\r\n"
    )
    with Running(tmp_path, PUBLIC) as daemon:
        address = daemon.command("lists", "add", "gardeners").strip()
        daemon.send(post("spam"), address)
        daemon.send(asks.encode(), address)
        assert states(daemon) == {"not-list-mail": 1, "confirmation": 1}
        listed = daemon.command("held").splitlines()
        shown = daemon.command("held", "show", "2")
        assert f"Subject: confirm {token}" in daemon.command("held", "show", "2", "--raw")
    assert "confirmation" in listed[0]
    wanted = f"to confirm: mail gardeners-confirm+{token}@lists.example.org, From {address}, Subject: confirm {token}"
    assert listed[2].strip() == wanted
    assert wanted in shown
    assert "Reply, please." in shown


def test_a_disabled_membership_is_an_alarm_at_once(tmp_path: Path) -> None:
    """A line in the log, a metric, and status: the archive would stop, and nobody would notice."""
    notice = (
        b"From: gardeners-request@lists.example.org\r\nMessage-ID: <d@x>\r\n"
        b"Subject: Your subscription for Gardeners mailing list has been disabled\r\n\r\nBounces.\r\n"
    )
    with Running(tmp_path, PUBLIC) as daemon:
        daemon.send(notice, daemon.command("lists", "add", "gardeners").strip())
        assert states(daemon) == {"disabled": 1}
        assert "listfold_membership_alarms_total 1.0" in daemon.get("/-/metrics")
        assert "ALARM" in daemon.command("status")
        assert "membership.alarm" in daemon.log.read_text()


def test_a_private_list_stays_private(tmp_path: Path) -> None:
    """Added as private: no page, no feed, no search over HTTP; and it cannot be made so after the fact."""
    with Running(tmp_path, PUBLIC) as daemon:
        address = daemon.command("lists", "add", "board@example.org", "--private").strip()
        daemon.send(post("minutes", "List-Id: <board.example.org>", text="The treasurer resigned."), address)
        daemon.settled()
        assert "treasurer" in daemon.command("export")
        found = daemon.get("/-/search?q=treasurer")
        assert "resigned" not in found
        assert "minutes" not in found
        assert not (daemon.data / "public" / "board.example.org").exists()
        daemon.command("lists", "add", "gardeners")
        daemon.command("lists", "add", "gardeners", "--private", code=2)


def test_own_cleaning_rules_reach_the_letters_and_are_checked(tmp_path: Path) -> None:
    """A rule of lists.d cuts its list's footer; `status --check` names a rule that does not match its example."""
    (tmp_path / "lists.d").mkdir()
    file = tmp_path / "lists.d" / "gardeners.example.org.toml"
    rule = '[[cleaning]]\nname = "seeds"\nphrase = "Brought to you by the seed shop"\nexample = "{}"\n'
    file.write_text(rule.format("Brought to you by the Seed Shop of Wells"))
    text = "Cover the roses.\r\n\r\nBrought to you by the seed shop, where it is always spring"
    with Running(tmp_path) as daemon:
        daemon.send(post("one", *LISTED, text=text))
        daemon.settled()
        assert json.loads(daemon.command("export"))["body"] == "Cover the roses."
        assert "matches its example" in daemon.command("status", "--check")
        file.write_text(rule.format("Something else"))
        assert "rule 'seeds'" in daemon.command("status", "--check", code=1)
