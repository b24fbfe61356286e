"""Keeps a process that writes pages: started on demand, gone when idle."""

import asyncio
import pickle
import sys

from listfold import metrics
from listfold.errors import ListfoldError
from listfold.frames import HEADER, READY, pack
from listfold.service.job import Imprint, Job
from listfold.workers import end

COMMAND = (sys.executable, "-m", "listfold.service.printer")
IDLE_SECONDS = 60.0  # then its memory is given back


class Press:
    """One process at most, one job at a time. `number` tells it apart from others that write at the same time."""

    def __init__(self, imprint: Imprint, number: int) -> None:
        self._begin = pack((imprint, number))
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._busy = asyncio.Lock()

    async def do(self, job: Job) -> int:
        """Pages written. Raises ListfoldError with the process's traceback, or when it died."""
        async with self._busy:
            if self._idle is not None:
                self._idle.cancel()
            process = self._process or await self._start()
            try:
                answer = await _asked(process, job)
            except BaseException as error:
                await self._end()
                if isinstance(error, OSError | asyncio.IncompleteReadError):
                    raise ListfoldError("the process that writes pages died; its message is above this line") from error
                raise
            self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._let_go)
        if isinstance(answer, str):
            raise ListfoldError(answer)
        metrics.PUBLISHED.inc(answer)
        return answer

    async def close(self) -> None:
        """End the process, also in the middle of a job: each file is whole, the old one or the new one."""
        if self._idle is not None:
            self._idle.cancel()
        await self._end()

    async def _start(self) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C at the terminal is the daemon's to handle
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(self._begin)
        try:
            await self._process.stdout.readexactly(len(READY))
        except asyncio.IncompleteReadError as error:
            await self._end()
            raise ListfoldError(
                "the process that writes pages did not start; its message is above this line"
            ) from error
        return self._process

    def _let_go(self) -> None:
        """Close its stdin: it ends by itself. Not while a job is under way: that cancels the timer."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process = None

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await end(process)


async def _asked(process: asyncio.subprocess.Process, job: Job) -> int | str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(pack(job))
    await process.stdin.drain()
    head = await process.stdout.readexactly(HEADER.size)
    answer: int | str = pickle.loads(await process.stdout.readexactly(HEADER.unpack(head)[0]))
    return answer
