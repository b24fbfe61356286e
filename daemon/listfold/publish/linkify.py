"""Makes the web addresses in a shown text links, and escapes everything else; nothing edits the HTML afterwards."""

import re
from urllib.parse import unquote, urlsplit

from listfold.publish.mangle import mangle

MAX_URL = 2000  # characters; longer ones are data, shown and not linked
_URL = re.compile(r"https?://[^\s<>\"'`{}|\\^…]+", re.IGNORECASE)
_ENDING = ".,;:!?*_~»”’"
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;"))  # & first


def escaped(text: str, *, quotes: bool = True) -> str:
    """The text as HTML, the same as markupsafe's. Pages are put together of plain strings, which take half the time.

    Quotation marks may stand as they are between tags; in a value they may not."""
    for sign, entity in _ENTITIES if quotes else _ENTITIES[:3]:
        if sign in text:  # replace() counts them first, which takes ten times as long as looking for one
            text = text.replace(sign, entity)
    return text


def linkify(text: str, *, addresses: bool = False) -> str:
    """Escaped HTML with no elements but links to http and https addresses.

    A URL with a person's address in it is no link, unless `addresses` may be shown here: a private list's page."""
    if "://" not in text:
        return escaped(text)
    out: list[str] = []
    done = 0
    for found in _URL.finditer(text):
        if len(found.group()) > MAX_URL:
            continue
        url = found.group().rstrip(_ENDING)
        while url.endswith((")", "]")) and url.count(url[-1]) > url.count("(["[url[-1] == "]"]):
            url = url[:-1].rstrip(_ENDING)
        if text[found.end() : found.end() + 1] == "…" or not _linkable(url, addresses):
            continue
        out.append(escaped(text[done : found.start()]))
        shown = escaped(url)
        out.append(f'<a href="{shown}" rel="nofollow noopener ugc">{shown}</a>')
        done = found.start() + len(url)
    out.append(escaped(text[done:]))
    return "".join(out)


def _linkable(url: str, addresses: bool) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and "@" not in parts.netloc and (addresses or mangle(unquote(url)) == unquote(url))
