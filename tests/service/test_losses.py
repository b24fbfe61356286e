"""service/losses.py: a list that begins to lose letters is told once, with what to do."""

import json
import time
import urllib.error
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from making import apply, letter, writer
from structlog.testing import capture_logs

from listfold.archive.gaps import Losses
from listfold.service.losses import look, losing
from running import Running, until
from service.test_daemon import mail
from service.test_figures import figures

GARDEN = "gardeners.example.org"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (Losses(GARDEN, 5, 0, 4, 1000, 100), False),  # may be chance
        (Losses(GARDEN, 5, 0, 5, 0, 100), True),  # never before
        (Losses(GARDEN, 40, 30, 10, 1000, 100), True),  # three in a hundred letters were usual
        (Losses(GARDEN, 40, 30, 9, 1000, 100), False),
        (Losses(GARDEN, 90, 30, 10, 1000, 900), False),  # a busy week
    ],
)
def test_a_loss_is_measured_by_what_a_list_used_to_miss(row: Losses, told: bool) -> None:
    """Three times as many threads for each letter as before, and five of them at least."""
    assert bool(losing([row])) is told


def test_a_loss_is_logged_once_while_it_lasts(tmp_path: Path) -> None:
    """And again when it comes back."""
    now = int(time.time())
    with closing(writer(tmp_path)) as made:
        found = []
        for n in range(5):
            chain = f"References: <root{n}@example.org> <lost{n}@example.org>\n"
            found.append(letter(2 * n + 1, f"Question {n}, of {n} snails.\n", name=f"root{n}"))
            found.append(letter(2 * n + 2, f"Answer {n}, of {n} beans.\n", extra=chain))
        apply(made, *(replace(one, received=now) for one in found))
        with capture_logs() as logs:
            known = look(made.path, set())
            assert look(made.path, known) == known == {GARDEN}
            apply(made, replace(letter(99, "Here I am at last.\n", name="lost1"), received=now))
            assert look(made.path, known) == set()
    (line,) = logs
    assert (line["event"], line["list"], line["missing"], line["threads"]) == ("list.losing", GARDEN, 5, 5)


def answer(number: int, *, private: bool = False) -> bytes:
    """A letter of thread `number` that answers one which did not come."""
    raw = mail(f"answer{number}", f"I do not think so, {number} snails are quite enough.", f"Re: Question {number}")
    chain = f"<question{number}@example.org> <lost{number}@example.org>"
    raw = raw.replace(b"List-Post", f"References: {chain}\r\nList-Post".encode())
    return raw.replace(b"Gardeners", b"Board").replace(b"gardeners", b"board") if private else raw


def question(number: int) -> bytes:
    return mail(f"question{number}", f"Are {number} snails too many for {number} beans?", f"Question {number}")


def test_what_is_missing_is_told_everywhere_and_closes_when_it_comes(tmp_path: Path) -> None:
    """status, `lists missing`, metrics, the list's page and one of its own; the log at the next look; rebuilt alike."""
    with Running(tmp_path) as daemon:
        for n in range(6):
            daemon.send(question(n))
            daemon.send(answer(n))
        daemon.settled()
        status = daemon.status()
        assert (status["missing"], status["losing"]) == ({GARDEN: 6}, [GARDEN])
        words = daemon.command("status")
        assert f"6 on {GARDEN}" in words
        assert f"ALARM: {GARDEN} loses letters" in words
        gaps = json.loads(daemon.command("lists", "missing", GARDEN, "--json"))
        assert {gap["name"] for gap in gaps} == {f"<lost{n}@example.org>" for n in range(6)}
        assert gaps[0]["name"] in daemon.command("lists", "missing", GARDEN)
        assert figures(daemon)["listfold_letters_missing", GARDEN] == 6
        assert "6 letters missing" in daemon.get(f"/-/list/{GARDEN}")
        page = daemon.get(f"/-/list/{GARDEN}/missing")
        assert f"/-/record/{gaps[0]['records'][0]}" in page
        assert "lo…@example.org" in page  # a Message-ID may be an address
        assert "lost0@example.org" not in page
        daemon.command("rebuild")
        assert daemon.status()["missing"] == {GARDEN: 6}
        assert daemon.command("verify") == ""
        daemon.stop()
        daemon.start()  # which looks at once
        until(lambda: figures(daemon)["listfold_lists_losing", ""] == 1)
        assert f"listfold lists missing {GARDEN}" in daemon.log.read_text()
        daemon.send(mail("lost3", "They are, if they are Roman ones; I counted mine.", "Re: Question 3"))
        daemon.settled()
        assert daemon.status()["missing"] == {GARDEN: 5}
        assert figures(daemon)["listfold_letters_missing", GARDEN] == 5


def test_a_private_list_is_told_on_the_command_line_alone(tmp_path: Path) -> None:
    """No page, no metric; `status` and `lists missing` know."""
    with Running(tmp_path) as daemon:
        daemon.command("lists", "add", "board.example.org", "--private", "--address", "board@example.org")
        first = question(1).replace(b"Gardeners", b"Board").replace(b"gardeners", b"board")
        for raw in (first, answer(1, private=True)):
            daemon.send(raw, "board@example.org")
        daemon.settled()
        assert daemon.status()["missing"] == {"board.example.org": 1}
        assert "<lost1@example.org>" in daemon.command("lists", "missing", "board.example.org")
        assert "board" not in daemon.get("/-/metrics")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            daemon.get("/-/list/board.example.org/missing")
        daemon.command("lists", "missing", "nothing.example.org", code=1)
