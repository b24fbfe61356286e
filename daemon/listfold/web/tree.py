"""Makes a thread's tree from In-Reply-To and References; missing parents, loops and any depth are survived.

A letter hangs under the nearest ancestor that is here. Letters that name the same absent parent stand together under
a placeholder. All of it is loops over lists: a thread as deep as a stranger likes costs time, never the stack.
"""

from collections import Counter
from collections.abc import Sequence

from listfold.archive.reader import Heading
from listfold.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """One line of a thread, in reading order. `record` is None where letters share a parent that is not here."""

    record: Heading | None
    depth: int
    parent: Heading | None = None
    absent: bool = False  # it answers a letter that is not here


def tree(records: Sequence[Heading]) -> list[Node]:
    """Depth first, siblings oldest first as given."""
    parents, absent = linked(records)
    uncycled(parents)
    shared = {mid for mid, count in Counter(absent.values()).items() if count > 1}
    children: dict[int, list[int]] = {}
    roots: list[int | str] = []  # a record's place, or the Message-ID of an absent parent
    orphans: dict[str, list[int]] = {}
    for n in range(len(records)):
        parent = parents[n]
        if parent is not None:
            children.setdefault(parent, []).append(n)
        elif n in absent and absent[n] in shared:
            if absent[n] not in orphans:
                roots.append(absent[n])
            orphans.setdefault(absent[n], []).append(n)
        else:
            roots.append(n)
    out: list[Node] = []
    stack: list[tuple[int | str, int]] = [(root, 0) for root in reversed(roots)]
    while stack:
        place, depth = stack.pop()
        if isinstance(place, str):
            out.append(Node(None, depth))
            stack += [(child, depth + 1) for child in reversed(orphans[place])]
            continue
        parent = parents[place]
        out.append(Node(records[place], depth, None if parent is None else records[parent], place in absent))
        stack += [(child, depth + 1) for child in reversed(children.get(place, ()))]
    return out


def linked(records: Sequence[Heading]) -> tuple[list[int | None], dict[int, str]]:
    """Each record's parent by place, and for those that name only letters that are not here, the nearest such."""
    places: dict[str, int] = {}
    for n, record in enumerate(records):
        for message_id in record.message_ids:
            places.setdefault(message_id, n)
    parents: list[int | None] = []
    absent: dict[int, str] = {}
    for n, record in enumerate(records):
        named = list(filter(None, (record.in_reply_to, *reversed(record.references))))
        for message_id in named:
            if (found := places.get(message_id, n)) != n:
                parents.append(found)
                break
        else:
            parents.append(None)
            if named:
                absent[n] = named[0]
    return parents, absent


def uncycled(parents: list[int | None]) -> None:
    """Cut each loop of replies at its earliest letter. Every letter is walked over once."""
    seen = [0] * len(parents)
    for start in range(len(parents)):
        path: list[int] = []
        here: int | None = start
        while here is not None and seen[here] == 0:
            seen[here] = start + 1
            path.append(here)
            here = parents[here]
        if here is not None and seen[here] == start + 1:
            parents[min(path[path.index(here) :])] = None


def paged(weights: Sequence[int], budget: int) -> list[range]:
    """Ranges of neighbours whose weights stay within the budget; one that is over it has a page of its own."""
    pages: list[range] = []
    start = total = 0
    for n, weight in enumerate(weights):
        if n > start and total + weight > budget:
            pages.append(range(start, n))
            start, total = n, 0
        total += weight
    pages.append(range(start, len(weights)))
    return pages
