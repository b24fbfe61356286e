"""Clients that take their time."""

import asyncio

import pytest

from intake.door import PATIENCE, open_door
from intake.store import LETTER, Store
from listfold.intake.limits import Limits

QUICK = Limits(idle=0.3, data_idle=0.3, data_deadline=5, data_rate_after=5, linger=0.1)


@pytest.mark.asyncio
async def test_an_idle_session_ends() -> None:
    """Nothing said for `idle` seconds: 421, also when no command was ever sent."""
    async with open_door(limits=QUICK) as door:
        client = await door.connect()
        assert await client.reply() == "421 4.4.2 Time is up"
        assert await client.closed()


@pytest.mark.asyncio
async def test_a_trickled_command_is_not_progress() -> None:
    """Bytes without a line end do not win time."""
    async with open_door(limits=QUICK) as door:
        client = await door.connect()
        async with asyncio.timeout(PATIENCE):
            while door.intake.sessions:
                client.writer.write(b"x")
                await asyncio.sleep(0.02)


@pytest.mark.asyncio
async def test_a_session_ends_however_lively_it_is() -> None:
    """NOOP for ever is not possible."""
    async with open_door(limits=Limits(session=0.2, linger=0.1)) as door:
        client = await door.connect()
        answer = ""
        async with asyncio.timeout(PATIENCE):
            while not answer.startswith("421"):
                answer = await client.ask("NOOP")
                await asyncio.sleep(0.02)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "limits",
    [
        Limits(data_idle=0.1, linger=0.1),
        Limits(data_deadline=0.2, linger=0.1),
        Limits(data_rate_after=0.2, data_rate=1000, linger=0.1),
    ],
    ids=["idle", "deadline", "rate"],
)
async def test_data_that_takes_too_long_is_cut(limits: Limits) -> None:
    """No byte for too long, too long in all, or too few bytes a second: 421, and nothing is kept."""
    async with open_door(limits=limits) as door:
        client = await door.connect()
        await client.to_data()
        async with asyncio.timeout(PATIENCE):
            while door.intake.sessions:
                client.writer.write(b"x")
                await asyncio.sleep(0.02 if limits.data_idle > 1 else 0.3)
        assert door.kept == []


@pytest.mark.asyncio
async def test_a_steady_trickle_is_taken() -> None:
    """Every byte of DATA is progress: what is slow and steady may take longer than `data_idle` and `idle`."""
    async with open_door(limits=QUICK) as door:
        client = await door.connect()
        await client.to_data()
        for _ in range(12):
            client.writer.write(b"x")
            await asyncio.sleep(0.05)
        client.writer.write(b"\r\n.\r\n")
        assert await client.reply() == "250 2.0.0 Kept"


@pytest.mark.asyncio
async def test_the_commit_has_all_the_time_it_needs() -> None:
    """No limit cuts a session between the final dot and its reply."""
    store = Store()
    limits = Limits(idle=0.3, session=0.3, data_idle=0.3, data_deadline=0.3, data_rate_after=0.3, linger=0.1)
    async with open_door(limits=limits, accept=store.accept) as door:
        client = await door.connect()
        client.send("HELO c", "MAIL FROM:<>", "RCPT TO:<garden@lists.example.org>", "DATA")
        while not (await client.reply()).startswith("354"):
            pass
        client.send(*LETTER)
        await store.reached.wait()
        await asyncio.sleep(0.6)
        store.let.set()
        assert await client.reply() == "250 2.0.0 Kept"


@pytest.mark.asyncio
async def test_a_client_that_never_reads_is_aborted() -> None:
    """close() would wait for ever for its unread replies to be taken."""
    async with open_door(limits=Limits(idle=0.2, linger=0.1, junk=10**9, commands=10**9)) as door:
        client = await door.dial(buffer=4096)
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        noops = b"HELP\r\n" * 10_000
        async with asyncio.timeout(PATIENCE):
            for _ in range(200):
                client.writer.write(noops)
                if client.writer.transport.get_write_buffer_size() > 10**6:
                    break
                await asyncio.sleep(0)
            await door.settled()
