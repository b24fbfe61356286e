"""Writes pages in a process of its own, so that a large issue never stands in the way of a session at the door.

The first frame holds the Imprint and a number; each further one a Job, which is
answered by the number of pages written, or by the traceback of what went wrong. Its Site is kept from one job to the
next, and with it the texts that it has laid out.
"""

import ctypes
import gc
import os
import signal
import sys
import traceback
from zoneinfo import ZoneInfo

from listfold.archive.reader import Reader
from listfold.frames import NICE, READY, pack, receive
from listfold.publish.maildir import Maildir
from listfold.publish.site import Site, Touched
from listfold.service.job import Imprint, Job

PR_SET_PDEATHSIG = 1  # prctl(2)


def site_of(imprint: Imprint, reader: Reader, mailbox: Maildir | None = None, writer: int = 0) -> Site:
    """The published tree of one data directory."""
    return Site(
        reader=reader,
        data_dir=imprint.data_dir,
        base_url=imprint.base_url,
        tag=f"listfold-{imprint.tag},2026",
        periods=imprint.periods,
        zone=ZoneInfo(imprint.timezone),
        mailbox=mailbox,
        writer=writer,
    )


class Printer:
    """Does one job after the other."""

    def __init__(self, imprint: Imprint, number: int) -> None:
        self._imprint = imprint
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
            home, wanted = self._imprint.data_dir, self._imprint.maildir
            mailbox = Maildir(home / wanted, home / "delivered") if wanted else None
            self._site = site_of(self._imprint, reader, mailbox, self._number)
        self._site.reader = reader
        return self._site


def main() -> None:
    os.nice(NICE)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # who comes after a killed daemon writes alone
    source, out = sys.stdin.buffer, sys.stdout.buffer
    printer = Printer(*receive(source))
    gc.freeze()  # what was imported stays: nothing looks through it again
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
