"""service/log.py: one event a line."""

import io
import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import structlog

from listfold.service.log import configure


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_an_event_is_a_json_line() -> None:
    """Fields, level and time in UTC; text stays readable."""
    out = io.StringIO()
    configure("info", out)
    structlog.get_logger().info("letter.accepted", letter=7, list="gärtner.example.org")
    line = json.loads(out.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "letter.accepted", "letter": 7, "list": "gärtner.example.org", "level": "info"}
    assert "gärtner" in out.getvalue()


def test_an_exception_is_in_its_line() -> None:
    """A traceback does not break the one-line rule."""
    out = io.StringIO()
    configure("info", out)
    try:
        raise ValueError("what")
    except ValueError:
        structlog.get_logger().exception("letter.failed")
    assert out.getvalue().count("\n") == 1
    assert "ValueError: what" in json.loads(out.getvalue())["exception"]


def test_a_terminal_gets_colours() -> None:
    """People read words, not JSON."""
    out = Terminal()
    configure("info", out)
    structlog.get_logger().info("letter.accepted", letter=7)
    assert "letter.accepted" in out.getvalue()
    assert "\x1b[" in out.getvalue()
    assert "{" not in out.getvalue()


def test_the_level_counts() -> None:
    """What is below it is not written."""
    out = io.StringIO()
    configure("warning", out)
    structlog.get_logger().info("letter.accepted")
    assert out.getvalue() == ""


@pytest.mark.parametrize("fault", ["gone", "closed", "full"])
def test_a_line_that_cannot_be_written_costs_nothing_else(fault: str) -> None:
    """Whoever read stderr is gone, or its disk is full: the letter that the line tells of is kept all the same."""
    read, write = os.pipe()
    out = open("/dev/full" if fault == "full" else write, "w")  # noqa: PTH123, SIM115
    configure("info", out)
    if fault == "closed":
        out.close()
    os.close(read)
    structlog.get_logger().info("letter.accepted", letter=7)
    structlog.get_logger().error("letter.refused", letter=7)
    with suppress(OSError):
        out.close()


def test_libraries_come_out_in_the_same_shape() -> None:
    """The standard library's logging is routed here."""
    out = io.StringIO()
    configure("info", out)
    logging.getLogger("somebody").warning("disk %s", "low")
    line = json.loads(out.getvalue())
    assert (line["event"], line["level"]) == ("disk low", "warning")


@pytest.mark.parametrize("name", ["mail.log", "uvicorn.access"])
def test_mail_and_addresses_are_not_logged(name: str) -> None:
    """aiosmtpd logs lines of mail, uvicorn what people read: neither is kept."""
    out = io.StringIO()
    configure("debug", out)
    logging.getLogger(name).critical("DATA readline: secret")
    assert out.getvalue() == ""


def test_the_journal_gets_priorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stderr is the journal, a line begins with syslog's number (sd-daemon(3))."""
    with (tmp_path / "journal").open("w+") as out:
        status = os.fstat(out.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        configure("info", out)
        structlog.get_logger().error("disk.full")
        logging.getLogger("somebody").warning("low")
        out.flush()
        lines = (tmp_path / "journal").read_text().splitlines()
    assert [line[:4] for line in lines] == ["<3>{", "<4>{"]
