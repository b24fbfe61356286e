"""One client's connection: greeting, command lines, time and hang-ups; what the verbs do is smtp.py's and lmtp.py's.

Strategy: aiosmtpd's SMTP with its constructor, its loop over commands, its timer and its way with hang-ups
replaced, since each can be misused from outside. The session's task is never cancelled: a hang-up, a timeout and a
stop close the streams, and the task comes to its own end. So a letter whose final dot has come is committed whatever
its client does meanwhile, and the client counts as here until then. Time is looked at from outside: a sweep over
all sessions asks each `overdue`, and no timer is set for a command.
"""

import asyncio
import logging
import re
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum, auto
from typing import Any, ClassVar, cast

import structlog
from aiosmtpd.smtp import SMTP

from listfold import metrics
from listfold.errors import NotDurable, Refused, TooMany
from listfold.frozen import dataclass
from listfold.intake.limits import Limits
from listfold.intake.load import Load, Networks, allowed, client_of
from listfold.intake.tls import upgrade
from listfold.model import Letter, Source

Accept = Callable[[Letter], Awaitable[bool]]  # True: new; False: the same again. Raises Refused

log = structlog.get_logger()
logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)  # aiosmtpd's: every command, address and line of DATA

CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # bare CR and NUL among them
STRANGER = "421 4.7.1 Not from your address"  # for a while only: an address that is missing here must not cost mail
GOING = "421 4.3.2 Going down, try again later"
UNEXPECTED = NotDurable.reply  # 451: a permanent answer would have a list drop our subscription; never a detail

# A browser can be made to send these, and mail after them, to a listener on its own machine: they end a session at
# once, as Postfix' smtpd_forbidden_commands.
FOREIGN = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
BATCH = 64  # replies that wait to be sent together
TRANSACTION = frozenset({"MAIL", "RCPT", "DATA"})  # all else is junk when there is too much of it


class Phase(Enum):
    COMMAND = auto()  # waits for the client's next command
    DATA = auto()  # between 354 and the final dot
    COMMIT = auto()  # between the final dot and its reply: never cut
    OVER = auto()


class HangUp(Exception):
    """The session has to end: the last words ("" when nobody is there to hear them), and why, for the log."""

    def __init__(self, reply: str, reason: str) -> None:
        super().__init__(reason)
        self.reply = reply
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Terms:
    """What every session is handed."""

    accept: Accept
    knows: Callable[[str], bool]
    limits: Limits
    hostname: str
    clock: Callable[[], float]
    load: Load
    here: "set[Session]"
    tls: Callable[[], ssl.SSLContext | None]  # asked for each handshake: a new certificate needs no restart
    clients: Networks  # who may connect; none: everybody


class Session(SMTP):
    """The connection. A subclass names its protocol, its greeting and its verbs."""

    source: ClassVar[Source]
    greeting: ClassVar[str]
    verbs: ClassVar[Mapping[str, Callable[[Any, str], str]]]  # a verb takes its argument and returns the reply

    def __init__(self, terms: Terms, loop: asyncio.AbstractEventLoop) -> None:
        # Not aiosmtpd's constructor: it walks dir() of two objects for each connection (0.09 ms) and clears a table of
        # command lengths that all connections share. What its inherited methods read is set here.
        reader = asyncio.StreamReader(limit=terms.limits.buffer, loop=loop)
        asyncio.StreamReaderProtocol.__init__(self, reader, self._cb_client_connected, loop)
        self.loop = loop
        self.transport = None
        self._original_transport = None
        self._handler_coroutine = None
        self.terms = terms
        self.phase = Phase.OVER
        self.client = ""  # whom the connection is counted for
        self.peer = ""  # who it is in the log
        self.secure = False  # TLS is on
        self.opened = self.since = self.heard = 0.0  # loop time: the session's start, the phase's, the last byte
        self.received = 0  # bytes in this phase
        self.commands = self.junk = self.errors = 0
        self._said: list[bytes] = []

    @property
    def task(self) -> "asyncio.Task[None] | None":
        """The session's own task; None when the client was turned away."""
        return self._handler_coroutine

    def over(self) -> bool:
        return self.phase is Phase.OVER

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast(asyncio.Transport, transport)
        load = self.terms.load
        self.client, self.peer = _who(stream)
        known = allowed(stream.get_extra_info("peername"), self.terms.clients)
        if load.closing or not known or not load.enter(self.client):
            reply = GOING if load.closing else TooMany.reply if known else STRANGER
            metrics.REFUSED.labels(label(reply)).inc()
            log.info("session.refused", reply=label(reply), peer=self.peer)
            stream.write(reply.encode() + b"\r\n")
            stream.close()
            return
        self.phase = Phase.COMMAND
        self.opened = self.since = self.loop.time()
        self.terms.here.add(self)
        self.secure = stream.get_extra_info("sslcontext") is not None
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.heard = self.loop.time()
        self.received += len(data)
        super().data_received(data)

    def eof_received(self) -> bool | None:
        # aiosmtpd cancels the task here, in the middle of a commit too. A client may close its half after the last
        # dot or QUIT: the task reads what has come, answers, and finds the end by itself.
        return asyncio.StreamReaderProtocol.eof_received(self)

    def connection_lost(self, error: Exception | None) -> None:
        if self.task is not None:
            asyncio.StreamReaderProtocol.connection_lost(self, error)
            self.transport = None

    def _reset_timeout(self, duration: float | None = None) -> None:
        """No timer: see `overdue`."""

    # What the sweep and the stop call

    def overdue(self, now: float) -> str:
        """Why this session's time is up; "" when it is not. Never while a letter is being committed."""
        limits = self.terms.limits
        if self.phase is Phase.COMMAND:
            if now - self.since > limits.idle:
                return "idle"
            return "session" if now - self.opened > limits.session else ""
        if self.phase is Phase.DATA:
            taken = now - self.since
            if now - self.heard > limits.data_idle:
                return "data idle"
            if taken > limits.data_deadline:
                return "data deadline"
            if taken > limits.data_rate_after and self.received < limits.data_rate * taken:
                return "data rate"
        return ""

    def hang_up(self, reply: str, reason: str) -> None:
        """Last words, then the end: at once, or after `linger` when the client does not read."""
        if not self.over():
            self.phase = Phase.OVER
            log.info("session.cut", reason=reason, reply=label(reply), peer=self.peer)
            if reply:
                self.say(reply)
            self._close()

    # The session's task

    async def _handle_client(self) -> None:
        try:
            self.say(f"220 {self.terms.hostname} {self.greeting}")
            while not self.over():
                if b"\n" not in self.ahead or len(self._said) >= BATCH:
                    self.flush()
                    await self._writer.drain()
                line = await self._reader.readuntil(b"\n")
                if self.over():
                    break
                self.since = self.loop.time()
                if reply := await self._answer(line):
                    self.say(reply)
                if self.terms.load.closing and not self.over():
                    raise HangUp(GOING, "stop")
        except HangUp as end:
            self.hang_up(end.reply, end.reason)
        except asyncio.LimitOverrunError:
            self.hang_up("500 5.5.2 Line too long", "line")
        except (asyncio.IncompleteReadError, OSError):
            pass  # between two commands a client may leave as it likes
        finally:
            self.phase = Phase.OVER
            self.terms.here.discard(self)
            self.terms.load.leave(self.client)
            self._close()

    async def _answer(self, line: bytes) -> str:
        """The reply to one command line. Raises HangUp."""
        limits = self.terms.limits
        self.commands += 1
        if self.commands > limits.commands:
            raise HangUp("421 4.7.0 Too many commands", "commands")
        line = line[:-2] if line.endswith(b"\r\n") else line[:-1]  # a bare LF ends a command typed by hand
        reply = await self._reply(line)
        if reply[:1] == "5":
            self.errors += 1
            if self.errors > limits.errors:
                raise HangUp("421 4.7.0 Too many errors", "errors")
        if self.junk > limits.junk:
            raise HangUp("421 4.7.0 Too many commands without a letter", "junk")
        return reply

    async def _reply(self, line: bytes) -> str:
        if len(line) > self.terms.limits.line:
            return "500 5.5.2 Line too long"
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return "500 5.5.2 Neither ASCII nor UTF-8"
        if CONTROL.search(line):
            return "500 5.5.2 Control characters"
        word, _, argument = text.partition(" ")
        command = word.upper()
        if command in FOREIGN:
            raise HangUp("421 4.7.0 This is no web server", "foreign")
        if command not in TRANSACTION:
            self.junk += 1
        try:
            if command == "DATA":
                return await self.data(argument.strip())
            if command == "STARTTLS":
                return await self.starttls(argument.strip())
            verb = self.verbs.get(command)
            return "500 5.5.1 Unknown command" if verb is None else verb(self, argument.strip())
        except Refused as refusal:
            return refusal.reply
        except (HangUp, ssl.SSLError, ConnectionError):
            raise
        except Exception as error:
            log.exception("session.failed", command=command, peer=self.peer)
            if self.phase is not Phase.COMMAND:  # the rest of a letter must never be read as commands
                raise HangUp(UNEXPECTED, "failed") from error
            self.reset()
            return UNEXPECTED

    async def data(self, argument: str) -> str:
        raise NotImplementedError

    async def starttls(self, argument: str) -> str:
        raise NotImplementedError

    def reset(self) -> None:
        raise NotImplementedError

    async def encrypt(self, ready: str) -> None:
        """The handshake, after the word that lets it begin. Raises HangUp when the client has run ahead of it."""
        offered = self.terms.tls()
        if offered is None or self.transport is None:
            raise HangUp(UNEXPECTED, "no TLS")
        cast(asyncio.Transport, self.transport).pause_reading()
        if self.ahead:  # a command for the plain session that somebody wants to have obeyed in the other
            raise HangUp("554 5.5.0 Data sent before TLS", "hurried")
        self.flush()
        try:
            self.transport = await upgrade(self._reader, self._writer, ready.encode(), offered)
        except OSError as error:
            raise HangUp("", "handshake") from error
        self.secure = True
        self.since = self.loop.time()

    # Writing

    @property
    def ahead(self) -> bytearray:
        """What the client has sent and nobody has looked at. asyncio does not show it; aiosmtpd takes it like this."""
        buffer: bytearray = self._reader._buffer  # type: ignore[attr-defined]
        return buffer

    def say(self, reply: str) -> None:
        """To be sent with the next `flush`: replies to a pipelined group go out together (RFC 2920 3.2)."""
        self._said.append(reply.encode() + b"\r\n")

    def flush(self) -> None:
        if self._said and self.transport is not None and not self.transport.is_closing():
            self._writer.write(b"".join(self._said))
        self._said.clear()

    def refuse(self, reply: str, **fields: object) -> None:
        """Count and log a letter or a recipient that is not taken."""
        metrics.REFUSED.labels(label(reply)).inc()
        log.info("letter.refused", reply=label(reply), peer=self.peer, **fields)

    def _close(self) -> None:
        self.flush()
        transport = self._writer.transport
        transport.close()
        if transport.get_write_buffer_size():  # close() waits for ever for a client that does not read
            self.loop.call_later(self.terms.limits.linger, transport.abort)


def label(reply: str) -> str:
    """The codes of a reply, "452 4.3.1": few enough to be a metric's label."""
    return " ".join(reply.split(" ", 2)[:2])


def _who(transport: asyncio.Transport) -> tuple[str, str]:
    """Whom a connection is counted for, and its name in the log."""
    name = transport.get_extra_info("peername")
    if isinstance(name, tuple):
        return client_of(str(name[0])), str(name[0])
    try:
        credentials = transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        pid, uid, _gid = struct.unpack("3i", credentials)
    except (AttributeError, OSError, TypeError):  # not Linux, or a loop that hides its sockets (uvloop)
        return "", "unix"
    return "", f"unix:uid={uid},pid={pid}"
