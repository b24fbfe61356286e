"""Many clients at one time."""

import pytest

from intake.door import open_door
from intake.store import Store
from listfold.intake.limits import Limits


@pytest.mark.asyncio
async def test_too_many_sessions() -> None:
    """One more than there is room for is told 421 and closed; when one leaves, the next is welcome."""
    async with open_door(limits=Limits(sessions=2)) as door:
        first = await door.connect()
        await door.connect()
        third = await door.dial()
        assert await third.reply() == "421 4.7.0 Too many connections, try again later"
        assert await third.closed()
        assert door.intake.sessions == 2
        first.close()
        await door.settled(1)
        await door.connect()


@pytest.mark.asyncio
async def test_too_many_sessions_of_one_address() -> None:
    """One address may not take all places; the machine itself may (its mail server is one client for all lists)."""
    async with open_door(limits=Limits(per_address=1)) as door:
        await door.connect("127.0.0.2")
        again = await door.dial("127.0.0.2")
        assert (await again.reply()).startswith("421 4.7.0 ")
        await door.connect("127.0.0.3")
        await door.connect("127.0.0.1")
        await door.connect("127.0.0.1")


@pytest.mark.asyncio
async def test_too_many_bytes_in_flight() -> None:
    """While others' letters fill the room, MAIL with a size and DATA are put off with 452; and then no longer."""
    store = Store()
    async with open_door(limits=Limits(in_flight=1000, small=0), accept=store.accept) as door:
        first = await door.connect()
        await first.to_data()
        first.send(b"x" * 900, b".")
        await store.reached.wait()
        second = await door.connect()
        assert (await second.ask("HELO c", "MAIL FROM:<> SIZE=200")).startswith("452 4.3.1 ")
        assert (await second.ask("MAIL FROM:<> SIZE=20")).startswith("250 ")
        assert (await second.ask("RCPT TO:<garden@lists.example.org>")).startswith("250 ")
        assert (await second.ask("DATA")).startswith("354 ")
        second.send(b"x" * 200, b".")
        assert (await second.reply()).startswith("452 4.3.1 ")
        store.let.set()
        assert await first.reply() == "250 2.0.0 Kept"
        assert (await second.ask("MAIL FROM:<> SIZE=2000")).startswith("250 ")
