"""What an issue is."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from listfold.errors import UsageError
from listfold.publish.issue import FIRST, LAST, before, closing, following, issue_at, issue_named
from publish.village import at

UTC = ZoneInfo("UTC")
DENVER = ZoneInfo("America/Denver")


def test_names_are_those_of_the_contract() -> None:
    """A day, a week and a month by one moment."""
    names = [issue_at(period, at("2015-11-30 12:00"), UTC).name for period in ("day", "week", "month")]
    assert names == ["2015-11-30", "2015-W49", "2015-11"]


def test_an_issue_belongs_to_its_zone() -> None:
    """Five in the morning in UTC is the evening before in Denver."""
    assert issue_at("day", at("2015-12-01 05:01"), DENVER).name == "2015-11-30"


def test_a_week_takes_the_iso_year() -> None:
    """The first of January 2016 is in the last week of 2015."""
    issue = issue_at("week", at("2016-01-01 12:00"), UTC)
    assert (issue.name, issue.title, issue.dates) == (
        "2015-W53", "Week 53, 2015", "28 December 2015 to 3 January 2016")  # fmt: skip


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)])
def test_a_day_has_the_hours_of_its_zone(day: str, hours: int) -> None:
    """Daylight saving makes days of 23 and 25 hours; none is lost and none counted twice."""
    issue = issue_named(day, DENVER)
    assert issue.end - issue.start == hours * 3600
    assert following(issue).start == issue.end
    assert before(following(issue)) == issue


@pytest.mark.parametrize("name", ["2015-11-30", "2015-W49", "2015-11", "2024-02-29"])
def test_a_name_leads_back_to_its_issue(name: str) -> None:
    """issue_named and issue_at agree."""
    issue = issue_named(name, DENVER)
    assert issue == issue_at(issue.period, issue.start, DENVER) == issue_at(issue.period, issue.end - 1, DENVER)
    assert issue.name == name


@pytest.mark.parametrize(
    "name", ["", "day", "2015", "2015-13", "2015-W54", "2015-02-30", "../etc", "２０１５-11", "2015-11-30\n"]
)
def test_what_is_no_name_is_a_usage_error(name: str) -> None:
    """Also digits that are not ASCII, and names that a path would understand."""
    with pytest.raises(UsageError):
        issue_named(name, UTC)


@pytest.mark.parametrize("moment", [-(10**15), -1, 0, 10**15])
def test_any_date_of_a_stranger_has_an_issue(moment: int) -> None:
    """A Date before 1900 or after 9998 stands at the edge."""
    for period in ("day", "week", "month"):
        issue = issue_at(period, moment, DENVER)
        assert issue.start <= min(max(moment, FIRST), LAST) < issue.end


def test_issues_that_close_in_a_span() -> None:
    """(since, until]: an issue that ends at `until` is in, one that ends at `since` was told before."""
    found = closing("day", at("2026-11-20 00:00"), at("2026-11-22 00:00"), UTC)
    assert [issue.first for issue in found] == [date(2026, 11, 20), date(2026, 11, 21)]
