"""Sees to the C library's heap: one for all threads, and what is free in it goes back to the system."""

import ctypes

M_ARENA_MAX = -8  # mallopt(3)


def share() -> None:
    """Let all threads share one heap. The C library gives each its own, which keeps what it once took; that they get
    in each other's way there is no concern, since the interpreter runs one at a time."""
    _glibc("mallopt", M_ARENA_MAX, 1)


def trim() -> None:
    """Give back what is free: it lies between things that are in use, and would stay."""
    _glibc("malloc_trim", 0)


def _glibc(name: str, *arguments: int) -> None:
    found = getattr(ctypes.CDLL(None), name, None)
    if found is not None:
        found(*arguments)
