"""A village's lists for tests: letters written here, read by core and applied by the real writer, on disk."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from kept import keep
from listfold.archive.reader import Reader
from listfold.archive.writer import Writer
from listfold.core.fold import decide
from listfold.core.read import read
from listfold.model import Letter, ListRule, Rules
from listfold.publish.maildir import Maildir
from listfold.publish.site import Site, Touched

BASE = "https://archive.example.org/"
TAG = "listfold-3f2a,2026"
GARDEN, GROWERS, BOARD = "gardeners.example.org", "growers.example.net", "board.example.org"
RULES = Rules("1", (ListRule(BOARD, "Village Board", visibility="private", addresses=("board@example.org",)),))
NAMES = {GARDEN: "Gardeners", GROWERS: "Growers of the Valley", BOARD: "Village Board"}

ARTICLE = """\
The valley had its first hard frost on the ninth of October, eleven days
before the mean of the last thirty years. Stations below the mill
recorded minus four; on the ridge the air stayed above zero until dawn.
Growers who had covered their late beans reported little damage, but
unprotected dahlias and pumpkins were lost in all gardens along the
river, and the cooperative expects a third less squash at the market.
"""
FOOTER = """\
_______________________________________________
Gardeners mailing list
gardeners@example.org
https://lists.example.org/options/gardeners/reader%40example.com?token=c0ffee
"""


def at(text: str) -> int:
    """Seconds of "2026-11-20 12:00" in UTC."""
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp())


class Village:
    """An archive and what is published of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        keep(folder, [])
        self.writer = Writer(folder / "archive-1.db", RULES, decide)
        self.count = 0
        self._touched: list[Touched] = []
        self._closed = at("2026-06-01 00:00")  # when issues were closed last

    def post(
        self,
        when: str,
        text: str,
        *,
        subject: str = "Frost dates",
        author: str = "Anna Gardener <anna.gardener@example.com>",
        on: str = GARDEN,
        mid: str = "",
        answers: str = "",
        live: bool = True,
        headers: Mapping[str, str] | None = None,
        attached: EmailMessage | None = None,
    ) -> list[Touched]:
        """One letter over a list, arriving `when`; gives what it touches."""
        self.count += 1
        made = EmailMessage()
        made["From"] = author
        made["To"] = f"{on.replace('.', '@', 1)}"
        made["Subject"] = subject
        made["Message-ID"] = f"<{mid or f'm{self.count}'}@mail.example.com>"
        made["Date"] = datetime.fromtimestamp(at(when), UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
        made["List-Id"] = f"{NAMES.get(on, on)} <{on}>"
        made["List-Post"] = f"<mailto:{on.replace('.', '@', 1)}>"
        if answers:
            made["In-Reply-To"] = made["References"] = f"<{answers}@mail.example.com>"
        for name, value in (headers or {}).items():
            made[name] = value
        made.set_content(text)
        if attached is not None:
            made.add_attachment(attached)
        source = "smtp" if live else "mbox"
        return self.take(Letter(made.as_bytes(), source, at(when) if live else at("2026-11-23 10:00"), id=self.count))  # type: ignore[arg-type]

    def many(self, first: str, count: int, step: timedelta, *, live: bool = True, size: int = 1) -> list[Touched]:
        """Letters with texts of their own, one each `step`."""
        moment, touched = datetime.strptime(first, "%Y-%m-%d %H:%M").replace(tzinfo=UTC), list[Touched]()
        for n in range(count):
            text = "\n\n".join(" ".join(f"{w}{n}{moment:%j}" for w in ARTICLE.split()) for _ in range(size))
            touched += self.post(f"{moment:%Y-%m-%d %H:%M}", text, subject=f"Theme {n} of {first}", live=live)
            moment += step
        return touched

    def take(self, letter: Letter) -> list[Touched]:
        keep(self.folder, [letter])
        self.writer.apply([(letter, read(letter, RULES))])
        found = self.writer.touched()
        self.writer.published(found, {})
        self._touched += [Touched(name, hour) for name, hour, _ in found]
        return self._touched[-len(found) :]

    def touched(self) -> list[Touched]:
        """All hours that changed since the beginning."""
        return self._touched

    @contextmanager
    def site(
        self,
        *,
        zone: str = "UTC",
        base: str = BASE,
        periods: tuple[str, ...] = ("day", "week"),
        mailbox: Maildir | None = None,
    ) -> Iterator[Site]:
        with Reader(self.folder / "archive-1.db") as reader:
            yield Site(reader, self.folder, base, TAG, periods, ZoneInfo(zone), mailbox)

    def publish(self, now: str, **settings: str | Maildir) -> int:
        """Everything that was touched, and what has closed."""
        with self.site(**settings) as site:  # type: ignore[arg-type]
            pages = site.publish(self.touched(), at(now)) + site.close(self._closed, at(now))
        self._closed = at(now)
        return pages

    def file(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()

    def files(self, top: str = "public") -> list[str]:
        return sorted(p.relative_to(self.folder).as_posix() for p in (self.folder / top).rglob("*") if p.is_file())

    def close(self) -> None:
        self.writer.close()
