"""Takes a message's MIME structure apart into a flat list of parts, without recursion and within limits.

Strategy: a stack of parts to look at. A multipart's body is cut at its boundary lines by one scan; its children go on
the stack in reverse, so that parts come out in the order in which they are read. A part that is over a limit, or says
it is a multipart and shows no boundary, is a leaf: its source is text, and nothing of it is lost.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from listfold.core.charset import decode
from listfold.core.headers import Headers, headers_of, split
from listfold.core.transfer import undo

MAX_PARTS = 1000  # as public-inbox (Eml.pm, $mime_parts_limit)
MAX_NESTING = 20  # as public-inbox (Eml.pm, $mime_nesting_limit)
MAX_BOUNDARY = 2048  # as public-inbox (Eml.pm, $mime_boundary_length_limit)

_TYPE = re.compile(r"\s*([\w!#$&^.+-]+)\s*/\s*([\w!#$&^.+-]+)", re.ASCII)
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,64})\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^;]*+))')
_GUESS = re.compile(rb"^--([^\s-][^\r\n]{0,199}?)[ \t]*\r?\n[A-Za-z-]{1,40}:", re.MULTILINE)


@dataclass(slots=True)
class Part:
    """One MIME entity. `data` is as it stood on the wire, `epilogue` what follows a multipart's last boundary."""

    number: str
    headers: Headers
    data: bytes
    depth: int
    parent: "Part | None" = None
    type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    name: str = ""
    encoding: str = ""
    children: list["Part"] = field(default_factory=list)
    preamble: bytes = b""
    epilogue: bytes = b""


def take_apart(raw: bytes) -> tuple[Part, list[str]]:
    """The root part with everything below it, and notes on what was odd."""
    notes: list[str] = []
    root = _part(raw, "", 0, None, notes)
    stack, count = [root], 1
    while stack:
        part = stack.pop()
        if not part.type.startswith("multipart/"):
            continue
        if part.depth >= MAX_NESTING:
            _leaf(part, "nesting", notes)
            continue
        pieces = _pieces(part, MAX_PARTS - count, notes)
        if pieces is None:
            _leaf(part, "boundary", notes)
            continue
        part.preamble, bodies, part.epilogue = pieces
        for n, body in enumerate(bodies, 1):
            number = f"{part.number}.{n}" if part.number else str(n)
            part.children.append(_part(body, number, part.depth + 1, part, notes))
        part.data = b""
        count += len(bodies)
        stack.extend(reversed(part.children))
    if not root.number:
        root.number = "1"
    return root, notes


def _leaf(part: Part, note: str, notes: list[str]) -> None:
    _note(notes, note)
    part.type = "text/plain"


def _note(notes: list[str], note: str) -> None:
    if note not in notes:
        notes.append(note)


def _part(raw: bytes, number: str, depth: int, parent: "Part | None", notes: list[str]) -> Part:
    if parent is not None and raw.startswith((b"\n", b"\r\n")):  # a part without fields (RFC 2046 5.1)
        fields: list[tuple[bytes, bytes]] = []
        body, odd = raw[1:] if raw.startswith(b"\n") else raw[2:], False
    else:
        fields, body, odd = split(raw)
    headers, cut = headers_of(fields)
    if odd:
        _note(notes, "header")
    if cut:
        _note(notes, "header_cut")
    part = Part(number, headers, body, depth, parent)
    default = "message/rfc822" if parent is not None and parent.type == "multipart/digest" else "text/plain"
    content_type = headers.get("content-type")
    match = _TYPE.match(content_type)
    part.type = f"{match[1]}/{match[2]}".lower() if match else default
    if ";" in content_type:
        part.parameters = parameters(content_type)
    if not match and "html" in content_type[:20].lower():
        part.type = "text/html"
    disposition = headers.get("content-disposition")
    if disposition:
        part.disposition = disposition.partition(";")[0].strip().lower()
        part.name = parameters(disposition).get("filename", "") if ";" in disposition else ""
    part.name = part.name or part.parameters.get("name", "")
    part.encoding = headers.get("content-transfer-encoding").partition(";")[0].strip().lower()
    return part


def parameters(value: str) -> dict[str, str]:
    """The parameters of a Content-* field, continued and encoded ones put together (RFC 2231)."""
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for match in _PARAMETER.finditer(value):
        name = match[1].lower()
        text = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3].strip().strip('"')
        if "*" not in name:
            found.setdefault(name, text)
            continue
        base, _, rest = name.partition("*")
        index = rest.strip("*")
        if not index.isascii() or (index and not index.isdigit()) or len(index) > 4:
            continue
        pieces.setdefault(base, []).append((int(index or 0), text, rest.endswith("*") or not rest))
    for base, parts in pieces.items():
        found[base] = _rfc2231(sorted(parts, key=lambda p: p[0]))
    return found


def _rfc2231(parts: list[tuple[int, str, bool]]) -> str:
    charset, data = "", []
    for n, (_, text, encoded) in enumerate(parts):
        if encoded:
            if n == 0 and text.count("'") >= 2:
                charset, _, text = text.split("'", 2)
            data.append(unquote_to_bytes(text))
        else:
            data.append(text.encode("utf-8", "replace"))
    return decode(b"".join(data), charset)[0]


def _pieces(part: Part, room: int, notes: list[str]) -> tuple[bytes, list[bytes], bytes] | None:
    """Preamble, children, epilogue; None when there is no boundary line."""
    boundary = part.parameters.get("boundary", "").rstrip()
    if len(boundary) > MAX_BOUNDARY:
        return None
    mark = boundary.encode("utf-8", "replace")
    lines = _boundary_lines(part.data, mark) if mark else []
    if not lines and part.encoding in ("base64", "quoted-printable"):  # against RFC 2045 6.4, and it happens
        decoded = undo(part.data, part.encoding)[0]
        if mark and (lines := _boundary_lines(decoded, mark)):
            part.data = decoded
    if not lines:
        guess = _GUESS.search(part.data)
        if guess is None:
            return None
        lines = _boundary_lines(part.data, guess[1].removesuffix(b"--"))
        _note(notes, "boundary")
    if not lines:
        return None
    data = part.data
    preamble = data[: lines[0][0]]
    bodies: list[bytes] = []
    for n, (_, end, last) in enumerate(lines):
        if last and n == len(lines) - 1:
            return preamble, bodies, data[end:]
        if len(bodies) >= room:
            _note(notes, "parts")
            return preamble, bodies, b""
        body = data[end : lines[n + 1][0] if n + 1 < len(lines) else len(data)]
        if body.strip() or not last:  # a boundary that closes too early counts only if something follows it
            bodies.append(body)
    _note(notes, "unclosed")
    return preamble, bodies, b""


def _boundary_lines(data: bytes, mark: bytes) -> list[tuple[int, int, bool]]:
    """(start with the line break before it, end, whether it closes) of each line that is the boundary."""
    found: list[tuple[int, int, bool]] = []
    needle, at = b"--" + mark, 0
    while (at := data.find(needle, at)) >= 0:
        if at and data[at - 1] != 10:
            at += len(needle)
            continue
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        tail = data[at + len(needle) : end].strip()
        if tail in (b"", b"--"):
            start = at - 2 if data[at - 2 : at] == b"\r\n" and at > 1 else max(at - 1, 0)
            if found and start < found[-1][1]:
                start = at  # nothing between two boundary lines
            found.append((start, min(end + 1, len(data)), tail == b"--"))
        at = end
    return found
