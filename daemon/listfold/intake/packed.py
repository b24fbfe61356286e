"""Opens tar and zip archives member by member as they stream by: nothing is ever written under a name that they hold.

So no path leaves its root and no link is followed. Memory is bounded whatever a header says; the bytes that come out
are bounded by files.py, which knows how large the file is.
"""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from listfold.intake.piece import Damaged

BLOCK = 512  # bytes: POSIX ustar
MAX_NAME = 64 * 1024  # bytes of a long name or a pax header; PATH_MAX is 4096
CHUNK = 256 * 1024
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
OCTAL = re.compile(rb"[0-7]{1,8}")
REGULAR = frozenset(b"0\x007")


class Reader:
    """Bytes of an iterator by number: what is asked for, or less at the end."""

    def __init__(self, data: Iterable[bytes]) -> None:
        self._data = iter(data)
        self._rest = b""

    def read(self, size: int = CHUNK) -> bytes:
        while len(self._rest) < size and (more := next(self._data, b"")):
            self._rest += more
        out, self._rest = self._rest[:size], self._rest[size:]
        return out

    def part(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes. Raises Damaged when there are fewer."""
        while size:
            data = self.read(min(size, CHUNK))
            if not data:
                raise Damaged("the tar file is truncated")
            size -= len(data)
            yield data


def is_tar(opening: bytes) -> bool:
    """Whether a file begins with a tar header: its checksum is right."""
    return opening[257:262] == b"ustar" and _checksum(opening[:BLOCK])


def tar_members(data: Iterable[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Name and bytes of each regular file. Raises Damaged where the archive stops making sense."""
    stream = Reader(data)
    name = ""
    while (block := stream.read(BLOCK)).strip(b"\0"):
        if len(block) < BLOCK or not _checksum(block):
            raise Damaged("the tar file is damaged" if len(block) == BLOCK else "the tar file is truncated")
        size, kind = _number(block[124:136]), block[156]
        padding = -size % BLOCK
        content = stream.part(size)
        if kind in b"Lx":
            if size > MAX_NAME:
                raise Damaged("the tar file has a name that is too long")
            told = b"".join(content)
            name = told.rstrip(b"\0").decode("utf-8", "replace") if kind in b"L" else _pax_path(told) or name
        elif kind in REGULAR:
            yield name or _name(block), content
        for _ in chain(content, stream.part(padding)):  # what the caller left, and what fills the last block
            pass
        if kind not in b"Lxg":
            name = ""


def zip_members(stream: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Name and bytes of each file. Raises Damaged where the archive, or the member that is read, cannot be."""
    try:
        with zipfile.ZipFile(stream) as box:
            for info in box.infolist():
                if not info.is_dir():
                    yield info.filename, _zipped(box, info)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as e:
        raise Damaged(f"the zip file is damaged: {e}") from e


def _zipped(box: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with box.open(info) as member:
            while data := member.read(CHUNK):
                yield data
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError, RuntimeError) as e:
        raise Damaged(f"the zip file is damaged: {e}") from e  # RuntimeError: it is encrypted


def _checksum(block: bytes) -> bool:
    if len(block) < BLOCK:
        return False
    told = block[148:156].strip(b" \0")
    return bool(OCTAL.fullmatch(told)) and int(told, 8) == sum(block[:148]) + 8 * 32 + sum(block[156:])


def _number(field: bytes) -> int:
    """Octal digits, or from 8 GiB on GNU's base 256."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:])
    try:
        return int(field.strip(b" \0") or b"0", 8)
    except ValueError as e:
        raise Damaged("the tar file is damaged") from e


def _name(block: bytes) -> str:
    name, prefix = (part.partition(b"\0")[0] for part in (block[:100], block[345:500]))
    return (prefix + b"/" + name if prefix and block[257:263] == b"ustar\0" else name).decode("utf-8", "replace")


def _pax_path(told: bytes) -> str:
    """The `path` of a pax header's records, "LENGTH key=value\\n" each; "" when there is none."""
    while told:
        digits = told.partition(b" ")[0]
        if not digits.isdigit() or not len(digits) < int(digits) <= len(told):
            return ""
        record = told[len(digits) + 1 : int(digits)]
        if record.startswith(b"path="):
            return record[5:].rstrip(b"\n").decode("utf-8", "replace")
        told = told[int(digits) :]
    return ""
