"""Lays out one month of a list as a calendar whose days, weeks and month link to their digest issues."""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from listfold.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Day:
    number: int  # 0: a day of the month before or after
    count: int
    issue: str  # "" when there is no page of it


@dataclass(frozen=True, slots=True)
class Week:
    name: str
    number: int
    issue: str
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Month:
    name: str  # "2015-11"
    title: str  # "November 2015"
    issue: str
    count: int
    weeks: tuple[Week, ...]


def bounds(month: str) -> tuple[int, int] | None:
    """[first second, first second of the next month) in UTC of "2015-11"; None when it is no month."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", month, re.ASCII)
    if not found:
        return None
    try:
        first = datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)
        after = (first + timedelta(days=32)).replace(day=1)
    except (ValueError, OverflowError):
        return None
    return int(first.timestamp()), int(after.timestamp())


def title(month: str) -> str:
    year, number = month.split("-")
    return f"{calendar.month_name[int(number)]} {int(year)}"


def laid_out(month: str, days: Mapping[str, int], digests: Path) -> Month:
    """The calendar of a month (which `bounds` accepts), weeks from Monday; only issues whose page exists are linked."""

    def issue(name: str) -> str:
        return name if (digests / f"{name}.html").is_file() else ""

    year, number = (int(part) for part in month.split("-"))
    weeks = []
    for week in calendar.Calendar().monthdatescalendar(year, number):
        iso = week[3].isocalendar()  # the Thursday decides, ISO 8601
        name = f"{iso.year}-W{iso.week:02}"
        weeks.append(Week(name, iso.week, issue(name), tuple(one(day, number, days, issue(str(day))) for day in week)))
    return Month(month, title(month), issue(month), sum(days.values()), tuple(weeks))


def one(day: date, month: int, days: Mapping[str, int], issue: str) -> Day:
    if day.month != month:
        return Day(0, 0, "")
    return Day(day.day, days.get(str(day), 0), issue)
