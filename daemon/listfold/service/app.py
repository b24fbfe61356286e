"""The daemon: opens the house, then its doors; on SIGTERM or SIGINT closes the doors, then the house."""

import asyncio
import fnmatch
import json
import os
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import structlog

from listfold.errors import LettersFull, ListfoldError, NotDurable
from listfold.intake.server import Intake
from listfold.intake.tls import context, renew
from listfold.model import Letter
from listfold.service import commands, folding, imports, losses, purge, rebuild, silence, systemd
from listfold.service.config import Settings
from listfold.service.control import Control
from listfold.service.heart import beat
from listfold.service.house import House, open_house
from listfold.service.listeners import address_of, bind
from listfold.service.lock import DataLock
from listfold.web.app import make_app
from listfold.web.serve import serve

log = structlog.get_logger()

RUN = "run.json"
STATUS_SECONDS = 10.0  # between two STATUS= lines to systemd
DOORS = ("smtp", "smtps", "lmtp", "web")
DO = {
    LettersFull: "make room on the disk of data_dir: senders try again, and nothing is lost",
    NotDurable: "look at the disk of data_dir: senders try again, and nothing is lost",
}


async def run(settings: Settings, told: Callable[[dict[str, list[str]]], None]) -> None:
    """Run until SIGTERM or SIGINT. `told` is called with the addresses once the daemon is ready.

    Raises ListfoldError when a door cannot be opened, the data directory is busy, or a room's own task died."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, stop.set if sys.stderr.isatty() else _nothing_new)  # a terminal is closed
    async with AsyncExitStack() as stack:
        stack.enter_context(DataLock(settings.data_dir))
        sockets = _sockets(settings)
        for door in DOORS:
            for sock in sockets[door]:
                stack.callback(_close, sock)
        house = await stack.enter_async_context(open_house(settings))
        control = Control(settings.data_dir / "control.sock", _commands(house))
        await control.start()
        stack.push_async_callback(control.close)
        await _open_web(settings, house, sockets["web"], stack)
        await _open_mail(settings, house, sockets, stack)
        addresses = {door: [address_of(sock) for sock in sockets[door]] for door in DOORS}
        _write_run(settings.data_dir / RUN, addresses)
        stack.callback((settings.data_dir / RUN).unlink, missing_ok=True)
        systemd.notify("READY=1")
        log.info("daemon.ready", **addresses)
        told(addresses)
        await _until(stop, house)
        systemd.notify("STOPPING=1")
        log.info("daemon.stopping")
    if house.letters.broken:
        raise ListfoldError(
            f"{house.letters.broken}: nothing more is taken; look at the disk, run `listfold verify`, then start again"
        )


def run_here(settings: Settings, told: Callable[[dict[str, list[str]]], None]) -> None:
    """`run` in an event loop of its own: uvloop's, where it is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(run(settings, told))
    else:
        uvloop.run(run(settings, told))


async def _until(stop: asyncio.Event, house: House) -> None:
    """Wait for the signal to stop, telling systemd how it goes; a dead room ends the daemon with its error."""
    stopped = asyncio.create_task(stop.wait())
    ends: set[asyncio.Future[Any]] = {stopped, house.failure}
    quiet: set[str] = set()
    lossy: set[str] = set()
    next_look = 0.0
    while not stop.is_set():
        await asyncio.wait(ends, timeout=STATUS_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if house.failure.done():
            stopped.cancel()
            raise ListfoldError(f"stopped: {house.failure.exception()}")
        if house.letters.broken:
            return
        systemd.notify(*beat(house))
        if time.monotonic() >= next_look:
            quiet = await asyncio.to_thread(silence.look, house.archive.path, quiet)
            lossy = await asyncio.to_thread(losses.look, house.archive.path, lossy)
            next_look = time.monotonic() + silence.LOOK


async def _open_mail(
    settings: Settings, house: House, sockets: dict[str, list[socket.socket]], stack: AsyncExitStack
) -> None:
    hostname = settings.smtp.hostname or urlsplit(settings.base_url).hostname or "localhost"
    clients = tuple(ip_network(network) for network in settings.smtp.clients)
    intake = Intake(partial(_accept, house), partial(_knows, house), settings.smtp.limits(), hostname, clients=clients)
    if settings.smtp.tls_cert:
        intake.tls = context(*_certificate(settings))
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _reload, intake.tls, settings)
    stack.push_async_callback(intake.close)
    protocol: Literal["smtp", "smtps", "lmtp"]
    for protocol in ("smtp", "smtps", "lmtp"):
        for sock in sockets[protocol]:
            await intake.listen(protocol, sock)


def _certificate(settings: Settings) -> tuple[Path, Path]:
    """The files of the certificate and its key. A bare name is a credential of the unit, when there is one."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    cert, key = (
        Path(folder, name) if folder and "/" not in name and Path(folder, name).exists() else Path(name)
        for name in (settings.smtp.tls_cert, settings.smtp.tls_key)
    )
    return cert, key


def _reload(used: ssl.SSLContext, settings: Settings) -> None:
    """SIGHUP: sessions from now on get the new certificate; with a bad one the old one stays."""
    try:
        renew(used, *_certificate(settings))
    except ListfoldError as error:
        log.error("tls.kept", reason=str(error), do="mend the files, then send SIGHUP again")
    else:
        log.info("tls.reloaded", certificate=settings.smtp.tls_cert)


def _nothing_new() -> None:
    """SIGHUP where no certificate is: a reload is no reason to end."""
    log.info("reload.nothing", do="restart the daemon for other settings: SIGHUP reads a certificate again")


async def _open_web(settings: Settings, house: House, sockets: list[socket.socket], stack: AsyncExitStack) -> None:
    if not sockets:
        return
    stop = asyncio.Event()
    app = make_app(settings.data_dir, settings.base_url, ready=lambda: not house.letters.broken)
    task = asyncio.create_task(serve(app, sockets, stop), name="web")

    async def close() -> None:
        stop.set()
        await task

    stack.push_async_callback(close)


async def _accept(house: House, letter: Letter) -> bool:
    try:
        answer = await house.letters.accept(letter)
    except (LettersFull, NotDurable) as error:
        log.error("letter.refused", reason=str(error), do=DO[type(error)])
        raise
    if answer.new:
        house.pipeline.expect(answer.id)
    event = "letter.accepted" if answer.new else "letter.again"
    log.info(event, letter=answer.id, source=letter.source, size=len(letter.raw), recipients=list(letter.recipients))
    return answer.new


def _knows(house: House, recipient: str) -> bool:
    """Whether mail for this address is taken: bound to a list now, or a configured recipient or pattern."""
    address = recipient.lower()
    if any(address in (a.lower() for a in rule.addresses) for rule in house.rules.lists):
        return True
    if any(address in rule.retired for rule in house.rules.lists):
        return False
    return any(fnmatch.fnmatchcase(address, pattern) for pattern in house.settings.smtp.recipients)


def _commands(house: House) -> dict[str, Any]:
    return {
        "import": partial(imports.import_, house),
        "fold": partial(folding.fold, house),
        "unfold": partial(folding.unfold, house),
        "publish": partial(commands.publish, house),
        "purge": partial(purge.purge, house),
        "rebuild": partial(rebuild.rebuild, house),
        "retry": partial(commands.retry, house),
        "lists": partial(commands.lists, house),
        "held": partial(commands.held, house),
    }


def _sockets(settings: Settings) -> dict[str, list[socket.socket]]:
    """All doors bound before anything else happens: an address in use is told at once."""
    inherited = systemd.inherited()
    wanted = {
        "smtp": settings.smtp.listen,
        "smtps": settings.smtp.tls_listen,
        "lmtp": settings.lmtp.listen,
        "web": settings.web.listen,
    }
    return {door: [bind(a, settings.data_dir, inherited) for a in addresses] for door, addresses in wanted.items()}


def _close(sock: socket.socket) -> None:
    """Close a door; a UNIX socket's file that we made goes with it."""
    path = getattr(sock, "path", None)
    sock.close()
    if path is not None:
        path.unlink(missing_ok=True)


def _write_run(path: Path, addresses: dict[str, list[str]]) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(json.dumps({"pid": os.getpid(), **addresses}) + "\n")
    temporary.rename(path)
