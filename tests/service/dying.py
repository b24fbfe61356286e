"""The daemon in a process that kills itself at a named step of a letter's way.

Strategy: the process is forked from one that has imported everything, and runs `listfold run` with one function
replaced by one that kills. Letters are read and pages written in the process itself, which spares two more processes
a case; a reader or a printer that dies alone has tests of its own. The clock stands at noon until the file `tomorrow`
appears, so that an issue closes when the test wants it.
"""

import asyncio
import inspect
import json
import multiprocessing
import os
import pickle
import signal
import smtplib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite

from listfold import worker
from listfold.archive.writer import Writer
from listfold.cli import main
from listfold.frames import HEADER
from listfold.intake import session, smtp
from listfold.intake.server import Intake
from listfold.letters.writer import Letters
from listfold.model import Letter, Reading
from listfold.publish.maildir import Maildir
from listfold.service import publisher
from listfold.service.job import Job
from listfold.service.press import Press
from listfold.service.printer import Printer
from listfold.workers import Workers
from running import until

NOON = 1_795_608_000  # 2026-11-25 12:00 UTC
CONFIG = """
data_dir = "{data}"
base_url = "http://127.0.0.1/"
[smtp]
listen = ["127.0.0.1:0"]
min_free_disk = 0
[web]
listen = []
[digest]
periods = ["day"]
timezone = "UTC"
maildir = "box"
"""
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["listfold.cli", "listfold.service.app", "listfold.service.printer", "uvloop"])
PRINTERS: list[Printer] = []


@dataclass(frozen=True, slots=True)
class Step:
    """Where the process dies: before or after this function, when its arguments are the ones that are meant."""

    owner: Any
    function: str
    after: bool = False
    when: Callable[..., bool] = lambda *_: True


def _says_kept(speaker: session.Session) -> bool:
    return any(b"250 2.0.0 Kept" in said for said in speaker._said)


def _is_feed(source: object, place: object) -> bool:
    return str(place).endswith("/gardeners.example.org/messages.atom")


STEPS = {
    "a recipient is taken": Step(smtp.SafeSMTP, "data"),
    "the final dot has come": Step(smtp, "receive", after=True),
    "the writer has it": Step(Letters, "_settle"),
    "before the commit": Step(aiosqlite.Connection, "commit"),
    "after the commit": Step(aiosqlite.Connection, "commit", after=True),
    "250 is sent": Step(session.Session, "flush", after=True, when=_says_kept),
    "before its attempt is noted": Step(Writer, "attempt"),
    "a reader has it": Step(worker, "answer"),
    "in the archive's transaction": Step(Writer, "_place", after=True),
    "after the archive's commit": Step(Writer, "apply", after=True),
    "before a page's rename": Step(os, "rename", when=_is_feed),
    "after a page's rename": Step(os, "rename", after=True, when=_is_feed),
    "pages are written": Step(Printer, "do", after=True),
    "before the issue's delivery": Step(Maildir, "deliver"),
    "the issue is in the journal": Step(Maildir, "_hand_over"),
    "the issue is delivered": Step(Maildir, "deliver", after=True),
}


def arm(step: Step) -> None:
    """Replace the step's function by one that kills this process."""
    real = getattr(step.owner, step.function)

    def call(*given: Any, **named: Any) -> Any:
        meant = step.when(*given)
        if meant and not step.after:
            die()
        result = real(*given, **named)
        if meant:
            die()
        return result

    async def acall(*given: Any, **named: Any) -> Any:
        if not step.after:
            die()
        result = await real(*given, **named)
        die()
        return result

    setattr(step.owner, step.function, acall if inspect.iscoroutinefunction(real) else call)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def read_here(self: Workers, letters: Sequence[Letter], begin: Callable[[], Awaitable[None]]) -> Any:
    """Workers.read without a process."""
    await begin()
    answers: list[Reading | str] = [worker.answer(letter, self.rules) for letter in letters]
    return answers


async def print_here(self: Press, job: Job) -> int:
    """Press.do without a process. The Printer is made of what it would be sent."""
    if not PRINTERS:
        PRINTERS.append(Printer(*pickle.loads(self._begin[HEADER.size :])))
    return await asyncio.to_thread(PRINTERS[0].do, job)


def run(folder: Path, step: str) -> None:
    """`listfold run`, to its end or to the step."""
    with (folder / "daemon.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)

    house = House(folder)
    clock, real = house.clock, time.time
    time.time = clock
    Intake.__init__.__defaults__ = tuple(clock if x is real else x for x in Intake.__init__.__defaults__ or ())
    publisher.SOON, publisher.TICK, publisher.REST = 0.01, 0.05, 0.0
    Workers.read, Press.do = read_here, print_here  # type: ignore[method-assign]
    if step:
        arm(STEPS[step])
    raise SystemExit(main(["run", "--config", str(house.config)]))


class House:
    """One data directory, and the daemons that live and die in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "listfold.toml"
        self.process: Any = None

    def start(self, step: str = "") -> None:
        self.config.write_text(CONFIG.format(data=self.data))
        (self.data / "run.json").unlink(missing_ok=True)
        self.process = FORKING.Process(target=run, args=(self.folder, step), daemon=True)
        self.process.start()
        until(lambda: (self.data / "run.json").exists() or not self.process.is_alive())
        assert self.process.is_alive(), self.log

    @property
    def log(self) -> str:
        return (self.folder / "daemon.log").read_text()

    def send(self, raw: bytes) -> bool:
        """Whether it got its 250."""
        host, _, port = json.loads((self.data / "run.json").read_text())["smtp"][0].rpartition(":")
        try:
            with smtplib.SMTP(host, int(port), local_hostname="client.example.net", timeout=10) as client:
                return client.sendmail("anna@example.org", ["gardeners@example.org"], raw) == {}
        except (smtplib.SMTPException, OSError):
            return False

    def ended(self) -> int:
        """The exit status; a negative one is a signal."""
        self.process.join(20)
        return int(self.process.exitcode)

    def stop(self) -> int:
        self.process.terminate()
        return self.ended()

    def clock(self) -> float:
        return NOON + 86400.0 * (self.folder / "tomorrow").exists()

    def pass_the_day(self) -> None:
        (self.folder / "tomorrow").touch()
