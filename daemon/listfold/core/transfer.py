"""Undoes content transfer encodings (RFC 2045 6, uuencode), and whatever mail servers did to them on the way."""

import binascii
import re

from listfold.core.encoded_words import unbase64

# A line of base64: nothing else, so that a footer which a list server appended to the encoded body is seen.
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]{2,}={0,2}[ \t\r]*")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} .*$", re.MULTILINE)


def undo(data: bytes, encoding: str) -> tuple[bytes, bytes]:
    """The decoded bytes, and what was appended to them unencoded (list servers do so to base64)."""
    encoding = encoding.strip().lower()
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data), b""
    if encoding == "base64":
        return _base64(data)
    if encoding in ("x-uuencode", "uuencode", "x-uue"):
        return _uudecode(data)
    return data, b""


def size(data: bytes, encoding: str) -> int:
    """Decoded size in bytes, without decoding what may be large."""
    encoding = encoding.strip().lower()
    if encoding == "base64":
        end = data.rstrip()
        count = len(end) - sum(end.count(c) for c in (b"\n", b"\r", b" ", b"\t"))
        return max(count * 3 // 4 - (2 if end.endswith(b"==") else 1 if end.endswith(b"=") else 0), 0)
    return len(undo(data, encoding)[0])


def _base64(data: bytes) -> tuple[bytes, bytes]:
    lines = data.split(b"\n")
    end = 0  # after the last line that is base64 all through
    gap = False
    for n, line in enumerate(lines):
        if not line.strip():
            gap = gap or end > 0
        elif _BASE64_LINE.fullmatch(line) and not (gap and len(line.strip()) % 4):
            end = n + 1
        else:
            break
    if not end and b" " in data.strip()[:80]:
        return data, b""  # words: only the label says base64
    if not end:  # damaged from its first line on, or no base64 at all
        decoded = unbase64(data)
        return (decoded, b"") if len(decoded) * 2 > len(data) else (data, b"")
    rest = b"\n".join(lines[end:]).strip(b"\r\n")
    if rest and not _text(rest):  # damage within, not an appended text
        return unbase64(data), b""
    return unbase64(b"".join(lines[:end])), rest


def _text(rest: bytes) -> bool:
    """Whether what follows the base64 is words: most base64 lines have no space."""
    return b" " in rest.strip() or rest.lstrip().startswith((b"-", b"_"))


def _uudecode(data: bytes) -> tuple[bytes, bytes]:
    """The file, with words that stand above it; and what was appended to it."""
    begin = _UU_BEGIN.search(data)
    if begin is None:
        return data, b""
    above = data[: begin.start()]
    out = [above if above.strip() else b""]
    lines = data[begin.end() :].lstrip(b"\r\n").split(b"\n")
    end = len(lines)
    for n, line in enumerate(lines):
        line = line.rstrip(b"\r")
        if line in (b"end", b"`", b""):
            end = n + 1
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:  # trailing rubbish: take the bytes that the first character counts
            count = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                continue
    rest = b"\n".join(lines[end:]).removeprefix(b"end").strip(b"\r\n")
    return b"".join(out), rest
