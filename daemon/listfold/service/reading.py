"""The reader in a process of its own: it opens the archive read-only, needs no lock, and no network but its sockets."""

import asyncio
import signal
from collections.abc import Callable

from listfold.archive.store import LINK
from listfold.errors import ConfigError
from listfold.service import systemd
from listfold.service.config import Settings
from listfold.service.listeners import address_of, bind
from listfold.web.app import make_app
from listfold.web.serve import serve


async def read_only(settings: Settings, told: Callable[[dict[str, list[str]]], None]) -> None:
    """Serve pages until SIGTERM or SIGINT. Raises ConfigError without an address to listen on."""
    if not settings.web.listen:
        raise ConfigError("[web] listen names no address")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    inherited = systemd.inherited()
    sockets = [bind(address, settings.data_dir, inherited) for address in settings.web.listen]
    link = settings.data_dir / LINK
    app = make_app(settings.data_dir, settings.base_url, ready=link.exists)
    systemd.notify("READY=1", "STATUS=reading")
    told({"web": [address_of(sock) for sock in sockets]})
    await serve(app, sockets, stop)
