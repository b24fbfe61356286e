"""Every command with its words, and the function that runs it: of ask.py, which only reads, or of act.py."""

import argparse
from pathlib import Path

from listfold import __version__


def parsed(argv: list[str] | None = None) -> argparse.Namespace:
    """A command line taken apart. What looks like an option and is none is a part of a search: -frost."""
    top = parser()
    args, others = top.parse_known_args(argv)
    if args.command == "search":
        args.query += others
        if not args.query:
            top.error("search: a query is wanted")
    elif others:
        top.error(f"unrecognized arguments: {' '.join(others)}")
    return args


def parser() -> argparse.ArgumentParser:
    """Every command with its words."""
    top = argparse.ArgumentParser(prog="listfold", description="A clean, de-duplicated mailing-list archive.")
    top.add_argument("--version", action="version", version=f"listfold {__version__}")
    every = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: str, text: str) -> argparse.ArgumentParser:
        sub = every.add_parser(name, help=text, description=text)
        sub.add_argument("--config", type=Path, help="configuration file")
        sub.add_argument("--data", type=Path, metavar="DIR", help="data directory")
        sub.set_defaults(run=run)
        return sub

    command("run", "act.run", "run the daemon: SMTP, LMTP, digests, feeds and the reader")
    command("web", "act.web", "the reader alone: read-only, in a process of its own")
    sub = command("import", "act.import_", "take letters from files; a second import of the same adds nothing")
    sub.add_argument("paths", nargs="+", metavar="PATH", help="mbox, Maildir, .eml, folder, Pipermail page; - is stdin")
    sub.add_argument("--list", default="", metavar="ID", help="their list, when nothing in the mail tells")
    sub.add_argument("--dry-run", action="store_true", help="report, and touch nothing")
    sub.add_argument("--follow", action="store_true", help="then look every few seconds for what is new, until Ctrl-C")
    sub.add_argument("--json", action="store_true")
    sub = command("parse", "ask.parse", "print letters as records, without any store")
    sub.add_argument("paths", nargs="+", metavar="PATH")
    sub.add_argument("--explain", action="store_true", help="show each line with what it is and the rule that says so")
    sub = command("export", "ask.export", "write records or raw letters")
    sub.add_argument("--format", choices=("jsonl", "mbox", "maildir"), default="jsonl")
    sub.add_argument("--list", metavar="ID")
    sub.add_argument("--since", metavar="DATE", help="such as 2015, 2015-11 or 2015-11-30")
    sub.add_argument("--until", metavar="DATE", help="before its first moment")
    sub.add_argument("--author", metavar="ADDRESS")
    sub.add_argument("--search", metavar="QUERY")
    sub.add_argument("--out", type=Path, metavar="DIR", help="where an mbox or Maildir goes, with envelopes.jsonl")
    sub = command("search", "ask.search", 'find records: words, "phrases", -not, from: subject: list: before: after:')
    sub.add_argument("query", nargs="*", metavar="WORD")
    sub.add_argument("--limit", type=int, default=20)
    sub.add_argument("--json", action="store_true")
    sub = command(
        "show",
        "ask.show",
        "show a record by its id or Message-ID, and why its letters are one; --explain: why lines are cut",
    )
    sub.add_argument("id")
    how = sub.add_mutually_exclusive_group()
    for flag in ("raw", "explain", "json"):
        how.add_argument(f"--{flag}", action="store_true")
    sub = command("digest", "ask.digest", "print an issue of a list's digest")
    sub.add_argument("list")
    sub.add_argument("--period", default="day", help="day, week, month, or an issue such as 2015-W49")
    sub.add_argument("--format", choices=("text", "html", "mime", "json"), default="text")
    command("publish", "act.publish", "write every page and feed that is missing or differs")
    sub = command("status", "ask.status", "say how it goes")
    sub.add_argument("--json", action="store_true")
    sub.add_argument("--check", action="store_true", help="run each cleaning rule's own example")
    command("verify", "ask.verify", "check both stores and the published files: a line for each finding")
    sub = command("rebuild", "act.rebuild_", "read every letter again under the present rules")
    sub.add_argument("--dry-run", action="store_true", help="only say what would change")
    sub.add_argument("--json", action="store_true")
    sub = command("purge", "act.purge_", "take letters out everywhere, for good, so that no import brings them back")
    sub.add_argument(
        "ids", nargs="*", metavar="ID", help="records, by id or Message-ID, with every letter that shows them"
    )
    sub.add_argument("--letter", type=int, action="append", metavar="N", help="one letter, by its number")
    sub.add_argument("--author", metavar="ADDRESS", help="all records by this author")
    sub.add_argument("--search", metavar="QUERY", help="all records that match")
    sub.add_argument("--reason", metavar="TEXT", default="", help="kept beside the decision")
    sub.add_argument("--dry-run", action="store_true", help="only say what would go")
    sub.add_argument("--json", action="store_true")
    sub = command("fold", "act.fold", "join two records for good")
    sub.add_argument("a", metavar="A", help="a record, by its id or Message-ID")
    sub.add_argument("b", metavar="B", help="the other one")
    sub = command("unfold", "act.unfold", "part a letter from a record for good")
    sub.add_argument("record", metavar="RECORD", help="by its id or Message-ID")
    sub.add_argument("letter", metavar="LETTER", help="its number, as `listfold show RECORD` prints it, or its sha256")
    command("retry", "act.retry", "read the failed letters again")
    sub = command("lists", "act.lists", "the lists and what they hold; add one and get the address to subscribe")
    sub.add_argument("action", nargs="?", choices=("ls", "add", "alias", "rm", "missing"), default="ls")
    sub.add_argument("names", nargs="*", metavar="NAME", help="add NAME, alias NAME OTHER, rm NAME, missing NAME")
    sub.add_argument("--private", action="store_true", help="add: a list that only the command line shows")
    sub.add_argument("--address", default="", help="add: bind this address, where a mail server makes its own")
    sub.add_argument("--json", action="store_true")
    sub = command("held", "act.held", "what waits for a person, confirmations first")
    sub.add_argument("action", nargs="?", choices=("ls", "show", "release", "discard"), default="ls")
    sub.add_argument("letters", nargs="*", type=int, metavar="LETTER")
    sub.add_argument("--raw", action="store_true", help="show: the letter's bytes")
    return top
