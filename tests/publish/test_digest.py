"""The digest issue, as model and as HTML page."""

import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import html as lxml_html

from listfold.archive import reader
from listfold.publish.fit import MAX_PAGE
from listfold.publish.issue import issue_named
from publish.village import ARTICLE, FOOTER, GARDEN, GROWERS, Village, at

UTC = ZoneInfo("UTC")
NOW = at("2026-11-23 12:00")


def page(village: Village, name: str = "2026-11-20", on: str = GARDEN) -> str:
    village.publish("2026-11-23 12:00")
    return village.file(f"public/{on}/digests/{name}.html").decode()


def test_a_letter_stands_with_author_words_and_link(village: Village) -> None:
    """Who wrote, when, what; the full text one step away."""
    village.post("2026-11-20 07:12", "Minus four at the mill this morning.\n")
    seen = page(village)
    assert "Anna Gardener" in seen
    assert "Minus four at the mill this morning." in seen
    assert ">Fri 20 Nov, 07:12<" in seen
    assert re.search(r'href="https://archive\.example\.org/-/record/[a-z2-7]{16}"', seen)


def test_times_are_those_of_the_zone(village: Village) -> None:
    """Five in the morning in UTC is ten in the evening in Denver, on the day before."""
    village.post("2026-11-21 05:01", "Late news.\n")
    village.publish("2026-11-23 12:00", zone="America/Denver")
    assert ">Fri 20 Nov, 22:01<" in village.file(f"public/{GARDEN}/digests/2026-11-20.html").decode()


def test_letters_stand_by_thread_busiest_first(village: Village) -> None:
    """A thread of two before a thread of one; in a thread the order of arrival."""
    village.post("2026-11-20 07:00", "Who has seeds to give away this year?\n", subject="Seeds", mid="a")
    village.post("2026-11-20 08:00", "The fence by the river is down again.\n", subject="Fence", mid="b")
    village.post("2026-11-20 09:00", "I have beans and some old peas.\n", subject="Re: Seeds", answers="a")
    with village.site() as site:
        found = site.issue(GARDEN, issue_named("2026-11-20", UTC), NOW)
    assert [(t.subject, len(t.items)) for t in found.threads] == [("Seeds", 2), ("Fence", 1)]
    first, answer = found.threads[0].items
    assert found.answers == {answer.id: first.id}


def test_a_crosspost_is_one_text_and_a_line(village: Village) -> None:
    """Each list shows the text once and tells of the other; the issue of all lists holds it once."""
    village.post("2026-11-20 10:00", ARTICLE, subject="First frost", mid="x")
    village.post("2026-11-20 10:05", ARTICLE, subject="First frost", mid="x", on=GROWERS)
    seen = page(village)
    assert seen.count("eleven days") == 1
    assert "Also posted to Growers of the Valley" in seen
    everywhere = village.file("public/digests/2026-11-20.html").decode()
    assert everywhere.count("eleven days") == 1


def test_a_later_copy_does_not_change_a_closed_issue(village: Village) -> None:
    """What comes after the end is told in the later issue only, there in a line."""
    village.post("2026-11-20 10:00", ARTICLE, subject="First frost", mid="x")
    before = page(village)
    rest = [f"public/{GARDEN}/digests/2026-11-20.{form}" for form in ("txt", "eml", "json")]
    files = [village.file(name) for name in (*rest, f"public/{GARDEN}/messages.atom")]
    village.post("2026-11-22 10:05", ARTICLE, subject="First frost", mid="x", on=GROWERS)
    assert page(village) == before
    assert [village.file(name) for name in (*rest, f"public/{GARDEN}/messages.atom")] == files
    assert "eleven days" in page(village, "2026-11-22", GROWERS)


def test_a_second_sighting_is_a_line(village: Village) -> None:
    """On one list a text stands in full once, and in one line when it comes again."""
    village.post("2026-11-20 10:00", ARTICLE, subject="First frost", mid="x")
    village.post("2026-11-22 10:05", f"{ARTICLE}\n-- \nBo\n", subject="First frost", author="Bo <bo@example.net>")
    assert "eleven days" in page(village)
    again = page(village, "2026-11-22")
    assert "posted again" in again
    assert "eleven days" not in again


def test_the_numbers_stand_at_the_end(village: Village) -> None:
    """Letters, new texts, authors, and a chart that tells its numbers to a screen reader."""
    village.post("2026-11-20 10:00", "One thing that I saw today by the river.\n")
    village.post("2026-11-20 11:00", "Another thing, seen on the ridge road.\n", author="Bo <bo@example.net>")
    tree = lxml_html.fromstring(page(village))
    numbers = dict(zip(tree.xpath("//dt/text()"), tree.xpath("//dd/text()"), strict=True))
    assert (numbers["letters"], numbers["authors"]) == ("2", "2")
    assert tree.xpath("//*[local-name()='svg']/@aria-label") == ["Letters: 10:00 1, 11:00 1"]


def test_a_page_needs_nothing_from_elsewhere(village: Village) -> None:
    """No script, no image, no remote style; a policy in the page forbids them."""
    village.post("2026-11-20 10:00", "<script>alert(1)</script> <img src=http://example.net/x.png> and so on\n")
    tree = lxml_html.fromstring(page(village))
    assert not tree.xpath("//script|//img|//iframe|//link[@rel='stylesheet']|//@style|//@onclick")
    assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]/@content")[0]


def test_the_style_is_the_one_that_the_policy_names(village: Village) -> None:
    """Or a browser would show a bare page."""
    import base64
    import hashlib

    village.post("2026-11-20 10:00", "Words.\n")
    tree = lxml_html.fromstring(page(village))
    digest = base64.b64encode(hashlib.sha256(tree.xpath("//style/text()")[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in tree.xpath("//meta[@http-equiv]/@content")[0]


def test_hostile_subjects_stay_text(village: Village) -> None:
    """Markup, overrides of direction and line breaks in a subject or a name do nothing."""
    village.post(
        "2026-11-20 10:00", "Words.\n", subject='"><b>x</b> \u202egnp.exe', author='"<i>Eve</i>" <eve@example.net>'
    )
    seen = page(village)
    assert "<b>x</b>" not in seen
    assert "<i>Eve</i>" not in seen
    assert "\u202e" not in seen


def test_a_big_day_is_bounded_and_loses_no_title(village: Village, tmp_path: Path) -> None:
    """What does not fit in full becomes a title line with a link, in all four formats."""
    for n in range(90):
        words = " ".join(f"{word}{n}" for word in ARTICLE.split())
        village.post(f"2026-11-20 {n // 60:02}:{n % 60:02}", "\n\n".join([words] * 18), subject=f"Theme number {n}")
    seen = page(village)
    for ending in ("html", "txt", "eml", "json"):
        assert len(village.file(f"public/{GARDEN}/digests/2026-11-20.{ending}")) <= MAX_PAGE
    assert all(f"Theme number {n}" in seen for n in range(90))
    assert seen.count('<p class="line"') > 5
    assert seen.count('<article class="letter"') > 20


def test_same_archive_same_bytes(village: Village) -> None:
    """Nothing on a page depends on the moment of writing."""
    village.post("2026-11-20 10:00", "Words that stay the same.\n")
    first = page(village)
    (village.folder / f"public/{GARDEN}/digests/2026-11-20.html").unlink()
    with village.site() as site:
        site.everything(at("2026-12-24 18:00"))
    assert village.file(f"public/{GARDEN}/digests/2026-11-20.html").decode() == first


def test_footer_and_token_are_on_no_page(village: Village) -> None:
    """Footer text carries subscribers' tokens."""
    village.post("2026-11-20 10:00", f"Words of the author.\n\n{FOOTER}", subject="One")
    page(village)
    assert not [f for f in village.files() if b"c0ffee" in village.file(f)]


def test_of_a_huge_text_no_more_is_read_than_pages_may_show(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that were not read are counted with those that have no room; one line without an end is cut, too."""
    monkeypatch.setattr(reader, "PAGE", 200)
    village.post("2026-11-20 10:00", "".join(f"Line {n:03} of the harvest, row by row.\n" for n in range(100)))
    village.post("2026-11-20 11:00", "frost " * 100 + "the end\n", subject="Frost")
    village.publish("2026-11-23 12:00")
    read = json.loads(village.file(f"public/{GARDEN}/digests/2026-11-20.json"))
    wide, long = (thread["items"][0] for thread in read["threads"])
    shown = [line for block in long["blocks"] for line in block["lines"]]
    assert (len(shown), shown[-1], long["rest"]) == (5, "Line 004 of the harvest, row by row.", 95)
    assert (len(wide["blocks"][0]["lines"][0]), wide["rest"]) == (200, 1)
    assert b"[95 more lines in the archive]" in village.file(f"public/{GARDEN}/digests/2026-11-20.txt")
    assert b"the end" not in village.file("public/messages.atom")
