"""A small archive on disk, made by the real writer, with everything a page has to show: quotes, cut parts, copies,
a reused Message-ID, missing parents, hostile names, and a private list that must never show."""

import asyncio
import hashlib
import itertools
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from kept import keep
from listfold.archive.store import current
from listfold.archive.writer import Writer
from listfold.model import (
    Attachment,
    Fold,
    Folded,
    Identity,
    Known,
    Letter,
    ListName,
    ListRule,
    Message,
    New,
    Person,
    Reading,
    Rules,
    Span,
    id_of,
)
from listfold.web.serve import serve

GARDEN = ListName("garden.example.org", "Gardeners", "garden@example.org")
BEES = ListName("bees.example.net", "Bee Keepers", "bees@example.net")
SECRET = ListName("board.example.org", "Secret Board", "board@example.org")
BASE = "http://archive.example.org/"
RULES = Rules(
    "1",
    (
        ListRule("board.example.org", "Secret Board", visibility="private", post="board@example.org"),
        ListRule("garden.example.org", "Gardeners", post="garden@example.org"),
    ),
)


def at(text: str) -> int:
    """Seconds of "2015-11-30 12:00" in UTC."""
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp())


def message(name: str, text: str, **given: Any) -> Message:
    """One message as core would read it; words are hashed whole, so that only equal texts fold."""
    mid = given.pop("message_id", f"<{name}@mail.example.org>")
    subject = given.pop("subject", name)
    own = " ".join(re.findall(r"\w+", text.lower()))
    exact = int.from_bytes(hashlib.sha256(own.encode()).digest()[:7], "big")
    known: dict[str, Any] = {
        "path": "",
        "id": id_of(mid, name, text),
        "message_id": mid,
        "list": GARDEN,
        "subject": subject,
        "subject_original": f"[Gardeners] {subject}",
        "author": Person("Ann Example", "ann.person@example.org"),
        "date": at("2015-11-30 12:00"),
        "date_source": "header",
        "offset": "-0700",
        "in_reply_to": "",
        "references": (),
        "text": text,
        "spans": (),
        "identity": Identity("text", len(own.split()), exact, ()),
    }
    return Message(**(known | given))


def decide(new: Known, around: Sequence[Known], bound: Known | None = None) -> Fold:
    """Folding's stand-in: the same words are the same text."""
    for other in around:
        if other.canonical and other.order < new.order and other.identity.exact == new.identity.exact:
            relation = "crosspost" if other.list != new.list else "repost"
            return Folded(other.row, relation, "exact", 0.93, new.comment)  # type: ignore[arg-type]
    return New()


def fill(data_dir: Path, messages: Sequence[Message]) -> None:
    """Write messages into the data directory's archive, each as a letter of its own."""
    data_dir.mkdir(exist_ok=True)
    keep(data_dir, [])
    writer = Writer(current(data_dir), RULES, decide)
    numbers = itertools.count(1)
    batch = []
    for one in messages:
        number = next(numbers)
        letter = Letter(b"%d" % number, "smtp", one.date or 0, "", ("in@example.org",), "", number)
        batch.append((letter, Reading(number, "1", (one,))))
    keep(data_dir, [letter for letter, _ in batch])
    writer.apply(batch)
    writer.close()


FROST = """The first frost came early in the upper valley this year, and the dahlias that were still
in the ground were lost. Write to bob.grower@example.com or see https://example.org/frost?year=2015.

On Sun, 29 Nov 2015, Bob wrote:
> Has anybody seen frost yet?
> I have bob.grower@example.com dahlias out.

Not on the south side.

--\x20
Ann, who signs with ann.secret@example.org
____________________________________
Gardeners mailing list
https://lists.example.org/unsubscribe?token=SECRETTOKEN"""
FROST_SPANS = (
    Span("attribution", 3, 4, "wrote"),
    Span("quote", 4, 6, "prefix"),
    Span("signature", 9, 11, "dashes"),
    Span("footer", 11, 14, "mailman2"),
)
HOSTILE = "<img src=x onerror=alert(1)> http://evil.example/<b>"
FORGED = "<script>alert(1)</script> \u202egnp.exe"


def garden() -> list[Message]:
    """The letters that most tests look at."""
    question = message(
        "question",
        "Has anybody seen frost yet?\nI have dahlias out.",
        subject="Frost dates for the upper valley",
        author=Person("Bob Grower", "bob.grower@example.com"),
        date=at("2015-11-29 09:30"),
    )
    answer = message(
        "answer",
        FROST,
        spans=FROST_SPANS,
        subject="Frost dates for the upper valley",
        in_reply_to="<question@mail.example.org>",
        references=("<question@mail.example.org>",),
        attachments=(Attachment("dahlias <1>.jpg", "image/jpeg", 812_345, "2"),),
    )
    copy = replace(
        answer,
        id=id_of("copy", "", ""),
        message_id="<copy@mail.example.net>",
        list=BEES,
        author=Person("Carol Keeper", "carol.keeper@example.net"),
        date=at("2015-12-02 08:00"),
        comment="Bees care about frost too, says carol.keeper@example.net.",
    )
    return [
        question,
        answer,
        copy,
        message(
            "hostile", "<img src=x onerror=alert(1)> http://evil.example/<b>", subject=FORGED, author=Person(FORGED)
        ),
        message("orphan one", "I lost the letter before this.", in_reply_to="<gone@mail.example.org>"),
        message("orphan two", "So did I, and it was good.", in_reply_to="<gone@mail.example.org>"),
        message("reused one", "A first text under this id.", message_id="<reused@mail.example.org>"),
        message("reused two", "Quite another text under it.", message_id="<reused@mail.example.org>"),
        message("board", "The takeover is called Zanzibar.", list=SECRET, subject="Takeover Zanzibar"),
        message("bees", "The hives are heavy this year.", list=BEES, subject="Hives", date=at("2015-10-04 10:00")),
    ]


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The app on a real socket, run by `serve` in a loop of its own; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    stop = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []
    up = threading.Event()

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        up.set()
        await serve(app, [listener], stop)

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    up.wait(5)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(10)
        assert not thread.is_alive()
