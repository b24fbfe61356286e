"""Aligns two word lists and tells how much of one was replaced inside the other.

A forward or a paste inserts or deletes whole runs; a new version or a filled-in template substitutes words inside.
Runs of five words that are unique in both texts are anchors (patience diff, Cohen), kept where they come in the same
order in both, and grown over equal words; what is left between two of them is a gap. A gap with words on one side is
an insertion or a deletion, one with words on both sides is looked at word by word when it is small. Linear but for
a logarithm, whatever the texts hold.
"""

from bisect import bisect_left
from collections.abc import Sequence
from difflib import SequenceMatcher

from listfold.frozen import dataclass

RUN = 5  # words of an anchor: as long as a shingle
SMALL_GAP = 48  # words: difflib is quadratic, so it sees no more than so many on a side
LARGE_STEP = 16  # a large gap counts one substitution for so many words of its shorter side

Block = tuple[int, int, int]  # start in a, start in b, words


@dataclass(frozen=True, slots=True)
class Alignment:
    """`same` words stand in both, in order; `replaced` interior places hold other words in a than in b, of which
    `numbers` are a number for a number."""

    same: int
    replaced: int
    numbers: int


def align(a: Sequence[str], b: Sequence[str]) -> Alignment:
    blocks = blocks_of(a, b)
    same = sum(size for _, _, size in blocks)
    replaced = numbers = 0
    for n in range(len(blocks) + 1):
        first, last = n == 0, n == len(blocks)
        i, j = (0, 0) if first else (blocks[n - 1][0] + blocks[n - 1][2], blocks[n - 1][1] + blocks[n - 1][2])
        k, m = (len(a), len(b)) if last else (blocks[n][0], blocks[n][1])
        if i == k or j == m:
            continue
        if first:  # what stands before the first and after the last anchor may be anybody's words: only near ones
            i, j = max(i, k - SMALL_GAP), max(j, m - SMALL_GAP)
        if last:
            k, m = min(k, i + SMALL_GAP), min(m, j + SMALL_GAP)
        if max(k - i, m - j) > SMALL_GAP:
            replaced += 1 + min(k - i, m - j) // LARGE_STEP
            continue
        more, digits = substitutions(a[i:k], b[j:m], open_start=first, open_end=last)
        replaced += more
        numbers += digits
    return Alignment(same, replaced, numbers)


def substitutions(a: Sequence[str], b: Sequence[str], open_start: bool, open_end: bool) -> tuple[int, int]:
    """(replaced places, numbers replaced by numbers) of a small gap. At an open end nothing is known to follow: what
    stands there instead is no substitution, nor are two introductions that share a word by chance."""
    if len(a) == len(b) == 1:
        number = is_number(a[0]) and is_number(b[0])
        return int(number or not (open_start or open_end)), int(number)
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if (open_start or open_end) and 2 * sum(x.size for x in matcher.get_matching_blocks()) < min(len(a), len(b)):
        return 0, 0
    replaced = numbers = 0
    for tag, i, k, j, m in matcher.get_opcodes():
        if tag != "replace" or (open_start and i == 0) or (open_end and k == len(a)):
            continue
        replaced += 1
        if k - i == m - j:
            numbers += sum(x != y and is_number(x) and is_number(y) for x, y in zip(a[i:k], b[j:m], strict=True))
    return replaced, numbers


def is_number(word: str) -> bool:
    """Digits make it a number: 5, 5th, 0x1f, v2, 20150412."""
    return any(c.isdigit() for c in word)


def blocks_of(a: Sequence[str], b: Sequence[str]) -> list[Block]:
    """Equal runs in the same order in both, not overlapping, each as long as it can be."""
    head = 0
    limit = min(len(a), len(b))
    while head < limit and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < limit - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    blocks: list[Block] = [(0, 0, head)] if head >= RUN else []
    i, j = (head, head) if head >= RUN else (0, 0)
    end_a, end_b = (len(a) - tail, len(b) - tail) if tail >= RUN else (len(a), len(b))
    for p, q in in_order(anchors(a[i:end_a], b[j:end_b], i, j)):
        if p < i or q < j:
            continue
        back = 0
        while p - back > i and q - back > j and a[p - back - 1] == b[q - back - 1]:
            back += 1
        size = RUN
        while p + size < end_a and q + size < end_b and a[p + size] == b[q + size]:
            size += 1
        blocks.append((p - back, q - back, size + back))
        i, j = p + size, q + size
    if tail >= RUN:
        blocks.append((end_a, end_b, tail))
    return blocks


def anchors(a: Sequence[str], b: Sequence[str], at_a: int, at_b: int) -> list[tuple[int, int]]:
    """Places of the runs that are unique in both, by their place in a."""
    in_a, in_b = unique(a), unique(b)
    return [(at_a + p, at_b + q) for run, p in in_a.items() if p >= 0 and (q := in_b.get(run, -1)) >= 0]


def unique(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    """The place of each run; -1 where it comes more than once."""
    found: dict[tuple[str, ...], int] = {}
    for n, run in enumerate(zip(words, words[1:], words[2:], words[3:], words[4:], strict=False)):
        found[run] = -1 if run in found else n
    return found


def in_order(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest chain of pairs that rises on both sides (patience sorting; pairs come sorted by their first)."""
    tops: list[int] = []  # second of the last pair of each pile
    last: list[int] = []  # its index in pairs
    before: list[int] = []
    for n, (_, q) in enumerate(pairs):
        pile = bisect_left(tops, q)
        before.append(last[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(q)
            last.append(n)
        else:
            tops[pile] = q
            last[pile] = n
    chain: list[tuple[int, int]] = []
    n = last[-1] if last else -1
    while n >= 0:
        chain.append(pairs[n])
        n = before[n]
    return chain[::-1]
