"""Small archives for tests: letters written here, read by core, applied by the real writer to a real file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kept import keep
from listfold.archive.writer import Writer
from listfold.core.fold import decide
from listfold.core.read import read
from listfold.model import Letter, Reading, Record, Rules

ARTICLE = """\
The valley had its first hard frost on the ninth of October, eleven days before the mean of the last
thirty years. Stations below the mill recorded minus four; on the ridge the air stayed above zero until
dawn. Growers who had covered their late beans reported little damage, but unprotected dahlias and
pumpkins were lost in all gardens along the river, and the cooperative expects a third less squash.
"""


def letter(
    number: int,
    text: str = ARTICLE,
    *,
    name: str = "",
    author: str = "Anna <anna@example.org>",
    subject: str = "First frost",
    on: str = "gardeners.example.org",
    day: int = 1,
    extra: str = "",
    live: bool = True,
) -> Letter:
    """Letter `number`: its Message-ID is <name@example.org> (name is its number if not given)."""
    raw = (
        f"From: {author}\nTo: list@example.org\nSubject: {subject}\nMessage-ID: <{name or number}@example.org>\n"
        f"Date: {day} Nov 2015 10:00:00 +0000\nList-Id: <{on}>\n{extra}\n{text}"
    ).encode()
    return Letter(raw, "smtp" if live else "mbox", 1_446_336_000 + 86_400 * day, "", ("list@example.org",), id=number)


def writer(folder: Path, rules: Rules | None = None) -> Writer:
    keep(folder, [])
    return Writer(folder / "archive-1.db", rules or Rules(), decide)


def apply(made: Writer, *letters: Letter, rules: Rules | None = None) -> None:
    """All in one batch."""
    put(made, [(one, read(one, rules or Rules())) for one in letters])


def put(made: Writer, batch: Sequence[tuple[Letter, Reading]]) -> None:
    """Letters, and what was read of them."""
    keep(made.path.parent, [one for one, _ in batch])
    made.apply(batch)


def renumbered(letters: list[Letter]) -> list[Letter]:
    """The same letters as if they had arrived in this order."""
    return [replace(one, id=n) for n, one in enumerate(letters, 1)]


def partition(records: list[Record]) -> set[tuple[str, frozenset[tuple[str, str, str]]]]:
    """What must not depend on arrival: record ids with what shows them, and how."""
    return {(r.id, frozenset((s.sha256, s.path, s.relation) for s in r.sightings)) for r in records}
