"""Makes the web addresses of the reader's pages, and the mailto that answers a letter on its list."""

from urllib.parse import quote, urlencode, urlsplit

from markupsafe import Markup

from listfold.archive.rows import mailman
from listfold.model import Record
from listfold.publish.linkify import escaped
from listfold.publish.mangle import mangle
from listfold.web.safetext import line


def root_of(base_url: str) -> str:
    """The path that pages are under: "/" or "/lists/"."""
    return urlsplit(base_url).path.rstrip("/") + "/"


def path(*segments: str) -> str:
    """`-/segment/segment`, each one quoted so that it stays one segment."""
    return "-/" + "/".join(quote(segment, safe="") for segment in segments)


def by_message_id(record: Record) -> str:
    """By the hash that Mailman gives a Message-ID: it never changes either, and is no address that a page must hide."""
    return path("mid", mailman(record.message_id))


def query(**values: str | int | None) -> str:
    """`?a=b` of the values that are there."""
    given = {name: value for name, value in values.items() if value}
    return "?" + urlencode(given) if given else ""


def reply(record: Record, address: str, subject: str) -> Markup | None:
    """RFC 6068 link that writes to the list under the letter's subject, in its thread; None without an address.

    The list's own address is no person's; it stands unmangled, since nobody could click it otherwise.
    """
    if address.count("@") != 1 or not address.isprintable() or " " in address:
        return None
    fields = {"subject": "Re: " + mangle(line(subject))}
    message_id = record.message_id
    if message_id.startswith("<") and message_id.isprintable() and " " not in message_id:
        fields["In-Reply-To"] = message_id
    to = quote(address, safe="@+!$'*")
    return Markup(escaped(f"mailto:{to}?{urlencode(fields, quote_via=quote)}"))
