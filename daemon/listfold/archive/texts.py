"""Packs a message's text with its letter as the dictionary: nearly all of it stands there already.

The archive then holds a twentieth of what texts take by themselves, and every reader of texts has the letters beside
it (`sqlite.beside`). A text can be read as long as its letter is there: a purge takes it from the archive first.
"""

import sqlite3

import zstandard
from zstandard import DICT_TYPE_RAWCONTENT, ZstdCompressionDict

from listfold.errors import ListfoldError

ZSTD_LEVEL = 3
DICTIONARY = 2**18  # bytes of a letter, the first ones: what follows is attached, or a digest's later letters


def pack(text: str, raw: bytes) -> bytes:
    """With a checksum: another letter's bytes would give another text, and no error."""
    made = zstandard.ZstdCompressor(level=ZSTD_LEVEL, dict_data=_dictionary(raw), write_checksum=True)
    return made.compress(text.encode())


def unpack(db: sqlite3.Connection, letter: int, blob: bytes) -> str:
    """The text of a message of this letter. Raises ListfoldError when the letter is not there any more."""
    (packed,) = db.execute("SELECT raw FROM letters.letter WHERE id = ?", (letter,)).fetchone() or (None,)
    if packed is None:
        raise ListfoldError(f"letter {letter} is gone, and this archive older than that: remove it, it is made anew")
    with zstandard.ZstdDecompressor().stream_reader(packed) as stream:
        raw = stream.read(DICTIONARY)
    return zstandard.ZstdDecompressor(dict_data=_dictionary(raw)).decompress(blob).decode()


def size(head: bytes) -> int:
    """Bytes of a packed text, as its first 18 bytes tell (RFC 8878 3.1.1: the frame's header)."""
    return max(0, zstandard.frame_content_size(head))


def _dictionary(raw: bytes) -> ZstdCompressionDict:
    return ZstdCompressionDict(raw[:DICTIONARY], dict_type=DICT_TYPE_RAWCONTENT)
