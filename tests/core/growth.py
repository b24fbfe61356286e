"""Tells whether a function's time grows with its input or faster: no absolute times, since machines differ."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T", str, bytes)

NOISE = 0.01  # seconds of processor time below which a measurement says nothing
TIMES = 10  # four times the input takes four times as long when time is linear, sixteen times when it is quadratic


def is_linear(work: Callable[[T], object], made: Callable[[int], T], size: int) -> bool:
    """Whether four times the input takes about four times as long, in one of three tries: machines are busy."""
    small, large = made(size), made(4 * size)
    work(small)
    return any(_seconds(work, large) <= TIMES * max(_seconds(work, small), NOISE) for _ in range(3))


def _seconds(work: Callable[[T], object], value: T) -> float:
    start = time.process_time()
    work(value)
    return time.process_time() - start
