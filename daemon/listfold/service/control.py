"""Lets a command hand its work to the running daemon: JSON lines over control.sock, one request a connection.

    client   {"cmd": "import", "args": {…}, "cwd": "/home/anna"}
    daemon   {"progress": …}          any number of times
             {"result": …}            or {"error": "one line", "kind": "NotFound"}; then it hangs up

A client that hangs up stops nothing: work that has begun is finished, its progress goes nowhere, and its end is in
the log. Who may open the socket (mode 0600, in the data directory) may do everything, so there is no other check.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from listfold import errors
from listfold.errors import ListfoldError, NoDaemon, NotFound
from listfold.service.listeners import bind, connect

log = structlog.get_logger()

MAX_REQUEST = 1024 * 1024  # bytes of one line: a command's words, never mail
MAX_UNREAD = 1024 * 1024  # bytes of progress that a client may leave unread before more of it is dropped
REQUEST_TIMEOUT = 10.0  # seconds: a request is written in one go

Progress = Callable[[Any], object]
Command = Callable[[dict[str, Any], str, Progress], Awaitable[Any]]  # args, cwd, progress -> result

STOPPING = "the daemon is stopping: run the command again when it is back"


class Control:
    """The daemon's side. `commands` are called in the daemon's loop with args, the client's cwd, and progress."""

    def __init__(self, path: Path, commands: Mapping[str, Command]) -> None:
        self._path = path
        self._commands = commands
        self._server: asyncio.Server | None = None
        self._work: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Answer from now on. Raises ListfoldError when the socket cannot be had."""
        sock = bind(f"unix:{self._path.name}", self._path.parent, {}, mode=0o600)
        self._server = await asyncio.start_server(self._client, sock=sock, limit=MAX_REQUEST)

    async def close(self, grace: float = 5.0) -> None:
        """Take no more requests; work gets `grace` seconds to end, then it is cancelled and its client told so."""
        if self._server is None:
            return
        self._server.close()
        self._path.unlink(missing_ok=True)
        if self._work:
            _, late = await asyncio.wait(self._work, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._server = None

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection. Its task is never cancelled by the client's going, only by close()."""
        task = asyncio.current_task()
        assert task is not None
        self._work.add(task)
        try:
            writer.write(_line(await self._answer(reader, writer)))
            async with asyncio.timeout(REQUEST_TIMEOUT):
                await writer.drain()
        except OSError:
            pass  # the client is gone, or does not read: what the work came to is in the log
        finally:
            self._work.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[str, Any]:
        def progress(value: Any) -> bool:
            """Tell it; false when the client has gone, which work that can be gone on with later may heed."""
            if writer.is_closing() or reader.at_eof():
                return False
            if writer.transport.get_write_buffer_size() < MAX_UNREAD:
                writer.write(_line({"progress": value}))
            return True

        began = time.monotonic()
        cmd = ""
        try:
            cmd, args, cwd = await _request(reader)
            command = self._commands.get(cmd)
            if command is None:
                raise NotFound(f"the daemon knows no command '{cmd}': is it of another version?")
            answer = {"result": await command(args, cwd, progress)}
            log.info("control.done", cmd=cmd, seconds=round(time.monotonic() - began, 3))
        except ListfoldError as e:
            log.warning("control.refused", cmd=cmd, error=str(e))
            answer = _error(e)
        except asyncio.CancelledError:  # by close() alone: this is the task's last act
            log.warning("control.cancelled", cmd=cmd)
            answer = _error(ListfoldError(STOPPING))
        except Exception:
            log.exception("control.failed", cmd=cmd)
            answer = _error(ListfoldError("internal error: the daemon's log tells more"))
        return answer


def call(path: Path, cmd: str, args: dict[str, Any], progress: Progress) -> Any:
    """The client's side: the daemon's result. Blocks; `progress` gets each value on the way.

    Raises NoDaemon when none listens at `path`, and else the daemon's own error with its words.
    """
    try:
        sock = connect(path)
    except (FileNotFoundError, ConnectionRefusedError) as e:
        raise NoDaemon(f"no daemon answers at {path}") from e
    except OSError as e:
        raise ListfoldError(f"{path}: {e.strerror}: are you the daemon's user?") from e
    gone = ListfoldError(f"the daemon went away before '{cmd}' was done: it may be half done, and can be run again")
    with sock, sock.makefile("rb") as lines:
        try:
            sock.sendall(_line({"cmd": cmd, "args": args, "cwd": str(Path.cwd())}))
        except BrokenPipeError:
            pass  # refused before it was read whole: the reason is there to be read
        try:
            for line in lines:
                answer = json.loads(line)
                if "error" in answer:
                    kind = getattr(errors, str(answer.get("kind")), ListfoldError)
                    raise kind(answer["error"])
                if "result" in answer:
                    return answer["result"]
                progress(answer["progress"])
        except ConnectionResetError as e:
            raise gone from e
    raise gone


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, Any], str]:
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT):
            request = json.loads(await reader.readuntil(b"\n"))
        cmd, args, cwd = request["cmd"], request.get("args", {}), request.get("cwd", "/")
    except asyncio.LimitOverrunError as e:
        raise errors.UsageError(f"the request is longer than {MAX_REQUEST} bytes") from e
    except (asyncio.IncompleteReadError, TimeoutError) as e:
        raise errors.UsageError("the request did not come whole") from e
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise errors.UsageError("the request is not one JSON object with cmd, args and cwd") from e
    if not (isinstance(cmd, str) and isinstance(args, dict) and isinstance(cwd, str)):
        raise errors.UsageError("the request is not one JSON object with cmd, args and cwd")
    return cmd, args, cwd


def _error(error: ListfoldError) -> dict[str, Any]:
    return {"error": str(error), "kind": type(error).__name__}


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
