"""core.read: whatever a stranger sends is read in bounded time, and what it says is not lost."""

import time

import pytest

from core.hostile import FROST, HOSTILE, SILENT
from listfold.core.read import read
from listfold.model import Letter, Rules

SECONDS = 2.0  # of processor time, on a machine with other work


@pytest.mark.parametrize("name", HOSTILE)
def test_is_read(name: str) -> None:
    """A Reading, soon; its texts can be stored; a letter that says FROST still does."""
    began = time.process_time()
    reading = read(Letter(HOSTILE[name], "smtp", 1_449_000_000, recipients=("garden@lists.example.org",)), Rules())
    assert time.process_time() - began < SECONDS
    assert bool(reading.held) != bool(reading.messages)
    for message in reading.messages:
        fields = (message.subject, message.author.name, message.author.address, message.message_id, message.list.id)
        names = tuple(attachment.name for attachment in message.attachments)
        assert not any(set("\0\r\n") & set(value) for value in (*fields, *names))
        "".join((message.text, *fields, *names, *message.references)).encode()
        assert message.date is None or abs(message.date) < 2**40
        assert "/" not in message.list.id
    assert reading.held or name in SILENT or any(FROST in message.text for message in reading.messages)
