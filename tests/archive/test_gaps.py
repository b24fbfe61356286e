"""archive/gaps.py: what letters name and nobody has brought, the same whatever the order of arrival."""

import random
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from making import apply, letter, renumbered, writer

from listfold.archive import gaps
from listfold.archive.counts import Counts
from listfold.archive.gaps import Gap
from listfold.archive.gone import Gone, mark
from listfold.archive.reader import Reader
from listfold.archive.writer import Writer
from listfold.model import Letter, ListRule, Rules

GARDEN = "gardeners.example.org"
BOARD = "board.example.org"
PRIVATE = Rules("1", (ListRule(BOARD, visibility="private"),))
SECRET = b"0123456789abcdef"


def reply(number: int, *names: str, day: int = 1, on: str = GARDEN, author: str = "Bo", text: str = "") -> Letter:
    """A letter that answers the last of these names, and has all of them in its References."""
    extra = f"References: {' '.join(f'<{name}@example.org>' for name in names)}\n" if names else ""
    extra += f"In-Reply-To: <{names[-1]}@example.org>\n" if names else ""
    said = text or f"What letter {number} has to say about plant number {number} and its {number} leaves.\n"
    who = f"{author} <{author.lower()}@example.org>"
    return letter(number, said, subject="Re: Frost", author=who, extra=extra, day=day, on=on)


def named(path: Path, on: str = GARDEN, *, public: bool = False) -> list[str]:
    """The bare names of what a list misses; checks that what is noted is what counting again gives."""
    with closing(Counts(path)) as counts:
        assert [line for line in counts.check(1000) if "miss" in line] == []
    with Reader(path, public=public) as reader:
        found, total = reader.missing(on)
    assert len(found) == total
    return sorted(gap.name.strip("<>").partition("@")[0] for gap in found)


def test_a_letter_between_two_that_are_here_is_missing(tmp_path: Path) -> None:
    """It answered the one, and the other answers it. The page gets the records that name it, oldest first."""
    found = [letter(1, name="root"), reply(3, "root", "lost", day=3), reply(4, "root", "lost", "3", day=2)]
    with closing(writer(tmp_path)) as made:
        apply(made, *found)
        assert named(made.path) == ["lost"]
        with Reader(made.path) as reader:
            ((gap,), _) = reader.missing(GARDEN)
            assert gap == Gap(
                "<lost@example.org>",
                found[2].received,
                (reader.resolve("<4@example.org>")[0], reader.resolve("<3@example.org>")[0]),
            )


def test_it_is_missing_no_more_when_it_comes(tmp_path: Path) -> None:
    """From whatever list; and is again when it is read otherwise, or taken out."""
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1, name="root"), reply(3, "root", "lost"))
        late = letter(5, "Here I am, and I bring tulips and hyacinths.\n", name="lost", on="growers.example.org")
        apply(made, late)
        assert named(made.path) == []
        made.purge([5], [], SECRET)
        assert named(made.path) == ["lost"]


def test_what_one_person_was_sent_alone_is_not_missing(tmp_path: Path) -> None:
    """A name at the head of a thread that one author answers may be a private letter, or older than the archive."""
    with closing(writer(tmp_path)) as made:
        apply(made, *(reply(n, day=1) for n in range(1, 11)))  # the list has begun
        apply(made, reply(20, "private", day=29), reply(21, "private", "20", day=29, author="Cy"))
        assert named(made.path) == []


def test_what_two_have_answered_is_missing_after_the_first_days(tmp_path: Path) -> None:
    """Then it was on the list, and not before the archive began."""
    with closing(writer(tmp_path)) as made:
        apply(made, *(reply(n, day=1) for n in range(1, 11)))
        apply(made, *(on_day(n, "lost", day=40, author=author) for n, author in ((20, "Bo"), (21, "Cy"))))
        apply(made, *(on_day(n, "old", day=20, author=author) for n, author in ((30, "Bo"), (31, "Cy"))))
        assert named(made.path) == ["lost"]


def on_day(number: int, name: str, day: int, author: str) -> Letter:
    """An answer that arrives on a day that its month may not have."""
    return replace(reply(number, name, author=author), received=1_446_336_000 + 86_400 * day)


def test_a_purged_letter_is_not_missing(tmp_path: Path) -> None:
    """It was taken out on purpose: nothing is to be said of it."""
    lost = "<lost@example.org>"
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1, name="root"), reply(2, "root", name_of(lost)), reply(3, "root", name_of(lost), "2"))
        assert named(made.path) == ["lost"]
        apply(made, letter(4, "What I should not have said about the chairman's roses.\n", name="lost"))
        made.purge([4], [Gone(mark(SECRET, lost), "public", 1)], SECRET)
        assert named(made.path) == []
        apply(made, reply(5, "root", name_of(lost), "3"))
        assert named(made.path) == []


def name_of(message_id: str) -> str:
    return message_id.strip("<>").partition("@")[0]


def test_who_names_it_is_purged_and_with_it_the_gap(tmp_path: Path) -> None:
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1, name="root"), reply(2, "root", "lost"))
        made.purge([2], [], SECRET)
        assert named(made.path) == []


def test_a_private_list_is_behind_its_wall(tmp_path: Path) -> None:
    """Nobody outside learns what it misses, nor what it holds; itself it sees what is public."""
    with closing(writer(tmp_path, PRIVATE)) as made:
        found = [
            letter(1, name="root"),
            letter(2, "The board's own words on hoses.\n", name="board", on=BOARD),
            reply(3, "board", "lost", on=BOARD),
            reply(4, "board", "held", on=BOARD),
            reply(5, "root", "lost"),
            letter(6, "What all may know about mulch.\n", name="held"),
            letter(7, "What the board alone may know about mulch.\n", name="inner", on=BOARD),
            reply(8, "root", "inner"),
        ]
        apply(made, *found, rules=PRIVATE)
        assert named(made.path, BOARD) == ["lost"]
        assert named(made.path, GARDEN) == ["inner", "lost"]
        assert named(made.path, BOARD, public=True) == []
        with Reader(made.path, public=True) as reader:
            assert [row.list for row in reader.losses(0)] == [GARDEN]


def test_a_forwarded_letter_has_its_own_lists(tmp_path: Path) -> None:
    """What somebody forwards names letters of wherever it was."""
    inner = reply(9, "root", "elsewhere", author="Cy").raw.decode()
    raw = (
        "From: Bo <bo@example.org>\nTo: list@example.org\nSubject: Fwd: Frost\nMessage-ID: <fwd@example.org>\n"
        f"Date: 2 Nov 2015 10:00:00 +0000\nList-Id: <{GARDEN}>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="x"\n\n--x\n\nSee below.\n--x\nContent-Type: message/rfc822\n\n'
        f"{inner}\n--x--\n"
    )
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1, name="root"), Letter(raw.encode(), "smtp", 1_446_500_000, "", ("l@example.org",), id=2))
        assert named(made.path) == []


def test_a_stranger_invents_only_so_many(tmp_path: Path) -> None:
    """A letter with a thousand names in its References is not a thousand losses."""
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1, name="root"), reply(2, "root", *(f"made{n}" for n in range(1000))))
        assert len(named(made.path)) == gaps.NAMED


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(3, 14), st.integers(1, 5))
def test_any_order_any_batches_and_reading_again_leave_the_same_gaps(
    chance: random.Random, count: int, size: int
) -> None:
    """Threads that branch, with letters lost, cross-posted and purged: as if all had come at once."""
    ancestors: dict[str, tuple[str, ...]] = {}
    letters: list[Letter] = []
    for n in range(1, count + 1):
        chain = (*ancestors[above], above) if ancestors and (above := chance.choice([*ancestors, ""])) else ()
        ancestors[str(n)] = chain
        if chance.random() < 0.7:
            on = chance.choice([GARDEN, GARDEN, "growers.example.org", BOARD])
            letters.append(reply(n, *chain, on=on, author=chance.choice("ABC"), day=chance.randint(1, 28)))
    with TemporaryDirectory() as folder:
        seen = []
        for at in ("one", "other"):
            (Path(folder) / at).mkdir()
            with closing(writer(Path(folder) / at, PRIVATE)) as made:
                numbered = renumbered(letters)
                step = len(letters) or 1 if at == "one" else size
                for start in range(0, len(numbered), step):
                    apply(made, *numbered[start : start + step], rules=PRIVATE)
                seen.append(noted(made, numbered, chance if at == "other" else None))
            chance.shuffle(letters)
        assert seen[0] == seen[1]


def noted(made: Writer, letters: list[Letter], chance: random.Random | None) -> list[tuple[str, list[Gap]]]:
    """What is missing; with `chance` some letters have gone and come again before."""
    for one in letters if chance else ():
        if chance and chance.random() < 0.3:
            made.purge([one.id], [], SECRET)
            apply(made, replace(one, id=1000 + one.id), rules=PRIVATE)
    named(made.path)
    with Reader(made.path) as reader:
        return [(row.list, sorted(reader.missing(row.list)[0], key=lambda gap: gap.name)) for row in reader.losses(0)]
