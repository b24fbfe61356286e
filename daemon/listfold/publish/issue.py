"""What a digest issue is: a day, week or month in a list's own time zone, with its name, its title and its neighbours.

    day     2015-11-30      midnight to midnight
    week    2015-W49        Monday to Monday (ISO 8601)
    month   2015-11

Days are those of the zone, so that one of them may have 23 or 25 hours. An issue holds what arrived in [start, end).
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from listfold.archive.reader import Reader
from listfold.errors import UsageError
from listfold.frozen import dataclass

Period = Literal["day", "week", "month"]
PERIODS: tuple[Period, ...] = ("day", "week", "month")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip

# A Date is what somebody wrote: issues have four-digit years, whatever it says.
FIRST = int(datetime(1900, 1, 2, tzinfo=UTC).timestamp())
LAST = int(datetime(9998, 12, 1, tzinfo=UTC).timestamp())

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)\Z", re.ASCII)
_WEEK = re.compile(r"(\d{4})-W(\d\d)\Z", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d\d)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Issue:
    """One period: its first day and the day after its last one, in its zone."""

    period: Period
    name: str
    first: date
    after: date
    zone: ZoneInfo

    @property
    def start(self) -> int:
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> int:
        return _midnight(self.after, self.zone)

    def open(self, now: int) -> bool:
        """An issue closes when its period is over; until then its page is live and it is in no feed."""
        return now < self.end

    @property
    def title(self) -> str:
        if self.period == "day":
            return f"{DAYS[self.first.weekday()]}, {_day(self.first)} {self.first.year}"
        if self.period == "week":
            year, week, _ = self.first.isocalendar()
            return f"Week {week}, {year}"
        return f"{MONTHS[self.first.month - 1]} {self.first.year}"

    @property
    def dates(self) -> str:
        """The days that a week covers, as a subtitle; "" where the title tells it."""
        if self.period != "week":
            return ""
        last = self.after - timedelta(days=1)
        year = f" {self.first.year}" if self.first.year != last.year else ""
        return f"{_day(self.first)}{year} to {_day(last)} {last.year}"


def within(moment: int) -> int:
    """The moment, or the nearest one that has a four-digit year."""
    return min(max(moment, FIRST), LAST)


def issue_at(period: Period, moment: int, zone: ZoneInfo) -> Issue:
    """The issue in which something that arrived at `moment` stands."""
    day = datetime.fromtimestamp(within(moment), zone).date()
    return _issue(period, day, zone)


def issue_named(name: str, zone: ZoneInfo) -> Issue:
    """The issue of a name; UsageError when it is none."""
    try:
        if found := _DAY.match(name):
            year, month, day = map(int, found.groups())
            return _issue("day", date(year, month, day), zone)
        if found := _WEEK.match(name):
            year, week = map(int, found.groups())
            return _issue("week", date.fromisocalendar(year, week, 1), zone)
        if found := _MONTH.match(name):
            year, month = map(int, found.groups())
            return _issue("month", date(year, month, 1), zone)
    except (ValueError, OverflowError):
        pass
    raise UsageError(
        f"no issue is called {name!r}: give day, week, month, or a name like 2015-11-30, 2015-W49 or 2015-11"
    )


def before(issue: Issue) -> Issue:
    return _issue(issue.period, issue.first - timedelta(days=1), issue.zone)


def following(issue: Issue) -> Issue:
    return _issue(issue.period, issue.after, issue.zone)


def closing(period: Period, since: int, until: int, zone: ZoneInfo) -> Iterator[Issue]:
    """The issues that close in (since, until], oldest first."""
    issue = issue_at(period, since, zone)
    while issue.end <= until:
        if issue.end > since:
            yield issue
        issue = following(issue)


def newest_nonempty(reader: Reader, list_id: str | None, period: Period, zone: ZoneInfo, now: int) -> Issue | None:
    """The newest issue, open or closed, in which something stands; None for a list that is empty up to now."""
    month = datetime.fromtimestamp(now, UTC).strftime("%Y-%m")
    for name in reversed([m for m in reader.months(list_id) if m <= month]):
        start = issue_named(name, ZoneInfo("UTC"))
        arrivals = reader.arrivals(list_id, start.start, min(start.end, now + 1))
        if arrivals:
            return issue_at(period, arrivals[-1].sighting.arrived, zone)
    return None


def _issue(period: Period, day: date, zone: ZoneInfo) -> Issue:
    if period == "day":
        return Issue(period, day.isoformat(), day, day + timedelta(days=1), zone)
    if period == "week":
        monday = day - timedelta(days=day.weekday())
        year, week, _ = day.isocalendar()
        return Issue(period, f"{year:04}-W{week:02}", monday, monday + timedelta(days=7), zone)
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return Issue(period, f"{first.year:04}-{first.month:02}", first, after, zone)


@lru_cache(maxsize=1024)
def _midnight(day: date, zone: ZoneInfo) -> int:
    """The first moment of a day: a zone that skips midnight begins it at the moment of the jump."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


def month_of(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m")


def bounds(month: str) -> tuple[int, int]:
    """The first moment of a UTC month, and the first after it."""
    year, number = map(int, month.split("-"))
    after = (year + number // 12, number % 12 + 1)
    return (
        int(datetime(year, number, 1, tzinfo=UTC).timestamp()),
        int(datetime(after[0], after[1], 1, tzinfo=UTC).timestamp()),
    )
