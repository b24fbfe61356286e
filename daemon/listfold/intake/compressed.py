"""Uncompresses a stream piece by piece in bounded memory: gzip, bzip2, xz, zstd, or nothing at all.

The standard library's file objects lose what was read before an error, and zstd's says nothing of a truncated file.
So each format is driven through its decompressor object here, and what came out before the damage is handed on.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

import zstandard

from listfold.intake.piece import Damaged

CHUNK = 256 * 1024  # bytes read, and handed on, at a time
ZSTD_STEP = 512  # bytes fed at a time: a block of 4 bytes may hold 128 KiB (RFC 8878 3.1.1.2), so 16 MiB at most
ZSTD_WINDOW = 128 * 1024 * 1024  # bytes; `zstd -d` asks for --long beyond it
XZ_MEMORY = 256 * 1024 * 1024  # bytes; xz -9 needs 65 MiB


class Decompressor(Protocol):
    """One member of a compressed file; a file may hold several, one behind the other."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def feed(self, data: bytes) -> Iterator[bytes]: ...


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)  # 16 + 15: with a gzip header

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data and not self._inner.eof:
            yield self._inner.decompress(data, CHUNK)
            data = self._inner.unconsumed_tail


class _Bounded:
    """bz2 and lzma share one interface."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._inner.decompress(data, CHUNK)
        while not self._inner.eof and not self._inner.needs_input:
            yield self._inner.decompress(b"", CHUNK)


class _Zstd:
    def __init__(self) -> None:
        self._inner = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
        self.unused_data = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), ZSTD_STEP):
            yield self._inner.decompress(data[at : at + ZSTD_STEP])
            if self._inner.eof:
                self.unused_data = self._inner.unused_data + data[at + ZSTD_STEP :]
                return


# The first bytes of a file, and what they open: RFC 1952, bzip2's and xz's format pages, RFC 8878.
FORMATS: tuple[tuple[bytes, str, Callable[[], Decompressor]], ...] = (
    (b"\x1f\x8b\x08", "gzip", _Gzip),
    (b"BZh", "bzip2", lambda: _Bounded(bz2.BZ2Decompressor())),
    (b"\xfd7zXZ\0", "xz", lambda: _Bounded(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY))),
    (b"\x28\xb5\x2f\xfd", "zstd", _Zstd),
)
MAGIC = max(len(magic) for magic, _, _ in FORMATS)


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The stream's bytes, uncompressed, a bounded piece at a time. Raises Damaged behind the last good piece."""
    data = b""
    while len(data) < MAGIC and (more := _read(stream)):
        data += more
    for magic, name, make in FORMATS:
        if data.startswith(magic):
            yield from _uncompressed(stream, data, magic, name, make)
            return
    while data:
        yield data
        data = _read(stream)


def _uncompressed(
    stream: BinaryIO, data: bytes, magic: bytes, name: str, make: Callable[[], Decompressor]
) -> Iterator[bytes]:
    member = make()
    while True:
        if not data and not (data := _read(stream)):
            raise Damaged(f"the {name} file is truncated")
        try:
            yield from filter(None, member.feed(data))
        except (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError) as e:
            raise Damaged(f"the {name} file is damaged: {e}") from e
        data = b""
        if member.eof:
            data = member.unused_data
            while len(data) < len(magic) and (more := _read(stream)):
                data += more
            if not data.startswith(magic):  # the end, padding, or garbage, which gzip(1) passes over, too
                return
            member = make()


def _read(stream: BinaryIO) -> bytes:
    try:
        return stream.read(CHUNK)
    except OSError as e:
        raise Damaged(f"the file cannot be read on: {e.strerror}") from e
