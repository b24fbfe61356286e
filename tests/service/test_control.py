"""service/control.py: a command's work is done by the running daemon."""

import asyncio
import json
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from listfold.errors import ListfoldError, NoDaemon, NotFound, UsageError
from listfold.service.control import MAX_REQUEST, Command, Control, Progress, call
from listfold.service.listeners import connect


@asynccontextmanager
async def daemon(path: Path, **commands: Command) -> AsyncIterator[Control]:
    control = Control(path, commands)
    await control.start()
    try:
        yield control
    finally:
        await control.close(grace=0.2)


async def ask(path: Path, cmd: str, args: dict[str, Any] | None = None, progress: Progress = print) -> Any:
    return await asyncio.to_thread(call, path, cmd, args or {}, progress)


async def echo(args: dict[str, Any], cwd: str, progress: Progress) -> Any:
    for n in range(args.get("steps", 0)):
        progress(n)
    return {"args": args, "cwd": cwd}


@pytest.mark.asyncio
async def test_a_command_is_answered(tmp_path: Path) -> None:
    """The daemon gets the words and the client's directory; the client gets progress in order, then the result."""
    path = tmp_path / "control.sock"
    seen: list[int] = []
    async with daemon(path, echo=echo):
        answer = await ask(path, "echo", {"steps": 3, "name": "Blåbär"}, seen.append)
    assert answer == {"args": {"steps": 3, "name": "Blåbär"}, "cwd": str(Path.cwd())}
    assert seen == [0, 1, 2]


@pytest.mark.asyncio
async def test_a_deep_data_directory(tmp_path: Path) -> None:
    """The socket works below a path that is longer than sun_path."""
    folder = tmp_path / ("d" * 150)
    folder.mkdir()
    async with daemon(folder / "control.sock", echo=echo):
        assert (await ask(folder / "control.sock", "echo"))["args"] == {}


@pytest.mark.asyncio
async def test_only_the_owner_may_ask(tmp_path: Path) -> None:
    """Who may open the socket may do everything: it is the owner's alone, and goes with the daemon."""
    path = tmp_path / "control.sock"
    async with daemon(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_no_daemon_is_not_found(tmp_path: Path) -> None:
    """The caller then takes the lock itself; a socket that a killed daemon left is no daemon."""
    with pytest.raises(NoDaemon, match="no daemon answers"):
        call(tmp_path / "control.sock", "status", {}, print)


@pytest.mark.asyncio
async def test_the_daemons_error_is_raised_at_the_client(tmp_path: Path) -> None:
    """It is of the same kind, with the same words: the exit code is the same with and without a daemon."""

    async def show(args: dict[str, Any], cwd: str, progress: Progress) -> Any:
        raise NotFound("no record abc: try `listfold search`")

    async with daemon(tmp_path / "control.sock", show=show):
        with pytest.raises(NotFound, match=r"^no record abc: try `listfold search`$"):
            await ask(tmp_path / "control.sock", "show")
        with pytest.raises(NotFound, match="knows no command 'dance'"):
            await ask(tmp_path / "control.sock", "dance")


@pytest.mark.asyncio
async def test_a_bug_is_an_internal_error(tmp_path: Path) -> None:
    """The client learns nothing of the inside; the daemon lives on."""

    async def broken(args: dict[str, Any], cwd: str, progress: Progress) -> Any:
        raise ZeroDivisionError("secret")

    path = tmp_path / "control.sock"
    async with daemon(path, broken=broken, echo=echo):
        with pytest.raises(ListfoldError, match=r"^internal error: the daemon's log tells more$"):
            await ask(path, "broken")
        assert (await ask(path, "echo"))["args"] == {}


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (b"hello\n", "one JSON object"),
        (b"[]\n", "one JSON object"),
        (b'{"cmd": 1}\n', "one JSON object"),
        (b'{"cmd": "echo", "args": []}\n', "one JSON object"),
        (b"[" * 100_000 + b"\n", "one JSON object"),
        (b'{"cmd": "' + b"a" * MAX_REQUEST + b'"}\n', f"longer than {MAX_REQUEST} bytes"),
        (b'{"cmd": "echo"}', "did not come whole"),
    ],
)
@pytest.mark.asyncio
async def test_a_bad_request_is_refused(tmp_path: Path, request_: bytes, words: str) -> None:
    """What is not one line with one object, or is too long, is a usage error."""

    def send() -> dict[str, Any]:
        with connect(path) as sock, sock.makefile("rb") as lines:
            try:
                sock.sendall(request_)
                sock.shutdown(1)
            except OSError:
                pass
            answer: dict[str, Any] = json.loads(lines.readline())
            return answer

    path = tmp_path / "control.sock"
    async with daemon(path, echo=echo):
        answer = await asyncio.to_thread(send)
    assert answer["kind"] == UsageError.__name__
    assert words in answer["error"]


@pytest.mark.asyncio
async def test_a_client_that_hangs_up_stops_nothing(tmp_path: Path) -> None:
    """Work that has begun is done to its end."""
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work(args: dict[str, Any], cwd: str, progress: Progress) -> Any:
        begun.set()
        await go_on.wait()
        progress("into the void" * 100_000)
        await asyncio.sleep(0)
        done.set()

    async with daemon(tmp_path / "control.sock", work=work):
        with connect(tmp_path / "control.sock") as sock:
            sock.sendall(b'{"cmd": "work"}\n')
            await begun.wait()
        go_on.set()
        await asyncio.wait_for(done.wait(), 5)


@pytest.mark.asyncio
async def test_unread_progress_is_dropped(tmp_path: Path) -> None:
    """A client that does not read costs bounded memory, and gets the result when it reads again."""

    async def chatter(args: dict[str, Any], cwd: str, progress: Progress) -> Any:
        for _ in range(1000):
            progress("x" * 10_000)
        told.set()
        return "done"

    told = threading.Event()
    seen: list[str] = []

    def read(value: str) -> bool:
        seen.append(value)
        return told.wait(10)  # all is told before it reads on

    async with daemon(tmp_path / "control.sock", chatter=chatter):
        assert await ask(tmp_path / "control.sock", "chatter", {}, read) == "done"
    assert 0 < len(seen) < 1000


@pytest.mark.asyncio
async def test_stopping_waits_then_tells(tmp_path: Path) -> None:
    """At the end work has its grace; what is cancelled then is told to its client."""
    begun = asyncio.Event()

    async def endless(args: dict[str, Any], cwd: str, progress: Progress) -> Any:
        begun.set()
        await asyncio.sleep(60)

    async with daemon(tmp_path / "control.sock", endless=endless):
        asked = asyncio.create_task(ask(tmp_path / "control.sock", "endless"))
        await begun.wait()
    with pytest.raises(ListfoldError, match="the daemon is stopping"):
        await asked


@pytest.mark.asyncio
async def test_a_daemon_that_dies_is_told(tmp_path: Path) -> None:
    """A connection that ends without an answer is an error, never a result."""

    async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    server = await asyncio.start_unix_server(die, str(tmp_path / "control.sock"))
    async with server:
        with pytest.raises(ListfoldError, match="the daemon went away before 'import' was done"):
            await ask(tmp_path / "control.sock", "import")
