"""What is kept of purged mail so that it cannot come back: keyed hashes of Message-IDs and of words, no content.

A letter with a purged Message-ID, or with the bytes of a purged letter, is not stored again. A letter that says the
same under another Message-ID is known only when it has been read: a sample of its word shingles is compared, so that
other headers, footers, line breaks or quotation marks do not matter. The key is the installation's own: a hash here
cannot be compared with a list of hashes that somebody else has made.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, Literal

from listfold.letters.decisions import Decision

WORD = re.compile(r"\w+")
SHINGLE = 6  # words in a row
KEPT = 24  # shingles of a text: the lowest hashes
SAME = 0.8  # of the kept ones have to be there
LONGER = (
    1.5  # times the purged text's words: beyond that it is held for a person, for it says more than what was purged
)
LEAST_WORDS = 12  # shorter texts ("Thanks, works for me") are many people's
MAX_HEAD = 256 * 1024  # bytes in which a Message-ID is looked for

MESSAGE_ID = re.compile(rb"^message-id[ \t]*:\s*(<[^<>]{1,998}>)", re.IGNORECASE | re.MULTILINE)
HEADER_END = re.compile(rb"^\r?\n", re.MULTILINE)

Verdict = Literal["", "same", "holds"]


class Tombstones:
    """All that was purged, to be asked of each letter. Empty, it costs nothing."""

    def __init__(self, secret: bytes, decisions: Iterable[Decision] = ()) -> None:
        self.secret = secret
        self._letters: dict[str, int] = {}  # keyed hash of a Message-ID or of bytes -> a letter that was purged
        self._texts: list[tuple[int, int]] = []  # words of a text, shingles kept of it
        self._shingles: dict[int, list[int]] = defaultdict(list)  # shingle -> numbers of texts
        for decision in decisions:
            if decision.kind == "purge":
                self.add(decision.detail)

    def add(self, detail: Mapping[str, Any]) -> None:
        """Take in what one purge left behind (`detail` of its decision)."""
        numbers = detail["letters"]
        for mark in detail.get("marks", ()):
            self._letters[mark] = numbers[0] if numbers else 0
        for words, shingles in detail.get("texts", ()):
            for value in shingles:
                self._shingles[int(value, 16)].append(len(self._texts))
            self._texts.append((words, len(shingles)))

    def __bool__(self) -> bool:
        return bool(self._letters or self._texts)

    def letter(self, raw: bytes) -> int:
        """The number of a purged letter that these bytes are or say they are; 0 when there is none."""
        if not self._letters:
            return 0
        found = self._letters.get(mark_of_bytes(self.secret, raw), 0)
        name = message_id_of(raw)
        return found or (self._letters.get(mark_of_name(self.secret, name), 0) if name else 0)

    def message(self, message_id: str, text: str) -> Verdict:
        """Whether a message is one that was purged (`same`), or holds the text of one among more (`holds`)."""
        if message_id and mark_of_name(self.secret, message_id) in self._letters:
            return "same"
        if not self._texts:
            return ""
        words = words_of(text)
        hits: Counter[int] = Counter()
        for value in _shingles(self.secret, words):
            hits.update(self._shingles.get(value, ()))
        verdict: Verdict = ""
        for number, count in hits.items():
            length, kept = self._texts[number]
            if count >= SAME * kept:
                if len(words) <= LONGER * length:
                    return "same"
                verdict = "holds"
        return verdict


def mark_of_bytes(secret: bytes, raw: bytes) -> str:
    """Keyed hash of a letter's bytes with LF line ends."""
    return _keyed(secret, b"bytes\0" + raw.replace(b"\r\n", b"\n"))


def mark_of_name(secret: bytes, message_id: str) -> str:
    """Keyed hash of a Message-ID, which may come without its brackets and with blanks in it."""
    bare = "".join(message_id.split()).strip("<>")
    return _keyed(secret, b"message-id\0" + bare.encode("utf-8", "replace"))


def text_marks(secret: bytes, text: str) -> tuple[int, list[str]] | None:
    """(words, sample of keyed shingles in hex) of a text; None when it is too short to be anybody's own."""
    words = words_of(text)
    if len(words) < LEAST_WORDS:
        return None
    return len(words), [f"{value:016x}" for value in sorted(_shingles(secret, words))[:KEPT]]


def words_of(text: str) -> list[str]:
    """The words of a text but for quoted lines, in a form that line breaks and case do not change."""
    lines = (line for line in text.split("\n") if not line.lstrip().startswith(">"))
    return WORD.findall("\n".join(lines).casefold())


def message_id_of(raw: bytes) -> str:
    """The Message-ID in a letter's header, or ""."""
    end = HEADER_END.search(raw, 0, MAX_HEAD)
    found = MESSAGE_ID.search(raw, 0, end.start() if end else MAX_HEAD)
    return found[1].decode("utf-8", "replace") if found else ""


def _shingles(secret: bytes, words: list[str]) -> set[int]:
    return {
        int.from_bytes(blake2b(" ".join(words[n : n + SHINGLE]).encode(), digest_size=8, key=secret).digest())
        for n in range(len(words) - SHINGLE + 1)
    }


def _keyed(secret: bytes, data: bytes) -> str:
    return blake2b(data, digest_size=16, key=secret).hexdigest()
