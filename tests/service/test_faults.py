"""Faults of disk, process and clock: each with an oracle, each leaves an archive that verifies."""

import json
import os
import re
import resource
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
    refused: set[int] = set()
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
            except smtplib.SMTPDataError as error:
                refused.add(error.smtp_code)
            except (smtplib.SMTPException, OSError):
                refused.add(0)
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
