"""The doors: listens on SMTP and LMTP sockets, sweeps out who takes too long, and stops without losing a letter."""

import asyncio
import socket
import ssl
import sys
import time
from collections.abc import Callable
from typing import Literal

from listfold.intake.limits import Limits
from listfold.intake.lmtp import SafeLMTP
from listfold.intake.load import Load, Networks
from listfold.intake.session import GOING, Accept, Phase, Session, Terms
from listfold.intake.smtp import SafeSMTP
from listfold.intake.tls import HANDSHAKE

PROTOCOLS: dict[str, type[SafeSMTP]] = {"smtp": SafeSMTP, "smtps": SafeSMTP, "lmtp": SafeLMTP}
TIMES_UP = "421 4.4.2 Time is up"


class Intake:
    """All listeners and sessions of one process. Made and used in one event loop.

    `accept` keeps a letter, and returns when it is durable: True for a new one, False for the same again. A Refused
    that it raises is the client's answer, anything else is 451 4.3.0. `knows` says whether a recipient is ours.
    """

    def __init__(
        self,
        accept: Accept,
        knows: Callable[[str], bool],
        limits: Limits,
        hostname: str,
        clock: Callable[[], float] = time.time,
        clients: Networks = (),
    ) -> None:
        self.tls: ssl.SSLContext | None = None  # to be set before `listen`; `tls.renew` gives it a new certificate
        load = Load(limits)
        self._terms = Terms(accept, knows, limits, hostname, clock, load, set(), lambda: self.tls, clients)
        self._servers: list[asyncio.Server] = []
        self._sweep: asyncio.TimerHandle | None = None
        times = (limits.idle, limits.session, limits.data_idle, limits.data_deadline, limits.data_rate_after)
        self._pause = min(1.0, min(times) / 4)

    @property
    def sessions(self) -> int:
        """Sessions open now."""
        return self._terms.load.sessions

    @property
    def busy(self) -> int:
        """Sessions inside DATA or its commit."""
        return sum(session.phase in (Phase.DATA, Phase.COMMIT) for session in self._terms.here)

    async def listen(self, protocol: Literal["smtp", "smtps", "lmtp"], sock: socket.socket) -> None:
        """Serve a bound stream socket, TCP or UNIX. It is closed by `close`; a UNIX socket's file is its binder's."""
        loop = asyncio.get_running_loop()
        kind, terms = PROTOCOLS[protocol], self._terms

        def session() -> Session:
            return kind(terms, loop)

        backlog = terms.limits.backlog
        if protocol == "smtps":  # RFC 8314
            server = await loop.create_server(
                session, sock=sock, backlog=backlog, ssl=self.tls, ssl_handshake_timeout=HANDSHAKE
            )
        elif sock.family != socket.AF_UNIX:
            server = await loop.create_server(session, sock=sock, backlog=backlog)
        elif sys.version_info >= (3, 13):  # which else removes the file of a socket that systemd holds
            server = await loop.create_unix_server(session, sock=sock, backlog=backlog, cleanup_socket=False)
        else:
            server = await loop.create_unix_server(session, sock=sock, backlog=backlog)
        self._servers.append(server)
        if self._sweep is None:
            self._sweep = loop.call_later(self._pause, self._look, loop)

    async def close(self, grace: float = 30.0) -> None:
        """Stop listening and end all sessions: idle ones now, those in DATA within `grace` seconds.

        A session between its final dot and the reply always finishes: this returns after the last such reply."""
        load, here = self._terms.load, self._terms.here
        load.closing = True
        for server in self._servers:
            server.close()  # wait_closed() means something else in each Python version: sessions are counted here
        for session in list(here):
            if session.phase is Phase.COMMAND:
                session.hang_up(GOING, "stop")
        await self._gone(grace)
        for session in list(here):
            if session.phase is Phase.DATA:
                session.hang_up(GOING, "grace")
        await self._gone(None)
        if self._sweep is not None:
            self._sweep.cancel()

    async def _gone(self, patience: float | None) -> None:
        tasks = [session.task for session in self._terms.here if session.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=patience)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for session in list(self._terms.here):
            if reason := session.overdue(now):
                session.hang_up(TIMES_UP, reason)
        self._sweep = loop.call_later(self._pause, self._look, loop)
