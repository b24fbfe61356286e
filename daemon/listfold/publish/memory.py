"""Remembers what was made of letters while their text stays the same: bounded in bytes, the least used goes first."""

from collections.abc import Callable
from dataclasses import dataclass, field
from sys import getsizeof
from typing import Generic, Protocol, TypeVar

FRAGMENTS = 10 << 20  # bytes: a busy week's letters in all formats, some 30 kB each


K = TypeVar("K")
V = TypeVar("V")


class Shown(Protocol):
    """What fragments are made of: two that are equal look the same everywhere."""

    @property
    def id(self) -> str: ...
    @property
    def weight(self) -> int:
        """Bytes that it takes."""
        ...


T = TypeVar("T", bound=Shown)


class Memory(Generic[K, V]):
    """Values by their keys, at most `most` bytes of them: what one costs is told when it is put in."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._held: dict[K, tuple[V, int]] = {}

    def get(self, key: K) -> V | None:
        held = self._held.pop(key, None)
        if held is None:
            return None
        self._held[key] = held
        return held[0]

    def look(self, key: K) -> V | None:
        """The same, and it is as little used as before."""
        held = self._held.get(key)
        return None if held is None else held[0]

    def put(self, key: K, value: V, cost: int) -> None:
        self.drop(key)
        self._held[key] = (value, cost)
        self._used += cost
        while self._used > self._most:
            self.drop(next(iter(self._held)))

    def drop(self, key: K) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            self._used -= held[1]


@dataclass(slots=True)
class _Made:
    item: Shown
    cost: int
    texts: dict[str, bytes] = field(default_factory=dict)


class Fragments:
    """Rendered letters, in UTF-8: a day's issue, the week's that holds it and those of all lists show the same ones."""

    def __init__(self, most: int = FRAGMENTS) -> None:
        self._memory: Memory[str, _Made] = Memory(most)

    def same(self, item: T) -> T:
        """The item, or the equal one of which fragments are held."""
        made = self._memory.get(item.id)
        return made.item if made is not None and made.item == item else item

    def of(self, form: str, item: T, make: Callable[[T], str]) -> bytes:
        """The item in one of its forms, made when it is not held."""
        made = self._memory.look(item.id)
        if made is None or made.item is not item:
            made = _Made(item, item.weight)
        text = made.texts.get(form)
        if text is None:
            text = made.texts[form] = make(item).encode()
            made.cost += getsizeof(text)
            self._memory.put(item.id, made, made.cost)
        return text
