"""Any dialogue: whatever a client says, it gets replies of SMTP, and only kept letters get their 250."""

import asyncio
import re
import smtplib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.door import open_door
from listfold.intake.limits import Limits

WORDS = st.sampled_from(
    [
        *(b"EHLO x", b"HELO x", b"NOOP", b"RSET", b"VRFY a", b"HELP", b"STARTTLS", b"LHLO x", b"AUTH PLAIN", b"BDAT 3"),
        *(b"MAIL FROM:<a@example.net>", b"MAIL FROM:<>", b"MAIL FROM:<", b"MAIL FROM:<a@b> SIZE=99999999999"),
        *(
            b"RCPT TO:<g@lists.example.org>",
            b"RCPT TO:<x@example.com>",
            b"RCPT TO:<>",
            b"RCPT TO:<@a:g@lists.example.org>",
        ),
        *(b"DATA", b"DATA x", b"", b"\x00", b"\xff\xfe", b"MAIL" * 300),
    ]
)
LETTERS = st.binary(max_size=200).map(lambda raw: raw.replace(b"\r\n.", b"\r\n..") if raw else raw)
TURNS = st.lists(st.tuples(WORDS, LETTERS, st.sampled_from([b"\r\n", b"\n"])), max_size=25)
REPLY = re.compile(rb"[2345][0-9]{2}[ -][^\r\n]*\r\n")


async def speak(turns: list[tuple[bytes, bytes, bytes]]) -> None:
    async with open_door(limits=Limits(linger=0.05)) as door:
        client = await door.connect()
        promised = 0
        try:
            for word, letter, end in turns:
                client.writer.write(word + end)
                said = await lines(client.reader)
                if not said:
                    break
                if said[-1].startswith(b"354"):
                    stuffed = b"\r\n" + letter
                    client.writer.write(stuffed.replace(b"\r\n.", b"\r\n..")[2:] + b"\r\n.\r\n")
                    said = await lines(client.reader)
                    promised += said[-1].startswith(b"250 2.0.0 Kept")
        except ConnectionError:
            pass
        assert len(door.kept) == promised


async def lines(reader: asyncio.StreamReader) -> list[bytes]:
    """The lines of one reply; [] at the end of the connection."""
    out: list[bytes] = []
    while not out or out[-1][3:4] == b"-":
        line = await asyncio.wait_for(reader.readline(), 5)
        if not line:
            return []
        assert REPLY.fullmatch(line), line
        out.append(line)
    return out


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TURNS)
def test_any_dialogue_is_answered_and_keeps_what_it_promises(turns: list[tuple[bytes, bytes, bytes]]) -> None:
    """Replies have a reply's form; letters kept are those that were told so, no more and no fewer."""
    asyncio.run(speak(turns))


PARTS = st.sampled_from([b".", b"..", b"\r\n", b"\r", b"a", b"\x00", b"\xff", b"QUIT", b"\r\n.\r\n", b"\r\n.\r"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PARTS, max_size=30).map(b"".join))
def test_what_smtplib_sends_is_what_is_kept(raw: bytes) -> None:
    """Another implementation's stuffing and ours agree on every letter: no byte more, none less, one letter."""

    async def send() -> list[bytes]:
        async with open_door() as door:
            host, port = door.address
            await asyncio.to_thread(by_smtplib, str(host), int(port), raw)
            return [letter.raw for letter in door.kept]

    assert asyncio.run(send()) == [raw if raw.endswith(b"\r\n") else raw + b"\r\n"]


def by_smtplib(host: str, port: int, raw: bytes) -> None:
    with smtplib.SMTP(host, port, timeout=10) as client:
        client.sendmail("a@example.net", ["garden@lists.example.org"], raw)
