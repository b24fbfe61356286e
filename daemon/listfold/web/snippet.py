"""Cuts the passage of a body that a search found, with the words that matched marked."""

import re

from markupsafe import Markup

from listfold.model import Record
from listfold.publish.linkify import escaped
from listfold.publish.mangle import public_text

SHOWN = 260  # characters of a snippet
LEAD = 80  # of them before the first match
SCANNED = 200_000  # characters of a body that are looked through
MAX_WORDS = 16  # of a query that are marked


def words(query: str) -> list[str]:
    """The words of a query to mark: no operators (`from:`, `-not`), phrases word by word."""
    found: list[str] = []
    for token in query.replace('"', " ").split():
        if token.startswith("-") or (":" in token and token.partition(":")[0].isalpha()):
            continue
        found.extend(re.findall(r"\w+", token))
    return found[:MAX_WORDS]


def marked(text: str, pattern: re.Pattern[str] | None) -> Markup:
    """The text escaped and mangled, what a `matcher` finds in `mark`."""
    text = public_text(text)
    out: list[str] = []
    last = 0
    for found in pattern.finditer(text) if pattern else ():
        out += [escaped(text[last : found.start()]), "<mark>", escaped(found.group()), "</mark>"]
        last = found.end()
    return Markup("".join(out) + escaped(text[last:]))


def snippet(record: Record, pattern: re.Pattern[str] | None) -> Markup:
    """About `SHOWN` characters around the first match: in the author's own words, else in what is quoted."""
    text = own = own_words(record)
    found = pattern.search(own) if pattern else None
    if pattern and not found:
        text = " ".join(f"\n{record.body[:SCANNED]}".replace("\n>", "\n").split())
        found = pattern.search(text)
        if not found:
            text = own or text
    start = max(0, found.start() - LEAD) if found else 0
    if start:
        start = text.find(" ", start, start + LEAD) + 1 or start
    end = start + SHOWN
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + SHOWN // 2)
    return marked(("… " if start else "") + text[start:end] + (" …" if end < len(text) else ""), pattern)


def own_words(record: Record) -> str:
    """The body without quotes and their attributions, on one line."""
    lines = record.text.split("\n")
    for span in record.spans:
        if span.cut or span.kind in ("quote", "attribution"):
            lines[span.start : span.end] = [""] * len(lines[span.start : span.end])
    return " ".join("\n".join(lines)[:SCANNED].split())


def matcher(query: str) -> re.Pattern[str] | None:
    """What finds a query's words: from their start, in any case. None when there is nothing to mark."""
    found = sorted(set(words(query)), key=lambda word: (-len(word), word))
    if not found:
        return None
    # Words of scripts without spaces are found anywhere, as the index takes each of their characters for a word.
    parts = (rf"(?<!\w){re.escape(word)}\w*" if word[0] < "\u0e00" else re.escape(word) for word in found)
    return re.compile("|".join(parts), re.IGNORECASE)
