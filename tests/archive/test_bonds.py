"""archive/bonds.py: what people decided about folding holds, through any order of arrival and a rebuild."""

import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from making import ARTICLE, apply, letter, partition, renumbered, writer

from listfold.archive.bonds import Bonds, Judgement, bonds_of
from listfold.archive.counts import Counts
from listfold.archive.reader import Reader
from listfold.model import Letter, Record

OTHER = """\
Has anybody tried to overwinter pelargoniums in a cold cellar without any light at all? Mine have always
stood by the window of the stairs, but the new neighbours want that place for their bicycles, and so they
have to move. I would cut them back by two thirds and let the earth dry out almost completely.
"""

COPIES = [
    letter(1),
    letter(2, "Seen?\n\n" + ARTICLE, author="Ben <ben@example.org>", subject="look", day=2),
    letter(3, ARTICLE, author="Cleo <cleo@example.org>", subject="frost", day=3),
    letter(4, OTHER, author="Dora <dora@example.org>", subject="Pelargoniums", day=4),
    letter(5, OTHER, author="Emil <emil@example.org>", subject="Pelargoniums again", day=5),
]


def name(one: Letter) -> str:
    """As the archive names the outer message of a letter."""
    from listfold.core.read import read
    from listfold.model import Rules

    return f"{read(one, Rules()).messages[0].id} {one.key.hex()}"


def judged(*decisions: tuple[str, Sequence[Letter], Sequence[Letter]]) -> Bonds:
    return bonds_of(
        Judgement(n, kind == "fold", tuple(map(name, these)), tuple(map(name, those)))
        for n, (kind, these, those) in enumerate(decisions, 1)
    )


def records(folder: Path) -> list[Record]:
    with Reader(folder / "archive-1.db") as reader:
        return list(reader.export())


def groups(folder: Path) -> set[frozenset[str]]:
    """Which letters stand together, by the first word of their Message-ID."""
    return {frozenset(s.message_id[1:].partition("@")[0] for s in r.sightings) for r in records(folder)}


def sets(*names: str) -> set[frozenset[str]]:
    return {frozenset(one) for one in names}


def placed(folder: Path, bonds: Bonds, *, late: bool) -> set[frozenset[str]]:
    """All copies, with the decisions there before them or made after them."""
    with closing(writer(folder)) as made:
        if not late:
            made.bind(bonds)
        apply(made, *COPIES)
        made.bind(bonds)
    return groups(folder)


@pytest.mark.parametrize("late", [False, True])
def test_without_decisions_copies_stand_together(tmp_path: Path, late: bool) -> None:
    """What the decisions of the other tests change."""
    assert placed(tmp_path, Bonds(), late=late) == sets("123", "45")


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("gone", [1, 2, 3])
def test_a_letter_that_left_a_record_stands_alone(tmp_path: Path, gone: int, late: bool) -> None:
    """The canonical one as well as another; the rest stays together."""
    leaver = COPIES[gone - 1]
    rest = [one for one in COPIES[:3] if one is not leaver]
    stay = "".join(str(one.id) for one in rest)
    assert placed(tmp_path, judged(("unfold", [leaver], rest)), late=late) == sets(str(gone), stay, "45")


@pytest.mark.parametrize("late", [False, True])
def test_two_records_that_were_joined_are_one_with_all_their_copies(tmp_path: Path, late: bool) -> None:
    """The copies of the second one follow it, and what it has to say is kept with its sighting."""
    bonds = judged(("fold", [COPIES[3]], [COPIES[0]]))
    assert placed(tmp_path, bonds, late=late) == sets("12345")
    (record,) = records(tmp_path)
    shown = {s.letter: s for s in record.sightings}
    assert record.author.name == "Anna"
    assert (shown[4].relation, shown[4].method) == ("repost", "decision")
    assert "pelargoniums" in (shown[4].comment or "")


@pytest.mark.parametrize("late", [False, True])
def test_a_copy_that_comes_later_finds_the_record_through_what_was_joined(tmp_path: Path, late: bool) -> None:
    """What stands for its record by a decision is matched with as if it were canonical."""
    with closing(writer(tmp_path)) as made:
        made.bind(judged(("fold", [COPIES[3]], [COPIES[0]])))
        apply(made, *COPIES[: 4 if late else 3])
        apply(made, *COPIES[4:])
        apply(made, *COPIES)
    assert groups(tmp_path) == sets("12345")


def test_the_later_decision_stands_in_front(tmp_path: Path) -> None:
    """Joined and parted again; parted and joined again."""
    part: tuple[str, list[Letter], list[Letter]] = ("unfold", [COPIES[2]], COPIES[:2])
    join: tuple[str, list[Letter], list[Letter]] = ("fold", COPIES[:2], [COPIES[2]])
    for n, (decisions, expected) in enumerate(
        [((part, join), sets("123", "45")), ((part, join, part), sets("12", "3", "45"))]
    ):
        folder = tmp_path / str(n)
        folder.mkdir()
        assert placed(folder, judged(*decisions), late=True) == expected


def test_what_was_joined_leaves_with_its_own_copies(tmp_path: Path) -> None:
    """Undoing a join gives the two records that there were."""
    join: tuple[str, list[Letter], list[Letter]] = ("fold", COPIES[:3], COPIES[3:])
    part: tuple[str, list[Letter], list[Letter]] = ("unfold", [COPIES[3]], [*COPIES[:3], COPIES[4]])
    with closing(writer(tmp_path)) as made:
        apply(made, *COPIES)
        made.bind(judged(join))
        assert groups(tmp_path) == sets("12345")
        made.bind(judged(join, part))
    assert groups(tmp_path) == sets("123", "45")


def test_when_the_middle_one_leaves_the_others_stay_joined(tmp_path: Path) -> None:
    """Three records joined through one of them."""
    odd = [letter(n, text, subject=f"s{n}", author=f"P{n} <p{n}@example.org>", day=n) for n, text in
           ((1, ARTICLE), (2, OTHER), (3, "Quinces want a long autumn. " * 9))]  # fmt: skip
    first, middle, last = odd
    bonds = judged(("fold", [middle], [first]), ("fold", [middle], [last]), ("unfold", [middle], [first, last]))
    with closing(writer(tmp_path)) as made:
        apply(made, *odd)
        made.bind(bonds)
    assert groups(tmp_path) == sets("13", "2")


def test_a_private_list_is_not_joined_with_another(tmp_path: Path) -> None:
    """Whoever wrote the decision: the wall stands."""
    from listfold.model import ListRule, Rules

    rules = Rules(lists=(ListRule("board.example.org", visibility="private"),))
    behind = letter(2, OTHER, on="board.example.org")
    with closing(writer(tmp_path, rules)) as made:
        made.bind(judged(("fold", [letter(1)], [behind])))
        apply(made, letter(1), behind, rules=rules)
    assert groups(tmp_path) == sets("1", "2")


@pytest.mark.parametrize("seed", range(10))
def test_decisions_hold_whatever_the_order(tmp_path: Path, seed: int) -> None:
    """Decisions before, between and after the letters, and letters read again: one outcome."""
    parting = ("unfold", [COPIES[1]], [COPIES[0], COPIES[2]])
    joining = ("fold", [COPIES[3], COPIES[4]], [COPIES[0], COPIES[2]])
    bonds = judged(parting, joining)
    copies = [*COPIES, letter(6, ARTICLE, author="F <f@example.org>", subject="x", day=6), letter(7, name="4", day=4)]
    outcomes = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        chance = random.Random(seed * 2 + number)
        chance.shuffle(copies)
        waiting = renumbered(copies)
        when = chance.randint(0, len(copies))
        with closing(writer(folder)) as made:
            for n, one in enumerate(waiting):
                if n == when:
                    made.bind(judged(parting))
                    made.bind(bonds)
                apply(made, one)
            made.bind(bonds)
            apply(made, *[one for one in waiting if chance.random() < 0.4])
        with closing(Counts(folder / "archive-1.db")) as counts:
            assert list(counts.check(len(copies))) == []
        outcomes.append(partition(records(folder)))
    assert outcomes[0] == outcomes[1]


WHOLE = ARTICLE + "\n" + "\n\n".join(
    f"Bed {n}: covered {n + 2} nights, lost {n * 3} plants of {n * 7}, and the gardener of plot {n + 40} says why."
    for n in range(40)
)  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_fuller_text_takes_the_place_of_a_shortened_copy(tmp_path: Path, order: tuple[int, int]) -> None:
    """Tied by headers: id, author and date stay, the text is the whole one, and search finds its words."""
    cut = letter(1, WHOLE[: len(WHOLE) // 2])
    whole = replace(letter(2, WHOLE, name="1", on="cooks.example.org"), received=cut.received + 5)
    with closing(writer(tmp_path)) as made:
        apply(made, cut)
    (before,) = records(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    with closing(writer(other)) as made:
        for n in order:
            apply(made, (cut, whole)[n])
    (record,) = records(other)
    assert (record.id, record.author, record.date) == (before.id, before.author, before.date)
    assert record.body == WHOLE.strip()
    assert [(s.letter, s.relation, s.comment) for s in record.sightings] == [
        (1, "original", None),
        (2, "crosspost", None),
    ]
    with Reader(other / "archive-1.db") as reader:
        assert reader.search("gardener plot 79").total == 1
    with closing(writer(other)) as made:
        made.purge([2], [], b"secret")
    (record,) = records(other)
    assert record.body == before.body
    with Reader(other / "archive-1.db") as reader:
        assert reader.search("gardener plot 79").total == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "2", "author": "Eve <eve@example.net>", "subject": "look", "day": 2},
        {"name": "1", "author": "Eve <eve@example.net>", "day": 2},
        {"name": "2", "author": "Eve <eve@example.net>", "day": 1, "extra": "X-Date: 1 Jan 2001 10:00:00 +0000\n"},
    ],
)
def test_a_stranger_who_pastes_into_a_text_changes_nothing(tmp_path: Path, changed: dict[str, object]) -> None:
    """More words under another name, also with the Message-ID of the first: the record stays as it was."""
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1, WHOLE))
        (before,) = records(tmp_path)
        pasted = WHOLE.replace("Bed 9", "Eve sells seeds. " * 40 + "\n\nBed 9")
        apply(made, letter(2, pasted, **changed))  # type: ignore[arg-type]
    (record,) = (one for one in records(tmp_path) if one.id == before.id)
    assert (record.author, record.date, record.text, record.subject) == (
        before.author, before.date, before.text, before.subject,
    )  # fmt: skip


def test_a_backdated_paste_changes_nothing(tmp_path: Path) -> None:
    """Live mail goes by the time at which it was received, whatever its Date says."""
    forged = letter(2, "Mine!\n\n" + ARTICLE, author="Eve <eve@example.net>", subject="mine", day=2)
    forged = replace(forged, raw=forged.raw.replace(b"Date: 2 Nov 2015", b"Date: 2 Nov 1999"))
    for folder, batch in (("a", (letter(1), forged)), ("b", (forged, letter(1)))):
        (tmp_path / folder).mkdir()
        with closing(writer(tmp_path / folder)) as made:
            for one in batch:
                apply(made, one)
        (record,) = records(tmp_path / folder)
        assert (record.author.name, record.text.strip(), record.date) == ("Anna", ARTICLE.strip(), 1_446_372_000)
