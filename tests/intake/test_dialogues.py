"""Speaks the dialogues line by line.

# …          what the dialogue shows        C: text     the client sends text and CRLF
P: lmtp      protocol (default smtp)        C= bytes    the client sends bytes, escapes as in Python
L: name=n,…  limits                         xN: text    the client sends text, N times x, CRLF
S: pattern   the next line of the server, `*` for any text
K: sender recipients raw                    the next letter that was kept; <> is the null sender
closed       the server has closed the connection
"""

import asyncio
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from intake.door import NOW, PATIENCE, Door, open_door
from listfold.intake.limits import Limits

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))


def unescaped(text: str) -> bytes:
    r"""\r, \n, \0, \xff are bytes; \u00fc is UTF-8."""
    wide = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    escapes = {"r": b"\r", "n": b"\n", "0": b"\0"}
    parts = re.split(r"\\(r|n|0|x[0-9a-f]{2})", wide)
    odd = (escapes.get(code) or bytes([int(code[1:], 16)]) for code in parts[1::2])
    return b"".join(part.encode() + code for part, code in zip(parts[::2], [*odd, b""], strict=True))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "lines", [path.read_text().splitlines() for path in DIALOGUES], ids=[x.stem for x in DIALOGUES]
)
async def test_dialogue(lines: list[str]) -> None:
    """The server says exactly what the dialogue says, and keeps the letters that it names and no others."""
    assert lines[0].startswith("# "), "a dialogue opens with what it shows"
    setting = {line[0]: line[3:] for line in lines if line[:3] in ("P: ", "L: ")}
    limits: dict[str, Any] = {"linger": 0.2}
    limits |= {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", setting.get("L", ""))}
    protocol = "lmtp" if setting.get("P") == "lmtp" else "smtp"
    async with open_door(protocol, Limits(**limits)) as door:
        await speak(door, lines)
        assert door.kept == []


async def speak(door: Door, lines: list[str]) -> None:
    client = await door.dial()
    for number, line in enumerate(lines, 1):
        mark, rest = line[:2], line[3:]
        if mark == "C:":
            client.send(unescaped(rest))
        elif mark == "C=":
            client.writer.write(unescaped(rest))
        elif many := re.fullmatch(r"x(\d+):\s?(.*)", line):
            client.send(many[2] + "x" * int(many[1]))
        elif mark == "S:":
            said = (await asyncio.wait_for(client.reader.readline(), PATIENCE)).decode()
            assert said.endswith("\r\n"), f"line {number}: {line}"
            assert fnmatchcase(said[:-2], rest), f"line {number}: {said!r} is not {rest!r}"
        elif mark == "K:":
            sender, recipients, raw = (*rest.split(" ", 2), "")[:3] if '"' not in rest else quoted(rest)
            letter = door.kept.pop(0)
            assert letter.sender == unescaped(sender).decode().replace("<>", ""), f"line {number}"
            assert letter.recipients == tuple(unescaped(recipients).decode().split(",")), f"line {number}"
            assert letter.raw == unescaped(raw), f"line {number}"
            assert letter.received == int(NOW)
        elif line == "closed":
            assert await client.closed(), f"line {number}"
        else:
            assert mark in ("# ", "P:", "L:"), f"line {number}: {line}"


def quoted(rest: str) -> tuple[str, str, str]:
    """A sender with a quoted local part, which may hold blanks."""
    found = re.fullmatch(r'("[^"]*"\S*) (\S+) (.*)', rest)
    assert found is not None
    return found[1], found[2], found[3]
