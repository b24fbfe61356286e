"""A listening intake for a test, and a client that speaks to it line by line."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from listfold.intake.limits import Limits
from listfold.intake.load import Networks
from listfold.intake.server import Intake
from listfold.intake.session import Accept
from listfold.model import Letter

HOST = "mx.example.org"
NOW = 1_449_000_000.7
PATIENCE = 5.0  # seconds that a test waits for something that should come at once


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *lines: str | bytes) -> None:
        """Lines in one write, each with its CRLF."""
        self.writer.write(b"".join((x.encode() if isinstance(x, str) else x) + b"\r\n" for x in lines))

    async def reply(self) -> str:
        """One whole reply, its lines joined by LF; "" when the connection is closed."""
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), PATIENCE)).decode().removesuffix("\r\n")
            lines.append(line)
            if line[3:4] != "-":
                return "\n".join(lines)

    async def ask(self, *lines: str | bytes) -> str:
        """The reply to the last of these lines, sent one by one."""
        answer = ""
        for line in lines:
            self.send(line)
            answer = await self.reply()
        return answer

    async def to_data(self, *recipients: str, hello: str = "EHLO client.example.net") -> None:
        """As far as 354."""
        answer = await self.ask(hello, "MAIL FROM:<ann@example.net>")
        for recipient in recipients or ("garden@lists.example.org",):
            answer = await self.ask(f"RCPT TO:<{recipient}>")
        assert (await self.ask("DATA")).startswith("354 "), answer

    async def closed(self) -> bool:
        """Wait for the end of the connection: a clean one or a reset."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE) == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self.writer.transport.abort()


@dataclass
class Door:
    intake: Intake
    address: tuple[str, int] | str
    kept: list[Letter] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)

    async def dial(self, source: str = "", buffer: int = 0) -> Client:
        """Connect, from a given loopback address or with a small receive buffer, and read nothing."""
        sock = socket.socket(socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET)
        sock.setblocking(False)
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        if source:
            sock.bind((source, 0))
        try:
            await asyncio.get_running_loop().sock_connect(sock, self.address)
        except OSError:
            sock.close()
            raise
        client = Client(*await asyncio.open_connection(sock=sock))
        self.clients.append(client)
        return client

    async def connect(self, source: str = "") -> Client:
        client = await self.dial(source)
        assert (await client.reply()).startswith("220 ")
        return client

    async def settled(self, sessions: int = 0) -> None:
        """Wait until only that many sessions are open."""
        async with asyncio.timeout(PATIENCE):
            while self.intake.sessions != sessions:
                await asyncio.sleep(0.005)


@asynccontextmanager
async def open_door(
    protocol: Literal["smtp", "smtps", "lmtp"] = "smtp",
    limits: Limits | None = None,
    accept: Accept | None = None,
    knows: Callable[[str], bool] = lambda recipient: recipient.lower().endswith("@lists.example.org"),
    path: Path | None = None,
    early: bool = False,
    clock: Callable[[], float] = lambda: NOW,
    tls: ssl.SSLContext | None = None,
    clients: Networks = (),
) -> AsyncIterator[Door]:
    kept: list[Letter] = []

    async def keep(letter: Letter) -> bool:
        kept.append(letter)
        return True

    intake = Intake(accept or keep, knows, limits or Limits(linger=0.2), HOST, clock, clients)
    intake.tls = tls
    sock = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    sock.bind(str(path) if path else ("127.0.0.1", 0))
    door = Door(intake, sock.getsockname(), kept)
    if early:  # a client that comes before us, to a socket that somebody else made listen
        sock.listen()
        await door.dial()
    await intake.listen(protocol, sock)
    try:
        yield door
    finally:
        for client in door.clients:
            client.close()
        await intake.close(0.05)
        assert intake.sessions == intake.busy == 0
