"""Tells how much two messages' words have in common, and what one has that the other has not."""

import re
from collections import Counter
from functools import lru_cache

from listfold.core.align import align
from listfold.core.fingerprint import (
    MAX_HASHES,
    MAX_WORDS,
    NOT_OWN,
    SAMPLE,
    SHINGLE,
    own,
    shingles,
    words_of,
)
from listfold.frozen import dataclass
from listfold.model import Identity, Known, Span

SHORT = 12  # words; below it only headers fold
AGREES = 0.5  # of the one that is contained more: headers that say the same are believed
SAME_FEW = 0.8  # of the words of the shorter text, where they are too few for shingles
REPLACED_RATE = 0.012  # of the words that both have
DAMAGED = 1  # words that are another one in a copy which its headers tie: charsets get lost on the way
MOSTLY_ASCII = 0.8  # of a text's characters; what is left of Greek or Russian says nothing
HOLDS = 0.95  # of a shortened copy's words stand in the whole one: all but where it was cut
MAX_APPENDED = 12  # lines that a list may have appended without a rule that knows them


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much two messages' own words have in common: `most` of the one that is contained more, `least` of the
    other."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    equal: bool
    most: float
    least: float

    @classmethod
    def of(cls, a: Known, b: Known, *, bare: bool = False) -> "Overlap":
        """Of the two texts, or with `bare` of what is left of them without any letter beyond ASCII."""
        (first, x), (second, y) = sorted((own_of(a, bare), own_of(b, bare)), key=lambda side: side[0])
        if first == second and (len(first) < MAX_WORDS or a.identity.exact == b.identity.exact):
            return cls(first, second, True, 1.0, 1.0)
        if not x or not y:
            return cls(first, second, False, 0.0, 0.0)
        both = len(x & y)
        small, large = sorted((both / len(x), both / len(y)))
        return cls(first, second, False, large, small)

    @property
    def shorter(self) -> int:
        return min(len(self.a), len(self.b))

    @property
    def cut(self) -> bool:
        """Whether a text is longer than what was compared of it: then only equal ones are one text."""
        return max(len(self.a), len(self.b)) >= MAX_WORDS

    def agrees(self, a: Known, b: Known) -> bool:
        """Whether the words do not contradict headers that say the same."""
        if self.equal or self.most >= AGREES:
            return True
        if self.shorter < SHORT and whole_agrees(a, b):
            return True
        if self.shorter >= SHORT:
            return False
        # Too few words for shingles: nearly all words of the shorter one stand in the other.
        short, long = sorted((self.a, self.b), key=len)
        common = len(set(short) & set(long))
        return len(set(short)) > 0 and common >= SAME_FEW * len(set(short)) and len(long) <= 4 * SHORT

    def replaced(self, *, tied: bool) -> bool:
        """Whether words were replaced inside: a new version or a filled-in template, not a copy. One number is enough:
        two hosts' reports differ in no more."""
        aligned = align(self.a, self.b)
        return aligned.numbers > 0 or aligned.replaced > max(DAMAGED if tied else 0, REPLACED_RATE * aligned.same)


def whole_agrees(a: Known, b: Known) -> bool:
    """Whether the one text stands in the other, quotes and all: for a copy that has lost its own words. What words it
    has left have to stand there, too (who shows it to others may have put "[snip]"), and a footer says nothing."""
    one, two = (own(known.text, known.spans, "digest") for known in (a, b))
    for few, whole in ((own_of(a)[0], two), (own_of(b)[0], one)):
        if len(few) < SHORT and not (a.claimed or b.claimed) and len({*few} & {*whole}) < SAME_FEW * len({*few}):
            return False
    x, y = set(shingles(one)), set(shingles(two))
    small = min(len(x), len(y))
    return small >= SHORT and len(x & y) >= AGREES * small


def contains(whole: Known, part: Known) -> bool:
    """Whether one text holds nearly all of the other's words, in order."""
    (_, x), (_, y) = own_of(whole), own_of(part)
    return len(x & y) >= HOLDS * len(y) > 0


def lost_letters(a: Known, b: Known) -> bool:
    """Whether a charset that got lost on the way may be all that parts two texts: of each nearly all is ASCII, and of
    one not everything."""
    return not (a.text.isascii() and b.text.isascii()) and all(
        len(bare_of(known.text)) >= MOSTLY_ASCII * len(known.text) for known in (a, b)
    )


def bare_of(text: str) -> str:
    """A text without what a lost charset damages: letters beyond ASCII, what comes of them, and "?" for them."""
    return text.encode("ascii", "ignore").decode().replace("?", "")


def own_of(known: Known, bare: bool = False) -> tuple[tuple[str, ...], frozenset[int]]:
    return own_shingles(bare_of(known.text) if bare else known.text, known.spans, known.identity.role)


@lru_cache(maxsize=16)  # what is compared with one candidate after the other; each may be as large as a letter
def own_shingles(text: str, spans: tuple[Span, ...], role: str) -> tuple[tuple[str, ...], frozenset[int]]:
    """A message's own words, as many as shingles are made of, and all these shingles."""
    words = own(text, spans, role)[:MAX_WORDS]
    return words, frozenset(shingles(words))


def sampled(one: Identity, two: Identity) -> tuple[float, float]:
    """(containment of the one that is contained more, of the other) from two samples; a full one is sampled down to
    be compared with one that is not."""
    x, y = set(one.hashes), set(two.hashes)
    if not all(any(h % SAMPLE for h in side) for side in (x, y)):
        x, y = ({h for h in side if h % SAMPLE == 0} for side in (x, y))
    if len(x) == MAX_HASHES or len(y) == MAX_HASHES:  # both up to where the shorter sample reaches
        top = min(max(side) for side in (x, y) if side) if x and y else 0
        x, y = ({h for h in side if h <= top} for side in (x, y))
    if not x or not y:
        return 0.0, 0.0
    both = len(x & y)
    small, large = sorted((both / len(x), both / len(y)))
    return large, small


def added_lines(message: Known, into: Known, tied: bool) -> str:
    """The own lines of a copy most of whose words stand nowhere in the other text, whatever they are there.

    A few last lines of a copy that is tied by its headers are what another list appended, not what its author wrote.
    """
    if message.text == into.text or own_of(message)[0] == own_of(into)[0]:
        return ""
    have = set(shingles(words_of(into.text)))
    lines = message.text.split("\n")
    left_out = {n for s in message.spans if s.kind in NOT_OWN for n in range(s.start, s.end)}
    places: list[int] = []  # the line of each word
    words: list[str] = []
    for n, line in enumerate(lines):
        if n not in left_out:
            found = words_of(line)
            words.extend(found)
            places.extend([n] * len(found))
        if len(words) > MAX_WORDS:
            break
    known = [0] * len(words)
    for at, run in enumerate(shingles(tuple(words))):
        if run in have:
            known[at : at + SHINGLE] = [1] * SHINGLE
    total, seen = Counter(places), Counter(n for n, k in zip(places, known, strict=True) if k)
    added = [n for n in total if seen[n] * 2 < total[n]]
    if tied and added:
        last = max((n for n in total if seen[n] * 2 >= total[n]), default=-1)
        behind = [n for n in added if n > last]
        if len(behind) <= MAX_APPENDED:
            added = [n for n in added if n < last]
    kept = set(added)
    text = "\n".join(line if n in kept else "" for n, line in enumerate(lines))
    return re.sub(r"\n{3,}", "\n\n", text).strip()
