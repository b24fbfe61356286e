"""Reads MAIL and RCPT arguments."""

import time

import pytest

from listfold.errors import Refused
from listfold.intake.address import Sender, recipient_of, sender_of

LINE = 100_000  # far more than a command line has room for


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.net",
        "list-bounces+ann=example.org@lists.example.net",
        "dots..anywhere.@mobile.example.jp",
        "#!$%&'*+-/=?^_`{|}~@example.net",
        '"quoted @ local \\" part"@example.net',
        "ann@[192.0.2.1]",
        "ann@localhost",
        "ann@under_score.example.net",
        "x" * 64 + "@example.net",
        "gardeners-bounces+gardeners-9d938d56eb1353264772=archive.example.net@lists.example.org",  # VERP: 68
    ],
)
def test_addresses_that_are_in_use(address: str) -> None:
    """Taken as they stand, the odd ones too."""
    assert sender_of(f"FROM:<{address}>") == Sender(address)
    assert recipient_of(f"TO:<{address}>", utf8=False) == address


@pytest.mark.parametrize(
    "path",
    [
        "",
        "<",
        "<>>",
        "<ann@example.net",
        "ann@example.net",
        "<ann>",
        "<@example.net>",
        "<ann@>",
        "<ann@example..net>",
        "<ann@.example.net>",
        "<ann@bob@example.net>",
        "<ann @example.net>",
        "<ann@example.net>x",
        "<ann@exa\u202emple.net>",
        '<"ann@example.net>',
        "<" + "x" * 513 + "@example.net>",
        "<ann@" + "x" * 256 + ">",
    ],
)
def test_what_is_no_address(path: str) -> None:
    """Refused with 501, for a sender and for a recipient."""
    with pytest.raises(Refused) as sender:
        sender_of(f"FROM:{path}")
    with pytest.raises(Refused) as recipient:
        recipient_of(f"TO:{path}", utf8=True)
    assert (sender.value.reply[:9], recipient.value.reply[:9]) == ("501 5.1.7", "501 5.1.3")


def test_the_null_sender_is_empty() -> None:
    """Bounces and confirmations come from <>: it is "", and it is a sender only."""
    assert sender_of("FROM:<>") == Sender("")
    with pytest.raises(Refused):
        recipient_of("TO:<>", utf8=False)


def test_parameters() -> None:
    """SIZE, BODY and SMTPUTF8 in any order and case."""
    assert sender_of("from:<a@example.net> smtputf8 Size=0123 BODY=8BitMIME") == Sender("a@example.net", 123, True)


@pytest.mark.parametrize(
    "hostile",
    [
        "<" + "a." * (LINE // 2),
        "<a@" + "a." * (LINE // 2) + "!>",
        '<"' + "\\a" * (LINE // 2),
        "<@" + "a" * LINE,
        "<a@example.net>" + " A" * (LINE // 2),
        "<a@example.net> " + "A" * LINE + "=",
    ],
)
def test_time_is_linear(hostile: str) -> None:
    """Not even lines that are far too long take time to speak of; squared, these would take minutes."""
    start = time.perf_counter()
    with pytest.raises(Refused):
        sender_of("FROM:" + hostile)
    assert time.perf_counter() - start < 0.25
