"""Hostile letters by the way that mail takes: a session, the store, a reader process, the archive."""

from contextlib import closing
from pathlib import Path

import pytest

from core.hostile import HOSTILE
from intake.door import open_door
from listfold.intake.limits import Limits
from listfold.letters.reader import LettersReader
from listfold.model import Letter
from pipeline.test_pipeline import Parts, running

MEMORY = 256 * 2**20  # bytes that the reader process may have held


@pytest.mark.asyncio
async def test_every_one_is_taken_kept_as_it_came_and_read(tmp_path: Path) -> None:
    """One session for all: each gets 250, no byte of it changes, none fails, and the reader stays small."""
    async with running(tmp_path) as parts:

        async def accept(letter: Letter) -> bool:
            return (await parts.letters.accept(letter)).new

        limits = Limits(linger=0.2, commands=10_000)
        async with open_door(limits=limits, accept=accept) as door:
            client = await door.connect()
            await client.ask("EHLO client.example.net")
            for name, raw in HOSTILE.items():
                await client.ask("MAIL FROM:<ann@example.net>", "RCPT TO:<garden@lists.example.org>")
                assert (await client.ask("DATA")).startswith("354 ")
                stuffed = (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:]
                client.writer.write(stuffed + b".\r\n")
                assert (await client.reply()).startswith("250 "), name
        states = await parts.settled()
        peak = memory(parts)
    kept = set(HOSTILE.values())
    with closing(LettersReader(tmp_path / "letters.db")) as stored:
        assert {letter.raw for letter in stored.all()} == kept
    assert (states["accepted"], states["failed"], states["pending"]) == (len(kept), 0, 0)
    assert peak < MEMORY


def memory(parts: Parts) -> int:
    """The most that any reader process held, in bytes."""
    peaks = [0]
    for process in parts.pipeline._workers._free:
        status = Path(f"/proc/{process.pid}/status").read_text()
        peaks += [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")]
    return max(peaks)
