"""What systemd is told while the daemon runs: how it goes, and that it lives only while its work makes progress."""

import time

from listfold.service.house import House

STALL = 30.0  # seconds for one commit: a disk that needs longer is broken, and every sender waits for it


def beat(house: House) -> tuple[str, ...]:
    """States for sd_notify. The loop is alive, or nobody would ask; WATCHDOG=1 also needs the writer of letters."""
    letters, waiting = house.letters, house.letters.waiting
    status = f"STATUS={letters.last} letters, {house.pipeline.pending} pending, {waiting} waiting for the disk"
    if letters.busy_for(time.monotonic()) > STALL:
        return (f"STATUS=the writer has hung in a commit for {STALL:.0f} s or more: look at the disk",)
    return ("WATCHDOG=1", status)
