"""Sets up logging: one event a line on stderr, JSON for machines and colours for a terminal.

The libraries that log through the standard library come out in the same shape. Under the journal every line starts
with its priority, `<6>`, which journald takes off again (sd-daemon(3)).
"""

import logging
import os
import sys
from contextlib import suppress
from functools import partial
from typing import Any, TextIO

import structlog

# sd-daemon(3): syslog's numbers
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "exception": 3, "critical": 2}

# Chatter, or mail content: aiosmtpd logs every DATA line at DEBUG and every address at INFO to mail.log.
QUIET = {
    "mail.log": logging.CRITICAL + 1,
    "uvicorn.access": logging.CRITICAL + 1,
    "uvicorn.error": logging.WARNING,
    "uvicorn": logging.WARNING,
    "asyncio": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "charset_normalizer": logging.CRITICAL + 1,
}


class Lines:
    """Writes our own events. They do not go through the standard library, which costs a letter as much as its zstd.

    A stream that takes nothing any more costs the line, and not the letter that it tells of."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._out.write(line + "\n")
            self._out.flush()

    debug = info = warning = error = critical = msg


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Route structlog and the standard library to `stream` (stderr). `level` is debug, info, warning or error."""
    out = sys.stderr if stream is None else stream
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any]
    if out.isatty():
        last = [structlog.dev.ConsoleRenderer(colors=True)]
    else:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if _is_journal(out):
            last.append(_prioritised)
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in QUIET.items():
        logger = logging.getLogger(name)
        logger.setLevel(least)
        logger.propagate = True
        logger.handlers.clear()
    structlog.configure(
        processors=[*shared, *last],
        logger_factory=partial(Lines, out),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def _prioritised(_logger: object, method: str, line: str) -> str:
    """After the renderer: the line as journald wants it."""
    return f"<{PRIORITIES.get(method, 6)}>{line}"


def _is_journal(out: TextIO) -> bool:
    """Whether `out` is the journal's own stream: JOURNAL_STREAM holds its device and inode (systemd.exec(5))."""
    try:
        status = os.fstat(out.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
