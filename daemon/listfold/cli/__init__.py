"""The command `listfold`: words in, results on stdout, everything else on stderr.

Exit 0 done, 1 failed or something was unreadable, 2 usage, 130 interrupted.
"""

import gc
import os
import signal
import sys
from importlib import import_module
from typing import NoReturn

from listfold.cli.words import parsed
from listfold.errors import ListfoldError, UsageError
from listfold.service.config import load
from listfold.service.log import configure


def main(argv: list[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    args = parsed(argv)
    try:
        settings = load(args.config, args.data)
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
    except BrokenPipeError:  # `listfold export | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ListfoldError, OSError) as error:
        print(f"listfold: {error}", file=sys.stderr)
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
