"""The server inside our own loop."""

import asyncio
import signal
import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from listfold.web.serve import serve


@pytest.mark.asyncio
async def test_a_request_in_flight_is_answered_before_it_stops() -> None:
    begun = asyncio.Event()

    async def slow(request: Request) -> Response:
        begun.set()
        await asyncio.sleep(0.3)
        return PlainTextResponse("done")

    listener = socket.create_server(("127.0.0.1", 0))
    port, stop = listener.getsockname()[1], asyncio.Event()
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    running = asyncio.create_task(serve(Starlette(routes=[Route("/", slow)]), [listener], stop))
    async with httpx.AsyncClient() as client:
        asked = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/"))
        await begun.wait()
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
        stop.set()
        assert (await asked).text == "done"
    await asyncio.wait_for(running, 5)


@pytest.mark.asyncio
async def test_an_idle_connection_does_not_hold_up_the_stop() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port, stop = listener.getsockname()[1], asyncio.Event()
    running = asyncio.create_task(serve(Starlette(), [listener], stop))
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).status_code == 404
        stop.set()
        await asyncio.wait_for(running, 3)


@pytest.mark.asyncio
async def test_an_answer_does_not_wait_for_the_clients_ack() -> None:
    """Head and body go out at once (TCP_NODELAY): ten answers on one connection take far less than ten times 40 ms."""
    listener = socket.create_server(("127.0.0.1", 0))
    port, stop = listener.getsockname()[1], asyncio.Event()
    running = asyncio.create_task(serve(Starlette(), [listener], stop))
    async with httpx.AsyncClient() as client:
        times = []
        for _ in range(10):
            answer = await client.get(f"http://127.0.0.1:{port}/")
            times.append(answer.elapsed.total_seconds())
        assert sorted(times)[3] < 0.03
        stop.set()
    await asyncio.wait_for(running, 3)
