"""What comes between 354 and the final dot: bytes kept exactly, memory bounded, whatever the client sends."""

import asyncio
import tracemalloc

import pytest

from intake.door import open_door
from listfold.errors import LettersFull, TooBig
from listfold.intake.data import Endless, TooManyHops, hops, receive
from listfold.intake.limits import MIB, Limits
from listfold.intake.load import Load

# What smuggling attacks end a letter with (SEC Consult 2023, CVE-2023-51764..51766, CVE-2024-27305), and kin.
FALSE_ENDS = {
    "LF.LF": b"\n.\n",
    "LF.CRLF": b"\n.\r\n",
    "CRLF.LF": b"\r\n.\n",
    "CR.CR": b"\r.\r",
    "CR.CRLF": b"\r.\r\n",
    "CRLF.CR": b"\r\n.\r",
    "LF.CR": b"\n.\r",
    "CR.LF": b"\r.\n",
    "CRLF NUL.CRLF": b"\r\n\0.\r\n",
    "CRLF.NUL CRLF": b"\r\n.\0\r\n",
    "CRCRLF.CRCRLF": b"\r\r\n.\r\r\n",
    "CRLF..CRLF": b"\r\n..\r\n",
    "CRLF. CRLF": b"\r\n. \r\n",
}


def meant(sent: bytes) -> bytes:
    """RFC 5321 4.5.2, line by line: the first dot of a CRLF line goes."""
    return b"\r\n".join(line.removeprefix(b".") for line in sent.split(b"\r\n"))


async def take(sent: bytes, limits: Limits, step: int = 0) -> bytes:
    """Receive what is sent, all at once or `step` bytes at a time."""
    reader = asyncio.StreamReader(limit=limits.buffer)
    with Load(limits).hold() as held:
        receiving = asyncio.create_task(receive(reader, limits, held))
        await asyncio.sleep(0)
        for start in range(0, len(sent), step or len(sent)):
            reader.feed_data(sent[start : start + (step or len(sent))])
            await asyncio.sleep(0)
        return await receiving


@pytest.mark.asyncio
@pytest.mark.parametrize("end", FALSE_ENDS.values(), ids=FALSE_ENDS.keys())
async def test_only_crlf_dot_crlf_ends_a_letter(end: bytes) -> None:
    """A false end is content, and a command that follows it is never obeyed."""
    smuggled = b"MAIL FROM:<admin@example.net>\r\nRCPT TO:<birds@lists.example.org>\r\nDATA\r\nfalse"
    async with open_door() as door:
        client = await door.connect()
        await client.to_data()
        client.writer.write(b"Subject: x\r\n\r\nbody" + end + smuggled + b"\r\n.\r\n")
        assert await client.reply() == "250 2.0.0 Kept"
        assert await client.ask("QUIT") == "221 2.0.0 Bye"
        assert [letter.raw for letter in door.kept] == [meant(b"Subject: x\r\n\r\nbody" + end + smuggled + b"\r\n")]


@pytest.mark.asyncio
@pytest.mark.parametrize("step", [0, 1, 2, 3, 5, 7])
@pytest.mark.parametrize(
    "sent",
    [
        b".\r\n",
        b"\r\n.\r\n",
        b"..\r\n.\r\n",
        b".unstuffed\r\n.\r\n",
        b"one\r\n..two\r\n...\r\n\r\n.\r\n",
        b"no end\n.\nof line\r.\r but\0this\r\n.\r\n",
        b"long " + b"x" * 500 + b"\r\n..\r\n" * 9 + b"\r\n.\r\n",
    ],
)
async def test_bytes_are_kept_as_they_were_meant(sent: bytes, step: int) -> None:
    """However the bytes are cut on their way, and however small our chunks are: only the stuffed dots go."""
    assert await take(sent, Limits(buffer=16), step) == meant(sent[:-3])


@pytest.mark.asyncio
async def test_long_lines_are_kept() -> None:
    """Real list mail has lines far beyond the 1000 bytes of RFC 5321 4.5.3.1.6: refused, they would be lost."""
    line = b"x" * 300_000 + b"\r\n"
    assert await take(line + b".\r\n", Limits()) == line


@pytest.mark.asyncio
async def test_a_letter_of_just_the_size_is_taken() -> None:
    """max_size counts the letter's own bytes with CRLFs: no stuffed dots, no end (RFC 1870 3)."""
    letter = b".dot\r\n" * 100
    sent = b"..dot\r\n" * 100 + b".\r\n"
    assert await take(sent, Limits(max_size=600, buffer=16)) == letter
    with pytest.raises(TooBig):
        await take(sent, Limits(max_size=599, buffer=16))


@pytest.mark.asyncio
async def test_too_big_is_read_to_its_end_and_endless_is_not() -> None:
    """Within `drain` the reply comes where the client looks for it; beyond, the session has to be closed."""
    limits = Limits(max_size=100, drain=1000, buffer=64)
    with pytest.raises(TooBig) as found:
        await take(b"x" * 1000 + b"\r\n.\r\n", limits)
    assert found.type is TooBig
    with pytest.raises(Endless):
        await take(b"x" * 2000, limits)


@pytest.mark.asyncio
async def test_bytes_in_flight_are_given_back() -> None:
    """A letter that finds no room any more gives up its own at once, is drained, and put off."""
    limits = Limits(in_flight=1000, small=0, buffer=64)
    load = Load(limits)
    reader = asyncio.StreamReader(limit=limits.buffer)
    with load.hold() as others, load.hold() as held:
        others.add(900)
        receiving = asyncio.create_task(receive(reader, limits, held))
        await asyncio.sleep(0)
        reader.feed_data(b"x" * 80)
        await asyncio.sleep(0)
        assert 900 < load.bytes < 1000
        reader.feed_data(b"x" * 500)
        await asyncio.sleep(0)
        assert load.bytes == 900
        reader.feed_data(b"\r\n.\r\n")
        with pytest.raises(LettersFull):
            await receiving
    assert load.bytes == 0


@pytest.mark.asyncio
async def test_too_many_hops() -> None:
    """A letter with more Received fields than `hops` is going round in circles."""
    field = b"Received: by mx.example.net\r\n"
    assert await take(field * 3 + b"\r\nbody\r\n.\r\n", Limits(hops=3))
    with pytest.raises(TooManyHops):
        await take(field * 4 + b"\r\nbody\r\n.\r\n", Limits(hops=3))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", 0),
        (b"\r\nReceived: x\r\nReceived: x\r\n", 0),
        (b"Received: x\nRECEIVED: y\n\nReceived: z\n", 2),
        (b"X: Received: x\r\n Received: y\r\nreceived: z\r\nReceived-SPF: pass\r\n\r\n", 1),
        (b"Received: x\r\nReceived: y\r\nReceived: z", 3),
    ],
)
def test_hops_are_counted_in_the_header_only(raw: bytes, expected: int) -> None:
    """In any case of letters, with either line end; folded lines and the body do not count."""
    assert hops(raw, 1000) == expected


@pytest.mark.asyncio
async def test_a_large_letter_needs_two_and_a_half_times_its_size_at_most() -> None:
    """25 MiB, each line with a stuffed dot."""
    limits = Limits()
    reader = asyncio.StreamReader(limit=limits.buffer)
    block = (b".." + b"x" * 62 + b"\r\n") * 1024
    with Load(limits).hold() as held:
        tracemalloc.start()
        receiving = asyncio.create_task(receive(reader, limits, held))
        sent = 0
        while sent < 24.5 * MIB:
            await asyncio.sleep(0)
            reader.feed_data(block)
            sent += len(block)
        reader.feed_data(b".\r\n")
        raw = await receiving
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert len(raw) == sent - sent // 66
    assert peak < 2.5 * len(raw)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("block", "reply"), [(b"\r\n" * 32768, "250 2.0.0 Kept"), (b"x" * 65536, "552 5.3.4 Message is too big")]
)
async def test_empty_and_endless_lines_need_no_memory_of_their_own(block: bytes, reply: str) -> None:
    """4 MiB of CRLF are 4 MiB (a list of lines needs 341); 16 MiB without a line end are thrown away as they come."""
    flood = block * (64 if reply[0] == "2" else 256)
    async with open_door(limits=Limits(max_size=4 * MIB)) as door:
        client = await door.connect()
        await client.to_data()
        tracemalloc.start()
        for start in range(0, len(flood), len(block)):
            client.writer.write(flood[start : start + len(block)])
            await client.writer.drain()
        client.writer.write(b"\r\n.\r\n" if reply[0] == "5" else b".\r\n")
        assert await client.reply() == reply
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 12 * MIB
