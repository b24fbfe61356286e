"""Which pages are written when."""

from collections import Counter
from datetime import timedelta

import pytest

from listfold.model import Record
from listfold.publish import sources
from listfold.publish.digest import Laid, laid
from listfold.publish.scopes import Scope, folder_of
from listfold.publish.site import Touched
from publish.village import GARDEN, GROWERS, Village, at


def test_a_letter_writes_its_lists_pages_and_those_of_all(village: Village) -> None:
    """The contract's five and the issue, on its own list in four formats, on all lists as a page."""
    village.post("2026-11-20 10:00", "A word, by the river.\n")
    village.publish("2026-11-20 12:00")
    five = {"index.html", "digest.atom", "digest.json", "messages.atom", "messages.json"}
    for top, endings in (("public", {"html"}), (f"public/{GARDEN}", {"html", "txt", "eml", "json"})):
        assert {f"{top}/{name}" for name in five} <= set(village.files())
        names = {path for path in village.files() if path.startswith(f"{top}/digests/2026-11-20.")}
        assert names == {f"{top}/digests/2026-11-20.{ending}" for ending in endings}


def test_nothing_is_written_when_nothing_changed(village: Village) -> None:
    """Same hours again: no file is touched."""
    village.post("2026-11-20 10:00", "A word, by the river.\n")
    village.publish("2026-11-20 12:00")
    with village.site() as site:
        assert site.publish(village.touched(), at("2026-11-20 12:05")) == 0


def test_another_list_and_another_day_stay_untouched(village: Village) -> None:
    """The cost is that of what changed."""
    village.post("2026-11-19 10:00", "A word of Thursday, by the river.\n")
    village.post("2026-11-19 11:00", "A word of the growers, by the mill.\n", on=GROWERS)
    village.publish("2026-11-19 12:00")
    before = {p: (village.folder / p).stat().st_mtime_ns for p in village.files()}
    with village.site() as site:
        site.publish(village.post("2026-11-20 10:00", "A word of Friday, on the ridge.\n"), at("2026-11-20 10:01"))
    changed = {p for p in village.files() if before.get(p) != (village.folder / p).stat().st_mtime_ns}
    assert not [p for p in changed if GROWERS in p or "2026-11-19" in p]
    assert f"public/{GARDEN}/digests/2026-11-20.html" in changed
    assert f"public/{GARDEN}/digests/2026-W47.html" in changed


def test_no_half_written_file_is_ever_seen(village: Village) -> None:
    """Pages are renamed into place, and nothing else stays behind."""
    village.post("2026-11-20 10:00", "A word, by the river.\n")
    village.publish("2026-11-20 12:00")
    assert not [p for p in village.files() if "/." in p]


def test_an_open_issue_says_so_and_its_page_closes(village: Village) -> None:
    """At the close the page is written once more, without the word."""
    village.post("2026-11-20 10:00", "A word, by the river.\n")
    village.publish("2026-11-20 12:00")
    assert b"Still open" in village.file("public/digests/2026-11-20.html")
    with village.site() as site:
        site.close(at("2026-11-20 12:00"), at("2026-11-21 00:00"))
    assert b"Still open" not in village.file("public/digests/2026-11-20.html")


def test_steps_and_everything_agree(village: Village) -> None:
    """Letter by letter, close by close, the tree is what `publish` would write anew; check() finds nothing."""
    now = 0
    with village.site() as site:
        for n in range(12):
            now = at(f"2026-11-{18 + n:02} 10:30")
            live = n % 3 != 2
            day = f"2026-11-{18 + n:02}" if live else f"2016-0{1 + n // 2}-07"
            touched = village.post(
                f"{day} 10:00", f"Word number {n} of the river and the ridge.\n", live=live, subject=f"S{n}"
            )
            site.publish(touched, now)
            site.close(now, now + 86400)
    with village.site() as fresh:
        assert fresh.check(now + 86400) == []


def test_check_names_what_is_off(village: Village) -> None:
    """A missing file and one with other bytes, a line each."""
    village.post("2026-11-20 10:00", "A word, by the river.\n")
    village.publish("2026-11-23 12:00")
    (village.folder / "public/index.html").write_text("defaced")
    (village.folder / f"public/{GARDEN}/digests/2026-11-20.txt").unlink()
    with village.site() as site:
        assert sorted(site.check(at("2026-11-23 12:00"))) == [
            f"public/{GARDEN}/digests/2026-11-20.txt: missing: run `listfold publish`",
            "public/index.html: differs from the archive: run `listfold publish`",
        ]


def test_an_issue_that_is_emptied_goes(village: Village) -> None:
    """Its four files are taken away when the last letter in it is."""
    touched = village.post("2026-11-20 10:00", "A word, by the river.\n")
    village.publish("2026-11-23 12:00")
    village.writer._db.execute("DELETE FROM message")
    village.writer._db.commit()
    with village.site() as site:
        site.publish(touched, at("2026-11-23 12:01"))
    assert not [p for p in village.files() if "2026-11-20" in p or "2026-W47" in p]


def test_a_list_that_becomes_known_changes_no_page_of_another(village: Village) -> None:
    """A page keeps its own list's posting address; that of another is mangled, known or not."""
    village.post("2026-11-20 10:00", "Write to gardeners@example.org, and to growers@example.net for seeds.\n")
    village.publish("2026-11-23 12:00")
    before = village.file(f"public/{GARDEN}/digests/2026-11-20.html")
    touched = village.post("2026-11-21 10:00", "Seeds are here, says gardeners@example.org.\n", on=GROWERS)
    with village.site() as site:
        site.publish(touched, at("2026-11-23 12:00"))
        assert site.check(at("2026-11-23 12:00")) == []
    assert b"gardeners@example.org" in before
    assert b"gro\xe2\x80\xa6@example.net" in before
    assert village.file(f"public/{GARDEN}/digests/2026-11-20.html") == before


def test_an_empty_archive_has_a_front_page(village: Village) -> None:
    """`listfold publish` before the first letter."""
    with village.site() as site:
        assert site.everything(at("2026-11-23 12:00")) > 0
    assert b"No list yet" in village.file("public/index.html")


def test_an_unknown_list_is_no_error(village: Village) -> None:
    """A list that went away between the letter and its page."""
    with village.site() as site:
        assert site.publish([Touched("gone.example.org", at("2026-11-20 10:00"))], at("2026-11-20 12:00")) == 0


def test_a_list_cannot_take_a_page_of_all_lists() -> None:
    """A stranger may call a list index.html."""
    assert [folder_of(id_) for id_ in ("index.html", "digests", "digest.atom", "-", GARDEN)] == [
        "~index.html", "~digests", "~digest.atom", "~-", GARDEN]  # fmt: skip


def test_months_are_published_when_asked_for(village: Village) -> None:
    """`[digest] periods` decides."""
    village.post("2026-11-20 10:00", "A word, by the river.\n")
    with village.site(periods=("month",)) as site:
        site.publish(village.touched(), at("2026-11-20 12:00"))
    assert [p for p in village.files() if p.endswith(".txt")] == [f"public/{GARDEN}/digests/2026-11.txt"]


def test_a_text_is_laid_out_once_for_all_pages_of_its_month(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    """For its day, its week and its month's feed on two scopes, with room in memory for a week's texts only."""
    times: Counter[str] = Counter()

    def counted(record: Record, scope: Scope) -> Laid:
        times[record.id] += 1
        return laid(record, scope)

    monkeypatch.setattr(sources, "TEXTS", 50_000)
    monkeypatch.setattr(sources, "laid", counted)
    village.many("2026-10-01 08:00", 30, timedelta(days=1))
    village.publish("2026-11-20 12:00")
    assert len(times) == 30
    assert set(times.values()) == {1}


def test_a_page_that_another_leads_to_is_checked_as_it_should_be(village: Village) -> None:
    """A month's first page is put twice, the second time with another link: what was changed in it is found."""
    village.post("2026-09-20 10:00", "One word of the ridge.\n")
    village.post("2026-10-20 10:00", "Two words of the valley.\n")
    village.publish("2026-11-23 12:00")
    page = village.folder / "public" / GARDEN / "messages-2026-10.atom"
    page.write_bytes(page.read_bytes().replace(b"valley", b"FORGED"))
    with village.site() as site:
        found = site.check(at("2026-11-23 12:00"))
    assert [line.partition(":")[0] for line in found] == [f"public/{GARDEN}/messages-2026-10.atom"]


def test_a_list_that_went_leaves_no_folder(village: Village) -> None:
    """Its name would stand in an index of public/."""
    village.post("2026-09-20 10:00", "One word of the ridge.\n")
    village.publish("2026-11-23 12:00")
    assert (village.folder / "public" / GARDEN / "digests").is_dir()
    village.writer.purge([1], [], b"")
    village.publish("2026-11-23 12:10")
    assert not (village.folder / "public" / GARDEN).exists()
    assert (village.folder / "public").is_dir()


def test_pages_of_a_thread_follow_when_an_earlier_letter_comes(village: Village) -> None:
    """A thread is called by its first letter: the answer to an answer leads to it as well."""
    village.post("2025-12-02 12:00", "An answer of the ridge.\n", mid="c", answers="p", live=False)
    village.post("2025-12-20 12:00", "An answer to that of the mill.\n", mid="g", answers="c", live=False)
    village.publish("2026-11-23 12:00")
    touched = village.post("2025-11-02 12:00", "What was asked at first, by the river.\n", mid="p", live=False)
    with village.site() as site:
        site.publish(touched, at("2026-11-23 12:10"))
        assert site.check(at("2026-11-23 12:10")) == []


def test_pages_of_two_threads_follow_when_a_letter_joins_them(village: Village) -> None:
    """Two threads on one page are one, then."""
    village.post("2025-12-02 12:00", "Words of the ridge.\n", mid="p", subject="Ridge", live=False)
    village.post("2025-12-02 13:00", "Words of the mill.\n", mid="c", subject="Mill", live=False)
    village.publish("2026-11-23 12:00")
    both = {"References": "<p@mail.example.com> <c@mail.example.com>"}
    touched = village.post("2026-02-01 12:00", "Both of you are right.\n", subject="Both", headers=both, live=False)
    with village.site() as site:
        site.publish(touched, at("2026-11-23 12:10"))
        assert site.check(at("2026-11-23 12:10")) == []
