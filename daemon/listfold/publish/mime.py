"""Renders a digest issue as mail: multipart/digest (RFC 2046 5.1.5) that a mail program opens into its letters.

Written out by hand, headers in ASCII, and the same for the same issue. Letters stand in UTF-8 as they are, so that the
file is readable as it is: it is opened, not sent. No header takes a line break from a stranger's text.
Authors of a public list stand with their names and an address that cannot exist (RFC 2606).
"""

import base64
import hashlib
import quopri
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

from listfold.publish.digest import Digest, Item, counted
from listfold.publish.fit import MAX_PAGE, fit
from listfold.publish.html import summary
from listfold.publish.text import wrap
from listfold.publish.words import copy_text

NOBODY = "hidden@address.invalid"
MAX_OCTETS = 998  # of a line, RFC 5322 2.1.1
MAX_ADDRESS = 254  # octets, RFC 5321 4.5.3.1.3 without its brackets
MAX_FOLDED = 76  # of a header's line, RFC 2047 2
_INNER = bytes(34)  # where the boundary between letters goes: it is made of them, so that none can hold it
_HIGH = bytes(range(127, 256))
_EIGHT = "Content-Transfer-Encoding: 8bit"  # on all that holds such a letter, too: RFC 2045 6.4


def mime(digest: Digest, tag: str) -> bytes:
    """The issue as one .eml, at most MAX_PAGE bytes. Ids are made of the installation's tag, never of base_url."""
    scope, issue = digest.scope, digest.issue
    host = tag.split(",")[0] + ".invalid"
    name = f"{scope.id or 'all'}.{issue.name}"
    part = b"--" + _INNER + f"\r\n{_EIGHT}\r\n\r\n".encode()

    def place(item: Item, letter: bytes) -> bytes:
        parent = digest.answers.get(item.id)
        thread = f"In-Reply-To: <{parent}@{host}>\r\nReferences: <{parent}@{host}>\r\n" if parent else ""
        head = digest.made.of("mime head", item, lambda item: _head(item, host))
        return b"%b%b%bMIME-Version: 1.0\r\n%b\r\n" % (part, head, thread.encode(), letter)

    fitted = fit(
        digest,
        "mime",
        MAX_PAGE - 24 * 1024,
        _letter,
        _short,
        200,
        place,
    )
    topics = [line for t in digest.threads[:100] for line in wrap(f"{t.subject} ({len(t.items)})", "   ")]
    if len(digest.threads) > 100:
        topics.append(f"   … and {counted(len(digest.threads) - 100, 'more thread')}")
    left = [f"{counted(fitted.left, 'more letter')} had no room here.", ""] if fitted.left else []
    page = f"{scope.url}digests/{issue.name}.html" if scope.public else ""
    preface = "\n".join([issue.title, summary(digest), *([page] if page else []), "", *topics, "", *left])
    letters = b"".join([text for thread in fitted.threads for text in thread])
    letters = letters or part + b"Subject: Nothing arrived\r\n\r\n\r\n"  # a multipart has at least one part
    # Made of what they part: who could write them into a letter would have to know what that letter makes of them.
    seed = hashlib.sha256(f"{tag} {name} {preface}".encode() + letters).hexdigest()
    boundary, inner = f"=_{seed[:32]}", f"=_{seed[32:]}"
    head = [
        header("From", f"{scope.name}", f"digest@{host}"),
        header("Subject", f"{scope.name}: {issue.title}"),
        f"Date: {_date(min(issue.end, max([issue.start, *(t.last for t in digest.threads)])))}",
        f"Message-ID: <digest.{_atom(name)}@{host}>",
        f"List-Id: <{_atom(scope.id or 'all')}.{host}>",
        *([f"List-Archive: <{scope.url}>"] if scope.public else []),
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        _EIGHT,
    ]
    top = (
        "\r\n".join(head)
        + f"\r\n\r\n--{boundary}\r\n{_part(preface.encode())}\r\n--{boundary}\r\n"
        + f'Content-Type: multipart/digest; boundary="{inner}"\r\n{_EIGHT}\r\n\r\n'
    )
    end = f"--{inner}--\r\n\r\n--{boundary}--\r\n"
    return b"".join([top.encode(), letters.replace(_INNER, inner.encode()), end.encode("ascii")])


@lru_cache(maxsize=512)  # of less than a kilobyte each: a thread's letters have one subject
def header(field: str, text: str, address: str = "") -> str:
    """One header field, folded, in encoded words where it is not plain ASCII."""
    value = " ".join(text.split())
    if "=?" in value:  # what looks encoded is text: decoded it would be what nobody has cleaned
        value = Header(value.encode(), "utf-8", header_name=field, maxlinelen=MAX_FOLDED).encode(linesep="\r\n")
    elif not (value.isascii() and len(value) + len(field) + 2 <= MAX_FOLDED):  # else there is nothing to encode or fold
        charset = "us-ascii" if value.isascii() else "utf-8"
        value = Header(value, charset, header_name=field, maxlinelen=MAX_FOLDED).encode(linesep="\r\n")
    if address and text.isascii() and "=?" not in text:
        value = '"' + value.replace("\\", "").replace('"', "").replace("\r\n", " ") + '"'
    return f"{field}: {value}" + (f"\r\n <{address}>" if address else "")


def _letter(item: Item) -> str:
    told = [*(f"[attached: {file}]" for file in item.files), *(f"* {copy_text(copy)}" for copy in item.copies)]
    return _part(item.plain + "\n".join(["\n", *told]).encode() if told else item.plain)


def _short(item: Item) -> str:
    why = f"({item.why})\n" if item.why else ""
    return _part(f"{why}{item.article.opening}\n{item.url}\n".encode())


def _head(item: Item, host: str) -> str:
    lines = [
        header("From", item.who, item.address if _is_address(item.address) else NOBODY),
        header("Subject", item.subject),
        f"Date: {_date(item.when)}",
        f"Message-ID: <{item.id}@{host}>",
    ]
    if item.url:
        lines.append(f"Archived-At: <{item.url}>")
    return "\r\n".join([*lines, ""])


def _part(text: bytes) -> str:
    """A text part with its headers; one with lines that are too long for mail in the encoding that leaves most of it
    readable."""
    body = text if text.endswith(b"\n") else text + b"\n"
    head = f"Content-Type: text/plain; charset={'us-ascii' if body.isascii() else 'utf-8'}\r\n"
    if max(map(len, body.split(b"\n"))) <= MAX_OCTETS:
        return f"{head}{_EIGHT}\r\n\r\n" + body.decode().replace("\n", "\r\n")
    if (len(body) - len(body.translate(None, _HIGH))) * 4 > len(body) + body.count(b"\n"):
        coding, coded = "base64", base64.encodebytes(body.replace(b"\n", b"\r\n"))
    else:
        coding, coded = "quoted-printable", quopri.encodestring(body)
    return f"{head}Content-Transfer-Encoding: {coding}\r\n\r\n" + coded.decode("ascii").replace("\n", "\r\n")


def _is_address(address: str) -> bool:
    plain = address.isascii() and not any(c in address for c in ' \t"<>()[],;:\\')
    return plain and address.count("@") == 1 and len(address) <= MAX_ADDRESS


def _atom(text: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in ".-_") else "-" for c in text)


def _date(moment: int) -> str:
    return format_datetime(datetime.fromtimestamp(moment, UTC))
