"""import: exact accounting, nothing lost or doubled by an interruption, and a dry run that says the same."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from running import Running, command

FROM = b"From anna@example.org Tue Dec  1 05:01:53 2015\n"
WORDS = ["bean", "row", "leaf", "frost", "soil", "rain", "hedge", "spade", "root", "seed", "bulb", "moss"]


def mail(n: int, extra: str = "") -> bytes:
    chance = random.Random(n // 2)
    text = " ".join(chance.choice(WORDS) + str(chance.randrange(90)) for _ in range(60))
    return (
        f"From: Anna <anna@example.org>\nTo: gardeners@example.org\nSubject: Row {n // 2}\n"
        f"Message-ID: <{n // 2}@example.org>\nDate: Mon, 16 Nov 2015 10:{n % 60:02}:00 +0000\n"
        f"List-Id: <{'gardeners' if n % 2 else 'cooks'}.example.org>\n{extra}\n{text}\n"
    ).encode()


def config(folder: Path) -> Sequence[str]:
    folder.mkdir(exist_ok=True)
    path = folder / "listfold.toml"
    path.write_text(f'data_dir = "{folder}/data"\n[pipeline]\nworkers = 1\n[smtp]\nmin_free_disk = 0\n')
    return "--config", str(path)


def box(folder: Path, count: int) -> Path:
    path = folder / "old.mbox"
    path.write_bytes(b"".join(FROM + mail(n) + b"\n" for n in range(count)))
    return path


def records(*where: str) -> list[dict[str, Any]]:
    """What an import gives, but for the moment at which it was made."""
    rows = [json.loads(line) for line in command("export", *where).splitlines()]
    for row in rows:
        for sighting in row["sightings"]:
            sighting["received"] = None
    return rows


MIXED = {
    "1.eml": mail(1),
    "2.eml": mail(1),
    "3.eml": mail(2, "X-No-Archive: yes\n"),
    "4.eml": b"\0\1\2 no mail",
    "5.mbox": FROM + mail(4) + b"\n" + FROM + b"\n" + FROM + mail(6) + b"\n",
}


def mixed(folder: Path) -> str:
    (folder / "mixed").mkdir()
    for name, content in MIXED.items():
        (folder / "mixed" / name).write_bytes(content)
    return str(folder / "mixed")


def test_the_report_adds_up_and_names_what_is_not_read(tmp_path: Path) -> None:
    """found = new + again + unreadable; held and unreadable letters by file, byte, Message-ID and reason; exit 1."""
    where = config(tmp_path)
    report = json.loads(command("import", mixed(tmp_path), "--json", *where, code=1))
    assert (report["found"], report["new"], report["again"], report["held"]) == (7, 4, 1, 1)
    assert [(Path(x["file"]).name, x["offset"]) for x in report["unreadable"]] == [
        ("4.eml", 0), ("5.mbox", len(FROM + mail(4)) + 1),
    ]  # fmt: skip
    (held,) = report["held_letters"]
    assert (Path(held["file"]).name, held["message_id"], held["reason"]) == ("3.eml", "<1@example.org>", "no-archive")
    assert report["failed_letters"] == []
    again = json.loads(command("import", str(tmp_path / "mixed"), "--json", *where, code=1))
    assert (again["found"], again["new"], again["again"], len(again["unreadable"])) == (7, 0, 5, 2)


def test_a_dry_run_reports_the_same_and_touches_nothing(tmp_path: Path) -> None:
    """Also when some of it is there already: every byte of the data directory stays."""
    where = config(tmp_path)
    command("import", str(box(tmp_path, 3)), *where)
    before = {p: p.read_bytes() for p in (tmp_path / "data").rglob("*") if p.is_file()}
    dry = json.loads(command("import", mixed(tmp_path), "--dry-run", "--json", *where, code=1))
    after = {p: p.read_bytes() for p in (tmp_path / "data").rglob("*") if p.is_file()}
    assert after == before
    assert json.loads(command("import", str(tmp_path / "mixed"), "--json", *where, code=1)) == dry


@pytest.mark.parametrize("seed", [1, 2])
def test_an_import_that_is_interrupted_goes_on_as_if_nothing_were(tmp_path: Path, seed: int) -> None:
    """Ctrl-C and kill -9 at random moments; then the same command to its end: records, sightings and ids are those of
    an import in one go, and every letter is there once."""
    path = str(box(tmp_path, 500))
    there, once = config(tmp_path / "there"), config(tmp_path / "once")
    chance = random.Random(seed)
    codes = []
    for number in (signal.SIGINT, signal.SIGKILL, signal.SIGINT, signal.SIGKILL):
        process = subprocess.Popen(
            [sys.executable, "-m", "listfold", "import", path, *there], stderr=subprocess.PIPE, stdout=subprocess.PIPE
        )
        lock = tmp_path / "there/data/lock"
        while not lock.exists() or lock.read_text().strip() != str(process.pid):
            time.sleep(0.02)  # before that it is Python's start that is interrupted
        time.sleep(chance.random())
        process.send_signal(number)
        process.communicate(timeout=60)
        codes.append(process.returncode)
    assert set(codes) <= {130, -9, 0}
    report = json.loads(command("import", path, "--json", *there))
    assert (report["found"], report["unreadable"]) == (500, [])
    command("import", path, *once)
    assert records(*there) == records(*once)
    assert command("verify", *there) == ""
    status = json.loads(command("status", "--json", *there))["letters"]
    assert (status["accepted"], status["read"]) == (500, 500)


def test_who_leaves_ends_the_import_at_the_daemon(tmp_path: Path) -> None:
    """Ctrl-C at the command stops the daemon's work for it at a chunk; the same again goes on."""
    path = str(box(tmp_path, 4000))
    with Running(tmp_path) as daemon:
        words = [sys.executable, "-m", "listfold", "import", path, "--config", str(daemon.config)]
        process = subprocess.Popen(words, stderr=subprocess.PIPE)
        while daemon.status()["letters"]["accepted"] < 128:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert b"interrupted" in process.communicate(timeout=30)[1]
        assert process.returncode == 130
        threading.Event().wait(1.0)
        accepted = daemon.status()["letters"]["accepted"]
        threading.Event().wait(1.0)
        assert daemon.status()["letters"]["accepted"] == accepted < 4000
