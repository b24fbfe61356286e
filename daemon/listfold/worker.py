"""Reads letters in a process of its own: batches in on stdin, one answer a letter out on stdout.

Frames are an 8-byte length and a pickle. The first frame holds the Rules and is answered READY; each further one
holds other Rules, or a list of Letters, and then for each letter one frame goes back: a Reading, or the traceback of
what `core.read` raised, with the seconds that it took. The parent alone writes and reads this pipe: what a stranger
sent is bytes inside a frame of ours, never unpickled.
"""

import os
import pickle
import resource
import struct
import sys
import time
import traceback
from typing import Any, BinaryIO

from listfold.core.read import read
from listfold.model import Letter, Reading, Rules

NICE = 10  # whoever is at the door goes first
MEMORY = 1536 * 2**20  # bytes of address space: a 25 MiB letter with all its copies fits, a bomb does not
HEADER = struct.Struct(">Q")
READY = b"ready"  # said once, when the rules are here and core is imported


def pack(value: object) -> bytes:
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(body)) + body


def answer(letter: Letter, rules: Rules) -> Reading | str:
    """The letter's Reading, or a traceback: then the fault is ours and the letter is marked failed."""
    try:
        return read(letter, rules)
    except Exception:
        return traceback.format_exc()


def receive(stream: BinaryIO) -> Any:
    head = stream.read(HEADER.size)
    return pickle.loads(stream.read(HEADER.unpack(head)[0])) if len(head) == HEADER.size else None


def main() -> None:
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    source, out = sys.stdin.buffer, sys.stdout.buffer
    rules: Rules = receive(source)
    out.write(READY)
    out.flush()
    while (item := receive(source)) is not None:
        if isinstance(item, Rules):
            rules = item
            continue
        for letter in item:
            began = time.perf_counter()
            found = answer(letter, rules)
            out.write(pack((found, time.perf_counter() - began)))
            out.flush()


if __name__ == "__main__":
    main()
