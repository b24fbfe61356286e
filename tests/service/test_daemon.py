"""The daemon as its operator meets it: a process, a port, pages."""

import json
import re
import subprocess
import sys
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from listfold.service.config import Settings
from listfold.service.paper import welcome
from running import CONFIG, Running, command, until
from tools import needs

MAIL = """\
From: Anna Gärtner <anna@example.org>
To: gardeners@example.org
Subject: [Gardeners] {subject}
Message-ID: <{id}@example.org>
Date: {date}
List-Id: Gardeners <gardeners.example.org>
List-Post: <mailto:gardeners@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}

_______________________________________________
Gardeners mailing list
Gardeners@example.org
https://lists.example.org/mailman/listinfo/gardeners
"""


def mail(name: str, text: str, subject: str = "First frost") -> bytes:
    return MAIL.format(subject=subject, id=name, date=formatdate(), text=text).replace("\n", "\r\n").encode()


def test_a_letter_stands_on_its_pages_soon_after(tmp_path: Path) -> None:
    """From the 250 to the open issue's page, the message feeds and search; the list appears by itself."""
    with Running(tmp_path) as daemon:
        daemon.send(mail("one", "The dahlias went black overnight, all forty of them."))
        until(lambda: (daemon.data / "public/gardeners.example.org/messages.atom").exists(), 5)
        until(lambda: "dahlias" in daemon.get("/gardeners.example.org/messages.atom"), 5)
        today = time.strftime("%Y-%m-%d", time.gmtime())
        until(lambda: "dahlias" in daemon.get(f"/gardeners.example.org/digests/{today}.html"), 5)
        until(lambda: "First frost" in daemon.get("/-/search?q=dahlias"), 5)
        feed = json.loads(daemon.get("/gardeners.example.org/messages.json"))
        front = daemon.get("/")
    assert "dahlias" in json.dumps(feed)
    assert "Gardeners" in front
    assert "listinfo" not in json.dumps(feed)  # the footer is cut


def test_who_takes_named_mail_only_is_told_how_to_begin() -> None:
    """The first line to try is one that works: `*` takes a letter for anybody, else a list has to be added."""
    doors = {"smtp": ["127.0.0.1:8025"], "lmtp": [], "web": []}
    assert "sendmail" in welcome(Settings(), doors)
    assert [line.split()[0] for line in welcome(Settings(), doors).splitlines()[1:3]] == ["SMTP", "Send"]
    named = welcome(Settings.model_validate({"smtp": {"recipients": ["*@in.example.net"]}}), doors)
    assert "listfold lists add" in named
    assert "sendmail" not in named


def test_swaks_is_answered_in_the_words_of_smtp(tmp_path: Path) -> None:
    """A client of Debian's, and the letter is in export by its Message-ID."""
    swaks = needs("swaks")
    with Running(tmp_path) as daemon:
        host, port = daemon.smtp
        done = subprocess.run(
            [swaks, "--server", host, "--port", str(port), "--to", "gardeners@example.org", "--from", "a@example.org",
             "--data", mail("two", "Cover the roses.").decode().replace("\r\n", "\n")],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        daemon.settled()
        rows = [json.loads(line) for line in daemon.command("export").splitlines()]
    assert "250 2.0.0" in done.stdout
    assert [(row["message_id"], row["body"]) for row in rows] == [("<two@example.org>", "Cover the roses.")]


def test_run_json_tells_pid_and_addresses_only_while_the_daemon_runs(tmp_path: Path) -> None:
    """Port 0 is allowed; this is where the real one is told."""
    with Running(tmp_path) as daemon:
        assert daemon.addresses["pid"] == daemon.process.pid
        assert re.fullmatch(r"127\.0\.0\.1:\d+", daemon.addresses["smtp"][0])
        assert daemon.addresses["lmtp"][0].startswith("unix:")
        assert daemon.stop() == 0
        assert not (daemon.data / "run.json").exists()


def test_a_second_daemon_on_the_same_data_refuses(tmp_path: Path) -> None:
    """One writer process: the second says who has it, in one line, and exits 1."""
    with Running(tmp_path) as daemon:
        other = tmp_path / "other.toml"
        other.write_text(daemon.config.read_text())
        done = subprocess.run(
            [sys.executable, "-m", "listfold", "run", "--config", str(other)], capture_output=True, text=True,
            timeout=30, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert str(daemon.process.pid) in done.stderr
    assert "Traceback" not in done.stderr


def test_import_goes_through_the_running_daemon(tmp_path: Path) -> None:
    """The command hands its work over and shows the daemon's report; a second import adds nothing."""
    box = tmp_path / "history.mbox"
    letters = [mail(f"h{n}", f"Letter number {n} about tulips, hyacinths and the {n} snails.") for n in range(5)]
    box.write_bytes(b"".join(b"From anna@example.org Mon Nov 30 22:01:53 2015\n" + x + b"\n" for x in letters))
    with Running(tmp_path) as daemon:
        first = json.loads(daemon.command("import", "--json", str(box)))
        second = json.loads(daemon.command("import", "--json", str(box)))
        status = daemon.status()
    assert (first["found"], first["new"], first["again"], first["unreadable"]) == (5, 5, 0, [])
    assert (second["found"], second["new"], second["again"]) == (5, 0, 5)
    assert first["records"] == 5
    assert status["letters"]["accepted"] == 5
    assert status["again"] == 5


def test_verify_finds_nothing_after_real_use(tmp_path: Path) -> None:
    """Stores, accounting and published files agree."""
    with Running(tmp_path) as daemon:
        for n in range(3):
            daemon.send(mail(f"v{n}", f"A letter about compost, number {n}, and what to do with {n} worms."))
        daemon.settled()
        time.sleep(0.8)
        assert daemon.command("verify") == ""
    assert daemon.command("verify") == ""


def test_pages_are_written_anew_when_what_they_all_show_changes(tmp_path: Path) -> None:
    """Another base_url at the next start, and a list's name that its file of lists.d gives."""
    with Running(tmp_path, CONFIG.replace("[smtp]", '[smtp]\nrecipients = ["gardeners@example.org"]')) as daemon:
        daemon.send(mail("one", "The dahlias went black overnight, all forty of them."))
        feed = daemon.data / "public/gardeners.example.org/messages.atom"
        until(lambda: feed.exists() and "http://127.0.0.1/-/" in feed.read_text())
        daemon.stop()
        (tmp_path / "lists.d").mkdir()
        (tmp_path / "lists.d/g.toml").write_text('id = "gardeners.example.org"\nname = "Flower Folk"\n')
        daemon.config.write_text(daemon.config.read_text().replace("http://127.0.0.1/", "https://archive.example.org/"))
        daemon.start()
        until(lambda: "https://archive.example.org/-/" in feed.read_text() and "Flower Folk" in feed.read_text())
        until(lambda: daemon.log.read_text().count("pages.published") == 2)
        assert daemon.command("verify") == ""
        assert "pages.outdated" in daemon.log.read_text()


@pytest.mark.parametrize("words", [("show", "nothing"), ("digest", "nothing.example.org"), ("held", "show", "7")])
def test_what_is_not_there_is_one_line_and_exit_1(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A clear error, not a traceback."""
    with Running(tmp_path) as daemon:
        daemon.command(*words, code=1)


def test_an_unknown_key_is_named_before_anything_starts(tmp_path: Path) -> None:
    """All faults of the configuration at once, with their file and key."""
    (tmp_path / "listfold.toml").write_text("colour = 'red'\n[smtp]\nlisten = ['nowhere']\n")
    done = subprocess.run(
        [sys.executable, "-m", "listfold", "run", "--config", str(tmp_path / "listfold.toml")],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "colour: unknown key" in done.stderr
    assert "smtp.listen" in done.stderr
    assert command("--version").startswith("listfold ")


def test_a_word_to_leave_out_is_no_option(tmp_path: Path) -> None:
    """`-frost` stands in a search as it does on the page; elsewhere it is a mistake."""
    (tmp_path / "a.eml").write_bytes(b"Subject: Pears\n\nWinter pears keep well.\n")
    (tmp_path / "b.eml").write_bytes(b"Subject: Pears\n\nSummer pears do not.\n")
    data = ("--data", str(tmp_path / "data"))
    command("import", str(tmp_path / "a.eml"), str(tmp_path / "b.eml"), *data)
    found = json.loads(command("search", "pears", "-winter", "--json", *data))
    assert [record["body"].strip() for record in found["records"]] == ["Summer pears do not."]
    assert command("search", "-winter", *data).startswith("1 record\n")
    command("search", *data, code=2)
    command("status", "-winter", *data, code=2)


def test_there_is_nothing_to_rebuild_where_nothing_is(tmp_path: Path) -> None:
    command("rebuild", "--data", str(tmp_path / "nowhere"), code=1)
    assert not (tmp_path / "nowhere").exists()
