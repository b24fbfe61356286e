"""The stop: who is idle goes at once, who brings a letter is heard."""

import asyncio

import pytest

from intake.door import PATIENCE, open_door
from intake.store import LETTER, RAW, Store


@pytest.mark.asyncio
async def test_stop_tells_who_is_idle() -> None:
    """Idle sessions get 421 4.3.2 at once, and nobody new is let in."""
    async with open_door() as door:
        client = await door.connect()
        await client.ask("HELO c", "MAIL FROM:<>")
        await door.intake.close(5)
        assert await client.reply() == "421 4.3.2 Going down, try again later"
        assert await client.closed()
        with pytest.raises(ConnectionRefusedError):
            await door.dial()


@pytest.mark.asyncio
async def test_stop_waits_for_a_letter_between_its_dot_and_its_reply() -> None:
    """However long the commit takes and however short the grace is: kept, told so, then 421."""
    store = Store()
    async with open_door(accept=store.accept) as door:
        client = await door.connect()
        await client.to_data()
        client.send(*LETTER)
        await store.reached.wait()
        stopping = asyncio.create_task(door.intake.close(0.01))
        await asyncio.sleep(0.1)
        assert not stopping.done()
        store.let.set()
        assert await client.reply() == "250 2.0.0 Kept"
        assert await client.reply() == "421 4.3.2 Going down, try again later"
        await asyncio.wait_for(stopping, PATIENCE)
        assert len(store.kept) == 1


@pytest.mark.asyncio
async def test_stop_gives_data_its_grace() -> None:
    """A letter that is on its way may still arrive; one that does not is cut when the grace is over."""
    async with open_door() as door:
        quick, slow = await door.connect(), await door.connect()
        await quick.to_data()
        await slow.to_data()
        stopping = asyncio.create_task(door.intake.close(0.3))
        await asyncio.sleep(0.02)
        quick.send(*LETTER)
        assert await quick.reply() == "250 2.0.0 Kept"
        assert not stopping.done()
        await asyncio.wait_for(stopping, PATIENCE)
        assert await slow.reply() == "421 4.3.2 Going down, try again later"
        assert [letter.raw for letter in door.kept] == [RAW]
