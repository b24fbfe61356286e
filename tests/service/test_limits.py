"""[smtp] limits: what the configuration says is what a client meets at the socket."""

import asyncio
import smtplib
from pathlib import Path

import pytest

from intake.door import Client, Door, open_door
from listfold.errors import ConfigError
from listfold.intake.limits import Limits
from listfold.service.config import Settings, load
from running import CONFIG, Running

KEPT = "250 2.0.0 Kept"
LETTER = ("Subject: frost", "", "It came early.", ".")


def limits(folder: Path, text: str) -> Limits:
    path = folder / "listfold.toml"
    path.write_text(f"[smtp]\n{text}\n")
    return load(path).smtp.limits()


def test_defaults_are_the_doors_own() -> None:
    """A key that is not set changes nothing."""
    assert Settings().smtp.limits() == Limits()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "word", "answer"),
    [
        (
            "max_recipients = 100\nmax_commands = 110\nmax_junk_commands = 1000",
            "NOOP",
            (111, "421 4.7.0 Too many commands"),
        ),
        ("max_junk_commands = 10", "NOOP", (11, "421 4.7.0 Too many commands without a letter")),
        ("max_errors = 2", "BREAKFAST", (3, "421 4.7.0 Too many errors")),
    ],
    ids=["commands", "junk", "errors"],
)
async def test_a_session_may_say_so_much(tmp_path: Path, text: str, word: str, answer: tuple[int, str]) -> None:
    """The command after the last that is allowed ends the session."""
    async with open_door(limits=limits(tmp_path, text)) as door:
        client = await door.connect()
        said, reply = 0, ""
        while not reply.startswith("421"):
            said, reply = said + 1, await client.ask(word)
        assert (said, reply) == answer
        assert await client.closed()


@pytest.mark.asyncio
async def test_a_session_may_last_so_long(tmp_path: Path) -> None:
    """However lively it is."""
    async with open_door(limits=limits(tmp_path, "session_timeout = 1")) as door:
        client = await door.connect()
        async with asyncio.timeout(5):
            while not (await client.ask("NOOP")).startswith("421 4.4.2"):
                await asyncio.sleep(0.05)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("data_timeout = 1", 9.0),
        ("data_deadline = 1", 0.1),
        ("min_data_rate = 1000\nmin_data_rate_after = 1", 0.1),
    ],
    ids=["idle", "deadline", "rate"],
)
async def test_a_letter_may_take_so_long(tmp_path: Path, text: str, pause: float) -> None:
    """A letter that never comes, or only trickles in, is cut, and nothing is kept."""
    async with open_door(limits=limits(tmp_path, text)) as door:
        client = await door.connect()
        await client.to_data()
        reply = asyncio.create_task(client.reply())
        while not reply.done():
            client.writer.write(b"x")
            await asyncio.wait({reply}, timeout=pause)
        assert reply.result() == "421 4.4.2 Time is up"
        assert door.kept == []


@pytest.mark.asyncio
async def test_all_letters_on_the_way_may_be_so_many_bytes(tmp_path: Path) -> None:
    """452 for a large letter while another fills the room; when that one is kept there is room again."""
    asked = limits(tmp_path, "max_size = 300000\nmax_in_flight = 300000")
    async with open_door(limits=asked) as door:
        first, second = await door.connect(), await door.connect()
        await first.to_data()
        first.writer.write(b"x" * 200_000)
        await filled(door, 100_000)
        await second.to_data()
        assert (await large(second)).startswith("452 4.3.1")
        first.send("", ".")
        assert await first.reply() == KEPT
        assert await second.ask("MAIL FROM:<ann@example.net>", "RCPT TO:<garden@lists.example.org>", "DATA")
        assert await large(second) == KEPT


async def filled(door: Door, size: int) -> None:
    async with asyncio.timeout(5):
        while door.intake._terms.load.bytes < size:
            await asyncio.sleep(0.01)


async def large(client: Client) -> str:
    client.writer.write(b"y" * 200_000)
    client.send("", ".")
    return await client.reply()


@pytest.mark.asyncio
async def test_a_letter_may_have_come_so_far(tmp_path: Path) -> None:
    """Received fields: a letter with more goes round in circles."""
    async with open_door(limits=limits(tmp_path, "max_hops = 10")) as door:
        client = await door.connect()
        await client.to_data()
        client.send(*["Received: from here by there"] * 11, *LETTER)
        assert await client.reply() == "554 5.4.6 Too many hops"


def test_the_daemon_goes_by_them(tmp_path: Path) -> None:
    """From the file to a client of the running daemon."""
    config = CONFIG.replace("min_free_disk = 0", "min_free_disk = 0\nmax_errors = 1")
    with Running(tmp_path, config) as daemon, smtplib.SMTP(*daemon.smtp, timeout=20) as client:
        assert client.docmd("BREAKFAST")[0] == 500
        assert client.docmd("BREAKFAST") == (421, b"4.7.0 Too many errors")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_commands", "1"),
        ("max_commands", "1009"),  # a letter to 1,000 recipients needs more
        ("max_junk_commands", "0"),
        ("max_errors", '"many"'),
        ("max_hops", "1"),
        ("max_in_flight", "-1"),
        ("max_in_flight", "1000000"),  # less than one letter may have
        ("session_timeout", "0"),
        ("data_timeout", "0"),
        ("data_deadline", "1.5"),
        ("min_data_rate", "-1"),
        ("min_data_rate_after", "1000000"),
    ],
)
def test_what_is_out_of_bounds_is_told_with_its_key(tmp_path: Path, key: str, value: str) -> None:
    """One line: file, key, what is wrong."""
    with pytest.raises(ConfigError) as caught:
        limits(tmp_path, f"{key} = {value}")
    (line,) = str(caught.value).split("\n")
    assert line.startswith(f"{tmp_path / 'listfold.toml'}: smtp.{key}: ")
