"""Makes strangers' text fit for public pages: nobody's address can be harvested, no character breaks or deceives.

An address keeps its domain and at most half of its local part: `user@example.org` becomes `us…@example.org`, which
no longer is one. Found are plain addresses, Message-IDs, addresses in URLs (`%40`), and the disguises that archives
put on them (`user at example.org`, `user [at] example.org`). The posting addresses of the lists themselves may stay.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator

MAX_LOCAL = 64  # RFC 5321 4.5.3.1.1; Message-IDs are longer, but what is before does not help a harvester
MAX_DOMAIN = 255  # RFC 5321 4.5.3.1.2

# Signs that part a local part from the text before it; all others belong to it (RFC 5322 atext, and SMTPUTF8).
_NOT_LOCAL = frozenset(" \t\n\"'<>()[]{}:;,\\/|`@…“”‘’«»")
_AT = re.compile(r"\s?[\[({<][ \t]?at[ \t]?[\])}>]\s?|\sat\s", re.IGNORECASE)  # at a line's end, too: lines are joined
# Where a sign can be that a domain follows, by what a text must hold to have one. Each begins with one character and
# no choice, for which the regex engine searches ten times as fast as for one of several.
_HOOKS = {
    part: re.compile(hook)
    for part, hook in {
        "@": r"@(?=[\w[-])",
        "＠": r"＠(?=[\w[-])",
        "%40": r"%40(?=[\w[-])",
        "&#": r"&#(?:64|[xX]40);(?=[\w[-])",
        "a": r"a[tT](?<=[\s\[({<]..)(?=[\s\])}>])",
        "A": r"A[tT](?<=[\s\[({<]..)(?=[\s\])}>])",
    }.items()
}
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,20}(?:[^\W\d_]{2,63}|xn--[\w-]{1,59})|\[[\dA-Fa-f.:IPv]{3,60}\]")
_PLAIN_WORD = re.compile(r"[^\W\d_]+\Z")

# Characters that no page, feed or terminal needs from a stranger: C0 and C1 controls but tab and newline, what XML
# 1.0 has no place for, embeddings and overrides of direction (they make a title read as another one), invisible fill.
_DROP: dict[int, str | None] = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000),
     *range(0xFDD0, 0xFDF0), *range(0xFFF9, 0xFFFC), 0xAD, 0x200B, 0x2060, 0xFEFF, *range(0xE0000, 0xE0080),
     *(plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF))]
)  # fmt: skip
_DROP |= {0x09: "\t", 0x0A: "\n", 0x0B: "\n", 0x0C: "\n", 0x0D: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n"}
# Whether anything goes is asked first, of the few characters that are not plain: faster than translate().
_PLAIN = bytes([0x09, 0x0A, *range(0x20, 0x7F)])
_DROPPED = re.compile(
    "[" + "".join(f"\\u{c:04x}" for c in _DROP if 0xA < c < 0x10000 or c < 9) + "\U00010000-\U0010ffff]"
)
_MARKS = 4  # combining marks that one letter may carry; more of them paint over the lines above
_STACK = re.compile(
    rf"[^\x00-\u02ff\w][^\x00-\u02ff\w]{{{_MARKS},}}"
)  # they begin at U+0300, and are no word characters


def clean(text: str) -> str:
    """The text without characters that break a format or deceive a reader. Lines stay lines."""
    odd = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN).decode("utf-8", "surrogatepass")
    if _DROPPED.search(odd):
        text = text.replace("\r\n", "\n").translate(_DROP)
    elif not _STACK.search(odd):
        return text
    return _STACK.sub(_calm, text)


def clean_line(text: str) -> str:
    """A title or name: one line, single spaces."""
    return " ".join(clean(text).split())


def mangle(text: str, keep: Collection[str] = ()) -> str:
    """The text with every address but those of `keep` (lower case) made unfit for use. Linear in the text."""
    out: list[str] = []
    done = 0
    for left, right in _signs(text):
        domain = _DOMAIN.match(text, right, right + MAX_DOMAIN)
        if not domain:
            continue
        start = left
        while start > max(done, left - MAX_LOCAL) and text[start - 1] not in _NOT_LOCAL:
            start -= 1
        local = text[start:left].lstrip(".=&?#*_~")
        sign = text[left:right]
        if sign == "%40":  # in a URL the local part is a value
            local = local.rpartition("=")[2]
        if not local or not _is_sign(text, sign, start, local, domain.end()):
            continue
        if f"{local}@{domain.group()}".lower() in keep:
            continue
        out += [text[done : left - len(local)], local[: min(3, len(local) // 2)].rstrip(".-_+"), "…"]
        done = left
    out.append(text[done:])
    return "".join(out)


def public_text(text: str, keep: Collection[str] = ()) -> str:
    """A body as public output may show it."""
    return mangle(clean(text), keep)


def public_line(text: str, keep: Collection[str] = ()) -> str:
    """A title or name as public output may show it."""
    return mangle(clean_line(text), keep)


def _signs(text: str) -> Iterator[tuple[int, int]]:
    """Where the signs that a domain may follow begin and end, in order."""
    found: list[tuple[int, int]] = []
    for part, hook in _HOOKS.items():
        if part in text:
            found += [match.span() for match in hook.finditer(text)]
    done = 0
    for left, right in sorted(found):
        if left < done:
            continue
        if text[left] in "aA":  # brackets and spaces stand before an "at"
            whole = next((at for start in range(max(done, left - 3), left) if (at := _AT.match(text, start))), None)
            if not whole:
                continue
            left, right = whole.span()
        yield left, right
        done = right


def _is_sign(text: str, sign: str, start: int, local: str, end: int) -> bool:
    """Whether a sign joins an address. The bare word `at` does so only where no sentence would have it:
    between < > or ( ), after `mailto:`, or behind a word that is none ("jdoe2 at example.org")."""
    if sign.strip().lower() != "at":
        return True
    bracketed = start > 0 and text[start - 1] in "<(" and end < len(text) and text[end] in ">)"
    return bracketed or text[max(0, start - 7) : start].lower() == "mailto:" or not _PLAIN_WORD.match(local)


def _calm(stack: re.Match[str]) -> str:
    """Stacked combining marks, thinned to what scripts use."""
    run = 0
    out: list[str] = []
    for char in stack.group():
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _MARKS:
            out.append(char)
    return "".join(out)
