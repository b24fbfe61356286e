"""Any dialogue: whatever a client says, it gets replies of SMTP, and only kept letters get their 250."""

import asyncio
import re

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
