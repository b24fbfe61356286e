"""A list's letters teach its footer, in a language that nobody knows; nobody's own words are learned."""

import random

import pytest

from listfold.core.clean import Context, clean
from listfold.core.learned import footers_of, mask, tail_lines
from listfold.model import ListName, Person, body_of

LIST = ListName("zubni.example.org")
FOOTER = (
    "~~~~~~~~~~~~~~~~~~~~\nZubni gril alko prenda mimba {n}\nhttps://zubni.example.org/krad/{token}\n"
    "Orp kelda reader{n}@example.net"
)
LATER = "Zubni gril! Onto merda kalpu\nfolto https://zubni.example.org/x?{token} greb"
AUTHORS = [Person(f"Author {n}", f"author{n}@example.com") for n in range(12)]


def letter(n: int, footer: str) -> tuple[str, Person, str]:
    """(text, author, the author's own words) of the n-th letter, the same for the same n."""
    chance = random.Random(n)
    author = AUTHORS[chance.randrange(len(AUTHORS))]
    words = ["".join(chance.choices("bdfklmnprstaeiou", k=6)) for _ in range(99)]
    own = "\n".join(" ".join(chance.choices(words, k=9)) for _ in range(chance.randrange(1, 12)))
    own += chance.choice(["", "\n\nThanks,\n" + author.name, "\n\nThanks", "\n\n> an old word\n\nYes."])
    token = f"{chance.randrange(10**12):x}"
    return f"{own}\n\n{footer.format(n=n, token=token)}\n" if footer else own, author, own.rstrip()


def context(author: Person, learned: tuple[tuple[str, ...], ...] = ()) -> Context:
    return Context(LIST, author, learned=learned)


def taught(letters: list[tuple[str, Person, str]]) -> tuple[tuple[str, ...], ...]:
    return footers_of((author.address, tail_lines(text, clean(text, context(author)))) for text, author, _ in letters)


LISTS = {
    "one footer": [letter(n, FOOTER) for n in range(200)],
    "a footer that changed half-way": [letter(n, FOOTER if n < 100 else LATER) for n in range(200)],
    "a fifth of the letters lack it": [letter(n, FOOTER if n % 5 else "") for n in range(200)],
}


@pytest.mark.parametrize("name", LISTS)
def test_a_footer_that_no_rule_knows_goes_from_every_letter(name: str) -> None:
    """Two hundred letters teach it; then every body is its author's own words, and no other line is touched."""
    letters = LISTS[name]
    footers = taught(letters)
    for text, author, own in letters:
        assert body_of(text, clean(text, context(author, footers))) == own


def test_what_is_learned_does_not_depend_on_the_order() -> None:
    """The same sample in any order teaches the same, in the same order."""
    letters = LISTS["a footer that changed half-way"]
    assert taught(letters) == taught(letters[::-1])


def test_masked_lines_hold_no_subscribers_data() -> None:
    """Addresses, numbers, tokens and all of a link but its host are taken out."""
    assert mask("Leave: https://example.org/u/a1b2c3 (as  reader@example.net, no. 42)") == (
        "leave: <url example.org> (as <address>, no. 0)"
    )
    assert mask("Key 0123456789abcdef0123") == "key <token>"
    assert mask("_______________") == mask("____") == "<rule _>"


def test_one_authors_signature_teaches_nothing() -> None:
    """However often it comes, and when two share it."""
    tail = ("<rule ->", "author 0", "<url example.com>")
    others = [(f"other{n}", (f"line {chr(97 + n % 26)}{n}",)) for n in range(50)]
    assert footers_of([*others, *[("author0", tail)] * 500, *[("author1", tail)] * 500]) == ()


def test_what_several_people_end_with_is_not_learned_without_an_anchor() -> None:
    """A sign-off is no footer: it has no link, no address, no drawn line."""
    assert footers_of([(f"author{n}", ("best regards", "the team")) for n in range(50)]) == ()


def test_a_sign_off_above_the_footer_is_not_learned_with_it() -> None:
    """A line that less than half of the footer's letters have above it is their authors'."""
    footer = ("<rule _>", "zubni gril", "<url zubni.example.org>")
    letters = [
        (f"author{n}", (*(("thanks",) if n % 3 == 0 else (f"words {'abcdef'[n % 6] * n}",)), *footer))
        for n in range(30)
    ]
    assert footers_of(letters) == (footer,)


def test_columns_of_numbers_are_not_learned() -> None:
    """Numbers are masked, so tables of them look alike; a line needs words."""
    assert footers_of([(f"author{n}", ("<rule ->", "0 0 0", "0.0 | 0 kg")) for n in range(50)]) == ()


def test_quoted_lines_teach_nothing() -> None:
    """A quote at the end of a letter ends its tail: a footer in it is the quoted message's."""
    text = "Yes.\n\n> Are they up?\n> ____________\n> zubni https://zubni.example.org/\n"
    assert tail_lines(text, clean(text, context(AUTHORS[0]))) == ()


def test_what_rules_have_cut_teaches_nothing() -> None:
    """Only what is left needs learning."""
    text = "Yes.\nHere they are.\n\n-- \nAuthor 0\nhttps://example.com/"
    assert tail_lines(text, clean(text, context(AUTHORS[0]))) == ("yes.", "here they are.")


def test_part_of_a_learned_footer_alone_is_cut_only_with_an_anchor() -> None:
    """A line that is like one line of a footer may be an author's."""
    footers = (("<rule _>", "zubni gril", "<url zubni.example.org>"),)
    for text, body in (
        ("Yes.\n\nZubni gril", "Yes.\n\nZubni gril"),
        ("Yes.\n\nZubni gril\nhttps://zubni.example.org/", "Yes."),
    ):
        assert body_of(text, clean(text, context(AUTHORS[0], footers))) == body
