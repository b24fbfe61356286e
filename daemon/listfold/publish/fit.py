"""Fits an issue's letters into a bounded page: what has no room in full becomes a title line, what has not even room
for that is counted."""

from collections.abc import Callable
from typing import Protocol

from listfold.frozen import dataclass
from listfold.publish.digest import Digest, Item

HERE = b"\0"  # in a letter's form: where it tells something of the issue around it; no shown text holds one
MAX_PAGE = 512 * 1024  # bytes of one page, whatever the day brought (kill-the-newsletter's cap, which readers accept)

ENOUGH = 250  # bytes: a page with less room than that is full, and nothing more is rendered for it


class Shown(Protocol):
    """Gives a letter's full form or its line, as it stands in an issue."""

    def __call__(self, item: Item, *, whole: bool) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Fitted:
    """For each thread the rendered letters that fit, in order; `left` letters found no room at all."""

    threads: tuple[tuple[bytes, ...], ...]
    left: int


def fit(
    digest: Digest,
    form: str,
    room: int,
    full: Callable[[Item], str],
    line: Callable[[Item], str],
    frame: int,
    place: Callable[[Item, bytes], bytes] = lambda _, text: text,
) -> Fitted:
    """Choose for each letter its full form, its line, or nothing, within `room` bytes; a thread takes `frame` more.

    `full` and `line` depend on the item alone and are remembered by the name of the `form`; `place` puts what they
    give into this issue. Where all letters have room in full, as in most issues, no line is made."""

    def shown(item: Item, *, whole: bool) -> bytes:
        name, make = (form, full) if whole else (f"{form} line", line)
        return place(item, digest.made.of(name, item, make))

    whole: list[tuple[bytes, ...]] = []
    left = room
    for thread in digest.threads:
        left -= frame
        taken = []
        for item in thread.items:
            if left < 0:
                return _fit(digest, room, frame, shown)
            taken.append(text := shown(item, whole=item.full))
            left -= len(text)
        whole.append(tuple(taken))
    return Fitted(tuple(whole), digest.beyond) if left >= 0 else _fit(digest, room, frame, shown)


def _fit(digest: Digest, room: int, frame: int, shown: Shown) -> Fitted:
    """Title lines come first, in the order of the issue, then full texts: a busy thread cannot hide that others exist.
    The threads take turns, so that each shows its first letters before one shows all of its own."""
    lines: list[list[bytes]] = []
    left = digest.beyond
    for thread in digest.threads:
        taken: list[bytes] = []
        room -= frame
        for n, item in enumerate(thread.items):
            text = shown(item, whole=False)
            cost = len(text)
            if cost > room:
                left += len(thread.items) - n
                break
            room -= cost
            taken.append(text)
        if not taken:
            room += frame
        lines.append(taken)
    for rank in range(max((len(taken) for taken in lines), default=0)):
        for taken, thread in zip(lines, digest.threads, strict=True):
            if room >= ENOUGH and rank < len(taken) and thread.items[rank].full:
                text = shown(thread.items[rank], whole=True)
                cost = len(text) - len(taken[rank])
                if cost <= room:
                    room -= cost
                    taken[rank] = text
    return Fitted(tuple(tuple(taken) for taken in lines), left)
