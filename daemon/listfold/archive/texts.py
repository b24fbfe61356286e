"""Packs a message's text by its letter: nearly all of it stands there already.

A text that stands there as it is, as three in four do, is kept as its place; another one is packed with the letter as
the dictionary. The archive then holds a twentieth of what texts take by themselves, and every reader of texts has the
letters beside it (`sqlite.beside`). A text can be read as long as its letter is there: a purge takes it from the
archive first.
"""

import re
import sqlite3
import struct
import zlib
from typing import IO, cast

import zstandard
from zstandard import DICT_TYPE_RAWCONTENT, STRATEGY_FAST, ZstdCompressionDict, ZstdCompressionParameters

from listfold.errors import ListfoldError

HEAD = 18  # bytes of a frame's header, at most
DICTIONARY = 2**18  # bytes of a letter, the first ones: what follows is attached, or a digest's later letters

# A checksum in both forms, since another letter's bytes would give another text, and no error.

# Where a text stands: its first byte, how many there are, their checksum. No frame with a checksum is as short.
PLACE = struct.Struct(">III")
OPENING = 64  # bytes of a text that are looked for: to look for all of them, all of them are read first

# Another text is a few runs of its letter, which the fastest strategy finds, too: what costs is to clear and to fill
# its table of hashes, and a smaller one misses some.
PARAMETERS = ZstdCompressionParameters(strategy=STRATEGY_FAST, hash_log=14, min_match=6, write_checksum=True)
HEADERS_END = re.compile(rb"\n\r?\n")


def pack(text: str, raw: bytes) -> bytes:
    content, part = text.encode(), _part(raw)
    start = part.find(content[:OPENING])
    if start >= 0 and part.startswith(content, start):
        return PLACE.pack(start, len(content), zlib.crc32(content))
    return zstandard.ZstdCompressor(compression_params=PARAMETERS, dict_data=_dictionary(part)).compress(content)


def unpack(db: sqlite3.Connection, letter: int, packed: bytes) -> str:
    """The text of a message of this letter. Raises ListfoldError when the letter is not there any more, and what SQLite
    raises when its file cannot be read."""
    try:
        with db.blobopen("letter", "raw", letter, readonly=True, name="letters") as blob:
            head = blob.read(HEAD)
            blob.seek(0)
            stream = zstandard.ZstdDecompressor().stream_reader(cast("IO[bytes]", blob), closefd=False)
            raw = stream.read(min(DICTIONARY, _unpacked(head)))  # of a large letter no more
    except sqlite3.OperationalError as error:
        if db.execute("SELECT 1 FROM letters.letter WHERE id = ? AND raw IS NOT NULL", (letter,)).fetchone():
            raise
        raise ListfoldError(f"letter {letter} is gone, and this archive older: remove it, it is made anew") from error
    part = _part(raw)
    if len(packed) != PLACE.size:
        return zstandard.ZstdDecompressor(dict_data=_dictionary(part)).decompress(packed).decode()
    start, length, checksum = PLACE.unpack(packed)
    content = part[start : start + length]
    if zlib.crc32(content) != checksum:
        raise ListfoldError(f"letter {letter} is not the one that this archive read: remove it, it is made anew")
    return content.decode()


def size(head: bytes) -> int:
    """Bytes of a packed text, as its HEAD tells."""
    return int(PLACE.unpack(head)[1]) if len(head) == PLACE.size else _unpacked(head)


def _unpacked(head: bytes) -> int:
    """Bytes that a frame unpacks to (RFC 8878 3.1.1)."""
    return max(0, zstandard.frame_content_size(head))


def _part(raw: bytes) -> bytes:
    """Of a letter what its texts are packed by: not the headers, where there is more."""
    part = raw[:DICTIONARY]
    end = HEADERS_END.search(part)
    return part[end.end() :] if end else part


def _dictionary(part: bytes) -> ZstdCompressionDict:
    return ZstdCompressionDict(part, dict_type=DICT_TYPE_RAWCONTENT)
