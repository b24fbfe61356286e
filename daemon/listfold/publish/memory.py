"""Remembers what was made of letters while their text stays the same: bounded in bytes, the least used goes first."""

from collections.abc import Callable
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
    def source(self) -> object:
        """What alone it was made of; None when it was made of more."""
        ...

    @property
    def forms(self) -> dict[str, bytes]:
        """What was rendered of it, by the form's name."""
        ...

    @property
    def weight(self) -> int:
        """Bytes that it takes, its forms included."""
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
        self._use(cost)

    def grow(self, key: K, more: int) -> None:
        """What is held takes so many bytes more."""
        value, cost = self._held[key]
        self._held[key] = (value, cost + more)
        self._use(more)

    def drop(self, key: K) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            self._used -= held[1]

    def _use(self, more: int) -> None:
        self._used += more
        while self._used > self._most:
            self.drop(next(iter(self._held)))


class Fragments(Generic[T]):
    """Letters' items with what was rendered of them, in UTF-8: a day's issue, the week's that holds it and those of
    all lists show the same ones."""

    def __init__(self, most: int = FRAGMENTS) -> None:
        self._memory: Memory[str, T] = Memory(most)

    def item(self, id_: str, source: object, make: Callable[[], T]) -> T:
        """The item that is held, if it was made of an equal source, or is equal to what is made now."""
        held = self._memory.get(id_)
        if held is not None and source is not None and held.source == source:
            return held
        item = make()
        return held if held == item else item

    def of(self, form: str, item: T, make: Callable[[T], str]) -> bytes:
        """The item in one of its forms, made when it has not been yet."""
        text = item.forms.get(form)
        if text is None:
            text = item.forms[form] = make(item).encode()
            if self._memory.look(item.id) is item:
                self._memory.grow(item.id, getsizeof(text))
            else:
                self._memory.put(item.id, item, item.weight)
        return text
