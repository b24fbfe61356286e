"""Writes the pages that lead to issues: the front page of a list or of all lists, its years, the outline of feeds."""

from collections.abc import Mapping, Sequence
from typing import TypedDict
from zoneinfo import ZoneInfo

from listfold.archive.reader import ListRow
from listfold.publish.disk import Sink
from listfold.publish.html import Pages
from listfold.publish.issue import Issue, issue_named, month_of, within
from listfold.publish.opml import opml
from listfold.publish.scopes import Scope
from listfold.publish.sources import Sources

NEWEST = 8  # issues that a front page tells


class Group(TypedDict):
    """The issues of one month on a year's page: whether it has one of its own, and (name, label) of others."""

    month: bool
    weeks: list[tuple[str, str]]
    days: list[tuple[str, str]]


def front(
    sink: Sink, scope: Scope, scopes: Mapping[str, Scope], rows: Mapping[str, ListRow], pages: Pages,
    sources: Sources, zone: ZoneInfo,
) -> None:  # fmt: skip
    """Write what leads to the issues of a scope; a page whose bytes are the same costs a look."""
    folder = scope.place
    names = sorted({n.removesuffix(".html") for n in sink.names(f"{folder}/digests") if n.endswith(".html")})
    issues = [issue_named(name, zone) for name in names if len(name) > 4]
    years: dict[str, list[Issue]] = {}
    for issue in issues:
        years.setdefault(issue.name[:4], []).append(issue)
    for year, held in years.items():
        sink.put(f"{folder}/digests/{year}.html", pages.year(scope=scope, year=year, groups=_groups(held)))
    for name in names:
        if len(name) == 4 and name not in years:
            sink.drop(f"{folder}/digests/{name}.html")
    newest = sorted(issues, key=lambda i: (i.start, -i.end, i.name), reverse=True)[:NEWEST]
    told = [sources.tell(scope, issue) for issue in newest]
    latest = sorted(years, reverse=True)
    if scope.id:
        months = sources.reader.months(scope.id)
        page = pages.list_page(
            scope=scope, newest=told, years=latest, records=rows[scope.id].records, months=months,
            first=min(months, default=""), last=max(months, default=""),
        )  # fmt: skip
        sink.put(f"{folder}/index.html", page)
        return
    held_lists = [row for row in rows.values() if row.visibility == "public" and row.first is not None]
    lists = [
        {
            "name": scopes[row.id].name,
            "url": scopes[row.id].url,
            "records": row.records,
            "last": "" if row.last is None else month_of(within(row.last)),
            "months": sources.reader.months(row.id),
        }
        for row in sorted(held_lists, key=lambda row: (scopes[row.id].name.casefold(), row.id))
    ]
    sink.put(f"{folder}/index.html", pages.lists_page(scope=scope, newest=told, years=latest, rows=lists))
    sink.put(f"{folder}/feeds.opml", opml([scope, *(scopes[row.id] for row in held_lists)]))


def _groups(issues: Sequence[Issue]) -> list[tuple[str, Group]]:
    """The issues of a year by month, newest month first; a week stands in the month of its Monday."""
    groups: dict[str, Group] = {}
    for issue in sorted(issues, key=lambda i: i.start):
        group = groups.setdefault(issue.first.strftime("%Y-%m"), {"month": False, "weeks": [], "days": []})
        if issue.period == "month":
            group["month"] = True
        elif issue.period == "week":
            group["weeks"].append((issue.name, str(issue.first.isocalendar().week)))
        else:
            group["days"].append((issue.name, str(issue.first.day)))
    return sorted(groups.items(), reverse=True)
