"""Decodes the encoded words of header fields (RFC 2047), broken ones included.

Words are found with `find`, never by a lazy pattern over the whole value: a field of ten thousand starts without an
end costs one scan. Neighbours in one charset are joined as bytes before they are decoded, since many programs split
a character between two words (against RFC 2047 5).
"""

import binascii
import re

from listfold.core.charset import codec, decode, scrub

_START = re.compile(rb"=\?([^?\s]{1,64})\?([bBqQ])\?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SPACED = bytes(n if 32 <= n != 127 else 32 for n in range(256))  # the same for ASCII: a NUL goes, others are spaces
_SPECIALS = re.compile(r'[()<>\[\]:;@\\,"]')


def value_of(raw: bytes, hint: str = "", address: bool = False) -> str:
    """A field's value as text. `raw` is unfolded; `hint` is the charset that bare 8-bit text most likely has.

    With `address`, decoded words that hold characters with a meaning in address lists are put in quotes, so that
    a comma in somebody's name does not become two people.
    """
    if raw.find(b"=?") < 0:  # `in` tries bytes as a number first, and raises and catches what that gives
        if not raw.isascii():
            return plain(_bare(raw, hint))
        return raw.replace(b"\0", b"").translate(_SPACED).decode().strip()
    out: list[str] = []
    quotes = 0  # double quotes so far: odd inside a quoted string
    for charset, data in _joined(_tokens(raw)):
        if not charset:
            quotes += data.count(b'"')
            out.append(_bare(data, hint))
            continue
        text = decode(data, charset)[0]
        if address and quotes % 2:
            text = text.replace('"', "'").replace("\\", "")
        elif address and _SPECIALS.search(text):
            text = '"' + text.replace('"', "'").replace("\\", "") + '"'
        out.append(text)
    return plain("".join(out))


def plain(text: str) -> str:
    """One line without control characters: a decoded CR LF would end a field wherever the value is written again."""
    if not text.isprintable():
        text = _CONTROL.sub(" ", scrub(text))
    return text.strip()


def _tokens(raw: bytes) -> list[tuple[str, bytes]]:
    """(charset, bytes) of every encoded word, ("", bytes) of what stands between them."""
    tokens: list[tuple[str, bytes]] = []
    done = position = 0
    while (start := raw.find(b"=?", position)) >= 0:
        match = _START.match(raw, start)
        if match is None:
            position = start + 2
            continue
        end = raw.find(b"?=", match.end())
        if end < 0:
            break  # no end anywhere: nothing more to decode
        if start > done:
            tokens.append(("", raw[done:start]))
        label = match[1].split(b"*")[0].decode("ascii", "replace").lower()  # RFC 2231 5: a language may follow
        tokens.append((label, _word(match[2], raw[match.end() : end])))
        done = position = end + 2
    if done < len(raw):
        tokens.append(("", raw[done:]))
    return tokens


def _joined(tokens: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """RFC 2047 6.2: space between two encoded words is not there; neighbours in one charset are one text."""
    runs: list[tuple[str, list[bytes]]] = []
    for n, (charset, data) in enumerate(tokens):
        if not charset and 0 < n < len(tokens) - 1 and not data.strip():
            continue
        # A stateful charset starts anew in every word, the others may have been cut anywhere.
        if charset and runs and runs[-1][0] == charset and not charset.startswith("iso-2022"):
            runs[-1][1].append(data)
        else:
            runs.append((charset, [data]))
    return [(charset, b"".join(parts)) for charset, parts in runs]


def _word(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(text.replace(b" ", b"_"), header=True)
    return unbase64(text)


def unbase64(text: bytes) -> bytes:
    """What base64 text holds, whatever is wrong with its padding: in the middle of it, too, where texts that were
    encoded one by one were put together."""
    text = text.rstrip(b"= \t\r\n")
    if b"=" in text:
        return b"".join(unbase64(piece) for piece in text.split(b"="))
    try:
        return binascii.a2b_base64(text + b"===")
    except binascii.Error:  # one character too many: it holds 6 bits of nothing
        try:
            return binascii.a2b_base64(text[:-1] + b"===")
        except binascii.Error:
            return b""


def _bare(raw: bytes, hint: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # Too short to guess from: the charset that the message names for its body, else windows-1252.
        return raw.decode(codec(hint) or "cp1252", "replace") if codec(hint) != "ascii" else raw.decode("latin-1")
