"""Measures what a letter costs as the archive grows: an import of generated letters, its CPU by process and by letters.

    python tests/bench/growth.py FOLDER [LETTERS]

FOLDER gets the mailbox and the data directory, which `reading.py FOLDER/data` then measures. Machines change their
speed while it runs: reading a letter in a worker always costs the same, so compare with that.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from reading import letters
from sampler import Sampler

STEP = 10_000  # letters between two lines


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
