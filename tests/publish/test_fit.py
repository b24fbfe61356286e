"""How letters are fitted into a page."""

from zoneinfo import ZoneInfo

from listfold.publish.digest import Digest
from listfold.publish.fit import fit
from listfold.publish.issue import issue_named
from publish.village import GARDEN, Village, at


def day(village: Village) -> Digest:
    """Two threads, of three letters and of one."""
    for n, subject in enumerate(("Seeds", "Fence", "Seeds", "Seeds")):
        answers = "m1" if n > 1 else ""
        village.post(f"2026-11-20 1{n}:00", f"Word number {n} of the river.\n", subject=subject, answers=answers)
    with village.site() as site:
        return site.issue(GARDEN, issue_named("2026-11-20", ZoneInfo("UTC")), at("2026-11-23 12:00"))


def test_what_has_room_stands_in_full(village: Village) -> None:
    """A page that is large enough."""
    fitted = fit(day(village), "html", 10_000, lambda item: "full" * 100, lambda item: "line", 10)
    assert [len(texts) for texts in fitted.threads] == [3, 1]
    assert {text for texts in fitted.threads for text in texts} == {b"full" * 100}
    assert fitted.left == 0


def test_titles_come_before_full_texts_and_threads_take_turns(village: Village) -> None:
    """With room for two full texts each thread shows its first letter; nothing is hidden."""
    fitted = fit(day(village), "html", 1000, lambda item: "f" * 400, lambda item: "l", 10)
    assert [[text[:1] for text in texts] for texts in fitted.threads] == [[b"f", b"l", b"l"], [b"f"]]


def test_what_has_not_even_room_for_a_title_is_counted(village: Village) -> None:
    """A page says how many letters it leaves out."""
    fitted = fit(day(village), "html", 24, lambda item: "f" * 400, lambda item: "line", 10)
    assert ([len(texts) for texts in fitted.threads], fitted.left) == ([3, 0], 1)
