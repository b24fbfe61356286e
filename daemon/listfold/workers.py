"""Keeps the reader processes: started on demand, killed when one hangs, gone when idle."""

import asyncio
import pickle
import sys
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakKeyDictionary

from listfold import metrics
from listfold.errors import ListfoldError
from listfold.frames import HEADER, READY, pack
from listfold.model import Letter, Reading, Rules

LETTER_SECONDS = 30.0  # for one letter: the worst of 531 hostile ones takes under 2
COMMAND = (sys.executable, "-m", "listfold.worker")
START_SECONDS = 60.0  # to import core on a busy machine
IDLE_SECONDS = 4.0  # an idle worker is let go: its memory is not needed, while pages are written least of all


class Workers:
    """A bounded set of reader processes. `read` borrows one for a batch."""

    def __init__(self, count: int, rules: Rules, command: Sequence[str] = COMMAND) -> None:
        self.count = count
        self.rules = rules  # may be replaced: each worker is told before its next batch
        self._told: WeakKeyDictionary[asyncio.subprocess.Process, Rules] = WeakKeyDictionary()  # what each goes by
        self._command = command
        self._free: list[asyncio.subprocess.Process] = []
        self._slots = asyncio.Semaphore(count)
        self._reaper: asyncio.Task[None] | None = None

    async def read(self, letters: Sequence[Letter], begin: Callable[[], Awaitable[None]]) -> list[Reading | str]:
        """Readings (or tracebacks) of the first letters of the batch, in order: all of them, or fewer when the
        worker died or hung at one of the next, of which it may have read some. `begin` is awaited when a worker is
        ready and the letters go to it."""
        async with self._slots:
            process = self._free.pop() if self._free else await self._start()
            await begin()
            answers = await self._converse(process, letters)
            if len(answers) == len(letters):
                self._free.append(process)
                if self._reaper is None:
                    self._reaper = asyncio.create_task(self._reap())
            else:
                metrics.WORKER_DEATHS.inc()
                await end(process)
            return answers

    async def close(self) -> None:
        if self._reaper is not None:
            self._reaper.cancel()
        while self._free:
            await end(self._free.pop())

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C at the terminal is the daemon's to handle
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pack(self.rules))
        self._told[process] = self.rules
        try:
            async with asyncio.timeout(START_SECONDS):
                await process.stdout.readexactly(len(READY))
        except (asyncio.IncompleteReadError, TimeoutError) as error:
            await end(process)
            raise ListfoldError("a reader process did not start; its message is above this line") from error
        return process

    async def _converse(self, process: asyncio.subprocess.Process, letters: Sequence[Letter]) -> list[Reading | str]:
        assert process.stdin is not None
        assert process.stdout is not None
        answers: list[Reading | str] = []
        try:
            if self._told[process] is not self.rules:
                process.stdin.write(pack(self.rules))
                self._told[process] = self.rules
            process.stdin.write(pack(list(letters)))
            async with asyncio.timeout(None) as limit:
                for _ in letters:
                    limit.reschedule(asyncio.get_running_loop().time() + LETTER_SECONDS)
                    head = await process.stdout.readexactly(HEADER.size)
                    answer, seconds = pickle.loads(await process.stdout.readexactly(HEADER.unpack(head)[0]))
                    answers.append(answer)
                    metrics.READING.observe(seconds)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass  # fewer answers than letters say so
        except asyncio.CancelledError:
            await end(process)
            raise
        return answers

    async def _reap(self) -> None:
        """End what has been idle for a while. A worker in use is not in the free list."""
        while True:
            idle = list(self._free)
            await asyncio.sleep(IDLE_SECONDS)
            for process in idle:
                if process in self._free:
                    self._free.remove(process)
                    await end(process)


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill a process of ours, unless it has ended, and wait until it is gone."""
    if process.returncode is None:
        try:
            process.kill()
        except ProcessLookupError:
            pass
    await process.wait()
