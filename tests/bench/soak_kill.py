"""Kills the daemon under load again and again, and counts: acknowledged, found, lost, doubled.

python tests/bench/soak_kill.py [KILLS] [SECONDS]      100 kills, but no longer than SECONDS (450)
"""

import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from running import Running
from service.test_crash import Sender


def main(kills: int, seconds: float) -> int:
    chance = random.Random(7)
    kept: list[str] = []
    end = time.monotonic() + seconds
    done = 0
    with tempfile.TemporaryDirectory(prefix="listfold-soak-") as folder, Running(Path(folder)) as daemon:
        senders = [Sender(daemon, n, kept) for n in range(8)]
        for sender in senders:
            sender.start()
        while done < kills and time.monotonic() < end:
            threading.Event().wait(0.1 + chance.random())
            daemon.kill()
            daemon.start()
            done += 1
        for sender in senders:
            sender.stopping = True
        for sender in senders:
            sender.join(30)
        while daemon.status()["letters"]["pending"]:
            time.sleep(0.5)
        rows = [json.loads(line) for line in daemon.command("export").splitlines()]
        findings = daemon.command("verify", code=None).splitlines()
        letters = daemon.status()["letters"]
    seen = Counter(s["sha256"] for row in rows for s in row["sightings"])
    lost = [sha for sha in kept if not seen[sha]]
    doubled = [sha for sha, count in seen.items() if count > 1]
    records = Counter(row["id"] for row in rows)
    report = {
        "kills": done,
        "acknowledged": len(kept),
        "found": len(seen),
        "lost": len(lost),
        "doubled": len(doubled),
        "records": len(rows),
        "records_doubled": sum(count > 1 for count in records.values()),
        "letters": letters,
        "verify": findings,
    }
    print(json.dumps(report, indent=1))
    return 1 if lost or doubled or findings else 0


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(int(words[0]) if words else 100, float(words[1]) if words[1:] else 450.0))
