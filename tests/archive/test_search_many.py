"""A search that matches more than can be ranked: every match is counted and found once, in an order that is told."""

from pathlib import Path

import pytest

from archive.making import apply, letter, writer
from listfold.archive import reader as room
from listfold.archive.reader import Reader
from listfold.model import ListRule, Rules

LETTERS = [
    letter(
        n, f"Pumpkins, the {n}th time, {'and pumpkins ' * (n == 3)}number {n * 7919}.\n", subject=f"Bed {n}", day=20 - n
    )
    for n in range(1, 13)
]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(room, "MANY", 5)
    made = writer(tmp_path)
    apply(made, *LETTERS)
    made.close()
    return made.path


def found(path: Path, *, newest: bool) -> list[str]:
    with Reader(path, public=True) as reader:
        pages = [reader.search("pumpkins", offset=at, limit=5, newest=newest) for at in range(0, 15, 5)]
        assert {page.total for page in pages} == {12}
        return [record.subject for page in pages for record in page.records]


def test_the_last_ones_are_ranked_and_the_others_follow(path: Path) -> None:
    subjects = found(path, newest=False)
    assert sorted(subjects[:5]) == sorted(f"Bed {n}" for n in range(8, 13))
    assert subjects[5:] == [f"Bed {n}" for n in range(7, 0, -1)]


def test_newest_first_goes_by_date_whatever_the_order_of_arrival(path: Path) -> None:
    """Letter 1 is dated last."""
    assert found(path, newest=True) == [f"Bed {n}" for n in range(1, 13)]


def test_private_letters_are_not_counted(tmp_path: Path) -> None:
    rules = Rules("1", (ListRule("growers.example.org", visibility="private"),))
    made = writer(tmp_path, rules)
    apply(made, *LETTERS, letter(99, "Pumpkins in secret.\n", on="growers.example.org"), rules=rules)
    made.close()
    with Reader(made.path, public=True) as reader:
        assert (reader.search("pumpkins").total, len(reader.search("secret").records)) == (12, 0)
    with Reader(made.path) as reader:
        assert reader.search("pumpkins").total == 13


def test_what_is_merged_is_found_by_its_number(path: Path) -> None:
    """FTS5 deletes a segment by a range of numbers; told that the table is small, SQLite looked through all of it."""
    with Reader(path) as reader:
        plan = reader._db.execute("EXPLAIN QUERY PLAN SELECT id FROM terms_data WHERE id >= 5 AND id <= 9").fetchall()
        assert "SEARCH" in plan[0]["detail"]
        told = reader._db.execute("SELECT DISTINCT tbl FROM sqlite_stat1").fetchall()
        assert [table for (table,) in told] == ["message"]
