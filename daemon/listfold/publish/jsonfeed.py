"""Writes feeds as JSON Feed 1.1, paged by next_url."""

from collections.abc import Sequence
from typing import Any

import orjson

from listfold.model import iso
from listfold.publish.feed import Entry, Feed

TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"
_ITEMS = b',"items":['


def json_item(entry: Entry) -> bytes:
    item: dict[str, Any] = {
        "id": entry.id,
        "title": entry.title,
        "content_html": entry.html,
        "date_published": iso(entry.published),
        "date_modified": iso(entry.at),
        "authors": [{"name": entry.author}],
    }
    if entry.url:
        item["url"] = entry.url
    if entry.summary:
        item["summary"] = entry.summary
    if entry.lists:
        item["tags"] = list(entry.lists)
    if entry.answers:
        item["_listfold"] = {"in_reply_to": entry.answers}
    return memoryview(orjson.dumps(item)).tobytes()  # a copy, without the room that it was made in: entries are kept


def json_page(feed: Feed, name: str, items: Sequence[bytes], older: str) -> bytes:
    """One page of a feed; `name` and `older` are file names without their ending, `older` "" on the last page."""
    head = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": f"{feed.base}{name}.json",
    }
    return _page(feed, head, older, b",\n".join(items) + b"]}\n")


def json_linked(feed: Feed, page: bytes, older: str) -> bytes:
    """A page as it would be written with this `older`."""
    head, _, items = page.partition(_ITEMS)
    return _page(feed, orjson.loads(head + b"}"), older, items)


def _page(feed: Feed, head: dict[str, str], older: str, items: bytes) -> bytes:
    head.pop("next_url", None)
    if older:
        head["next_url"] = f"{feed.base}{older}.json"
    return orjson.dumps(head)[:-1] + _ITEMS + items
