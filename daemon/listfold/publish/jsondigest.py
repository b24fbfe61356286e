"""Renders a digest issue as JSON: the same model, for programs."""

import json
from collections.abc import Iterable

from listfold.model import iso
from listfold.publish.article import Block
from listfold.publish.digest import Copy, Digest, Item
from listfold.publish.fit import HERE, MAX_PAGE, fit

SCHEMA = "listfold/digest/1"


def jsondigest(digest: Digest) -> bytes:
    """The issue, at most MAX_PAGE bytes. A letter without room has `blocks` null; all of it is at its url."""
    issue, scope = digest.issue, digest.scope

    def place(item: Item, told: bytes) -> bytes:
        parent = digest.answers.get(item.id)
        return told.replace(HERE, f'"{parent}"'.encode() if parent else b"null") + b","

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
            threads.append(_dumps(told)[:-1].encode() + b',"items":[\n' + b"".join(letters)[:-1] + b"]}")
    return _dumps(head)[:-1].encode() + b',"threads":[\n' + b",\n".join(threads) + b"]}\n"


def _item(item: Item, *, full: bool) -> str:
    """Put together by hand: these are most of all that is written, and their lines are many."""
    blocks = _list(map(_block, item.article.blocks)) if full else "null"
    files, copies = (item.files, map(_dumps, map(_copy, item.copies))) if full else ((), ())
    return (
        f'{{"id":"{item.id}","url":{_text(item.url)},"subject":{_quoted(item.subject)},'
        f'"author":{_quoted(item.who)},"arrived":{_text(iso(item.when))},"date":{_text(iso(item.date))},'
        f'"lists":{_list(map(_quoted, item.lists))},"answers":{HERE.decode()},"note":{_text(item.why)},'
        f'"blocks":{blocks},"rest":{item.article.rest},"files":{_list(map(_quoted, files))},'
        f'"copies":{_list(copies)}}}'
    )


def _block(block: Block) -> str:
    lines = _quoted(_SEAM.join(block.lines)).replace(_SEAM, '","')
    return f'{{"kind":"{block.kind}","label":{_text(block.label)},"lines":[{lines}],"total":{block.total}}}'


def _text(text: str | None) -> str:
    return _quoted(text) if text else "null"


def _list(values: Iterable[str]) -> str:
    return f"[{','.join(values)}]"


def _copy(copy: Copy) -> dict[str, str | None]:
    return {"how": copy.how, "list": copy.where or None, "author": copy.who or None, "arrived": iso(copy.when),
            "words": copy.words or None}  # fmt: skip


_quoted = json.encoder.encode_basestring  # a string as _dumps gives it, without asking what it is
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SEAM = "\x7f"  # between lines: what is clean holds none, and JSON escapes none
