"""What a reader of files hands up: the bytes of one letter and where they stood, or why they are none."""

import re

from listfold.frozen import dataclass
from listfold.model import Source

MAX_LETTER = 64 * 1024 * 1024  # bytes; twice smtp.max_size's default: old archives hold what no server takes today
MAX_HEAD = 256 * 1024  # bytes looked through for a header; public-inbox caps a header at 100 KiB

MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,998}>)", re.IGNORECASE | re.MULTILINE)
HEADER_END = re.compile(rb"^\r?\n", re.MULTILINE)


class Damaged(Exception):
    """The bytes stop making sense: a truncated or broken compressed file, a read error."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One letter's bytes. With a `fault` it is unreadable, and `raw` is what is left of its beginning.

    `offset` counts bytes of the uncompressed file: of the From_ line in an mbox, else 0.
    """

    offset: int
    raw: bytes
    source: Source
    fault: str = ""


def body_at(raw: bytes | bytearray, start: int = 0, end: int | None = None) -> int:
    """Where the body begins: after the first empty line at or behind `start`; `end` when there is none."""
    stop = len(raw) if end is None else end
    found = HEADER_END.search(raw, start, stop)
    return found.end() if found else stop


def message_id_of(raw: bytes) -> str | None:
    """The Message-ID in the header, for telling which letter was unreadable."""
    found = MESSAGE_ID.search(raw, 0, min(body_at(raw), MAX_HEAD))
    return found[1].decode("ascii", "replace") if found else None
