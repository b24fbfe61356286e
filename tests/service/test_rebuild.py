"""rebuild: the archive is made anew beside the daemon, and what nobody changed is as it was."""

import json
import random
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from running import Running, until

WORDS = ["bean", "row", "leaf", "frost", "soil", "rain", "hedge", "spade", "root", "seed", "bulb", "moss"]


def mail(n: int) -> bytes:
    chance = random.Random(n // 2)  # every second one repeats the one before, over another list
    text = " ".join(chance.choice(WORDS) + str(chance.randrange(90)) for _ in range(60))
    return (
        f"From: Anna <anna@example.org>\nTo: gardeners@example.org\nSubject: Row {n // 2}\n"
        f"Message-ID: <{n // 2}@example.org>\nDate: Mon, 16 Nov 2026 10:{n % 60:02}:00 +0000\n"
        f"List-Id: <{'gardeners' if n % 2 else 'cooks'}.example.org>\n\n{text}\n"
    ).encode()


def fill(daemon: Running, folder: Path, count: int) -> None:
    box = folder / "box"
    box.mkdir(exist_ok=True)
    for n in range(count):
        (box / f"{n}.eml").write_bytes(mail(n))
    daemon.command("import", str(box))


def archives(daemon: Running) -> list[str]:
    return sorted(path.name for path in daemon.data.glob("archive*.db"))


def pages(daemon: Running) -> dict[str, bytes]:
    return {
        str(p): p.read_bytes() for top in ("public", "private") for p in (daemon.data / top).rglob("*") if p.is_file()
    }


def test_a_rebuild_beside_the_daemon_changes_nothing_by_itself(tmp_path: Path) -> None:
    """Mail comes in and is kept meanwhile; records, ids, pages, feeds stay; readers find the new file; one is left."""
    with Running(tmp_path) as daemon:
        fill(daemon, tmp_path, 200)
        before, shown = daemon.command("export"), pages(daemon)
        stop = threading.Event()
        sent: list[int] = []

        def sender() -> None:
            while not stop.is_set():
                daemon.send(mail(10_000 + 2 * len(sent)))
                sent.append(1)
                stop.wait(0.05)

        dry = json.loads(daemon.command("rebuild", "--dry-run", "--json"))
        assert archives(daemon) == ["archive-1.db", "archive.db"]
        assert (dry["messages"], dry["same"], dry["samples"]) == (200, 200, {})
        assert (daemon.command("export"), pages(daemon)) == (before, shown)
        again = json.loads(daemon.command("rebuild", "--json"))
        assert again["pages"] == 0
        thread = threading.Thread(target=sender)
        thread.start()
        daemon.command("rebuild")
        stop.set()
        thread.join()
        daemon.settled()
        assert archives(daemon) == ["archive-3.db", "archive.db"]
        rows = [json.loads(line) for line in daemon.command("export").splitlines()]
        old = set(before.splitlines())
        assert len(rows) == 100 + len(sent)
        assert len(old - set(daemon.command("export").splitlines())) == 0
        assert "Row" in daemon.get(f"/-/record/{rows[0]['id']}")
        until(lambda: daemon.command("verify", code=None) == "", 30)


def test_a_rebuild_that_was_killed_goes_on(tmp_path: Path) -> None:
    """What it has read is not read again; the end is the same."""
    with Running(tmp_path) as daemon:
        fill(daemon, tmp_path, 600)
        before = daemon.command("export")
        thread = threading.Thread(target=lambda: daemon.command("rebuild", code=None))
        thread.start()
        until(lambda: _read(daemon.data / "archive-2.db") >= 60)
        daemon.kill()
        thread.join()
        done = _read(daemon.data / "archive-2.db")
        assert 60 <= done < 600
        daemon.start()
        assert daemon.command("export") == before
        report = json.loads(daemon.command("rebuild", "--json"))
        assert report["resumed"] is True
        assert report["same"] == report["messages"] == 600
        assert archives(daemon) == ["archive-2.db", "archive.db"]
        assert daemon.command("export") == before
        assert daemon.command("verify") == ""


def test_what_changes_is_told_with_samples(tmp_path: Path) -> None:
    """Folds undone and bodies changed, before anything is switched."""
    with Running(tmp_path) as daemon:
        fill(daemon, tmp_path, 10)
        daemon.stop()
        with closing(sqlite3.connect(daemon.data / "archive.db")) as db:  # as an older version of the rules left it
            db.execute("UPDATE message SET subject = 'Old' WHERE letter = 3")
            db.execute('UPDATE message SET spans = \'[["footer", 0, 1, "old", 1.0]]\' WHERE letter = 5')
            db.commit()
        told = daemon.command("rebuild", "--dry-run")
        report = json.loads(daemon.command("rebuild", "--json"))
    assert (report["bodies_changed"], report["fields_changed"], report["same"]) == (1, 1, 8)
    assert report["samples"]["fields_changed"][0]["subject"] == ["Old", "Row 1"]
    assert "1 bodies changed" in told
    assert "'Old' is now 'Row 1'" in told


def _read(path: Path) -> int:
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        try:
            return int(db.execute("SELECT count(*) FROM progress WHERE state = 'read'").fetchone()[0])
        except sqlite3.OperationalError:
            return 0
