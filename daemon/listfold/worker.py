"""Reads letters in a process of its own: batches in on stdin, one answer a letter out on stdout.

The first frame holds the Rules and is answered READY; each further one holds other Rules, or a list of Letters, and
then for each letter one frame goes back: a Reading, or the traceback of what `core.read` raised, with the seconds
that it took.
"""

import gc
import os
import resource
import sys
import time
import traceback

from listfold.core.read import read
from listfold.frames import NICE, READY, pack, receive
from listfold.model import Letter, Reading, Rules

MEMORY = 1536 * 2**20  # bytes of address space: a 25 MiB letter with all its copies fits, a bomb does not
PIPE = 65_536  # bytes that a pipe holds (pipe(7))
TOGETHER = 0.05  # seconds for which answers are kept to be sent together: the parent is woken less often


def answer(letter: Letter, rules: Rules) -> Reading | str:
    """The letter's Reading, or a traceback: then the fault is ours and the letter is marked failed."""
    try:
        return read(letter, rules)
    except Exception:
        return traceback.format_exc()


def main() -> None:
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    source, out = sys.stdin.buffer, open(sys.stdout.fileno(), "wb", PIPE)  # noqa: PTH123, SIM115 - until the end
    rules: Rules = receive(source)
    gc.freeze()  # what was imported stays: nothing looks through it again
    out.write(READY)
    out.flush()
    while (item := receive(source)) is not None:
        if isinstance(item, Rules):
            rules = item
            continue
        sent = time.perf_counter()
        for letter in item:
            began = time.perf_counter()
            found = answer(letter, rules)
            now = time.perf_counter()
            out.write(pack((found, now - began)))
            if now - sent > TOGETHER:
                out.flush()
                sent = now
        out.flush()


if __name__ == "__main__":
    main()
