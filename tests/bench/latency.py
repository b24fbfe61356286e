"""What a backlog costs those who send: their wait for the 250, and how fast mail is taken.

python tests/bench/latency.py [BACKLOG]: so many letters are sent and mostly still to be read while it is measured."""

import smtplib
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from doors import source
from mail import letters

from running import CONFIG, Running, until

CLIENTS = 8
TIMED = 2000  # letters whose 250 is waited for
RATED = 3000  # letters by which the rate is told…
ROUNDS = 3  # …as often with an idle daemon, and as often with a backlog: the median of either


def waits(port: int) -> list[float]:
    """Seconds from the final dot to the 250 of letters that are sent as fast as they go."""
    raws = letters(TIMED)
    found: list[float] = []

    def send(part: list[bytes]) -> None:
        for raw in part:
            with smtplib.SMTP("127.0.0.1", port) as client:
                client.ehlo("bench")
                client.mail("a@example.org")
                client.rcpt("gardeners@example.org")
                client.docmd("DATA")
                client.send(raw.replace(b"\n", b"\r\n") + b"\r\n")
                began = time.perf_counter()
                client.send(b".\r\n")
                code, _ = client.getreply()
                assert code == 250
                found.append(time.perf_counter() - began)

    threads = [threading.Thread(target=send, args=(raws[n::CLIENTS],)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def under_backlog(count: int) -> str:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Running(Path(folder), CONFIG) as daemon:
        port = daemon.smtp[1]
        before = []
        for _ in range(ROUNDS):
            before.append(source(port, RATED))
            until(lambda: daemon.status()["letters"]["pending"] == 0, 120.0)
        source(port, count)
        pending = daemon.status()["letters"]["pending"]
        found = waits(port)
        after = [source(port, RATED) for _ in range(ROUNDS)]
        left = daemon.status()["letters"]["pending"]
    cuts = statistics.quantiles(found, n=100)
    slower = statistics.median(after) / statistics.median(before)
    return (
        f"With {pending} letters still to be read, {left} at the end: from the final dot to the 250, {TIMED} letters "
        f"by {CLIENTS} clients, p50 {cuts[49] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.1f} ms, longest "
        f"{max(found) * 1e3:.0f} ms; {RATED} letters take {slower:.2f} times as long as with an idle daemon, "
        f"{min(after) / max(before):.2f} to {max(after) / min(before):.2f}."
    )


if __name__ == "__main__":
    print(under_backlog(int(sys.argv[1]) if len(sys.argv) > 1 else 3000))
