"""A thread's tree, whatever the headers say."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from listfold.archive.reader import Heading
from listfold.model import Person
from listfold.web.tree import paged, tree


def record(name: str, parent: str = "", *references: str) -> Heading:
    ids = [f"<{other}@mail.example.org>" for other in (name, parent, *references)]
    return Heading(
        id=name,
        message_id=ids[0],
        message_ids=(ids[0],),
        in_reply_to=ids[1] if parent else "",
        references=tuple(ids[2:]),
        subject=name,
        author=Person(),
        date=None,
        lists=(),
        size=0,
    )


def shape(records: Sequence[Heading]) -> list[tuple[str, int]]:
    return [(node.record.subject if node.record else "-", node.depth) for node in tree(records)]


def test_replies_hang_under_what_they_answer_oldest_first() -> None:
    records = [record("a"), record("b", "a"), record("c", "a"), record("d", "b")]
    assert shape(records) == [("a", 0), ("b", 1), ("d", 2), ("c", 1)]


def test_a_missing_parent_is_passed_over_to_the_nearest_ancestor() -> None:
    assert shape([record("a"), record("c", "gone", "a", "gone")]) == [("a", 0), ("c", 1)]


def test_letters_with_the_same_absent_parent_stand_together() -> None:
    assert shape([record("a", "gone"), record("b"), record("c", "gone")]) == [("-", 0), ("a", 1), ("c", 1), ("b", 0)]


def test_a_single_orphan_stands_alone_and_is_marked() -> None:
    (node,) = tree([record("a", "gone")])
    assert (node.depth, node.absent) == (0, True)


def test_a_loop_of_replies_is_cut_at_its_first_letter() -> None:
    assert shape([record("a", "c"), record("b", "a"), record("c", "b")]) == [("a", 0), ("b", 1), ("c", 2)]


def test_a_letter_that_answers_itself_is_a_root() -> None:
    assert shape([record("a", "a")]) == [("a", 0)]


def test_a_thread_of_any_depth_is_walked_without_recursion() -> None:
    records = [record("0")] + [record(str(n), str(n - 1)) for n in range(1, 3000)]
    assert tree(records)[-1].depth == 2999


@given(st.lists(st.integers(0, 12), max_size=12))
def test_every_letter_stands_in_the_tree_exactly_once(parents: list[int]) -> None:
    """Property: any parents, loops included."""
    records = [record(str(n), str(parent)) for n, parent in enumerate(parents)]
    shown = [node.record.subject for node in tree(records) if node.record]
    assert sorted(shown) == sorted(one.subject for one in records)


def test_pages_hold_what_fits_and_never_nothing() -> None:
    assert paged([5, 5, 5, 50, 1], 10) == [range(2), range(2, 3), range(3, 4), range(4, 5)]
    assert paged([], 10) == [range(0)]
