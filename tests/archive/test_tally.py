"""What is counted as it changes equals what counting again gives."""

from pathlib import Path

from archive.making import ARTICLE, apply, letter, writer
from listfold.archive.counts import Counts
from listfold.archive.reader import Reader
from listfold.model import ListRule, Rules

LETTERS = [
    letter(1, name="first"),
    letter(2, name="first", on="growers.example.org"),  # a cross-post
    letter(3, "Thanks!\n", extra="In-Reply-To: <first@example.org>\n", author="Bo <bo@example.org>", day=2),
    letter(4, "Late.\n", extra="In-Reply-To: <3@example.org>\n", author="Cy <cy@example.org>", day=40 - 31, live=False),
    letter(5, ARTICLE.replace("frost", "rain"), subject="Rain", on="growers.example.org", day=3),
    letter(6, name="first", author="Dee <dee@example.org>", day=4),
]


def findings(path: Path) -> list[str]:
    counts = Counts(path)
    try:
        return list(counts.check(len(LETTERS)))
    finally:
        counts.close()


def counted(path: Path) -> tuple[object, ...]:
    with Reader(path) as reader:
        lists = [(row.id, row.records, row.first, row.last) for row in reader.lists()]
        names = [name for name, *_ in lists]
        return lists, [reader.months(name) for name in [*names, None]], [reader.threads(name) for name in names]


def test_counts_are_the_same_in_any_order_and_any_batches(tmp_path: Path) -> None:
    """Letters one by one, backwards, or all at once: the same counts, and `verify` finds nothing."""
    seen: list[tuple[object, ...]] = []
    for name, batches in {
        "one": [[x] for x in LETTERS],
        "back": [[x] for x in LETTERS[::-1]],
        "all": [LETTERS],
    }.items():
        folder = tmp_path / name
        folder.mkdir()
        made = writer(folder)
        for batch in batches:
            apply(made, *batch)
        assert findings(made.path) == []
        seen.append(counted(made.path))
        made.close()
    assert seen[0] == seen[1] == seen[2]


def test_a_letter_that_is_read_again_is_counted_once(tmp_path: Path) -> None:
    """Read again under rules that make its list private, it is counted there and nowhere else."""
    made = writer(tmp_path)
    apply(made, *LETTERS)
    made.close()
    rules = Rules("1", (ListRule("growers.example.org", visibility="private"),))
    made = writer(tmp_path, rules)
    apply(made, *LETTERS, rules=rules)
    assert findings(made.path) == []
    with Reader(made.path, public=True) as reader:
        assert [row.id for row in reader.lists()] == ["gardeners.example.org"]
        assert sum(reader.months(None).values()) == 4
        assert reader.threads("growers.example.org") == ([], 0)
    made.close()


def test_letters_are_counted_on_the_day_of_their_arrival(tmp_path: Path) -> None:
    made = writer(tmp_path)
    apply(made, *LETTERS)
    with Reader(made.path) as reader:
        assert reader.months("growers.example.org") == {"2015-11": 2}
        assert reader.days("growers.example.org", 1_446_336_000, 1_446_336_000 + 30 * 86400) == {
            "2015-11-02": 1,
            "2015-11-04": 1,
        }
    made.close()


def test_a_thread_is_counted_on_each_of_its_lists(tmp_path: Path) -> None:
    made = writer(tmp_path)
    apply(made, *LETTERS)
    with Reader(made.path) as reader:
        (thread, *_), total = reader.threads("gardeners.example.org")
        assert (total, thread.records, thread.authors) == (1, 3, ("Anna", "Bo", "Dee", "Cy"))
        rain, frost = reader.threads("growers.example.org")[0]
        assert (rain.subject, frost.subject, frost.id) == ("Rain", "First frost", thread.id)
    made.close()
