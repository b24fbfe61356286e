"""The command `listfold`: words in, results on stdout, everything else on stderr.

Exit 0 done, 1 failed or something was unreadable, 2 usage, 130 interrupted.
"""

import gc
import os
import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

from listfold.cli.words import parsed
from listfold.errors import ListfoldError, UsageError
from listfold.service.config import load
from listfold.service.log import configure


def main(argv: list[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # mail is in every script, and a file's name may be any bytes
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    args = parsed(argv)
    where = args.data
    try:
        settings = load(args.config, args.data)
        where = settings.data_dir
        configure(settings.log_level if args.command == "run" else "error")
        room, _, verb = args.run.partition(".")  # a command starts without what the others need
        run = getattr(import_module(f"listfold.cli.{room}"), verb)
        gc.freeze()  # what was imported stays: nothing looks through it again
        code: int = run(settings, args)
        sys.stdout.flush()
        return code
    except UsageError as error:
        print(f"listfold: {error}", file=sys.stderr)
        return 2
    except UnicodeEncodeError as error:  # a word that is no file's name has to be text
        print(f"listfold: {error.object!r} is not UTF-8", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `listfold export | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ListfoldError as error:
        print(f"listfold: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"listfold: {error if error.filename else f'{where}: {error.strerror}'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("listfold: interrupted; what was done is kept, and the same command goes on from there", file=sys.stderr)
        return 130


def command() -> NoReturn:
    """The command as a shell starts it. A Ctrl-C that comes when the work is done is too late to change its status."""
    try:
        code = main()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
