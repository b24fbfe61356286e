"""Commands that only read: the stores, or files that are named."""

import sys
from argparse import Namespace as Args

from listfold.errors import UsageError
from listfold.intake.files import Unreadable
from listfold.service import asking, paper
from listfold.service.config import Settings


def parse(settings: Settings, args: Args) -> int:
    code = 0
    for item in asking.parse(settings, args.paths):
        if isinstance(item, Unreadable):
            print(f"listfold: {item.file}: byte {item.offset}: {item.reason}", file=sys.stderr)
            code = 1
            continue
        letter, reading = item
        for record in asking.records_of(letter, reading):
            print(paper.explain(record) if args.explain else paper.dumped(record.as_json()))
    return code


def export(settings: Settings, args: Args) -> int:
    chosen = {
        "list_id": args.list,
        "since": asking.moment_of("--since", args.since) if args.since else None,
        "until": asking.moment_of("--until", args.until) if args.until else None,
        "author": args.author,
        "query": args.search,
    }
    if args.format == "jsonl":
        if args.out is not None:
            raise UsageError("--out is for --format mbox and maildir; jsonl goes to standard output")
        for record in asking.export_records(settings, chosen):
            print(paper.dumped(record.as_json()))
        return 0
    if args.out is None:
        raise UsageError(f"--format {args.format} needs --out DIR: envelopes.jsonl goes beside it")
    write = asking.write_mbox if args.format == "mbox" else asking.write_maildir
    private = [id for id in asking.private(settings) if args.list in (None, id)]
    count = write(asking.export_letters(settings, chosen), args.out, private)
    print(f"{count} letters in {args.out}", file=sys.stderr)
    if private:
        print(f"letters of private lists are among them, unless chosen otherwise: {' '.join(private)}", file=sys.stderr)
    return 0


def search(settings: Settings, args: Args) -> int:
    hits = asking.search(settings, " ".join(args.query), args.limit)
    if args.json:
        print(
            paper.dumped(
                {"total": hits.total, "more": hits.more, "records": [record.as_json() for record in hits.records]}
            )
        )
    else:
        print(paper.hits(hits))
    return 0 if hits.total else 1


def show(settings: Settings, args: Args) -> int:
    for record in asking.show(settings, args.id):
        if args.raw:
            sys.stdout.buffer.write(asking.raw(settings, record))
        elif args.json:
            print(paper.dumped(record.as_json()))
        else:
            print(paper.explain(record) if args.explain else paper.record(record))
    return 0


def digest(settings: Settings, args: Args) -> int:
    sys.stdout.buffer.write(asking.digest(settings, args.list, args.period, args.format))
    return 0


def status(settings: Settings, args: Args) -> int:
    if args.check:
        findings = asking.check(settings)
        print("\n".join(findings) or "every cleaning rule matches its example")
        return 1 if findings else 0
    status = asking.status(settings)
    print(paper.dumped(status) if args.json else paper.status(status, settings))
    return 0


def verify(settings: Settings, args: Args) -> int:
    code = 0
    for finding in asking.verify(settings):
        print(finding)
        code = 1
    return code
