"""Renders a digest issue as JSON: the same model, for programs."""

from typing import Any

import orjson

from listfold.model import iso
from listfold.publish.article import Block
from listfold.publish.digest import Copy, Digest, Item
from listfold.publish.fit import HERE, MAX_PAGE, fit

SCHEMA = "listfold/digest/1"
_HERE = orjson.dumps(HERE.decode())  # no text looks so: its backslashes are doubled


def jsondigest(digest: Digest) -> bytes:
    """The issue, at most MAX_PAGE bytes. A letter without room has `blocks` null; all of it is at its url."""
    issue, scope = digest.issue, digest.scope

    def place(item: Item, told: bytes) -> bytes:
        return told.replace(_HERE, orjson.dumps(digest.answers.get(item.id))) + b","

    fitted = fit(
        digest,
        "json",
        MAX_PAGE - 16 * 1024,
        lambda item: _item(item, full=True),
        lambda item: _item(item, full=False),
        1500,
        place,
    )
    head = {
        "schema": SCHEMA,
        "issue": issue.name,
        "period": issue.period,
        "title": digest.title,
        "list": scope.id or None,
        "start": iso(issue.start),
        "end": iso(issue.end),
        "zone": issue.zone.key,
        "open": digest.open,
        "letters": digest.letters,
        "texts": digest.texts,
        "authors": digest.authors,
        "volume": [{"label": label, "letters": number} for label, number in digest.volume],
        "left": fitted.left,
    }
    threads = []
    for thread, letters in zip(digest.threads, fitted.threads, strict=True):
        if letters:
            told = {
                "id": thread.id,
                "subject": thread.subject,
                "url": scope.thread(thread.id) or None,
                "authors": [{"name": name, "letters": number} for name, number in thread.authors[:20]],
                "last": iso(thread.last),
            }
            threads.append(orjson.dumps(told)[:-1] + b',"items":[\n' + b"".join(letters)[:-1] + b"]}")
    return orjson.dumps(head)[:-1] + b',"threads":[\n' + b",\n".join(threads) + b"]}\n"


def _item(item: Item, *, full: bool) -> str:
    told = {
        "id": item.id,
        "url": item.url or None,
        "subject": item.subject,
        "author": item.who,
        "arrived": iso(item.when),
        "date": iso(item.date),
        "lists": item.lists,
        "answers": HERE.decode(),
        "note": item.why or None,
        "blocks": list(map(_block, item.article.blocks)) if full else None,
        "rest": item.article.rest,
        "files": item.files if full else (),
        "copies": list(map(_copy, item.copies)) if full else (),
    }
    return orjson.dumps(told).decode()


def _block(block: Block) -> dict[str, Any]:
    return {"kind": block.kind, "label": block.label or None, "lines": block.lines, "total": block.total}


def _copy(copy: Copy) -> dict[str, str | None]:
    return {"how": copy.how, "list": copy.where or None, "author": copy.who or None, "arrived": iso(copy.when),
            "words": copy.words or None}  # fmt: skip
