"""The commands without a daemon: what they print is what the contract says."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from running import command

ROOT = Path(__file__).parent.parent.parent
SCHEMA = Draft202012Validator(json.loads((ROOT / "daemon/listfold/record.schema.json").read_text()))

ARTICLE = """\
The first hard frost came on the ninth of October, eleven days before the mean of the last thirty years.
Stations below the mill recorded "minus four"; on the ridge the air stayed above zero until dawn. Growers
who had covered their late beans reported little damage, but unprotected dahlias and pumpkins were lost in
all gardens along the river, and the cooperative expects a third less squash than in an ordinary autumn.
"""

PAGE = """\
[Gardeners] Frost dates for the upper valley

{name} {user} at example.org
{date}

{text}
More information about the Gardeners mailing list
"""


def rows(text: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines()]
    for row in found:
        SCHEMA.validate(row)
    return found


def page(tmp_path: Path, name: str, user: str, date: str, text: str) -> Path:
    path = tmp_path / f"{user}.txt"
    path.write_text(PAGE.format(name=name, user=user, date=date, text=text))
    return path


def test_a_saved_pipermail_page_becomes_a_record(tmp_path: Path) -> None:
    """The form in which most list mail of 25 years can be had: list, subject, author, date, and no last line."""
    text = "Frost dates for the upper valley\n\nBy the Valley Almanac\nPublished: 11/30/2015 - 09:10pm\n\n" + ARTICLE
    path = page(tmp_path, "Author Name", "author", "Mon Nov 30 22:01:53 MST 2015", text)
    (row,) = rows(command("parse", str(path)))
    assert (row["list"]["name"], row["list"]["id"]) == ("Gardeners", "gardeners")
    assert row["subject"] == "Frost dates for the upper valley"
    assert row["author"] == {"name": "Author Name", "address": "author@example.org"}
    assert row["date"] == "2015-12-01T05:01:53Z"
    assert row["body"] == text.strip()


def test_two_members_who_paste_one_article_give_one_record(tmp_path: Path) -> None:
    """Other widths, other quotes, and an introduction that stays as its sighting's comment."""
    import textwrap

    first = "By the Valley Almanac\n\n" + ARTICLE
    second = "My neighbour at the mill sent me this, and I thought of our beans:\n\n" + textwrap.fill(
        ARTICLE.replace('"minus four"', "\u201cminus four\u201d"), 48
    )
    one = page(tmp_path, "Anna", "anna", "Mon Nov 30 22:01:53 MST 2015", first)
    two = page(tmp_path, "Ben", "ben", "Tue Dec  1 09:12:00 MST 2015", second + "\n")
    report = json.loads(command("import", "--json", "--data", str(tmp_path / "var"), str(one), str(two)))
    assert (report["found"], report["new"], report["records"]) == (2, 2, 1)
    (row,) = rows(command("export", "--data", str(tmp_path / "var")))
    shown = [(s["author"]["name"], s["relation"], s["comment"]) for s in row["sightings"]]
    assert shown == [
        ("Anna", "original", None),
        ("Ben", "repost", "My neighbour at the mill sent me this, and I thought of our beans:"),
    ]


def letter(number: int, text: str) -> bytes:
    return (
        f"From: Anna <anna@example.org>\nTo: gardeners@example.org\nSubject: Letter {number}\n"
        f"Message-ID: <{number}@example.org>\nDate: {number} Dec 2015 10:00:00 +0000\n"
        f"List-Id: Gardeners <gardeners.example.org>\n\n{text}\n"
    ).encode()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A data directory with three letters of three days."""
    folder = tmp_path / "mail"
    folder.mkdir()
    for n, text in enumerate(("Tulips and squills.", "Compost, three kinds of it.", "Nothing but snails."), 1):
        (folder / f"{n}.eml").write_bytes(letter(n, text))
    command("import", "--data", str(tmp_path / "var"), str(folder))
    return tmp_path / "var"


def test_export_filters_by_list_and_date(archive: Path) -> None:
    """Every printed record is valid against the schema."""
    data = ("--data", str(archive))
    assert len(rows(command("export", *data))) == 3
    assert [r["subject"] for r in rows(command("export", *data, "--since", "2015-12-03"))] == ["Letter 3"]
    assert command("export", *data, "--list", "cooks", code=1) == ""  # no such list: told, as `digest` tells it


def test_search_show_and_digest_find_what_was_imported(archive: Path) -> None:
    """A person's three ways to one letter."""
    data = ("--data", str(archive))
    found = json.loads(command("search", "--json", "compost", *data))
    assert found["total"] == 1
    shown = command("show", found["records"][0]["id"], *data)
    assert "Compost, three kinds of it." in shown
    assert "Compost" in command("digest", "gardeners.example.org", "--period", "2015-12-02", *data)
    assert "snails" in command("digest", "gardeners.example.org", *data)


def test_rebuild_gives_the_same_records(archive: Path) -> None:
    """Ids, sightings and texts are a function of the letters."""
    data = ("--data", str(archive))
    before = command("export", *data)
    command("rebuild", *data)
    assert command("export", *data) == before
    assert command("verify", *data) == ""


def test_status_adds_up(archive: Path) -> None:
    """Accepted is the sum of the five states."""
    status = json.loads(command("status", "--json", "--data", str(archive)))
    letters = status["letters"]
    assert letters["accepted"] == sum(letters[x] for x in ("pending", "read", "held", "failed", "purged")) == 3
    assert (status["records"], status["sightings"]) == (3, {"original": 3})


def test_what_would_be_held_is_parsed_with_a_note(tmp_path: Path) -> None:
    """A confirmation request is not published, but its text can be looked at."""
    path = tmp_path / "confirm.eml"
    path.write_bytes(
        b"From: gardeners-confirm+1a2b3c@example.org\nTo: archive@example.org\n"
        b"Subject: confirm 1a2b3c\nPrecedence: bulk\nMessage-ID: <c@example.org>\n\n"
        b"Mailing list subscription confirmation notice for mailing list Gardeners\n\nReply to confirm.\n"
    )
    (row,) = rows(command("parse", str(path)))
    assert "held: confirmation" in row["notes"]


def test_a_path_that_is_not_there_is_unreadable_and_exits_1(tmp_path: Path) -> None:
    """Named in the report; nothing else is lost."""
    good = tmp_path / "good.eml"
    good.write_bytes(letter(1, "Tulips."))
    out = command("import", "--json", "--data", str(tmp_path / "var"), str(good), str(tmp_path / "no.mbox"), code=1)
    report = json.loads(out)
    assert (report["found"], report["new"], len(report["unreadable"])) == (2, 1, 1)
    assert report["unreadable"][0]["file"].endswith("no.mbox")


def test_reading_without_an_archive_says_what_to_do(tmp_path: Path) -> None:
    """One line, exit 1, no traceback."""
    command("search", "frost", "--data", str(tmp_path), code=1)
    command("status", "--data", str(tmp_path), code=1)


def test_a_ctrl_c_after_the_work_is_done_changes_no_status() -> None:
    """Python takes a while to end; who presses Ctrl-C then has not interrupted anything."""
    code = (
        "import atexit, os, signal, sys\n"
        "from listfold.cli import command\n"
        "atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "sys.argv = ['listfold', 'parse', '-']\n"
        "command()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"Subject: x\n\nx\n", capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_who_stops_listening_is_no_error() -> None:
    """`listfold parse big.mbox | head` says nothing on stderr."""
    words = [sys.executable, "-m", "listfold", "parse", "-"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(b"Subject: x\n\nx\n")
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_nothing_in_a_letter_reaches_the_terminal_but_text(tmp_path: Path) -> None:
    """Escape sequences, bells and changes of direction go; line ends, tabs and spaces of other kinds stay."""
    place = tmp_path / "esc\x1b[31m.eml"
    body = "red \x1b[31m\x07\u202e and\u00a0blue\n\tindented\n"
    place.write_text(f"Subject: x\nMessage-ID: <1@example.org>\nList-Id: <g.example.org>\n\n{body}")
    (tmp_path / "none\x1b.bin").write_bytes(b"\0")
    there = ("--data", str(tmp_path / "data"))
    told = command("import", str(place), str(tmp_path / "none\x1b.bin"), *there, code=1)
    shown = command("show", "1@example.org", *there) + command("show", "--explain", "1@example.org", *there)
    assert "\x1b" not in told + shown
    assert "none\\x1b.bin: byte 0" in told
    assert "red [31m and\u00a0blue\n\tindented" in shown


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_what_is_no_utf_8_is_told_in_one_line(tmp_path: Path, locale: str) -> None:
    """Names of files are any bytes, and stand in a report; other words have to be text."""
    odd = os.fsencode(str(tmp_path)) + b"/nota\xff.bin"
    Path(os.fsdecode(odd)).write_bytes(b"\0")
    there = (b"--data", os.fsencode(str(tmp_path / "data")))
    environment = {**os.environ, "LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}

    def run(*words: bytes) -> subprocess.CompletedProcess[bytes]:
        program = [sys.executable.encode(), b"-m", b"listfold", *words, *there]
        return subprocess.run(program, capture_output=True, env=environment, check=False)

    done = run(b"import", b"--json", odd)
    assert done.returncode == 1
    assert json.loads(done.stdout)["unreadable"][0]["file"].endswith("/nota\udcff.bin")
    done = run(b"show", b"\xff")
    assert (done.returncode, done.stderr.count(b"\n")) in ((2, 1), (1, 1))
