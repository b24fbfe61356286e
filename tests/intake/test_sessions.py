"""What a session survives, and what survives a session: hang-ups, failures of the store; what is told of both."""

import asyncio
import logging
import os
import socket
from pathlib import Path

import pytest
import structlog

from intake.door import open_door
from intake.store import LETTER, RAW, Store
from listfold import metrics
from listfold.errors import LettersFull
from listfold.intake.limits import Limits
from listfold.model import Letter


@pytest.mark.asyncio
async def test_no_reply_before_the_letter_is_kept() -> None:
    """250 is said when `accept` returned, never earlier."""
    store = Store()
    async with open_door(accept=store.accept) as door:
        client = await door.connect()
        await client.to_data()
        client.send(*LETTER)
        await store.reached.wait()
        assert door.intake.busy == 1
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(1), 0.05)
        store.let.set()
        assert await client.reply() == "250 2.0.0 Kept"
        assert door.intake.busy == 0


@pytest.mark.asyncio
async def test_half_close_after_the_final_dot() -> None:
    """A client may close its half of the connection: the letter is kept and the reply still comes."""
    store = Store()
    async with open_door(accept=store.accept) as door:
        client = await door.connect()
        await client.to_data()
        client.send(*LETTER)
        client.writer.write_eof()
        await store.reached.wait()
        await asyncio.sleep(0.02)
        store.let.set()
        assert await client.reply() == "250 2.0.0 Kept"
        assert await client.closed()
        assert [letter.raw for letter in store.kept] == [RAW]


@pytest.mark.asyncio
async def test_reset_in_the_middle_of_the_commit() -> None:
    """A client that is gone does not stop its letter, and counts as here until the letter is kept."""
    store = Store()
    async with open_door(accept=store.accept) as door:
        client = await door.connect()
        await client.to_data()
        client.send(*LETTER)
        await store.reached.wait()
        sock = client.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        await asyncio.sleep(0.02)
        assert door.intake.sessions == 1
        store.let.set()
        await door.settled()
        assert [letter.raw for letter in store.kept] == [RAW]


@pytest.mark.asyncio
async def test_hang_up_in_data_keeps_nothing() -> None:
    """A letter without its final dot is no letter, though all of its text may have come."""
    async with open_door() as door:
        client = await door.connect()
        await client.to_data()
        client.send(*LETTER[:-1])
        await client.writer.drain()
        client.writer.write_eof()
        await door.settled()
        assert door.kept == []


@pytest.mark.asyncio
async def test_eof_right_after_data() -> None:
    """DATA and the end in one breath."""
    async with open_door() as door:
        client = await door.connect()
        await client.ask("HELO c", "MAIL FROM:<>", "RCPT TO:<garden@lists.example.org>")
        client.send("DATA")
        client.writer.write_eof()
        await door.settled()
        assert door.kept == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("error", "reply"),
    [
        (OSError(28, "No space left on device", "/var/lib/secret.db"), "451 4.3.0 Try again later"),
        (ConnectionResetError("the database's connection"), "451 4.3.0 Try again later"),
        (asyncio.CancelledError(), "451 4.3.0 Try again later"),
        (MemoryError(), "451 4.3.0 Try again later"),
        (LettersFull("/var/lib/secret.db"), "452 4.3.1 No room at present, try again later"),
    ],
)
async def test_a_failed_accept_is_answered_and_the_session_goes_on(error: BaseException, reply: str) -> None:
    """Refused says its reply, all else is 451 without detail; the transaction is over and the next one works."""
    errors = [error]
    kept: list[Letter] = []

    async def accept(letter: Letter) -> bool:
        if errors:
            raise errors.pop()
        kept.append(letter)
        return True

    async with open_door(accept=accept) as door:
        client = await door.connect()
        for expected in (reply, "250 2.0.0 Kept"):
            await client.to_data()
            client.send(*LETTER)
            assert await client.reply() == expected
        assert [letter.raw for letter in kept] == [RAW]


@pytest.mark.asyncio
async def test_the_same_again_is_answered_alike() -> None:
    """Nobody learns from the reply what an archive holds."""
    answers = [True, False]

    async def accept(letter: Letter) -> bool:
        return answers.pop(0)

    async with open_door(accept=accept) as door:
        client = await door.connect()
        for _ in range(2):
            await client.to_data()
            client.send(*LETTER)
            assert await client.reply() == "250 2.0.0 Kept"


@pytest.mark.asyncio
async def test_an_error_of_ours_in_a_verb_is_451() -> None:
    """A fault in `knows` is no reason to refuse a list for good, nor to tell anybody about it."""

    def knows(recipient: str) -> bool:
        raise OSError("secret")

    async with open_door(knows=knows) as door:
        client = await door.connect()
        assert await client.ask("HELO c", "MAIL FROM:<>", "RCPT TO:<a@example.org>") == "451 4.3.0 Try again later"
        assert await client.ask("MAIL FROM:<>") == "250 2.1.0 OK"


@pytest.mark.asyncio
async def test_an_error_of_ours_in_data_ends_the_session() -> None:
    """Nobody knows then how much of the letter was read: its rest must not be taken for commands."""

    def clock() -> float:
        raise RuntimeError("secret")

    async with open_door(clock=clock) as door:
        client = await door.connect()
        await client.to_data()
        client.send(*LETTER)
        assert await client.reply() == "451 4.3.0 Try again later"
        assert await client.closed()
        await door.settled()


@pytest.mark.asyncio
async def test_lmtp_failures_come_for_each_recipient() -> None:
    """A letter that could not be kept is put off for every recipient."""

    async def accept(letter: Letter) -> bool:
        raise OSError("disk")

    async with open_door("lmtp", accept=accept) as door:
        client = await door.connect()
        await client.to_data("a@lists.example.org", "b@lists.example.org", hello="LHLO c")
        client.send(*LETTER)
        assert [await client.reply(), await client.reply()] == ["451 4.3.0 Try again later"] * 2
        assert await client.ask("NOOP") == "250 2.0.0 OK"


@pytest.mark.asyncio
async def test_lmtp_over_a_unix_socket(tmp_path: Path) -> None:
    """Local delivery: one letter with all recipients, from lmtp; the socket's file is not ours to remove."""
    path = tmp_path / "lmtp.sock"
    async with open_door("lmtp", path=path) as door:
        client = await door.connect()
        await client.to_data("a@lists.example.org", "b@lists.example.org", hello="LHLO c")
        client.send(*LETTER)
        assert [await client.reply(), await client.reply()] == ["250 2.0.0 Kept"] * 2
        assert [(x.source, x.recipients) for x in door.kept] == [
            ("lmtp", ("a@lists.example.org", "b@lists.example.org"))
        ]
    assert path.exists()


@pytest.mark.asyncio
async def test_a_byte_at_a_time() -> None:
    """A slow client is served like any other."""
    async with open_door() as door:
        client = await door.connect()
        commands = b"HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<garden@lists.example.org>\r\nDATA\r\n"
        for piece in (commands, b"..x\r\n.\r\n"):
            for byte in piece:
                client.writer.write(bytes([byte]))
                await asyncio.sleep(0)
            while not (await client.reply()).startswith(("354", "250 2.0.0")):
                pass
        assert [letter.raw for letter in door.kept] == [b".x\r\n"]


@pytest.mark.asyncio
async def test_a_socket_that_listens_already(monkeypatch: pytest.MonkeyPatch) -> None:
    """As systemd hands it over: who connected before we were there is served. No name is ever looked up."""
    monkeypatch.setattr(socket, "getfqdn", None)
    async with open_door(early=True) as door:
        assert await door.clients[0].reply() == "220 mx.example.org ESMTP listfold"


@pytest.mark.asyncio
async def test_sessions_share_no_state() -> None:
    """However often others say EHLO, the length of a command line is the same for all."""
    async with open_door() as door:
        first, second = await door.connect(), await door.connect()
        for client in (first, second, first, second):
            await client.ask("EHLO c", "EHLO c")
            assert (await client.ask("NOOP " + "x" * 2040)).startswith("250 ")
            assert (await client.ask("NOOP " + "x" * 2050)).startswith("500 5.5.2 ")


@pytest.mark.asyncio
async def test_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an operator has to know is one event with fields: who, what, why; no text of any letter."""
    capture = structlog.testing.LogCapture()
    for module in ("session", "smtp"):
        monkeypatch.setattr(f"listfold.intake.{module}.log", structlog.wrap_logger(None, processors=[capture]))
    peer = f"unix:uid={os.getuid()},pid={os.getpid()}"
    async with open_door("lmtp", Limits(max_size=5, sessions=1), path=tmp_path / "lmtp.sock") as door:
        client = await door.connect()
        await (await door.dial()).reply()
        await client.ask("LHLO c", "MAIL FROM:<>", "RCPT TO:<nobody@example.com>")
        await client.ask("RCPT TO:<garden@lists.example.org>", "DATA")
        client.send("secret", ".")
        await client.reply()
        await client.ask("GET /secret HTTP/1.1")
    assert capture.entries == [
        {"event": "session.refused", "log_level": "info", "peer": peer, "reply": "421 4.7.0"},
        {
            "event": "letter.refused",
            "log_level": "info",
            "peer": peer,
            "reply": "550 5.1.1",
            "recipient": "nobody@example.com",
        },
        {
            "event": "letter.refused",
            "log_level": "info",
            "peer": peer,
            "reply": "552 5.3.4",
            "recipients": 1,
            "size": 11,
        },
        {"event": "session.cut", "log_level": "info", "peer": peer, "reply": "421 4.7.0", "reason": "foreign"},
    ]


@pytest.mark.asyncio
async def test_what_is_not_taken_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    """Refused recipients by reply, open sessions as they are; and aiosmtpd's log, full of addresses, is silent."""
    refused = metrics.REFUSED.labels("550 5.1.1")
    before = refused._value.get()
    with caplog.at_level(logging.DEBUG, logger="root"):
        async with open_door() as door:
            client = await door.connect()
            assert metrics.SESSIONS._value.get() == 1
            await client.ask("HELO c", "MAIL FROM:<>", "RCPT TO:<nobody@example.com>")
    assert refused._value.get() == before + 1
    assert metrics.SESSIONS._value.get() == 0
    assert [record for record in caplog.records if record.name == "mail.log"] == []
