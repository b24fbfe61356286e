"""Writes the outline of all public feeds (OPML 2.0), so that a feed reader can take them all at once."""

from collections.abc import Sequence

from listfold.publish.linkify import escaped
from listfold.publish.scopes import Scope


def opml(scopes: Sequence[Scope]) -> bytes:
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<opml version="2.0">']
    lines += ["<head><title>Mailing lists</title></head>", "<body>"]
    for scope in scopes:
        for kind, noun in (("digest", "digests"), ("messages", "letters")):
            title = escaped(f"{scope.name}: {noun}")
            lines.append(
                f'<outline type="rss" text="{title}" title="{title}" xmlUrl="{escaped(scope.url)}{kind}.atom" '
                f'htmlUrl="{escaped(scope.url)}"/>'
            )
    return "\n".join([*lines, "</body>", "</opml>", ""]).encode()
