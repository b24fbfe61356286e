"""How long a sender waits for its 250 while the pipeline has a backlog: python tests/bench/latency.py [LETTERS]."""

import smtplib
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from mail import letters

from running import CONFIG, Running

CLIENTS = 8


def under_backlog(count: int) -> str:
    """Letters are sent as fast as they go: the pipeline is behind all the while. From the final dot to the 250."""
    raws = letters(count)
    waits: list[float] = []

    def send(part: list[bytes], port: int) -> None:
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
                waits.append(time.perf_counter() - began)

    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Running(Path(folder), CONFIG) as daemon:
        port = daemon.smtp[1]
        threads = [threading.Thread(target=send, args=(raws[n::CLIENTS], port)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        left = daemon.status()["letters"]["pending"]
    cuts = statistics.quantiles(waits, n=100)
    return (
        f"From the final dot to the 250, {count} letters by {CLIENTS} clients, {left} still to be read at the end: "
        f"p50 {cuts[49] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.1f} ms, longest {max(waits) * 1e3:.0f} ms."
    )


if __name__ == "__main__":
    print(under_backlog(int(sys.argv[1]) if len(sys.argv) > 1 else 3000))
