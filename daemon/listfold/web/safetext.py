"""The wall in front of every template: what a template prints is mangled and freed of control characters.

Jinja's `finalize` calls `safe` on each value before it is escaped, so that a template that forgets something cannot
leak an address or turn the reading direction. Only Markup, which this room builds itself, passes as it is.
"""

from typing import Any

from markupsafe import Markup

from listfold.publish.linkify import linkify
from listfold.publish.mangle import public_line, public_text


def safe(value: Any) -> Any:
    """Strings fit for a public page; Markup and everything else as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return public_text(value)
    return value


def line(text: str, limit: int = 300) -> str:
    """One line for a title, shortened in a visible way. Mangled before: half an address would be taken for none."""
    joined = public_line(text)
    return joined if len(joined) <= limit else joined[: limit - 1].rstrip() + "…"


def shown(text: str) -> Markup:
    """A stranger's text as HTML that holds nothing but links: mangled first, then split, escaped and linked."""
    return Markup(linkify(public_text(text)))
