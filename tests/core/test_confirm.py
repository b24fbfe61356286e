"""core/confirm.py: what a person has to send, as each kind of list software asks for it."""

import pytest

from listfold.core.confirm import Answer, answer
from listfold.core.headers import parse_headers

TOKEN = "9c1f4e0123456789abcdef0123456789abcdef01"


@pytest.mark.parametrize(
    ("fields", "text", "expected"),
    [
        (
            [f"From: gardeners-confirm+{TOKEN}@lists.example.org", f"Subject: confirm {TOKEN}"],
            "Simply reply to this message.",
            Answer(f"gardeners-confirm+{TOKEN}@lists.example.org", f"confirm {TOKEN}"),
        ),
        (
            ["From: gardeners-request@lists.example.org", f"Subject: confirm {TOKEN}"],
            f"Or visit this web page:\n\n    https://lists.example.org/mailman/confirm/gardeners/{TOKEN}\n",
            Answer(
                "gardeners-request@lists.example.org",
                f"confirm {TOKEN}",
                links=(f"https://lists.example.org/mailman/confirm/gardeners/{TOKEN}",),
            ),
        ),
        (
            [
                "From: gardeners+owner@lists.example.org",
                "Reply-To: gardeners+confsub-a1b2c3d4e5f60718@lists.example.org",
                "Subject: Confirm subscription to gardeners@lists.example.org",
            ],
            "To confirm, reply to this message.",
            Answer(
                "gardeners+confsub-a1b2c3d4e5f60718@lists.example.org",
                "Re: Confirm subscription to gardeners@lists.example.org",
            ),
        ),
        (
            ["From: sympa@lists.example.org", "Subject: AUTH 1a2b3c4d subscribe gardeners"],
            "Send this line:\n\n  AUTH 1a2b3c4d SUBSCRIBE gardeners\n",
            Answer(
                "sympa@lists.example.org",
                "Re: AUTH 1a2b3c4d subscribe gardeners",
                "AUTH 1a2b3c4d SUBSCRIBE gardeners",
            ),
        ),
        (
            ["From: listserv@lists.example.org", "Subject: Command confirmation request (A1B2C3)"],
            "Reply with the text\n\n   OK\n\nin the body.",
            Answer("listserv@lists.example.org", "Re: Command confirmation request (A1B2C3)", "ok"),
        ),
    ],
    ids=["mailman3", "mailman2", "mlmmj", "sympa", "listserv"],
)
def test_what_confirms(fields: list[str], text: str, expected: Answer) -> None:
    """Where to, with which subject, and what has to stand in it; links are shown, never opened."""
    assert answer(parse_headers("\n".join(fields).encode()), text) == expected


def test_a_letter_that_asks_nothing() -> None:
    """Anything has an answer of some kind, an empty letter too."""
    assert answer(parse_headers(b""), "") == Answer("", "confirm")
