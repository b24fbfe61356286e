"""Runs the reader on sockets that are already bound, inside the daemon's own event loop."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

GRACE = 5  # seconds that a request in flight has to end after stop
KEEP_ALIVE = 15  # seconds; a feed reader that comes hourly gains nothing from more
CONCURRENCY = 512  # connections and tasks before 503: file descriptors are the daemon's, mail needs them more


class _Server(uvicorn.Server):
    """uvicorn, without its hands on the process's signals: the daemon owns them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: ASGIApp, sockets: list[socket.socket], stop: asyncio.Event) -> None:
    """Serve until `stop` is set and the requests in flight are answered."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,  # nothing trusts a client's address but /-/metrics, which wants the real one
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        limit_concurrency=CONCURRENCY,
        h11_max_incomplete_event_size=16_384,
        ws="none",
    )
    server = _Server(config)
    for listener in sockets:
        if listener.family in (socket.AF_INET, socket.AF_INET6):
            # asyncio sets it only on sockets made with an explicit IPPROTO_TCP, and those of systemd and
            # socket.create_server are not: head and body of an answer would then be 40 ms apart (delayed ACK).
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def stopper() -> None:
        await stop.wait()
        server.should_exit = True

    watch = asyncio.create_task(stopper())
    try:
        await server.serve(sockets)
    finally:
        watch.cancel()
