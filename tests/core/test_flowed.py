"""format=flowed (RFC 3676) is unwrapped with care."""

import pytest

from listfold.core.flowed import unflow


@pytest.mark.parametrize(
    ("wrapped", "text"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        ("> one \n> two\nmine", "> one two\nmine"),
        ("> one \n>> deeper", "> one\n>> deeper"),
        (" >stuffed\n  two spaces", ">stuffed\n two spaces"),
        ("text \n-- \nJo \nDoe", "text\n-- \nJo Doe"),
        ("> -- \n> Jo", "> -- \n> Jo"),
        ("last words \n_______________\nGardeners mailing list", "last words\n_______________\nGardeners mailing list"),
        ("> \n> x", ">\n> x"),
        ("one \n\ntwo", "one\n\ntwo"),
    ],
)
def test_paragraphs_are_joined(wrapped: str, text: str) -> None:
    """Soft breaks go within one quote depth; signature separators and drawn rules stay lines."""
    assert unflow(wrapped) == text


def test_delsp_takes_the_space_away() -> None:
    """With delsp=yes the space before a soft break is no part of the text (RFC 3676 4.1)."""
    assert unflow("霜の \n予報", delsp=True) == "霜の予報"
