"""Answers with the published files of `public/`, and with nothing else on the disk.

A path is walked one segment at a time with O_NOFOLLOW from the open folder, so no name leads out of it, whatever
the file system holds; only kinds of files that the publisher writes are served.
"""

import os
import stat
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".atom": "application/atom+xml",
    ".json": "application/json",
    ".opml": "text/x-opml; charset=utf-8",
    ".eml": "message/rfc822",
    ".css": "text/css; charset=utf-8",
}
MAX_SEGMENTS = 8  # public/<list-id>/digests/<issue>.html has three


def published(root: Path, path: str, request: Request) -> Response | None:
    """The file at `path` below `root` (a folder: its index.html), or None when nothing is published there."""
    segments = path.split("/")
    if segments[-1] == "":
        segments[-1] = "index.html"
    if len(segments) > MAX_SEGMENTS or any(not plain(segment) for segment in segments):
        return None
    opened = walk(root, segments)
    if opened is None:
        return None
    try:
        found = os.fstat(opened)
        if stat.S_ISDIR(found.st_mode):
            return RedirectResponse(request.url.path.rsplit("/", 1)[-1] + "/", 308) if path else None
        suffix = os.path.splitext(segments[-1])[1]  # noqa: PTH122 - a name, not a path
        if not stat.S_ISREG(found.st_mode) or suffix not in TYPES:
            return None
        headers = {
            "ETag": f'"{found.st_mtime_ns:x}-{found.st_size:x}"',
            "Last-Modified": formatdate(found.st_mtime, usegmt=True),
            "Cache-Control": "no-cache",
        }
        if suffix in (".atom", ".json", ".opml"):
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            headers["Access-Control-Allow-Origin"] = "*"  # public feeds: a reader in a browser may fetch them
        if suffix == ".eml":
            headers["Content-Disposition"] = attachment(segments[-1])
        if unchanged(request, headers["ETag"], int(found.st_mtime)):
            return Response(status_code=304, headers=headers)
        with os.fdopen(os.dup(opened), "rb") as file:
            return Response(file.read(), headers=headers, media_type=media_type(segments))
    finally:
        os.close(opened)


def attachment(name: str) -> str:
    """RFC 6266: to be saved under this name, in ASCII for old programs and as it is for the others."""
    old = name.encode("ascii", "replace").decode().replace("?", "_")
    new = "" if name.isascii() else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{old}"{new}'


def plain(segment: str) -> bool:
    """A name that the publisher could have written: no dot file, no control character, no quote, no way up."""
    return bool(segment) and not segment.startswith(".") and segment.isprintable() and not set(segment) & set('\\/"\0')


def walk(root: Path, segments: list[str]) -> int | None:
    """An open descriptor of the file, or None; no symlink is followed below `root`."""
    try:
        here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None
    for segment in segments:
        try:
            there = os.open(segment, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
        except (OSError, ValueError):  # ValueError: a lone surrogate in the name
            return None
        finally:
            os.close(here)
        here = there
    return here


def media_type(segments: list[str]) -> str:
    """By suffix; JSON beside an Atom feed is a JSON Feed, JSON below digests/ is a digest."""
    name = segments[-1]
    if name.endswith(".json") and "digests" not in segments:
        return "application/feed+json"
    return TYPES[os.path.splitext(name)[1]]  # noqa: PTH122 - a name, not a path


def unchanged(request: Request, etag: str, modified: int) -> bool:
    """RFC 9110 13.2.2: If-None-Match decides where it is given, If-Modified-Since otherwise."""
    asked = request.headers.get("if-none-match")
    if asked is not None:
        return asked.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return modified <= parsedate_to_datetime(since).timestamp()
    except (ValueError, TypeError, OverflowError):
        return False
