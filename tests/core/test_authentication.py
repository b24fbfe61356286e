"""core/authentication.py: what our own mail server found out about the sender, and nobody else's claims."""

import pytest

from core.growth import is_linear
from listfold.core.authentication import notes_of, proved, results
from listfold.core.headers import parse_headers

OURS = "mx.example.org"


def found(*fields: str) -> tuple[tuple[str, str], ...]:
    return results(parse_headers("\n".join(fields).encode()), OURS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("mx.example.org; spf=pass smtp.mailfrom=a@example.com", (("spf", "pass"),)),
        ("MX.Example.org 1; dkim=fail (bad; sig) header.d=x; dmarc=none", (("dkim", "fail"), ("dmarc", "none"))),
        ("mx.example.org; none", ()),
        ('mx.example.org; dkim = pass reason="a; spf=pass"', (("dkim", "pass"),)),
        ("mx.example.org; auth/1=pass; dkim=passed-by", (("auth", "pass"),)),
        ("mx.example.org.evil.example; dkim=pass", ()),
        ("(mx.example.org) evil.example; dkim=pass", ()),
        ("mx.example.org; (open comment dkim=pass; spf=pass", ()),
    ],
)
def test_forms_of_rfc_8601(value: str, expected: tuple[tuple[str, str], ...]) -> None:
    """Methods and results of our server's id; comments and quotes say nothing."""
    assert found(f"Authentication-Results: {value}") == expected


def test_only_fields_of_our_own_hop_count() -> None:
    """A field below the second Received was there before the letter came to our server: a stranger's."""
    ours = f"Authentication-Results: {OURS}; spf=fail"
    theirs = f"Authentication-Results: {OURS}; dkim=pass"
    assert found("Received: from a by mx", ours, "Received: from b by a", theirs) == (("spf", "fail"),)


def test_without_an_id_nothing_is_believed() -> None:
    """No authserv-id configured: no notes, no proof."""
    headers = parse_headers(b"Authentication-Results: mx.example.org; dkim=pass")
    assert notes_of(headers, "") == ()
    assert not proved(headers, "")
    assert notes_of(headers, OURS) == ("auth:dkim=pass",)
    assert proved(headers, OURS)


@pytest.mark.parametrize("bad", ["(", ";", '"', "; dkim=", "\\", "(\\"])
def test_hostile_fields_cost_what_their_length_costs(bad: str) -> None:
    """Linear, and an answer for anything."""
    assert is_linear(lambda value: found(f"Authentication-Results: {OURS}; {value}"), lambda n: bad * n, 5_000)
