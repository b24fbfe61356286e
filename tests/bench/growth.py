"""Measures what a letter costs as the archive grows: an import of generated letters, its CPU by process and by letters.

    python tests/bench/growth.py FOLDER [LETTERS]

FOLDER gets the mailbox and the data directory, which `reading.py FOLDER/data` then measures. Machines change their
speed while it runs: reading a letter in a worker always costs the same, so compare with that.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from reading import letters

TICKS = os.sysconf("SC_CLK_TCK")
STEP = 10_000  # letters between two lines
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


def write(path: Path, count: int) -> None:
    with path.open("wb") as box:
        for letter in letters(count):
            raw = letter.raw.replace(b"\nFrom ", b"\n>From ")
            box.write(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + raw + b"\n")


def main(folder: Path, count: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    box = folder / f"{count}.mbox"
    if not box.exists():
        write(box, count)
    words = [sys.executable, "-m", "listfold", "import", "--data", str(folder / "data"), str(box)]
    began = time.monotonic()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        sampler = Sampler(process.pid)
        sampler.start()
        read, before = 0, Counter[str]()
        for line in process.stderr:
            told = re.search(r"found (\d+) .*waiting (\d+)", line)
            if told and (done := int(told[1]) - int(told[2])) >= read + STEP:
                print(f"{done:8} letters  {_cost(sampler.used - before, done - read)}", flush=True)
                read, before = done, sampler.used.copy()
    sampler.join()
    seconds = time.monotonic() - began
    print(f"in all {seconds:.0f} s, {_cost(sampler.used, count)}; at most {sampler.peak / 1e6:.0f} MB")


def _cost(used: Counter[str], count: int) -> str:
    told = ", ".join(f"{name} {1000 * used[name] / count:.2f}" for name in ("main", "workers", "pages"))
    return f"CPU ms a letter: {told}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300_000)
