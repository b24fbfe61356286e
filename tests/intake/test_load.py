"""Whom a connection is counted for."""

import pytest

from listfold.errors import LettersFull
from listfold.intake.limits import Limits
from listfold.intake.load import Load, client_of


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::1", "::1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_an_ipv6_network_is_one_client(host: str, client: str) -> None:
    """An IPv4 address is counted itself, an IPv6 address as its /64."""
    assert client_of(host) == client


def test_who_left_is_forgotten() -> None:
    """The table of clients does not grow with all who ever came."""
    load = Load(Limits())
    for n in range(3):
        assert load.enter(f"192.0.2.{n}")
        load.leave(f"192.0.2.{n}")
    assert (load.sessions, load._clients) == (0, {})


def test_a_letter_that_is_alone_has_room() -> None:
    """in_flight may be less than one letter's max_size: then one at a time."""
    load = Load(Limits(in_flight=10, small=0))
    with load.hold() as held, load.hold() as other:
        held.add(8)
        held.add(8)
        with pytest.raises(LettersFull):
            other.add(1)
    assert load.bytes == 0


def test_a_small_letter_has_room() -> None:
    """Large letters that come in slowly may not keep out all others."""
    load = Load(Limits(in_flight=10, small=5))
    with load.hold() as held, load.hold() as other:
        held.add(10)
        other.add(3)
        other.add(2)
        with pytest.raises(LettersFull):
            other.add(1)
