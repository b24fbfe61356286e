"""Writes feeds as Atom (RFC 4287), with threads (RFC 4685) and archive pages (RFC 5005), deletions (RFC 6721)."""

from collections.abc import Sequence
from functools import partial

from listfold.model import iso
from listfold.publish.feed import Deleted, Entry, Feed
from listfold.publish.linkify import escaped

TYPE = "application/atom+xml"
_DELETED = "http://purl.org/atompub/tombstones/1.0"
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
    'xmlns:thr="http://purl.org/syndication/thread/1.0" xmlns:fh="http://purl.org/syndication/history/1.0">\n'
)
_text = partial(escaped, quotes=False)  # between tags: most of a letter's HTML is links, with many quotation marks


def atom_entry(entry: Entry) -> bytes:
    lines = [
        "<entry>",
        f"<id>{_text(entry.id)}</id>",
        f"<title>{_text(entry.title)}</title>",
        *([f'<link rel="alternate" type="text/html" href="{escaped(entry.url)}"/>'] if entry.url else []),
        f"<published>{iso(entry.published)}</published>",
        f"<updated>{iso(entry.at)}</updated>",
        f"<author><name>{_text(entry.author)}</name></author>",
        *(f'<category term="{escaped(name)}"/>' for name in entry.lists),
    ]
    if entry.answers:
        lines.append(f'<thr:in-reply-to ref="{escaped(entry.answers)}" href="{escaped(entry.answers_url)}"/>')
    if entry.summary:
        lines.append(f"<summary>{_text(entry.summary)}</summary>")
    lines.append(f'<content type="html">{_text(entry.html)}</content>')
    lines.append("</entry>\n")
    return "\n".join(lines).encode()


def atom_page(
    feed: Feed,
    name: str,
    entries: Sequence[bytes],
    updated: int,
    older: str,
    *,
    archive: bool,
    deleted: Sequence[Deleted] = (),
) -> bytes:
    """One page of a feed; `name` and `older` are file names without their ending, `older` "" on the last page."""
    lines = [
        f"<id>{_text(feed.id)}</id>",
        f"<title>{_text(feed.title)}</title>",
        f"<updated>{iso(updated)}</updated>",
        "<generator>listfold</generator>",
        f'<link rel="alternate" type="text/html" href="{escaped(feed.home)}"/>',
        f'<link rel="self" type="{TYPE}" href="{escaped(feed.base)}{name}.atom"/>',
    ]
    if archive:
        lines.append("<fh:archive/>")
        lines.append(f'<link rel="current" type="{TYPE}" href="{escaped(feed.base)}{feed.kind}.atom"/>')
    if older:
        lines.append(_older(feed, older))
    lines += [
        f'<at:deleted-entry xmlns:at="{_DELETED}" ref="{escaped(gone.id)}" when="{iso(gone.at)}"/>' for gone in deleted
    ]
    return (_HEAD + "\n".join(lines) + "\n").encode() + b"".join(entries) + b"</feed>\n"


def atom_linked(feed: Feed, page: bytes, older: str) -> bytes:
    """An archive page as it would be written with this `older`."""
    head, entry, rest = page.partition(b"<entry>\n")
    lines = [line for line in head.decode().split("\n") if not line.startswith('<link rel="prev-archive"')]
    if older:
        lines.insert(-1, _older(feed, older))
    return "\n".join(lines).encode() + entry + rest


def _older(feed: Feed, name: str) -> str:
    return f'<link rel="prev-archive" type="{TYPE}" href="{escaped(feed.base)}{name}.atom"/>'
