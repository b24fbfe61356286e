"""Receives the octets of one DATA command, whatever the client sends, in bounded memory and linear time.

Strategy: the reader looks for CRLF.CRLF itself and hands out what cannot be a part of it in large chunks, never
line by line (a list of lines costs 85 times the memory). A CRLF is put in front, so that an empty letter and a dot in
the first line are no special cases. Only CRLF.CRLF ends the letter: `LF.LF`, `CR.CR` and their mixtures are content
(SMTP smuggling, CVE-2023-51764), and are kept as they came. A letter that is refused is read to its end all the
same, so that the reply stands where the client looks for it (RFC 5321 4.2.5).
"""

import asyncio

from listfold.errors import LettersFull, Refused, TooBig
from listfold.intake.limits import Limits
from listfold.intake.load import Held

END = b"\r\n.\r\n"


class Endless(TooBig):
    """More than anybody will read to its end: the session has to be closed with this reply."""


class TooManyHops(Refused):
    reply = "554 5.4.6 Too many hops"


async def receive(reader: asyncio.StreamReader, limits: Limits, held: Held) -> bytes:
    """The letter, dots unstuffed, with its last CRLF. Nothing may be in the reader when this starts.

    `held` counts what is kept. Raises TooBig, LettersFull and TooManyHops after the letter's end, Endless before it,
    and IncompleteReadError or ConnectionError when the client leaves. Needs about twice the letter's size at its end.
    """
    reader.feed_data(b"\r\n")
    buffer = bytearray()
    refusal: Refused | None = None
    received = stuffed = counted = 0
    ended = False
    while not ended:
        try:
            chunk = await reader.readuntil(END)
            ended = True
        except asyncio.LimitOverrunError as overrun:
            chunk = await reader.readexactly(overrun.consumed)
        received += len(chunk)
        if received > limits.max_size + limits.drain:
            raise Endless(f"{received} bytes")
        if refusal is not None:
            continue
        try:
            held.add(len(chunk))
            buffer += chunk
            # RFC 1870 3: stuffed dots do not count, nor do our CRLF (2) and the end without its dot (2).
            if len(buffer) - stuffed > limits.max_size + 4:
                stuffed += buffer.count(b"\r\n.", counted)
                counted = max(len(buffer) - 2, 0)
                if len(buffer) - stuffed > limits.max_size + 4:
                    raise TooBig(f"{received} bytes")
        except (LettersFull, TooBig) as error:
            refusal = error
            buffer = bytearray()
            held.free()
    if refusal is not None:
        raise refusal
    raw = unstuffed(buffer)
    if hops(raw, limits.header) > limits.hops:
        raise TooManyHops
    return raw


def unstuffed(buffer: bytearray) -> bytes:
    """CRLF, stuffed lines, CRLF.CRLF -> the lines as they were meant (RFC 5321 4.5.2). Empties the buffer."""
    plain = buffer.replace(b"\r\n.", b"\r\n")
    buffer.clear()
    del plain[-2:], plain[:2]
    return bytes(plain)


def hops(raw: bytes, header: int) -> int:
    """Received fields in the header, as far as `header` bytes reach."""
    start = b"\n" + raw[:header].lower()
    count = start.count(b"\nreceived:")
    if count < 2:
        return count
    ends = [end for end in (start.find(b"\n\r\n"), start.find(b"\n\n")) if end != -1]
    return start.count(b"\nreceived:", 0, min(ends)) if ends else count
