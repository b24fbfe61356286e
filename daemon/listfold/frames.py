"""Frames that our own processes exchange over pipes: an 8-byte length and a pickle.

Both ends are ours and nobody else writes into these pipes: what a stranger sent is bytes inside a frame, never
unpickled.
"""

import pickle
import struct
from typing import Any, BinaryIO

NICE = 10  # of a process that works behind the door: whoever is at it goes first
HEADER = struct.Struct(">Q")
READY = b"ready"  # said once, when the first frame is here and all is imported


def pack(value: object) -> bytes:
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(body)) + body


def receive(stream: BinaryIO) -> Any:
    """The next frame's value; None at the end."""
    head = stream.read(HEADER.size)
    return pickle.loads(stream.read(HEADER.unpack(head)[0])) if len(head) == HEADER.size else None
