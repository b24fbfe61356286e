"""250 means kept: the daemon is killed under load, and what was acknowledged is counted."""

import asyncio
import hashlib
import json
import random
import threading
from collections import Counter
from pathlib import Path

from running import Running

SENDERS = 8
KILLS = 3  # the soak in tests/bench does a hundred


class Sender(threading.Thread):
    """Sends letters, a connection each, and writes down the sha256 of every one that got its 250."""

    def __init__(self, daemon: Running, number: int, kept: list[str]) -> None:
        super().__init__(daemon=True)
        self.target_daemon, self.number, self.kept = daemon, number, kept
        self.stopping = False

    def run(self) -> None:
        asyncio.run(self._send())

    async def _send(self) -> None:
        count = 0
        while not self.stopping:
            count += 1
            raw = (
                f"From: s{self.number}@example.org\r\nTo: gardeners@example.org\r\nSubject: Letter {count}\r\n"
                f"Message-ID: <{self.number}.{count}@example.org>\r\n\r\n"
                f"Bed {self.number}, row {count}: {'leaf ' * (count % 50)}\r\n"
            ).encode()
            try:
                reader, writer = await asyncio.open_connection(*self.target_daemon.smtp)
                await reader.readline()
                for line in (b"HELO x", b"MAIL FROM:<s@example.org>", b"RCPT TO:<gardeners@example.org>", b"DATA"):
                    writer.write(line + b"\r\n")
                    await reader.readline()
                writer.write(raw + b".\r\n")
                if (await reader.readline()).startswith(b"250"):
                    self.kept.append(hashlib.sha256(raw).hexdigest())
                writer.close()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)


def test_every_acknowledged_letter_is_kept_once_through_sigkill(tmp_path: Path) -> None:
    """Killed at random moments while eight clients send: each 250 is one letter in export, none is doubled."""
    chance = random.Random(7)
    kept: list[str] = []
    with Running(tmp_path) as daemon:
        senders = [Sender(daemon, n, kept) for n in range(SENDERS)]
        for sender in senders:
            sender.start()
        for _ in range(KILLS):
            threading.Event().wait(0.3 + chance.random())
            daemon.kill()
            daemon.start()
        for sender in senders:
            sender.stopping = True
        for sender in senders:
            sender.join(20)
        daemon.settled()
        rows = [json.loads(line) for line in daemon.command("export").splitlines()]
        assert daemon.command("verify", code=None) == ""
        status = daemon.status()
    seen = Counter(s["sha256"] for row in rows for s in row["sightings"])
    assert len(kept) > 50
    assert [sha for sha in kept if seen[sha] != 1] == []
    letters = status["letters"]
    assert letters["accepted"] == sum(letters[x] for x in ("pending", "read", "held", "failed", "purged"))
    assert letters["failed"] == 0
