"""A search that matches more than can be ranked: every match is counted and found once, in an order that is told."""

from pathlib import Path

import pytest

from archive.making import apply, letter, writer
from listfold.archive import search as room
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


def found(path: Path, query: str = "pumpkins", *, newest: bool, on: str | None = None, limit: int = 5) -> list[str]:
    with Reader(path, public=True) as reader:
        starts = range(0, 15, limit)
        pages = [reader.search(query, list_id=on, offset=at, limit=limit, newest=newest) for at in starts]
        assert {page.total for page in pages} == {12}
        return [record.subject for page in pages for record in page.records]


@pytest.mark.parametrize("query", ["pumpkins", "pumpkins after:2015", "pumpkins -frost", "pumpkins -has:attachment"])
@pytest.mark.parametrize("on", [None, "gardeners.example.org"])
@pytest.mark.parametrize("limit", [5, 15])
def test_the_last_ones_are_ranked_and_the_others_follow(path: Path, query: str, on: str | None, limit: int) -> None:
    subjects = found(path, query, newest=False, on=on, limit=limit)
    assert sorted(subjects[:5]) == sorted(f"Bed {n}" for n in range(8, 13))
    assert subjects[5:] == [f"Bed {n}" for n in range(7, 0, -1)]


def test_what_is_equally_good_is_the_newest_first(tmp_path: Path) -> None:
    made = writer(tmp_path)
    apply(made, *[letter(n, f"Pumpkins {'abcdef'[n]}{n * 7919}.\n", subject="Bed", day=9 - n) for n in range(6)])
    made.close()
    with Reader(made.path) as reader:
        pages = [reader.search("pumpkins", offset=at, limit=2).records for at in (0, 2, 4)]
    assert [record.message_id for page in pages for record in page] == [f"<{n}@example.org>" for n in range(6)]


def test_newest_first_goes_by_date_whatever_the_order_of_arrival(path: Path) -> None:
    """Letter 1 is dated last."""
    assert found(path, newest=True) == [f"Bed {n}" for n in range(1, 13)]


@pytest.mark.parametrize("query", ["pumpkins", "pumpkins before:2016"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_a_word_of_long_ago_is_found_behind_all_that_came_since(path: Path, query: str, limit: int) -> None:
    later = [letter(n, f"Frost {n * 7919} again.\n", subject="Frost", day=25) for n in range(20, 80)]
    made = writer(path.parent)
    apply(made, *later)
    made.close()
    assert found(path, query, newest=True, limit=limit) == [f"Bed {n}" for n in range(1, 13)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("pumpkins", ["On pumpkins", "Or"]),
        ("from:anna pumpkins", ["On pumpkins", "Or"]),
        ("from:anna", ["Or", "On pumpkins"]),
        ("pumpkins number", ["Or", "On pumpkins"]),
        ("pumpkins -frost", ["Or"]),
    ],
)
def test_a_word_that_nearly_all_have_costs_no_look_at_all_of_them(
    path: Path, monkeypatch: pytest.MonkeyPatch, query: str, first: list[str]
) -> None:
    """It is not counted to the end, nor weighed: who has it in the subject comes first, then as they came."""
    made = writer(path.parent)
    apply(made, letter(13, "Or number 9: frost.\n", subject="On pumpkins", day=4))
    apply(made, letter(15, "Pumpkins or number 11.\n", subject="Or", day=3))
    made.close()
    monkeypatch.setattr(room, "COUNTED", 9)
    with Reader(path) as reader:
        pages = [reader.search(query, offset=at, limit=3) for at in (0, 3, 6)]
    assert {page.total for page in pages} == {9}
    subjects = [record.subject for page in pages for record in page.records]
    assert subjects == [*first, *(f"Bed {n}" for n in range(12, 3 + len(first), -1))]


def test_newest_first_does_not_sort_what_it_did_not_count(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How far back a page is, the part that was counted tells; short pages come at the end alone."""
    later = [letter(n, f"Pumpkins {n * 7919} again.\n", subject=f"Late {n}", day=25) for n in range(20, 220)]
    made = writer(path.parent)
    apply(made, *later)
    made.close()
    monkeypatch.setattr(room, "COUNTED", 100)
    with Reader(path) as reader:
        statements: list[str] = []
        reader._db.set_trace_callback(statements.append)
        pages = [reader.search("pumpkins", offset=at, limit=10, newest=True) for at in range(0, 100, 10)]
        reader._db.set_trace_callback(None)
        monkeypatch.setattr(room, "COUNTED", 20_000)
        whole = reader.search("pumpkins", limit=100, newest=True)
    assert {page.total for page in pages} == {100}
    assert [r.id for page in pages for r in page.records] == [r.id for r in whole.records]
    assert not [s for s in statements if s.startswith("SELECT m.row FROM message m WHERE m.row IN (SELECT terms.rowid")]


def test_private_letters_are_not_counted(tmp_path: Path) -> None:
    rules = Rules("1", (ListRule("growers.example.org", visibility="private"),))
    made = writer(tmp_path, rules)
    apply(made, *LETTERS, letter(99, "Pumpkins in secret.\n", on="growers.example.org"), rules=rules)
    made.close()
    with Reader(made.path, public=True) as reader:
        assert (reader.search("pumpkins").total, len(reader.search("secret").records)) == (12, 0)
        for newest in (False, True):
            hits = reader.search("pumpkins", limit=20, newest=newest)
            assert sorted(record.subject for record in hits.records) == sorted(f"Bed {n}" for n in range(1, 13))
            assert reader.search("secret", list_id="growers.example.org", newest=newest).total == 0
    with Reader(made.path) as reader:
        assert reader.search("pumpkins").total == 13


def test_what_is_merged_is_found_by_its_number(path: Path) -> None:
    """FTS5 deletes a segment by a range of numbers; told that the table is small, SQLite looked through all of it."""
    with Reader(path) as reader:
        plan = reader._db.execute("EXPLAIN QUERY PLAN SELECT id FROM terms_data WHERE id >= 5 AND id <= 9").fetchall()
        assert "SEARCH" in plan[0]["detail"]
        told = reader._db.execute("SELECT DISTINCT tbl FROM sqlite_stat1").fetchall()
        assert [table for (table,) in told] == ["message"]
