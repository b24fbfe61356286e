"""A day that brings more than memory should hold: what is looked at is bounded, what is told adds up."""

import json
import re

import pytest

from listfold.publish import sources
from publish.village import GARDEN, Village


def test_a_crowded_issue_tells_the_last_letters_and_counts_the_others(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are counted; those that came first are the ones that have no room."""
    monkeypatch.setattr(sources, "CROWD", 5)
    for n in range(9):
        village.post(f"2026-11-20 07:{n:02}", f"Letter number {n} of a long morning.\n", subject=f"Frost {n}")
    village.publish("2026-11-23 12:00")
    told = json.loads(village.file(f"public/{GARDEN}/digests/2026-11-20.json"))
    assert (told["letters"], told["left"]) == (9, 4)
    page = village.file(f"public/{GARDEN}/digests/2026-11-20.html").decode()
    assert "4 more letters" in page
    assert "number 8" in page
    assert "number 3" not in page


@pytest.mark.parametrize("at_once", [1, 3, 2000])
def test_a_feed_holds_all_letters_however_many_are_laid_out_at_a_time(
    village: Village, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """The head, and the archive page of the month when it is over."""
    monkeypatch.setattr(sources, "AT_ONCE", at_once)
    for n in range(9):
        village.post(f"2026-11-{20 + n // 3} 07:{n // 2:02}", f"Letter number {n} of a long morning.\n", subject=f"{n}")
    village.publish("2026-11-23 12:00")
    head = village.file(f"public/{GARDEN}/messages.atom").decode()
    assert sorted(re.findall(r"number (\d)", head)) == [str(n) for n in range(9)]
    village.publish("2026-12-02 12:00")
    month = village.file(f"public/{GARDEN}/messages-2026-11.atom").decode()
    assert sorted(re.findall(r"number (\d)", month)) == [str(n) for n in range(9)]
