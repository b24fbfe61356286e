"""Reads the argument of MAIL and RCPT: a path in angle brackets and ESMTP parameters (RFC 5321 4.1.2, RFC 6531).

One linear pattern instead of aiosmtpd's private email parser, which takes `<a@b.c` and fails on `<`. It is strict
in form (brackets, one domain, no blanks or control characters), and takes dots anywhere in a local part, since
such senders exist and a refused sender means a list's mail lost.
"""

import re

from listfold.errors import Refused
from listfold.frozen import dataclass

LOCAL_BYTES = 512  # RFC 5321 4.5.3.1.1 has 64 and asks for more: a VERP sender holds a whole address of ours
DOMAIN_BYTES = 255  # RFC 5321 4.5.3.1.2

# No C0, DEL or C1 control, no line or paragraph separator: an address ends up in log lines and pages.
WIDE = "\u00a1-\u2027\u202f-\u205f\u2070-\ud7ff\uf900-\ufefe\uff00-\uffef\U00010000-\U0010ffff"
PATH = re.compile(
    r"<(?:@[^<>:\s]*:)?"  # a source route has to be taken and is to be ignored: RFC 5321 4.1.1.3
    r"(?P<address>"
    rf"(?:[\w.!#$%&'*+/=?^`{{|}}~{WIDE}-]+|\"(?:[^\x00-\x1f\x7f-\xa0\"\\]|\\[\x20-\x7e])*\")"
    rf"@(?:[A-Za-z0-9_{WIDE}-]+(?:\.[A-Za-z0-9_{WIDE}-]+)*|\[[A-Za-z0-9:.]+\])"
    r"|)>",
    re.ASCII,
)
POSTMASTER = re.compile(r"<postmaster>", re.IGNORECASE)  # RFC 5321 4.5.1: with no domain, in any case
PARAMETER = re.compile(r"(?P<keyword>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[\x21-\x3c\x3e-\x7e]+))?")
SIZE = re.compile(r"[0-9]{1,20}")  # RFC 1870 3


class BadSyntax(Refused):
    reply = "501 5.5.4 Bad syntax"


class BadSender(Refused):
    reply = "501 5.1.7 Bad sender address"


class BadRecipient(Refused):
    reply = "501 5.1.3 Bad recipient address"


class NotAscii(Refused):
    reply = "550 5.6.7 That address needs SMTPUTF8"  # RFC 6531 3.5


class BadParameter(Refused):
    reply = "555 5.5.4 Parameter not known"


@dataclass(frozen=True, slots=True)
class Sender:
    """What MAIL says: the address ("" is the null sender), the declared size (0: none), and whether UTF-8 is used."""

    address: str
    size: int = 0
    utf8: bool = False


def sender_of(argument: str) -> Sender:
    """Read `FROM:<path> parameters`. Raises a branch of Refused with the reply to give."""
    address, rest = _path(argument, "FROM:", BadSender)
    size = 0
    utf8 = False
    seen = set()
    for word in rest.split():
        parameter = PARAMETER.fullmatch(word)
        if parameter is None:
            raise BadSyntax(word)
        keyword, value = parameter["keyword"].upper(), parameter["value"]
        if keyword in seen:
            raise BadSyntax(word)
        seen.add(keyword)
        if keyword == "SIZE" and value and SIZE.fullmatch(value):
            size = int(value)
        elif keyword == "BODY" and value and value.upper() in ("7BIT", "8BITMIME"):
            pass  # DATA is kept as it comes in either case
        elif keyword == "SMTPUTF8" and value is None:
            utf8 = True
        elif keyword in ("SIZE", "BODY", "SMTPUTF8"):
            raise BadSyntax(word)
        else:
            raise BadParameter(word)
    if not (utf8 or address.isascii()):
        raise NotAscii(address)
    return Sender(address, size, utf8)


def recipient_of(argument: str, utf8: bool) -> str:
    """Read `TO:<path>`. Raises a branch of Refused with the reply to give."""
    address, rest = _path(argument, "TO:", BadRecipient)
    if not address:
        raise BadRecipient(argument)
    if rest.strip():
        raise BadParameter(rest)
    if not (utf8 or address.isascii()):
        raise NotAscii(address)
    return address


def _path(argument: str, keyword: str, bad: type[Refused]) -> tuple[str, str]:
    """The address and what follows it. Blanks after the colon are wrong, and harmless."""
    if argument[: len(keyword)].upper() != keyword:
        raise BadSyntax(argument)
    path = argument[len(keyword) :].lstrip(" ")
    if keyword == "TO:" and (postmaster := POSTMASTER.match(path)):
        return "postmaster", path[postmaster.end() :]
    found = PATH.match(path)
    if found is None or path[found.end() : found.end() + 1] not in ("", " "):
        raise bad(path)
    address = found["address"]
    local, _, domain = address.rpartition("@")
    if len(local.encode()) > LOCAL_BYTES or len(domain.encode()) > DOMAIN_BYTES:
        raise bad(path)
    return address, path[found.end() :]
