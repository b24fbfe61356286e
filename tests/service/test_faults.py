"""Faults of disk, process and clock: each with an oracle, each leaves an archive that verifies."""

import json
import os
import re
import resource
import signal
import smtplib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from letters.test_letters import letter, opened, stored
from listfold.errors import LettersFull, NotDurable
from running import Running, until
from tools import needs


def mail(name: str, size: int = 0) -> bytes:
    body = "leaf " * (size // 5)
    return f"From: a@example.org\r\nSubject: {name}\r\nMessage-ID: <{name}@x>\r\n\r\nBed {name}. {body}\r\n".encode()


def accepted(daemon: Running) -> int:
    return int(daemon.status()["letters"]["accepted"])


# -- the disk


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    """Every commit of letters fails with this SQLite error while the context is open."""

    async def commit(self: aiosqlite.Connection) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = name
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(aiosqlite.Connection, "commit", commit)
        yield


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_IOERR_WRITE"])
async def test_a_full_disk_refuses_and_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """452, nothing kept, and the next letter after it is."""
    async with opened(tmp_path) as letters:
        with failing(monkeypatch, name), pytest.raises(LettersFull):
            await letters.accept(letter(b"first"))
        assert not letters.broken
        await letters.accept(letter(b"second"))
    assert [x.raw for x in stored(tmp_path)] == [b"second"]


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["SQLITE_IOERR_FSYNC", "SQLITE_CORRUPT", "SQLITE_NOTADB"])
async def test_after_a_failed_fsync_nothing_more_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """451 from then on: what the file holds is unknowable, and the daemon ends for its operator to look."""
    async with opened(tmp_path) as letters:
        with failing(monkeypatch, name), pytest.raises(NotDurable):
            await letters.accept(letter(b"first"))
        with pytest.raises(NotDurable):
            await letters.accept(letter(b"second"))
        assert name in letters.broken
    assert stored(tmp_path) == []


@pytest.mark.asyncio
async def test_an_error_that_is_unknown_refuses_one_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EIO on a read: 451 for that letter, the store goes on."""
    async with opened(tmp_path) as letters:
        with failing(monkeypatch, "SQLITE_IOERR_READ"), pytest.raises(NotDurable):
            await letters.accept(letter(b"first"))
        await letters.accept(letter(b"second"))
    assert [x.raw for x in stored(tmp_path)] == [b"second"]


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from listfold.cli import main
sys.exit(main(sys.argv[2:]))
"""


def test_no_room_on_a_real_file(tmp_path: Path) -> None:
    """Files may not grow past 1 MiB: 452 (or 451) and never 250 for what is not kept; with room again all goes on."""
    kept: list[str] = []
    refused: set[object] = set()
    with Running(tmp_path) as daemon:
        daemon.stop()
        command = [sys.executable, "-c", LIMITED, str(2**20), "run", "--config", str(daemon.config)]
        with daemon.log.open("ab") as log:
            daemon.process = subprocess.Popen(command, stdout=log, stderr=log)
        until((daemon.data / "run.json").exists)
        daemon.addresses = json.loads((daemon.data / "run.json").read_text())
        noise = os.urandom(60_000).hex()
        for n in range(30):
            try:
                daemon.send(mail(f"n{n}") + noise.encode()[n:] + b"\r\n")
                kept.append(f"n{n}")
            except (smtplib.SMTPException, OSError) as error:
                refused.add(getattr(error, "smtp_code", repr(error)))
        assert refused
        assert refused <= {451, 452}
        assert daemon.stop() in (0, 1)
        daemon.start()
        daemon.send(mail("after"))
        daemon.settled()
        daemon.command("retry")  # letters that found no room in the archive failed: kept, named, and read again now
        until(lambda: daemon.command("verify", code=None) == "")
        found = {json.loads(line)["subject"] for line in daemon.command("export").splitlines()}
    assert {*kept, "after"} <= found
    assert kept


def test_a_data_directory_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    """A file where a folder should be stands for any: exit 1, no traceback, what to look at."""
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "listfold", "run", "--data", str(tmp_path / "file" / "data")],
        capture_output=True, text=True, timeout=30, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "data_dir" in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own, that a test can fill or make read-only; needs root."""
    folder.mkdir()
    mount = [needs("mount"), "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, timeout=10, check=False).returncode:
        pytest.skip("only root can mount")
    try:
        yield folder
    finally:
        subprocess.run([needs("umount"), "-l", str(folder)], timeout=10, check=False)


def running_on(disk: Path, log: Path) -> Running:
    daemon = Running(disk)
    daemon.log = log  # a full disk would cut its lines
    return daemon


def answers(daemon: Running, names: list[str], noise: bytes = b"") -> dict[str, int]:
    """The reply code to a letter of each name; 0 where the connection was refused or cut."""
    codes = {}
    for name in names:
        try:
            daemon.send(mail(name) + noise)
            codes[name] = 250
        except smtplib.SMTPResponseException as error:
            codes[name] = error.smtp_code
        except (smtplib.SMTPException, OSError):
            codes[name] = 0
    return codes


def told(daemon: Running, event: str) -> set[str]:
    """What the log tells the operator to do about an event."""
    lines = [json.loads(line) for line in daemon.log.read_text().splitlines() if line.startswith("{")]
    return {line["do"] for line in lines if line["event"] == event and "do" in line}


def test_a_disk_that_is_full_refuses_says_so_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """ENOSPC of a real file system: 452, one line that says what to do, and all is well when there is room again."""
    with small_disk(tmp_path / "disk", "24m") as disk, running_on(disk, tmp_path / "daemon.log") as daemon:
        daemon.send(mail("before"))
        daemon.settled()
        filler = disk / "filler"
        try:
            with filler.open("wb") as file:
                while True:
                    file.write(bytes(4096))
        except OSError:
            pass
        noise = os.urandom(100_000).hex().encode() + b"\r\n"
        codes = answers(daemon, [f"full{n}" for n in range(12)], noise)
        assert set(codes.values()) & {451, 452}
        assert set(codes.values()) <= {250, 451, 452}
        filler.unlink()
        assert any("make room" in do for do in told(daemon, "letter.refused"))
        kept = {name for name, code in codes.items() if code == 250}
        assert answers(daemon, ["after"]) == {"after": 250}
        daemon.settled()
        daemon.command("retry")
        until(lambda: daemon.command("verify", code=None) == "")
        found = {json.loads(line)["subject"] for line in daemon.command("export").splitlines()}
    assert found == {"before", "after", *kept}


def test_a_disk_that_is_read_only_is_told_and_loses_nothing(tmp_path: Path) -> None:
    """EROFS, as after an error of the disk: one line and exit 1; what was kept is there when it can be written."""
    with small_disk(tmp_path / "disk", "64m") as disk, running_on(disk, tmp_path / "daemon.log") as daemon:
        daemon.send(mail("before"))
        daemon.settled()
        daemon.kill()  # a file system with a file open for writing cannot be made read-only
        subprocess.run([needs("mount"), "-o", "remount,ro", str(disk)], check=True, timeout=10)
        command = [sys.executable, "-m", "listfold", "run", "--config", str(daemon.config)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "ead-only" in done.stderr
        subprocess.run([needs("mount"), "-o", "remount,rw", str(disk)], check=True, timeout=10)
        daemon.start()
        assert answers(daemon, ["after"]) == {"after": 250}
        daemon.settled()
        assert daemon.command("verify") == ""
        assert accepted(daemon) == 2


BROKEN = """
import sqlite3, sys
import aiosqlite
from listfold.cli import main
real = aiosqlite.Connection.commit
async def commit(self):
    self.count = getattr(self, "count", 0) + 1
    if self.count > 3:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
        raise error
    await real(self)
aiosqlite.Connection.commit = commit
sys.exit(main(sys.argv[1:]))
"""


def test_a_daemon_whose_fsync_failed_ends_with_one_line(tmp_path: Path) -> None:
    """451 to the client, exit 1, the last line says what to do; after a start with a sound disk all is well."""
    with Running(tmp_path) as daemon:
        daemon.stop()
        with daemon.log.open("ab") as log:
            command = [sys.executable, "-c", BROKEN, "run", "--config", str(daemon.config)]
            daemon.process = subprocess.Popen(command, stdout=log, stderr=log)
        until((daemon.data / "run.json").exists)
        daemon.addresses = json.loads((daemon.data / "run.json").read_text())
        codes = answers(daemon, [f"n{n}" for n in range(6)])
        assert daemon.process.wait(20) == 1
        assert "listfold verify" in daemon.log.read_text().splitlines()[-1]
        kept = {name for name, code in codes.items() if code == 250}
        assert set(codes.values()) <= {250, 451, 421, 0}
        assert len(kept) < 6
        daemon.start()
        daemon.settled()
        assert daemon.command("verify") == ""
        found = {json.loads(line)["subject"] for line in daemon.command("export").splitlines()}
    assert kept <= found


# -- processes


def test_every_250_comes_after_an_fsync(tmp_path: Path) -> None:
    """Traced: between a letter's final dot and its 250 the WAL of letters.db was synced."""
    strace = needs("strace")
    trace = tmp_path / "trace"
    with Running(tmp_path) as daemon:
        calls = "trace=fdatasync,fsync,sendto,write,writev,sendmsg"
        command = [strace, "-f", "-y", "-e", calls, "-s", "40", "-o", str(trace), "-p", str(daemon.process.pid)]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        if b"attached" not in said:
            tracer.communicate(timeout=10)
            pytest.skip(f"strace may not attach here: {said.decode()}")
        for n in range(5):
            daemon.send(mail(f"t{n}"))
        tracer.terminate()
        tracer.communicate(timeout=20)
    events = []
    for line in trace.read_text(errors="replace").splitlines():
        if "354 End data" in line:
            events.append("354")
        elif "250 2.0.0 Kept" in line:
            events.append("250")
        elif re.search(r"fdatasync|fsync", line) and "letters.db-wal" in line:
            events.append("sync")
    story = re.sub(r"(sync )+", "sync ", " ".join([*events, ""]))
    assert story.count("250") == 5
    assert re.fullmatch(r"(sync )?(354 sync 250 (sync )?){5}", story), story


def test_sigterm_under_load_cuts_nobody_between_dot_and_reply(tmp_path: Path) -> None:
    """Eight senders, then SIGTERM: each 250 is kept, who gets none may send again, the daemon ends well."""
    from service.test_crash import Sender

    kept: list[str] = []
    with Running(tmp_path) as daemon:
        senders = [Sender(daemon, n, kept) for n in range(8)]
        for sender in senders:
            sender.start()
        until(lambda: len(kept) > 100)
        assert daemon.stop() == 0
        for sender in senders:
            sender.stopping = True
        for sender in senders:
            sender.join(20)
        daemon.start()
        daemon.settled()
        rows = [json.loads(line) for line in daemon.command("export").splitlines()]
        assert daemon.command("verify") == ""
    seen = [s["sha256"] for row in rows for s in row["sightings"]]
    assert sorted(kept) == sorted(set(kept) & set(seen))
    assert len(seen) == len(set(seen))


def test_a_printer_that_is_killed_costs_no_page(tmp_path: Path) -> None:
    """The process that writes pages dies: letters are taken all the same, and the next pages show them all."""
    page = "public/gardeners.example.org/messages.atom"
    with Running(tmp_path) as daemon:
        daemon.send(mail("first"))
        until(lambda: (daemon.data / page).exists() and "first" in (daemon.data / page).read_text())
        for child in Path(f"/proc/{daemon.process.pid}/task/{daemon.process.pid}/children").read_text().split():
            if b"printer" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)
        daemon.send(mail("second"))
        until(lambda: "second" in (daemon.data / page).read_text(), 60)
        until(lambda: daemon.command("verify", code=None) == "", 60)


def test_a_reader_that_holds_a_transaction_holds_nobody_up(tmp_path: Path) -> None:
    """A backup tool inside a read transaction: letters are taken and read on; the reader sees its own moment."""
    with Running(tmp_path) as daemon:
        daemon.send(mail("before"))
        daemon.settled()
        db = sqlite3.connect(f"file:{daemon.data / 'letters.db'}?mode=ro", uri=True)
        db.execute("BEGIN")
        assert db.execute("SELECT count(*) FROM letter").fetchone() == (1,)
        for n in range(20):
            daemon.send(mail(f"during{n}"))
        daemon.settled()
        assert accepted(daemon) == 21
        assert db.execute("SELECT count(*) FROM letter").fetchone() == (1,)
        db.close()
        assert daemon.stop() == 0
        assert daemon.command("verify") == ""


@pytest.mark.parametrize("step", [-86400 * 400, 86400 * 400])
def test_a_clock_that_steps_loses_nothing(tmp_path: Path, step: int) -> None:
    """Received times are what the clock said; numbers and the order of acceptance do not depend on it."""
    before = mail("before")
    with Running(tmp_path) as daemon:
        daemon.send(before)
        daemon.settled()
        daemon.stop()
        code = (
            f"import time, sys; real = time.time; time.time = lambda: real() + {step}; "
            "from listfold.cli import main; sys.exit(main(sys.argv[1:]))"
        )
        with daemon.log.open("ab") as log:
            command = [sys.executable, "-c", code, "run", "--config", str(daemon.config)]
            daemon.process = subprocess.Popen(command, stdout=log, stderr=log)
        until((daemon.data / "run.json").exists)
        daemon.addresses = json.loads((daemon.data / "run.json").read_text())
        daemon.send(mail("after"))
        daemon.send(before)
        daemon.settled()
        status = daemon.status()
        assert daemon.stop() == 0
        daemon.start()
        daemon.settled()
        until(lambda: daemon.command("verify", code=None) == "", 40)
        rows: list[dict[str, Any]] = [json.loads(line) for line in daemon.command("export").splitlines()]
    assert status["letters"]["accepted"] == 2
    assert status["again"] == 1
    assert {row["subject"] for row in rows} == {"before", "after"}


def test_memory_stays_flat_while_sessions_idle_and_trickle(tmp_path: Path) -> None:
    """A hundred idle sessions and twenty that send a byte now and then: others deliver, and memory is bounded."""
    import socket

    with Running(tmp_path) as daemon:
        daemon.send(mail("warm"))
        daemon.settled()
        idle = [socket.create_connection(daemon.smtp, 10) for _ in range(120)]
        slow = idle[:20]
        for client in slow:
            client.sendall(b"EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<g@example.org>\r\n")
            client.sendall(b"DATA\r\n")
        start = resident(daemon.process.pid)
        stop = threading.Event()

        def trickle() -> None:
            while not stop.wait(0.05):
                for client in slow:
                    client.sendall(b"x")

        thread = threading.Thread(target=trickle)
        thread.start()
        began = time.monotonic()
        for n in range(100):
            daemon.send(mail(f"m{n}", 4000))
        took = time.monotonic() - began
        stop.set()
        thread.join()
        grown = resident(daemon.process.pid) - start
        for client in idle:
            client.close()
        daemon.settled()
        assert accepted(daemon) == 101
    assert took < 30
    assert grown < 64 * 2**20


def resident(pid: int) -> int:
    """Bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()
