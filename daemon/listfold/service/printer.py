"""Writes pages in a process of its own, so that a large issue never stands in the way of a session at the door.

Frames are worker.py's. The first holds Settings, the installation's tag and a number; each further one a Job, which is
answered by the number of pages written, or by the traceback of what went wrong. Its Site is kept from one job to the
next, and with it the texts that it has laid out.
"""

import ctypes
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from listfold.archive.reader import Reader
from listfold.publish.maildir import Maildir
from listfold.publish.site import Site, Touched
from listfold.service.config import Settings
from listfold.worker import NICE, READY, pack, receive

PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True, slots=True)
class Job:
    """Pages of these (list, hour) pairs (None is all pages), and of what closed in (since, now].

    Of a part of the months only `months` are written; `lead` is then a job of its own (Site.publish)."""

    archive: Path
    touched: tuple[tuple[str, int], ...] | None
    since: int
    now: int
    months: bool = True
    lead: bool = True


def site_of(settings: Settings, reader: Reader, tag: str, mailbox: Maildir | None = None, writer: int = 0) -> Site:
    """The published tree of one data directory, as the configuration wants it."""
    zone = ZoneInfo(settings.digest.timezone)
    return Site(
        reader=reader,
        data_dir=Path(settings.data_dir),
        base_url=settings.base_url,
        tag=f"listfold-{tag},2026",
        periods=settings.digest.periods,
        zone=zone,
        mailbox=mailbox,
        writer=writer,
    )


class Printer:
    """Does one job after the other."""

    def __init__(self, settings: Settings, tag: str, number: int) -> None:
        self._settings = settings
        self._tag = tag
        self._number = number
        self._site: Site | None = None

    def do(self, job: Job) -> int:
        with Reader(job.archive) as reader:
            site = self._with(reader)
            if job.touched is None:
                pages = site.everything(job.now)
                return pages + (site.close(job.since, job.now) if job.since else 0)
            hours = [Touched(name, hour) for name, hour in job.touched]
            pages = site.publish(hours, job.now, months=job.months, lead=job.lead)
            return pages + (site.close(job.since or job.now, job.now) if job.lead else 0)

    def _with(self, reader: Reader) -> Site:
        if self._site is None:
            home, wanted = Path(self._settings.data_dir), self._settings.digest.maildir
            mailbox = Maildir(home / wanted, home / "delivered") if wanted else None
            self._site = site_of(self._settings, reader, self._tag, mailbox, self._number)
        self._site.reader = reader
        return self._site


def main() -> None:
    os.nice(NICE)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # who comes after a killed daemon writes alone
    source, out = sys.stdin.buffer, sys.stdout.buffer
    printer = Printer(*receive(source))
    out.write(READY)
    out.flush()
    while (job := receive(source)) is not None:
        answer: int | str
        try:
            answer = printer.do(job)
        except Exception:
            answer = traceback.format_exc()
        out.write(pack(answer))
        out.flush()


if __name__ == "__main__":
    main()
