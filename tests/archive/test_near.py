"""How a message is found by what it shares with another."""

import random
from pathlib import Path

import pytest
from making import apply, letter, writer

from listfold.archive.near import COARSEST, TOLD, near, shared, step, told
from listfold.archive.reader import Reader
from listfold.archive.rows import new
from listfold.archive.shingles import put
from listfold.archive.writer import Writer
from listfold.core.fingerprint import identity
from listfold.core.read import read
from listfold.model import Known, Rules

WORDS = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in ("r", "st", "ll", "nd")]


def text(words: int, seed: int = 1) -> str:
    chance = random.Random(seed)
    return "\n".join(" ".join(chance.choices(WORDS, k=12)) for _ in range(words // 12))


def found_by(made: Writer, asked: Known) -> list[int]:
    """The letters of the messages near one that is in the index."""
    hashes = told(asked.identity)
    put(made._db, [(value, asked.row) for value in hashes], 0)
    return [other.letter for other in near(made._db, asked, "public", hashes, shared(made._db, [hashes]))]


@pytest.mark.parametrize("words", [12, 60, 240, 960, 3840, 20_000])
def test_the_index_holds_a_bounded_part_of_a_message(words: int) -> None:
    """About three dozen shingles of any text that has so many; all of a short one's."""
    found = identity(text(words), (), "text", "Frost")
    held = told(found)
    assert set(held) <= set(found.hashes)
    assert len(held) <= 2 * TOLD
    assert len(held) >= min(8, words - 4)
    assert step(words) <= COARSEST


@pytest.mark.parametrize(("words", "left"), [(120, 60), (240, 96), (600, 240), (2400, 1200), (9600, 6000)])
def test_a_part_of_a_text_finds_the_whole_and_the_whole_finds_the_part(tmp_path: Path, words: int, left: int) -> None:
    """Also where the one is more than twice as long as the other."""
    whole = text(words)
    part = "\n".join(whole.split("\n")[: left // 12])
    one = letter(1, whole, subject="Frost", author="Anna <anna@example.org>")
    two = letter(2, part, subject="Cold nights", author="Bo <bo@example.net>")
    for first, second in ((one, two), (two, one)):
        folder = tmp_path / f"{first.id}"
        folder.mkdir()
        made = writer(folder)
        apply(made, first)
        message = read(second, Rules()).messages[0]
        asked = new(99, second, message, message.list.id)
        assert found_by(made, asked) == [first.id]
        made.close()


@pytest.mark.parametrize(
    ("author", "subject", "day", "found"),
    [
        ("Anna <anna@example.org>", "[PATCH v2] Frost", 2, []),  # her next edition
        ("Anna <anna@example.org>", "[PATCH] Frost", 2, []),  # and under the same subject
        ("Anna <anna@example.org>", "[PATCH] Frost", 1, [1]),  # one sending
        ("Bo <bo@example.net>", "A find", 2, [1]),  # somebody else's paste
    ],
)
def test_what_one_author_sends_in_other_words_is_no_candidate(
    tmp_path: Path, author: str, subject: str, day: int, found: list[int]
) -> None:
    """However much of the text is the same; unless it was sent at the same time."""
    made = writer(tmp_path)
    one = text(240)
    apply(made, letter(1, one, subject="[PATCH] Frost", author="Anna <anna@example.org>"))
    again = letter(2, one + "\nand these words are new", subject=subject, author=author, day=day)
    message = read(again, Rules()).messages[0]
    assert found_by(made, new(99, again, message, message.list.id)) == found
    made.close()


def test_a_claim_without_an_address_is_found_by_its_author_s_name(tmp_path: Path) -> None:
    """Who pastes a header often keeps no more than the name; what the text lost on the way does not matter."""
    made = writer(tmp_path)
    apply(made, letter(1, "The old lock at the shed is gone.", author="Anna Gardener <anna@example.org>"))
    inline = (
        "---------- Forwarded message ----------\nFrom: Anna Gardener\nDate: Sun, Nov 1, 2015\nSubject: First frost\n\n"
        "The old lock at the shed is gone.\n"
    )
    apply(made, letter(2, inline, subject="Fwd: First frost", author="Bo <bo@example.net>", day=2))
    made.close()
    with Reader(tmp_path / "archive-1.db") as reader:
        assert len(list(reader.export())) == 1


def test_what_shows_one_text_at_one_time_is_told_anew_together(tmp_path: Path) -> None:
    """The page of the first list says that the text was posted to the other, too."""
    made = writer(tmp_path)
    apply(made, letter(1, name="x"))
    made.published(made.touched(), {})
    apply(made, letter(2, name="x", on="growers.example.org"))
    assert {name for name, *_ in made.touched()} == {"gardeners.example.org", "growers.example.org"}
    made.close()
