"""The command `listfold`: words in, results on stdout, everything else on stderr.

Exit 0 done, 1 failed or something was unreadable, 2 usage, 130 interrupted.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from listfold import __version__
from listfold.errors import ListfoldError, NoDaemon, NotFound, UsageError
from listfold.intake.files import Unreadable
from listfold.intake.following import Following
from listfold.service import asking, commands, folding, imports, paper, purge, rebuild
from listfold.service.config import Settings, load
from listfold.service.control import call
from listfold.service.house import House, open_house
from listfold.service.lock import DataLock
from listfold.service.log import configure

Args = argparse.Namespace

FOLLOW_SECONDS = 2.0  # between two looks of `import --follow`
FOLLOWED = 200  # files handed over at a time: a request to the daemon is bounded


def main(argv: list[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    args = parser().parse_args(argv)
    try:
        settings = load(args.config, args.data)
        configure(settings.log_level if args.command == "run" else "error")
        code: int = args.run(settings, args)
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


def parser() -> argparse.ArgumentParser:
    """Every command with its words."""
    top = argparse.ArgumentParser(prog="listfold", description="A clean, de-duplicated mailing-list archive.")
    top.add_argument("--version", action="version", version=f"listfold {__version__}")
    every = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Settings, Args], int], text: str) -> argparse.ArgumentParser:
        sub = every.add_parser(name, help=text, description=text)
        sub.add_argument("--config", type=Path, help="configuration file")
        sub.add_argument("--data", type=Path, metavar="DIR", help="data directory")
        sub.set_defaults(run=run)
        return sub

    command("run", run_daemon, "run the daemon: SMTP, LMTP, digests, feeds and the reader")
    command("web", run_web, "the reader alone: read-only, in a process of its own")
    sub = command("import", run_import, "take letters from files; a second import of the same adds nothing")
    sub.add_argument("paths", nargs="+", metavar="PATH", help="mbox, Maildir, .eml, folder, Pipermail page; - is stdin")
    sub.add_argument("--list", default="", metavar="ID", help="their list, when nothing in the mail tells")
    sub.add_argument("--dry-run", action="store_true", help="report, and touch nothing")
    sub.add_argument("--follow", action="store_true", help="then look every few seconds for what is new, until Ctrl-C")
    sub.add_argument("--json", action="store_true")
    sub = command("parse", run_parse, "print letters as records, without any store")
    sub.add_argument("paths", nargs="+", metavar="PATH")
    sub.add_argument("--explain", action="store_true", help="show each line with what it is and the rule that says so")
    sub = command("export", run_export, "write records or raw letters")
    sub.add_argument("--format", choices=("jsonl", "mbox", "maildir"), default="jsonl")
    sub.add_argument("--list", metavar="ID")
    sub.add_argument("--since", metavar="DATE", help="such as 2015, 2015-11 or 2015-11-30")
    sub.add_argument("--until", metavar="DATE", help="before its first moment")
    sub.add_argument("--author", metavar="ADDRESS")
    sub.add_argument("--search", metavar="QUERY")
    sub.add_argument("--out", type=Path, metavar="DIR", help="where an mbox or Maildir goes, with envelopes.jsonl")
    sub = command("search", run_search, 'find records: words, "phrases", -not, from: subject: list: before: after:')
    sub.add_argument("query", nargs="+")
    sub.add_argument("--limit", type=int, default=20)
    sub.add_argument("--json", action="store_true")
    sub = command("show", run_show, "show a record by its id or Message-ID, and why its letters are one")
    sub.add_argument("id")
    how = sub.add_mutually_exclusive_group()
    for flag in ("raw", "explain", "json"):
        how.add_argument(f"--{flag}", action="store_true")
    sub = command("digest", run_digest, "print an issue of a list's digest")
    sub.add_argument("list")
    sub.add_argument("--period", default="day", help="day, week, month, or an issue such as 2015-W49")
    sub.add_argument("--format", choices=("text", "html", "mime", "json"), default="text")
    command("publish", run_publish, "write all pages and feeds anew")
    sub = command("status", run_status, "say how it goes")
    sub.add_argument("--json", action="store_true")
    sub.add_argument("--check", action="store_true", help="run each cleaning rule's own example")
    command("verify", run_verify, "check both stores and the published files: a line for each finding")
    sub = command("rebuild", run_rebuild, "read every letter again under the present rules")
    sub.add_argument("--dry-run", action="store_true", help="only say what would change")
    sub.add_argument("--json", action="store_true")
    sub = command("purge", run_purge, "take letters out everywhere, for good, so that no import brings them back")
    sub.add_argument(
        "ids", nargs="*", metavar="ID", help="records, by id or Message-ID, with every letter that shows them"
    )
    sub.add_argument("--letter", type=int, action="append", metavar="N", help="one letter, by its number")
    sub.add_argument("--author", metavar="ADDRESS", help="all records by this author")
    sub.add_argument("--search", metavar="QUERY", help="all records that match")
    sub.add_argument("--reason", metavar="TEXT", default="", help="kept beside the decision")
    sub.add_argument("--dry-run", action="store_true", help="only say what would go")
    sub.add_argument("--json", action="store_true")
    sub = command("fold", run_fold, "join two records for good")
    sub.add_argument("a", metavar="A", help="a record, by its id or Message-ID")
    sub.add_argument("b", metavar="B", help="the other one")
    sub = command("unfold", run_unfold, "part a letter from a record for good")
    sub.add_argument("record", metavar="RECORD", help="by its id or Message-ID")
    sub.add_argument("letter", metavar="LETTER", help="its number, as `listfold show RECORD` prints it, or its sha256")
    command("retry", run_retry, "read the failed letters again")
    sub = command("lists", run_lists, "the lists and what they hold; add one and get the address to subscribe")
    sub.add_argument("action", nargs="?", choices=("ls", "add", "alias", "rm", "missing"), default="ls")
    sub.add_argument("names", nargs="*", metavar="NAME", help="add NAME, alias NAME OTHER, rm NAME, missing NAME")
    sub.add_argument("--private", action="store_true", help="add: a list that only the command line shows")
    sub.add_argument("--address", default="", help="add: bind this address, where a mail server makes its own")
    sub.add_argument("--json", action="store_true")
    sub = command("held", run_held, "what waits for a person, confirmations first")
    sub.add_argument("action", nargs="?", choices=("ls", "show", "release", "discard"), default="ls")
    sub.add_argument("letters", nargs="*", type=int, metavar="LETTER")
    sub.add_argument("--raw", action="store_true", help="show: the letter's bytes")
    return top


def run_daemon(settings: Settings, args: Args) -> int:
    from listfold.service import app  # the doors' libraries are the daemon's alone: other commands start without them

    app.run_here(settings, lambda addresses: print(paper.welcome(settings, addresses), file=sys.stderr))
    return 0


def run_web(settings: Settings, args: Args) -> int:
    from listfold.service.reading import read_only

    asyncio.run(read_only(settings, lambda found: print(f"reading at {' '.join(found['web'])}", file=sys.stderr)))
    return 0


def run_import(settings: Settings, args: Args) -> int:
    if args.follow:
        if args.dry_run or "-" in args.paths:
            raise UsageError("--follow is for paths, and takes them in")
        return _follow(settings, args)
    meter = paper.Meter("letters")
    if args.dry_run:
        with tempfile.TemporaryDirectory(prefix="listfold-") as folder:
            scratch = imports.scratch(settings, Path(folder))
            words = {"paths": _absolute(args.paths), "list": args.list}
            report = _here(scratch, imports.import_, words, meter.show, scratch.data_dir / imports.SCRATCH)
    else:
        with tempfile.TemporaryDirectory(prefix="listfold-") as folder:
            words = {"paths": _spooled(args.paths, Path(folder)), "list": args.list}
            report = _there_or_here(settings, "import", imports.import_, words, meter.show)
    meter.end()
    print(json.dumps(report, ensure_ascii=False) if args.json else paper.import_report(report))
    return 1 if report["unreadable"] else 0


def _follow(settings: Settings, args: Args) -> int:
    following = Following(_absolute(args.paths))
    while True:
        fresh = following.news()
        for start in range(0, len(fresh), FOLLOWED):
            words = {"paths": fresh[start : start + FOLLOWED], "list": args.list}
            report = _there_or_here(settings, "import", imports.import_, words, lambda _: None)
            if report["new"] or report["unreadable"]:
                print(json.dumps(report, ensure_ascii=False) if args.json else paper.import_report(report), flush=True)
        time.sleep(FOLLOW_SECONDS)


def run_parse(settings: Settings, args: Args) -> int:
    code = 0
    for item in asking.parse(settings, args.paths):
        if isinstance(item, Unreadable):
            print(f"listfold: {item.file}: byte {item.offset}: {item.reason}", file=sys.stderr)
            code = 1
            continue
        letter, reading = item
        for record in asking.records_of(letter, reading):
            print(paper.explain(record) if args.explain else _json(record.as_json()))
    return code


def run_export(settings: Settings, args: Args) -> int:
    chosen = {
        "list_id": args.list,
        "since": asking.since_of(args.since) if args.since else None,
        "until": asking.since_of(args.until) if args.until else None,
        "author": args.author,
        "query": args.search,
    }
    if args.format == "jsonl":
        for record in asking.export_records(settings, chosen):
            print(_json(record.as_json()))
        return 0
    if args.out is None:
        raise UsageError(f"--format {args.format} needs --out DIR: envelopes.jsonl goes beside it")
    write = asking.write_mbox if args.format == "mbox" else asking.write_maildir
    count = write(asking.export_letters(settings, chosen), args.out)
    print(f"{count} letters in {args.out}", file=sys.stderr)
    return 0


def run_search(settings: Settings, args: Args) -> int:
    hits = asking.search(settings, " ".join(args.query), args.limit)
    if args.json:
        print(_json({"total": hits.total, "records": [record.as_json() for record in hits.records]}))
    else:
        print(paper.hits(hits))
    return 0 if hits.total else 1


def run_show(settings: Settings, args: Args) -> int:
    for record in asking.show(settings, args.id):
        if args.raw:
            sys.stdout.buffer.write(asking.raw(settings, record))
        elif args.json:
            print(_json(record.as_json()))
        else:
            print(paper.explain(record) if args.explain else paper.record(record))
    return 0


def run_digest(settings: Settings, args: Args) -> int:
    sys.stdout.buffer.write(asking.digest(settings, args.list, args.period, args.format))
    return 0


def run_publish(settings: Settings, args: Args) -> int:
    report = _there_or_here(settings, "publish", commands.publish, {}, lambda _: None)
    print(f"{report['pages']} pages written", file=sys.stderr)
    return 0


def run_status(settings: Settings, args: Args) -> int:
    if args.check:
        findings = asking.check(settings)
        print("\n".join(findings) or "every cleaning rule matches its example")
        return 1 if findings else 0
    status = asking.status(settings)
    print(_json(status) if args.json else paper.status(status, settings))
    return 0


def run_verify(settings: Settings, args: Args) -> int:
    code = 0
    for finding in asking.verify(settings):
        print(finding)
        code = 1
    return code


def run_rebuild(settings: Settings, args: Args) -> int:
    meter = paper.Meter("letters")
    words = {"dry_run": args.dry_run}
    alone = partial(rebuild.rebuild, alone=True)
    report = _there_or_here(settings, "rebuild", alone, words, meter.show)
    meter.end()
    print(_json(report) if args.json else paper.rebuilt(report))
    return 0


def run_purge(settings: Settings, args: Args) -> int:
    words = {"ids": args.ids, "letters": args.letter, "author": args.author, "search": args.search}
    if args.dry_run:
        report = purge.plan(settings, words).report()
    elif not args.reason:
        raise UsageError("purge for good needs --reason TEXT (--dry-run shows first what would go)")
    else:
        words["reason"] = args.reason
        report = _there_or_here(settings, "purge", purge.purge, words, lambda _: None)
    print(_json(report) if args.json else paper.purged(report, dry_run=args.dry_run))
    return 0


def run_fold(settings: Settings, args: Args) -> int:
    report = _there_or_here(settings, "fold", folding.fold, {"a": args.a, "b": args.b}, lambda _: None)
    print(" ".join(report["records"]))
    return 0


def run_unfold(settings: Settings, args: Args) -> int:
    words = {"record": args.record, "letter": args.letter}
    report = _there_or_here(settings, "unfold", folding.unfold, words, lambda _: None)
    print(" ".join(report["records"]))
    return 0


def run_retry(settings: Settings, args: Args) -> int:
    report = _there_or_here(settings, "retry", commands.retry, {}, lambda _: None)
    print(f"{report['retried']} letters read again", file=sys.stderr)
    return 0


def run_lists(settings: Settings, args: Args) -> int:
    if args.action == "ls":
        found, rules = asking.lists(settings), asking.described(settings)
        print(paper.lists_json(found, rules) if args.json else paper.lists(found, rules))
        return 0
    wanted = 2 if args.action == "alias" else 1
    if len(args.names) != wanted:
        raise UsageError(f"lists {args.action} takes {'a list and its other name' if wanted == 2 else 'one name'}")
    if args.action == "missing":
        gaps = asking.missing(settings, args.names[0])
        print(_json([asdict(gap) for gap in gaps]) if args.json else paper.missing(gaps))
        return 0
    words = {"action": args.action, "name": args.names[0], "alias": args.names[-1]}
    words |= {"private": args.private, "address": args.address}
    result = _there_or_here(settings, "lists", commands.lists, words, lambda _: None)
    print(_json(result) if args.json else paper.added(result))
    return 0


def run_held(settings: Settings, args: Args) -> int:
    if args.action == "ls":
        print(paper.held(asking.held(settings)))
        return 0
    if not args.letters:
        raise UsageError(f"held {args.action} LETTER: the number that `listfold held` prints")
    if args.action in ("release", "discard"):
        words = {"action": args.action, "letters": args.letters}
        _there_or_here(settings, "held", commands.held, words, lambda _: None)
        return 0
    found = {item.letter.id: item for item in asking.held(settings)}
    for letter in args.letters:
        if letter not in found:
            raise NotFound(f"letter {letter} is not held")
        if args.raw:
            sys.stdout.buffer.write(found[letter].letter.raw)
        else:
            print(paper.held_letter(found[letter]))
    return 0


def _there_or_here(
    settings: Settings, name: str, work: Callable[..., Any], words: dict[str, Any], progress: Callable[[Any], None]
) -> Any:
    """Hand a changing command to the daemon, or take the lock and do it here when there is none."""
    try:
        return call(settings.data_dir / "control.sock", name, words, progress)
    except NoDaemon:
        return _here(settings, work, words, progress)


def _here(
    settings: Settings,
    work: Callable[..., Any],
    words: dict[str, Any],
    progress: Callable[[Any], None],
    archive: Path | None = None,
) -> Any:
    async def inside() -> Any:
        async with open_house(settings, archive) as house:
            return await _work(house)

    async def _work(house: House) -> Any:
        return await work(house, words, str(Path.cwd()), progress)

    with DataLock(settings.data_dir):
        return asyncio.run(inside())


def _absolute(paths: list[str]) -> list[str]:
    return [path if path == "-" else str(Path(path).absolute()) for path in paths]


def _spooled(paths: list[str], folder: Path) -> list[str]:
    """Absolute paths for whoever does the work; what comes on stdin is put into a file first."""
    if "-" in paths:
        with (folder / "stdin").open("wb") as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool)
    return [str(folder / "stdin") if path == "-" else path for path in _absolute(paths)]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
