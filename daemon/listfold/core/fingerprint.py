"""Makes what folding compares: own words, an exact hash, sampled shingles.

Wrapping, charset, transfer encoding, quote prefixes, list footers and signatures disappear here; what is left is the
same for every copy of a text. Words in order become 5-word shingles, each a 64-bit hash. A short text keeps all of
them, a longer one those that are 0 mod 4 (FracMinHash, Irber and others 2022), so that containment can be told both
ways from two samples alone. blake2b has a fixed personalisation: every rebuild finds the same numbers.
"""

import re
import sys
import unicodedata
from hashlib import blake2b
from itertools import compress, groupby
from typing import Literal

from listfold.model import CUT_CONFIDENCE, CUT_KINDS, Identity, Span

Role = Literal["text", "reply", "forward", "digest"]

SHINGLE = 5  # words; FOLDING.md, The method, 4
KEEP_ALL = 96  # up to so many shingles all are kept
SAMPLE = 4  # above that those that are 0 mod 4
SAMPLED = bytes(n % SAMPLE == 0 for n in range(256))  # told by the lowest byte
MAX_HASHES = 512  # the lowest of them
MAX_KEPT = 1 << 15  # words whose hashes are kept
MAX_KEPT_WORD = 64  # characters of such a word: longer ones hardly come again
MAX_WORDS = 65_536  # shingles are made of so many words at most, so that a huge letter costs a bounded time

PERSON_WORD = b"listfold.word.1"
PERSON_EXACT = b"listfold.exact.1"

LANE = 128  # bits in which a hash stands beside others: its product with a 64-bit factor has room there
# Of as many lanes as a text may have: their lower halves, where the hashes are; of hashes without room between them
# the bits that a shift by 29 leaves, and the uppermost ones.
LOWER = int.from_bytes((b"\xff" * 8 + bytes(8)) * (MAX_WORDS // 2), "little")
SHIFTED = int.from_bytes((2**35 - 1).to_bytes(8, "little") * MAX_WORDS, "little")
UPPERMOST = int.from_bytes((bytes(7) + b"\x80") * MAX_WORDS, "little")
ORDER = 1 if sys.byteorder == "little" else -1  # of the 64-bit numbers in a long one, as this machine reads them
LOWEST = slice(0 if sys.byteorder == "little" else 7, None, 8)  # of each 64-bit number its lowest byte
BASE = 0x9E3779B97F4A7C15  # odd: 2**64 / golden ratio (Knuth, TAOCP 3, 6.4)
BASE_SQUARED = BASE * BASE % 2**64
MIX = 0xBF58476D1CE4E5B9  # splitmix64's first multiplier (Steele and others 2014)

# What another person wrote, or a program: never a message's own words.
NOT_OWN = frozenset({"quote", "attribution", "forward_header", "forwarded", "signature", "footer", "disclaimer"})

OPENED = "unwrap"  # the rule of spans whose lines are a message of their own

WORD = re.compile(r"\w+")
# The same for ASCII, and lower case: what is no part of a word becomes a space.
ASCII_WORDS = bytes(ord(chr(n).lower() if n < 128 and WORD.match(chr(n)) else " ") for n in range(256))
EDGE = re.compile(r"_(?<= _)_*+|_(?<!__)_*+(?= )")  # underscores at either end of a word
# Soft hyphens, zero-width marks and byte order marks come and go with the mail program, inside of words.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
NOTHING = dict.fromkeys(map(ord, INVISIBLE))
# Chinese and Japanese have no spaces: a word there is what ends with a letter of even number, two letters on average.
# That each cut depends on one letter alone keeps it where it is when others come or go.
FIRST_WIDE = "\u3005"
WIDE = f"[{FIRST_WIDE}-\u9fff]"  # the punctuation in it parts words all the same
WIDE_RUN = f"{WIDE}+"  # patterns in so large a range take milliseconds to make: only whoever meets it makes them
WRAPPED_WIDE = f"(?<={WIDE})\n(?={WIDE})"  # a line's end is no word's

# "[PATCH v2 1/3]", "[PATCH net-next RESEND 02/10]", "[RFC PATCH]", "[RESEND PATCH V3]"
PATCH = re.compile(r"\[([^\[\]]{0,80}\bPATCH(?:v\d{1,3})?\b[^\[\]]{0,80})\]", re.IGNORECASE)
VERSION = re.compile(r"\bv\.?(\d{1,3})\b|\bPATCHv(\d{1,3})\b", re.IGNORECASE)
RELEASE = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,4}){1,3}\b")
SERIES = re.compile(r"\b0*(\d{1,4})\s*/\s*0*(\d{1,4})\b")
TAG = re.compile(r"\[[^\[\]]{0,80}\]")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, in order: NFKC, casefolded, without punctuation."""
    if text.isascii():
        return tuple(_ascii_words(text))
    words: list[str] = []
    for ascii, lines in groupby(text.split("\n"), str.isascii):  # no word goes over a line's end
        words += (_ascii_words if ascii else _any_words)("\n".join(lines))
    return tuple(words)


def _ascii_words(text: str) -> list[str]:
    return _bare(text.encode("ascii").translate(ASCII_WORDS).decode("ascii"))


def _any_words(text: str) -> list[str]:
    if any(mark in text for mark in INVISIBLE):
        text = text.translate(NOTHING)
    text = unicodedata.normalize("NFKC", text).casefold()
    if text and max(text) >= FIRST_WIDE:
        text = re.sub(WIDE_RUN, _parted, re.sub(WRAPPED_WIDE, "", text))
    return _bare(" ".join(WORD.findall(text)))


def _parted(run: re.Match[str]) -> str:
    return "".join([letter if ord(letter) % 2 else f"{letter} " for letter in f" {run[0]} "])


def _bare(text: str) -> list[str]:
    """The words that spaces part, without rules of underscores, and _emphasis_ that HTML does not write."""
    # What has underscores inside of words only is most of it.
    if "_" in text and ("_ " in (edges := f" {text} ") or " _" in edges):
        text = EDGE.sub("", edges)
    return text.split()


def own(text: str, spans: tuple[Span, ...], role: str) -> tuple[str, ...]:
    """The normalised words that are the message's own under its role (spans of learned rules do not count).

    A text's and a reply's are what its author wrote; a forward's are the forwarded text; a digest's all but cut spans.
    """
    if role == "forward":
        lines = text.split("\n")
        inner = [line for s in spans if s.kind == "forwarded" for line in lines[s.start : s.end]]
        return words_of("\n".join(inner))
    left_out = NOT_OWN if role in ("text", "reply") else CUT_KINDS
    gone = [s for s in spans if s.kind in left_out and counts(s, role)]
    if gone:
        lines = text.split("\n")
        for s in gone:
            for n in range(s.start, min(s.end, len(lines))):
                lines[n] = ""
        text = "\n".join(lines)
    return words_of(text)


def counts(span: Span, role: str) -> bool:
    """Whether a span may be left out of an identity: what a list taught us may change, an identity may not. Text under
    a header that was not opened as a forward belongs to the text that shows it, unless that is a reply."""
    if span.kind in ("forwarded", "forward_header") and role == "text":
        return span.rule == OPENED
    return not span.rule.startswith("learned") and (span.kind not in CUT_KINDS or span.confidence >= CUT_CONFIDENCE)


def identity(text: str, spans: tuple[Span, ...], role: Role, subject: str) -> Identity:
    """What folding compares of one message. `subject` is without list tag and Re:, patch tags still on."""
    words = own(text, spans, role)
    return Identity(
        role=role,
        words=len(words),
        exact=exact(words),
        hashes=() if role == "digest" else sample(shingles(words)),  # a digest shows others' texts: it matches whole
        subject=plain_subject(subject),
        patch=patch_of(subject),
    )


def exact(words: tuple[str, ...]) -> int:
    """Signed 64-bit hash of all words; 0 when there are none."""
    return hash64(" ".join(words), PERSON_EXACT) if words else 0


def shingles(words: tuple[str, ...]) -> memoryview:
    """The hash of every run of five words, in order, as signed 64 bits; none for a text of fewer words.

    Each word is hashed once; a run is a polynomial of its words' hashes, mixed at the end so that the lowest bits, by
    which is sampled, depend on all the others. All runs are reckoned at once: every other word's hash stands in the
    lanes of one long number, those between in another's, and the next word's stands in the other number or a lane on.
    Runs of two make those of four, these those of five.
    """
    words = words[:MAX_WORDS]
    size = len(words)
    if size < SHINGLE:
        return memoryview(b"").cast("q")
    packed = int.from_bytes(b"".join(map(_HASHES.__getitem__, words)), "little")
    mask = LOWER >> (MAX_WORDS - size) // 2 * LANE
    even, odd = packed & mask, packed >> LANE // 2 & mask
    twos = (even * BASE + odd) & mask, (odd * BASE + (even >> LANE)) & mask
    runs = 0
    for place, (one, two) in enumerate(zip((even, odd), twos, strict=True)):
        four = (two * BASE_SQUARED + (two >> LANE)) & mask
        five = (four * BASE + (one >> 2 * LANE)) & mask
        runs |= (((five ^ five >> 31) & mask) * MIX & mask) << place * LANE // 2
    others = (MAX_WORDS - size) * LANE // 2
    runs ^= runs >> 29 & SHIFTED >> others
    runs ^= UPPERMOST >> others  # the upper half of all hashes becomes the positive one, the lower the negative
    hashes = memoryview(runs.to_bytes(size * LANE // 16, sys.byteorder)).cast("q")
    return hashes[::ORDER][: size - SHINGLE + 1]  # the last ones are of shorter runs


class _Hashes(dict[str, bytes]):
    """Words' hashes, little-endian: kept, since most words come again, until they are too many."""

    def __missing__(self, word: str) -> bytes:
        digest = _BLANK.copy()
        digest.update(word.encode("utf-8", "replace"))
        value = digest.digest()[::-1]
        if len(word) <= MAX_KEPT_WORD:
            if len(self) >= MAX_KEPT:
                self.clear()
            self[word] = value
        return value


_BLANK = blake2b(digest_size=8, person=PERSON_WORD)  # copied, which costs less than to set one up
_HASHES = _Hashes()


def sample(hashes: memoryview) -> tuple[int, ...]:
    """Sorted, each once: all up to 96, else those that are 0 mod 4, at most the 512 lowest."""
    values = hashes.tolist()
    if len(values) > KEEP_ALL:
        kept = set(compress(values, hashes.tobytes()[LOWEST].translate(SAMPLED)))
        if len(kept) > KEEP_ALL or len(set(values)) > KEEP_ALL:
            return tuple(sorted(kept)[:MAX_HASHES])
    return tuple(sorted(set(values)))


def hash64(text: str, person: bytes) -> int:
    digest = blake2b(text.encode("utf-8", "replace"), digest_size=8, person=person).digest()
    return int.from_bytes(digest, "big", signed=True)


def plain_subject(subject: str) -> str:
    """A subject as it is compared: its words, without bracketed tags. Relays fold long subjects at any comma."""
    return " ".join(words_of(TAG.sub(" ", subject) if "[" in subject else subject))


def patch_of(subject: str) -> str:
    """The patch tuple of a subject, "v2 1/3": version 1 and number 1/1 when it names none; "" when it is no patch.
    A release that the patch is made for ("[PATCH 5.4.33 1/2]") belongs to it."""
    tag = PATCH.search(subject)
    if tag is None:
        return ""
    version = VERSION.search(tag[1])
    series = SERIES.search(tag[1])
    release = RELEASE.search(tag[1])
    number = (version[1] or version[2]) if version else "1"
    of = f"{series[1]}/{series[2]}" if series else "1/1"
    return f"v{int(number)} {of}" + (f" {release[0]}" if release else "")
