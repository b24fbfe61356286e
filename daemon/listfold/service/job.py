"""What a process that writes pages is told: whose pages they are, and which of them are old."""

from pathlib import Path

from listfold.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Imprint:
    """What all pages of a data directory go by, as the configuration wants it."""

    data_dir: Path
    base_url: str
    tag: str  # the installation's own
    periods: tuple[str, ...]
    timezone: str
    maildir: str  # "" where closed issues go into no mailbox


@dataclass(frozen=True, slots=True)
class Job:
    """Pages of these (list, hour) pairs (None is all pages), and of what closed in (since, now].

    Of a part of the months only `months` are written; `lead` is then a job of its own (Site.publish)."""

    archive: Path
    touched: tuple[tuple[str, int], ...] | None
    since: int
    now: int
    months: bool = True
    lead: bool = True
