"""The calendar of a list's digest issues."""

from pathlib import Path

from listfold.web.issues import bounds, laid_out


def test_a_month_is_laid_out_in_weeks_from_monday(tmp_path: Path) -> None:
    month = laid_out("2015-11", {"2015-11-30": 3}, tmp_path)
    assert [week.name for week in month.weeks] == [
        "2015-W44",
        "2015-W45",
        "2015-W46",
        "2015-W47",
        "2015-W48",
        "2015-W49",
    ]
    assert [day.number for day in month.weeks[-1].days] == [30, 0, 0, 0, 0, 0, 0]
    assert (month.title, month.count, month.weeks[-1].days[0].count) == ("November 2015", 3, 3)


def test_only_issues_that_are_published_are_linked(tmp_path: Path) -> None:
    for name in ("2015-11-30", "2015-W49", "2015-11"):
        (tmp_path / f"{name}.html").touch()
    month = laid_out("2015-11", {}, tmp_path)
    assert (month.issue, month.weeks[-1].issue, month.weeks[-1].days[0].issue) == ("2015-11", "2015-W49", "2015-11-30")
    assert month.weeks[0].issue == ""


def test_what_is_no_month_has_no_bounds() -> None:
    assert bounds("1970-01") == (0, 31 * 86400)
    assert [bounds(text) for text in ("2015-13", "x", "2015", "9999-12", "0000-01", "")] == [None] * 6
