"""Archive pages lead to one another, whatever is written first: RFC 5005's prev-archive, JSON Feed's next_url."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listfold.publish import shelf
from listfold.publish.atom import atom_linked, atom_page
from listfold.publish.feed import Feed
from listfold.publish.jsonfeed import json_linked, json_page
from listfold.publish.site import Touched
from listfold.service import publisher
from listfold.service.publisher import portions
from publish.reading import atom, walk
from publish.village import BASE, GARDEN, Village, at

NOW = "2026-11-23 12:00"
names = st.one_of(st.just(""), st.from_regex(r"messages-20\d\d-0\d(-\d)?", fullmatch=True))
titles = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 24 kB, so that a few letters fill several."""
    monkeypatch.setattr(shelf, "ROOM", 24 * 1024)


@given(before=names, after=names, title=titles)
def test_a_page_that_is_linked_anew_is_as_if_it_had_been_written_so(before: str, after: str, title: str) -> None:
    """Whatever stands in its title, and also where no page was before it, or none is any more."""
    feed = Feed("tag:x", "messages", title, "https://lists.example.org/", BASE)
    entries = [b"<entry>\n<id>1</id></entry>\n", b'<entry>\n<link rel="prev-archive"/></entry>\n']

    def atom(older: str) -> bytes:
        return atom_page(feed, "messages-2026-05", entries, 0, older, archive=True)

    def feed_json(older: str) -> bytes:
        return json_page(feed, "messages-2026-05", [b'{"id":"1"}', b'{"next_url":",\\"items\\":["}'], older)

    assert atom_linked(feed, atom(before), after) == atom(after)
    assert json_linked(feed, feed_json(before), after) == feed_json(after)


def older(village: Village, month: str) -> tuple[str, str]:
    """Where a month's first page leads to, in both formats."""
    folder = f"public/{GARDEN}/messages-{month}"
    page = atom(village.file(f"{folder}.atom"))
    link = next((link.href for link in page.feed.links if link.rel == "prev-archive"), "")
    return link.rpartition("/")[2], json.loads(village.file(f"{folder}.json")).get("next_url", "").rpartition("/")[2]


def test_a_month_that_grows_by_a_page_is_led_to_at_its_new_end(village: Village) -> None:
    """And one that is emptied is passed over."""
    village.post("2026-05-02 10:00", "A word of May, by the river.\n", live=False)
    first = village.many("2026-06-01 00:00", 10, timedelta(hours=1), live=False)
    village.post("2026-08-02 10:00", "A word of August, by the river.\n", live=False)
    village.publish(NOW)
    assert older(village, "2026-08") == ("messages-2026-06.atom", "messages-2026-06.json")
    more = village.many("2026-06-03 00:00", 40, timedelta(hours=1), live=False)
    with village.site() as site:
        site.publish(more, at(NOW))
        assert site.check(at(NOW)) == []
    assert "public/gardeners.example.org/messages-2026-06-2.atom" in village.files()
    assert older(village, "2026-08") == ("messages-2026-06-3.atom", "messages-2026-06-3.json")
    village.writer.purge([*range(2, 12), *range(13, 53)], [], b"secret")
    with village.site() as site:
        site.publish([*first, *more], at(NOW))
        assert site.check(at(NOW)) == []
    assert older(village, "2026-08") == ("messages-2026-05.atom", "messages-2026-05.json")


@pytest.mark.parametrize("order", ["forward", "backward", "from both ends"])
def test_months_may_be_written_in_any_order(village: Village, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by a process of its own; one of them writes afterwards what leads to all."""
    monkeypatch.setattr(publisher, "PORTION", 8)
    village.many("2026-03-03 00:00", 90, timedelta(days=2), live=False)
    village.many("2026-06-12 00:00", 30, timedelta(days=5))
    hours = village.touched()
    left = portions([(touch.list, touch.hour, 0) for touch in hours])
    assert len(left) > 4
    for n in range(len(left)):
        part = left.pop(0 if order == "forward" or (order == "from both ends" and n % 2) else -1)
        with village.site() as site:
            site.publish([Touched(name, hour) for name, hour, _ in part], at(NOW), lead=False)
    with village.site() as site:
        site.publish(hours, at(NOW), months=False)
        assert site.check(at(NOW)) == []
    assert len({id_ for page in walk(village.folder / "public", "messages", BASE) for id_ in page}) == 120


def test_a_single_month_is_one_portion() -> None:
    """It is written by one process, whatever its size."""
    hours = [("a", at("2026-11-02 10:00") + 3600 * n, n) for n in range(300)]
    assert portions(hours) == [hours]


def test_a_month_in_the_future_leads_to_the_open_one(village: Village) -> None:
    """A date that an import brought; and `verify` finds nothing amiss."""
    village.post("2027-02-01 10:00", "A word of next year, by the river.\n", live=False)
    village.post("2026-11-20 10:00", "A word of this month, by the river.\n", live=False)
    village.publish(NOW)
    assert older(village, "2027-02")[0] == "messages-2026-11-imported.atom"
    with village.site() as site:
        assert site.check(at(NOW)) == []
