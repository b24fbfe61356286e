"""What a feed is made of: its name, its entries, and how these stand on pages so that nothing falls off (RFC 5005).

    messages.atom               the head: live entries only
    messages-2015-11.atom       an archive page, and its following parts -2, -3: everything of a month that is over
    messages-2015-11-imported   what was imported with a date in the month that is not over; goes when the month closes

In a month live entries come first, in order of arrival, then imported ones: a page that is full never changes because
of mail that comes later. The head holds at least what is live in the open month and on no full page yet.
"""

from collections.abc import Sequence

from listfold.frozen import dataclass
from listfold.publish.fit import MAX_PAGE

ROOM = MAX_PAGE - 16 * 1024  # bytes of entries on one page; the rest is for the feed's own head
HEAD_SECONDS = 14 * 86400  # the head holds at least that much of live mail, if it has room
HEAD_ENTRIES = 20  # and at least so many, so that a quiet list's feed is not empty


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed, in both formats: messages or digests of one list, or of all public ones."""

    id: str  # tag: URI
    kind: str  # "messages" or "digest"
    title: str
    home: str  # URL of the page that shows the same
    base: str  # URL of the folder that the feed's files are in


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `at` orders it and is its `updated`; html is safe and mangled, all other texts are plain."""

    id: str  # tag: URI
    url: str
    title: str
    at: int
    published: int
    author: str
    html: str
    summary: str
    live: bool
    lists: tuple[str, ...] = ()
    answers: str = ""  # tag: URI of the entry that this one answers
    answers_url: str = ""


@dataclass(frozen=True, slots=True)
class Deleted:
    """One entry that was purged, and when: all that a feed may still say of it (RFC 6721)."""

    id: str  # tag: URI
    at: int


def head(entries: Sequence[tuple[int, int]], unshelved: int, room: int) -> int:
    """How many of the entries (moment, size), newest first, the head holds.

    The first `unshelved` of them are on no archive page: they always fit, for a page is shelved when it is full."""
    used = taken = 0
    for moment, size in entries:
        used += size
        old = moment < entries[0][0] - HEAD_SECONDS and taken >= HEAD_ENTRIES
        if taken >= unshelved and (used > room or old):
            break
        taken += 1
    return taken


def tag_uri(tag: str, *path: str) -> str:
    """RFC 4151: an id that outlives every address; what a stranger chose in it is percent-encoded."""
    return f"tag:{tag}:" + "/".join(_segment(part) for part in path)


def _segment(text: str) -> str:
    plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    return "".join(c if c in plain else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text)
