"""Packs a message's text with its letter as the dictionary: nearly all of it stands there already.

The archive then holds a twentieth of what texts take by themselves, and every reader of texts has the letters beside
it (`sqlite.beside`). A text can be read as long as its letter is there: a purge takes it from the archive first.
"""

import re
import sqlite3
from typing import IO, cast

import zstandard
from zstandard import DICT_TYPE_RAWCONTENT, STRATEGY_FAST, ZstdCompressionDict, ZstdCompressionParameters

from listfold.errors import ListfoldError

HEAD = 18  # bytes of a frame's header, at most
DICTIONARY = 2**18  # bytes of a letter, the first ones: what follows is attached, or a digest's later letters


# A text is a few runs of its letter, which the fastest strategy finds, too: what costs is to clear and to fill its
# table of hashes, and a smaller one misses some. A checksum, since another letter's bytes would give another text, and
# no error.
PARAMETERS = ZstdCompressionParameters(strategy=STRATEGY_FAST, hash_log=14, min_match=6, write_checksum=True)
HEADERS_END = re.compile(rb"\n\r?\n")


def pack(text: str, raw: bytes) -> bytes:
    made = zstandard.ZstdCompressor(compression_params=PARAMETERS, dict_data=_dictionary(raw))
    return made.compress(text.encode())


def unpack(db: sqlite3.Connection, letter: int, packed: bytes) -> str:
    """The text of a message of this letter. Raises ListfoldError when the letter is not there any more, and what SQLite
    raises when its file cannot be read."""
    try:
        with db.blobopen("letter", "raw", letter, readonly=True, name="letters") as blob:
            head = blob.read(HEAD)
            blob.seek(0)
            stream = zstandard.ZstdDecompressor().stream_reader(cast("IO[bytes]", blob), closefd=False)
            raw = stream.read(min(DICTIONARY, size(head)))  # of a large letter no more
    except sqlite3.OperationalError as error:
        if db.execute("SELECT 1 FROM letters.letter WHERE id = ? AND raw IS NOT NULL", (letter,)).fetchone():
            raise
        raise ListfoldError(f"letter {letter} is gone, and this archive older: remove it, it is made anew") from error
    return zstandard.ZstdDecompressor(dict_data=_dictionary(raw)).decompress(packed).decode()


def size(head: bytes) -> int:
    """Bytes that a frame unpacks to, as its HEAD tells (RFC 8878 3.1.1)."""
    return max(0, zstandard.frame_content_size(head))


def _dictionary(raw: bytes) -> ZstdCompressionDict:
    part = raw[:DICTIONARY]
    end = HEADERS_END.search(part)
    return ZstdCompressionDict(part[end.end() :] if end else part, dict_type=DICT_TYPE_RAWCONTENT)
