"""Watches a command and all its processes: what CPU and memory they take."""

import os
import re
import threading
import time
from collections import Counter
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PEAK_EVERY = 5  # looks


class Sampler(threading.Thread):
    """Sums up the CPU seconds of an import and its children: "main", "workers", "pages"; and notes the largest PSS."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._last: dict[int, float] = {}
        self.used: Counter[str] = Counter()
        self.peak = 0

    def run(self) -> None:
        looks = 0
        while Path(f"/proc/{self._pid}").exists():
            pids = [self._pid, *self._children()]
            for pid in pids:
                self._look(pid)
            looks += 1
            if looks % PEAK_EVERY == 0:
                self.peak = max(self.peak, sum(map(_pss, pids)))
            time.sleep(0.2)

    def _children(self) -> list[int]:
        found: list[int] = []
        for task in Path(f"/proc/{self._pid}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
        return found

    def _look(self, pid: int) -> None:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_text()
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return
        name = "pages" if "printer" in command else "workers" if "listfold.worker" in command else "main"
        seconds = (int(fields[11]) + int(fields[12])) / TICKS
        self.used[name] += seconds - self._last.get(pid, 0.0)
        self._last[pid] = seconds


def _pss(pid: int) -> int:
    """Bytes."""
    try:
        found = re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0
