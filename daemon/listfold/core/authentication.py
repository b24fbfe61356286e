"""Reads Authentication-Results (RFC 8601): what our own mail server found out about who sent a letter.

Anybody can write such a field. Only those of the configured authserv-id count, and only where our server puts its own:
above the second Received field. A server has to remove what others wrote in its name (RFC 8601 5).
"""

import re
from collections.abc import Iterator

from listfold.core.headers import Headers

MAX_RESULTS = 20  # of one letter: a mail server checks four or five things
PROOFS = frozenset({"arc", "dkim", "dmarc", "spf"})

_RESULT = re.compile(r"\s*([a-z0-9-]{1,32})(?:\s*/\s*[0-9]{1,4})?\s*=\s*([a-z]{1,16})(?![\w-])", re.IGNORECASE)


def results(headers: Headers, authserv: str) -> tuple[tuple[str, str], ...]:
    """(method, result) pairs in order, lower case: ("dkim", "pass"), …"""
    return tuple(dict.fromkeys(_results(headers, authserv)))[:MAX_RESULTS] if authserv else ()


def notes_of(headers: Headers, authserv: str) -> tuple[str, ...]:
    """The results as notes of a message: "auth:dkim=pass"."""
    return tuple(f"auth:{method}={result}" for method, result in results(headers, authserv))


def proved(headers: Headers, authserv: str) -> bool:
    """Whether at least one of DMARC, DKIM, ARC and SPF passed. Lists break some of them; none at all is a stranger."""
    return any(method in PROOFS and result == "pass" for method, result in results(headers, authserv))


def _results(headers: Headers, authserv: str) -> Iterator[tuple[str, str]]:
    hops = 0
    for n, name in enumerate(headers.names):
        hops += name == "received"
        if hops > 1:
            return
        if name != "authentication-results":
            continue
        first, *rest = _without_comments(headers.value(n)).split(";")
        words = first.split()
        if words and words[0].lower() == authserv.lower():
            for part in rest:
                if match := _RESULT.match(part):
                    yield match[1].lower(), match[2].lower()


def _without_comments(value: str) -> str:
    """A field without what stands in brackets and quotes, nested or not closed: a `;` there separates nothing."""
    out: list[str] = []
    depth = 0
    quoted = escaped = False
    for c in value:
        if escaped:
            escaped = False
        elif c == "\\" and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = c != '"'
        elif c == "(":
            depth += 1
        elif c == ")" and depth:
            depth -= 1
        elif depth:
            continue
        elif c == '"':
            quoted = True
        else:
            out.append(c)
    return "".join(out)
