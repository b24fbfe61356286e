"""Feeds: what the head holds, what the archive pages hold, and that nothing falls off."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from listfold.publish import shelf, sources
from listfold.publish.entries import Rendered
from listfold.publish.scopes import Scope
from publish.reading import atom, feed, walk
from publish.village import ARTICLE, BASE, BOARD, GARDEN, GROWERS, TAG, Village, at


def ids(village: Village, path: str) -> list[str]:
    return [entry.id for entry in atom(village.file(path)).entries]


def test_every_feed_is_valid(village: Village) -> None:
    """Against the grammar of RFC 4287, for feedparser, and against JSON Feed's schema; hostile letters included."""
    village.post("2026-11-20 10:00", ARTICLE, mid="a")
    village.post(
        "2026-11-20 11:00",
        "]]> <x> & \x0b \x1b[31m\n",
        subject="]]>&\x0b",
        author="<\u202e> <e@example.net>",
        answers="a",
    )
    village.post("2015-11-30 10:00", "An imported word.\n", live=False)
    village.publish("2026-11-23 12:00")
    paths = village.files()
    assert len([atom(village.file(p)) for p in paths if p.endswith(".atom")]) >= 8
    assert len([feed(village.file(p)) for p in paths if p.endswith(".json") and "/digests/" not in p]) >= 8


def test_an_answer_names_what_it_answers(village: Village) -> None:
    """RFC 4685, by the parent entry's own id."""
    village.post("2026-11-20 10:00", ARTICLE, mid="a")
    village.post("2026-11-20 11:00", "So it did, in all gardens by the river.\n", answers="a")
    village.publish("2026-11-20 12:00")
    answer, parent = atom(village.file("public/messages.atom")).entries
    assert answer["thr_in-reply-to"]["ref"] == parent.id


def test_ids_do_not_depend_on_the_address(village: Village) -> None:
    """They are tag: URIs of the installation; another base_url changes links and nothing else."""
    village.post("2026-11-20 10:00", ARTICLE)
    village.publish("2026-11-20 12:00")
    first = atom(village.file("public/messages.atom"))
    with village.site(base="https://other.example.net/lists/") as site:
        site.everything(at("2026-11-20 12:00"))
    second = atom(village.file("public/messages.atom"))
    assert first.feed.id == second.feed.id == f"tag:{TAG}:list/-/messages"
    assert [e.id for e in first.entries] == [e.id for e in second.entries]
    assert second.entries[0].link.startswith("https://other.example.net/lists/-/record/")


def test_imports_never_enter_the_head(village: Village) -> None:
    """They stand in the archive page of their month, to which the head leads."""
    village.post("2026-11-20 10:00", "A live word of today, by the river.\n")
    village.post("2015-11-30 10:00", "An imported word of long ago.\n", live=False)
    village.publish("2026-11-23 12:00")
    assert len(ids(village, "public/messages.atom")) == 1
    assert len(ids(village, "public/messages-2015-11.atom")) == 1
    assert [len(page) for page in walk(village.folder / "public", "messages", BASE)] == [1, 1]


def test_what_is_imported_into_the_open_month_can_be_read_at_once(village: Village) -> None:
    """On a page of its own, which goes when the month is over and its page holds everything."""
    village.post("2026-11-20 10:00", "A live word of today, by the river.\n")
    village.post("2026-11-19 10:00", "An imported word of yesterday.\n", live=False)
    village.publish("2026-11-23 12:00")
    assert len(ids(village, "public/messages-2026-11-imported.atom")) == 1
    village.publish("2026-12-01 00:01")
    assert "public/messages-2026-11-imported.atom" not in village.files()
    assert len(ids(village, "public/messages-2026-11.atom")) == 2


def test_an_issue_whose_last_letter_is_a_copy_stands_in_the_feed_of_all(village: Village) -> None:
    """Also when another issue of that month is written later, with nothing remembered."""
    village.post("2026-06-09 09:00", ARTICLE, mid="same")
    village.post("2026-06-16 09:00", "A word, by the river.\n")
    village.post("2026-06-16 10:00", ARTICLE, mid="same", on=GROWERS)
    touched = village.post("2026-06-24 09:00", "One more, by the mill.\n")
    village.publish("2026-11-23 12:00")
    with village.site() as site:
        site.publish(touched, at("2026-11-23 12:00"))
        assert site.check(at("2026-11-23 12:00")) == []


def test_the_head_holds_two_weeks(village: Village) -> None:
    """All that came in the fourteen days before the newest, over the month's end; older ones are in the archive."""
    village.many("2026-10-15 10:00", 80, timedelta(hours=12))
    village.publish("2026-11-24 12:00")
    entries = atom(village.file(f"public/{GARDEN}/messages.atom")).entries
    assert min(e.updated for e in entries) <= "2026-11-09T22:00:00Z"
    assert len(entries) < 80
    pages = walk(village.folder / "public" / GARDEN, "messages", f"{BASE}{GARDEN}/")
    assert len({id_ for page in pages for id_ in page}) == 80


def test_the_head_does_not_look_into_what_was_imported(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of imports holds nothing for it, and is not laid out to find that."""
    village.many("2026-02-01 00:00", 60, timedelta(days=4), live=False)
    touched = village.post("2026-11-20 10:00", "A live word, by the river.\n")
    made: list[str] = []
    digest = sources.digest
    monkeypatch.setattr(sources, "digest", lambda issue, *rest: made.append(issue.name) or digest(issue, *rest))
    with village.site() as site:
        site.publish(touched, at("2026-11-23 12:00"))
    assert len(made) < 60  # those of the open month and of the front pages: of the year they would be 1,250


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 24 kB, so that a few letters fill several."""
    monkeypatch.setattr(shelf, "ROOM", 24 * 1024)


@pytest.mark.usefixtures("small_pages")
def test_a_year_of_big_months_can_be_read_back(village: Village) -> None:
    """A reader that comes once and follows prev-archive sees every record; a big month has several pages."""
    village.many("2026-08-20 00:00", 130, timedelta(hours=17))
    village.many("2026-07-01 00:00", 12, timedelta(days=30), live=False)
    village.publish("2026-11-22 12:00")
    pages = walk(village.folder / "public", "messages", BASE)
    assert len({id_ for page in pages for id_ in page}) == 142
    assert "public/messages-2026-09-2.atom" in village.files()


@pytest.mark.usefixtures("small_pages")
def test_a_full_page_stays_as_it_is(village: Village) -> None:
    """Mail that comes later in the same month does not move what is on it; the head holds what no page has."""
    village.many("2026-11-01 00:00", 60, timedelta(hours=4))
    village.publish("2026-11-12 12:00")
    full = village.file("public/messages-2026-11.atom")
    with village.site() as site:
        assert site.publish(village.post("2026-11-12 13:00", "One more word by the river.\n"), at("2026-11-12 13:01"))
    assert village.file("public/messages-2026-11.atom") == full
    pages = walk(village.folder / "public", "messages", BASE)
    assert len({id_ for page in pages for id_ in page}) == 61


@pytest.mark.usefixtures("small_pages")
def test_a_kept_site_writes_what_a_new_one_writes(village: Village) -> None:
    """What it remembers of the open month changes nothing in the bytes."""
    village.many("2026-11-01 00:00", 60, timedelta(hours=4))
    with village.site() as site:
        site.publish(village.touched(), at("2026-11-12 12:00"))
        site.publish(village.post("2026-11-12 13:00", "One more word by the river.\n"), at("2026-11-12 13:01"))
        site.publish(village.post("2026-11-12 15:00", "And another one on the ridge.\n"), at("2026-11-12 15:01"))
        site.publish(village.post("2026-11-02 15:00", "A late one from the mill.\n"), at("2026-11-12 16:01"))
    with village.site() as fresh:
        assert fresh.check(at("2026-11-12 16:01")) == []


@pytest.mark.usefixtures("small_pages")
def test_imported_pages_follow_live_ones_while_both_grow(village: Village) -> None:
    """A kept site links them anew when a live page is full, and writes them anew when an import brings more."""
    village.many("2026-11-01 00:00", 40, timedelta(hours=4), live=False)
    village.many("2026-11-09 01:00", 5, timedelta(hours=1))
    with village.site() as site:
        site.publish(village.touched(), at("2026-11-12 12:00"))
        assert "public/messages-2026-11.atom" not in village.files()
        more = village.many("2026-11-12 13:00", 40, timedelta(minutes=10))
        site.publish(more, at("2026-11-12 22:00"))
        assert "public/messages-2026-11.atom" in village.files()
        with village.site() as fresh:
            assert fresh.check(at("2026-11-12 22:00")) == []
        site.publish(village.post("2026-11-07 12:20", "An imported word.\n", live=False), at("2026-11-12 22:10"))
        with village.site() as fresh:
            assert fresh.check(at("2026-11-12 22:10")) == []
        site.publish(village.post("2026-11-10 09:00", "Another one, later.\n", live=False), at("2026-11-12 22:11"))
        with village.site() as fresh:
            assert fresh.check(at("2026-11-12 22:11")) == []
        site.publish(village.post("2026-11-12 22:20", "A live one by the mill.\n"), at("2026-11-12 22:21"))
    with village.site() as fresh:
        assert fresh.check(at("2026-11-12 22:21")) == []


def test_the_first_imported_letter_of_the_open_month_gets_a_page(village: Village) -> None:
    """Though nothing was imported before: a kept site writes what a new one writes."""
    village.post("2026-11-09 01:00", "A live word by the river.\n")
    with village.site() as site:
        site.publish(village.touched(), at("2026-11-12 12:00"))
        site.publish(village.post("2026-11-10 12:20", "An imported word.\n", live=False), at("2026-11-12 12:10"))
    with village.site() as fresh:
        assert fresh.check(at("2026-11-12 12:10")) == []


@pytest.mark.parametrize("live", [True, False])
def test_an_answer_leads_to_a_letter_that_comes_after_it(village: Village, live: bool) -> None:
    """In a month's pages that are written already, of its own list and of all lists."""
    reply = village.post("2026-10-05 10:00", "I agree with all of it.\n", mid="reply", answers="late", live=live)
    with village.site() as site:
        site.publish(reply + village.post("2026-11-06 10:00", "Another one.\n"), at("2026-11-06 12:00"))
        site.publish(village.post("2026-11-06 13:00", "Shall we heat the mill?\n", mid="late"), at("2026-11-06 13:01"))
    with village.site() as fresh:
        assert fresh.check(at("2026-11-06 13:01")) == []


def test_a_live_letter_does_not_lay_out_what_was_imported_before(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the month of a large import each would cost as much as all of it."""
    village.many("2026-11-01 00:00", 40, timedelta(hours=4), live=False)
    asked: list[tuple[int, int]] = []
    letters = sources.Sources.letters

    def counted(self: sources.Sources, scope: Scope, since: int, until: int, live: bool) -> list[Rendered]:
        if not live:
            asked.append((since, until))
        return letters(self, scope, since, until, live)

    monkeypatch.setattr(sources.Sources, "letters", counted)
    with village.site() as site:
        site.publish(village.touched(), at("2026-11-12 12:00"))
        assert asked
        asked.clear()
        site.publish(village.post("2026-11-12 13:00", "One more word by the river.\n"), at("2026-11-12 13:01"))
    assert all(since >= at("2026-11-12 13:00") for since, _ in asked)


def test_an_issue_enters_its_feed_when_it_closes(village: Village) -> None:
    """Not while it is open: nobody sees it once, half empty."""
    village.post("2026-11-20 10:00", "A word of this Friday.\n")
    with village.site(periods=("day",)) as site:
        site.publish(village.touched(), at("2026-11-20 23:59"))
        assert ids(village, "public/digest.atom") == []
        site.close(at("2026-11-20 23:59"), at("2026-11-21 00:00"))
        entry = atom(village.file("public/digest.atom")).entries[0]
    assert entry.title == "All lists: Friday, 20 November 2026"
    assert entry.id == f"tag:{TAG}:digest/-/2026-11-20"
    assert entry.link == f"{BASE}digests/2026-11-20.html"
    assert "A word of this Friday." in entry.content[0].value


def test_imported_issues_stand_in_the_archive_only(village: Village) -> None:
    """An import of ten years does not flood anybody's reader."""
    village.post("2015-11-30 10:00", "An imported word of long ago.\n", live=False)
    village.publish("2026-11-23 12:00")
    assert ids(village, f"public/{GARDEN}/digest.atom") == []
    pages = walk(village.folder / "public" / GARDEN, "digest", f"{BASE}{GARDEN}/")
    assert sorted(id_ for page in pages for id_ in page) == [
        f"tag:{TAG}:digest/{GARDEN}/2015-11-30", f"tag:{TAG}:digest/{GARDEN}/2015-W49"]  # fmt: skip


def test_a_feed_that_was_only_imported_is_as_new_as_its_last_month(village: Village) -> None:
    """Not of 1970: feed readers put such feeds away."""
    village.post("2015-11-30 10:00", "An imported word of long ago.\n", live=False)
    village.publish("2026-11-23 12:00")
    for name, month in (("messages", "2015-11"), ("digest", "2015-12")):  # in December the week of the letter ends
        assert atom(village.file(f"public/{GARDEN}/{name}.atom")).feed.updated == f"{month}-01T00:00:00Z"


def test_updated_is_not_the_moment_of_writing(village: Village) -> None:
    """Written again a month later, a page has the same bytes."""
    village.post("2026-11-20 10:00", ARTICLE)
    village.publish("2026-11-20 12:00")
    first = village.file("public/messages.atom")
    with village.site() as site:
        site.everything(at("2026-11-29 12:00"))
    assert village.file("public/messages.atom") == first


def test_no_feed_holds_an_address(village: Village) -> None:
    """Not in names, bodies, quotes or Message-IDs."""
    village.post(
        "2026-11-20 10:00", "Ask cy.miller@example.net or <mailto:dora@example.org>.\n", author="anna@example.com"
    )
    village.publish("2026-11-22 12:00")
    found = {
        m
        for p in village.files()
        for m in re.findall(rb"[\w.+-]{2,}@[\w-]+\.\w+", village.file(p).replace(b"=E2=80=A6", b"\xe2\x80\xa6"))
    }
    kept = {b"hidden@address.invalid", f"gardeners@{GARDEN.partition('.')[2]}".encode()}
    assert {m for m in found if not m.endswith(b".invalid")} <= kept


def test_a_private_list_is_in_no_public_file(village: Village) -> None:
    """Not its name, not a word, not a number; its own folder is private/."""
    village.post("2026-11-20 10:00", "A public word, by the river.\n", mid="a")
    village.post("2026-11-20 10:30", "The secret budget is 4711.\n", subject="Budget", on=BOARD, mid="s")
    village.post("2026-11-20 11:00", "An answer to a letter that nobody may see.\n", answers="s", on=GROWERS)
    village.publish("2026-11-23 12:00")
    with village.site() as site:
        site.everything(at("2026-11-23 12:00"))
    secret = re.compile(rb"4711|budget|board", re.IGNORECASE)
    assert [p for p in village.files() if secret.search(village.file(p)) or secret.search(p.encode())] == []
    assert b"4711" in village.file(f"private/{BOARD}/digests/2026-11-20.html")
    assert b"4711" in village.file(f"private/{BOARD}/messages.atom")


def test_a_list_that_becomes_private_leaves_public(village: Village) -> None:
    """All pages anew take away what no longer belongs."""
    village.post("2026-11-20 10:00", "A word, by the river.\n")
    village.publish("2026-11-23 12:00")
    (village.folder / "public" / BOARD / "digests").mkdir(parents=True)
    (village.folder / "public" / BOARD / "digests" / "2026-11-20.html").write_text("4711")
    (village.folder / "public" / "robots.txt").write_text("the operator's own")
    with village.site() as site:
        assert site.check(at("2026-11-23 12:00")) == [
            f"public/{BOARD}/digests/2026-11-20.html: should not be there: run `listfold publish`"]  # fmt: skip
        assert site.everything(at("2026-11-23 12:00")) == 1
        assert site.check(at("2026-11-23 12:00")) == []
    assert "public/robots.txt" in village.files()


def test_all_feeds_are_in_the_outline(village: Village) -> None:
    """OPML of every public feed that there is."""
    village.post("2026-11-20 10:00", "A word, by the river.\n")
    village.publish("2026-11-23 12:00")
    urls = re.findall(r'xmlUrl="([^"]+)"', village.file("public/feeds.opml").decode())
    assert sorted(urls) == sorted(
        f"{BASE}{p.removeprefix('public/')}" for p in village.files() if re.search(r"/(digest|messages)\.atom", p)
    )


def test_zone_of_closing(village: Village) -> None:
    """A day closes at midnight of the list, not of the server."""
    village.post("2026-11-20 10:00", "A word of this Friday.\n")
    with village.site(zone="America/Denver", periods=("day",)) as site:
        site.publish(village.touched(), at("2026-11-21 06:59"))
        assert site.close(at("2026-11-21 00:00"), at("2026-11-21 06:59")) == 0
        assert site.close(at("2026-11-21 06:59"), at("2026-11-21 07:00")) > 0
    assert ZoneInfo("America/Denver").key.encode() in village.file("public/digests/2026-11-20.html").replace(b" ", b"_")
