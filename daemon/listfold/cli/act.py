"""Commands that change something: handed to the daemon, or done here under the lock when there is none."""

import asyncio
import shutil
import sys
import tempfile
import time
from argparse import Namespace as Args
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from listfold.errors import NoDaemon, NotFound, UsageError
from listfold.intake.following import Following
from listfold.service import commands, folding, imports, paper, purge, rebuild
from listfold.service.config import Settings
from listfold.service.control import call
from listfold.service.house import House, open_house
from listfold.service.lock import DataLock

FOLLOW_SECONDS = 2.0  # between two looks of `import --follow`
FOLLOWED = 200  # files handed over at a time: a request to the daemon is bounded


def run(settings: Settings, args: Args) -> int:
    from listfold.service import app  # the doors' libraries are the daemon's alone: other commands start without them

    app.run_here(settings, lambda addresses: print(paper.welcome(settings, addresses), file=sys.stderr))
    return 0


def web(settings: Settings, args: Args) -> int:
    from listfold.service.reading import read_only

    asyncio.run(read_only(settings, lambda found: print(f"reading at {' '.join(found['web'])}", file=sys.stderr)))
    return 0


def import_(settings: Settings, args: Args) -> int:
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
    print(paper.dumped(report) if args.json else paper.import_report(report))
    return 1 if report["unreadable"] else 0


def _follow(settings: Settings, args: Args) -> int:
    following = Following(_absolute(args.paths))
    while True:
        fresh = following.news()
        for start in range(0, len(fresh), FOLLOWED):
            words = {"paths": fresh[start : start + FOLLOWED], "list": args.list}
            report = _there_or_here(settings, "import", imports.import_, words, lambda _: None)
            if report["new"] or report["unreadable"]:
                print(paper.dumped(report) if args.json else paper.import_report(report), flush=True)
        time.sleep(FOLLOW_SECONDS)


def publish(settings: Settings, args: Args) -> int:
    report = _there_or_here(settings, "publish", commands.publish, {}, lambda _: None)
    print(f"{report['pages']} pages written", file=sys.stderr)
    return 0


def rebuild_(settings: Settings, args: Args) -> int:
    rebuild.begin(settings)
    meter = paper.Meter("letters")
    words = {"dry_run": args.dry_run}
    alone = partial(rebuild.rebuild, alone=True)
    report = _there_or_here(settings, "rebuild", alone, words, meter.show)
    meter.end()
    print(paper.dumped(report) if args.json else paper.rebuilt(report))
    return 0


def purge_(settings: Settings, args: Args) -> int:
    words = {"ids": args.ids, "letters": args.letter, "author": args.author, "search": args.search}
    if args.dry_run:
        report = purge.plan(settings, words).report()
    elif not args.reason:
        raise UsageError("purge for good needs --reason TEXT (--dry-run shows first what would go)")
    else:
        words["reason"] = args.reason
        report = _there_or_here(settings, "purge", purge.purge, words, lambda _: None)
    print(paper.dumped(report) if args.json else paper.purged(report, dry_run=args.dry_run))
    return 0


def fold(settings: Settings, args: Args) -> int:
    report = _there_or_here(settings, "fold", folding.fold, {"a": args.a, "b": args.b}, lambda _: None)
    print(" ".join(report["records"]))
    return 0


def unfold(settings: Settings, args: Args) -> int:
    words = {"record": args.record, "letter": args.letter}
    report = _there_or_here(settings, "unfold", folding.unfold, words, lambda _: None)
    print(" ".join(report["records"]))
    return 0


def retry(settings: Settings, args: Args) -> int:
    report = _there_or_here(settings, "retry", commands.retry, {}, lambda _: None)
    print(f"{report['retried']} letters read again", file=sys.stderr)
    return 0


def lists(settings: Settings, args: Args) -> int:
    from listfold.service import asking

    if args.action == "ls":
        found, rules = asking.lists(settings), asking.described(settings)
        print(paper.lists_json(found, rules) if args.json else paper.lists(found, rules))
        return 0
    wanted = 2 if args.action == "alias" else 1
    if len(args.names) != wanted:
        raise UsageError(f"lists {args.action} takes {'a list and its other name' if wanted == 2 else 'one name'}")
    if args.action == "missing":
        gaps = asking.missing(settings, args.names[0])
        print(paper.dumped([asdict(gap) for gap in gaps]) if args.json else paper.missing(gaps))
        return 0
    words = {"action": args.action, "name": args.names[0], "alias": args.names[-1]}
    words |= {"private": args.private, "address": args.address}
    result = _there_or_here(settings, "lists", commands.lists, words, lambda _: None)
    print(paper.dumped(result) if args.json else paper.added(result))
    return 0


def held(settings: Settings, args: Args) -> int:
    from listfold.service import asking

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
