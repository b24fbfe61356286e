"""Cuts the passage of a body that a search found, with the words that matched marked."""

import re

from markupsafe import Markup, escape

from listfold.model import Record
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


def marked(text: str, query: str) -> Markup:
    """The text escaped and mangled, the query's words in `mark`. Words match from their start, in any case."""
    text = public_text(text)
    pattern = matcher(query)
    if pattern is None:
        return escape(text)
    out, last = Markup(""), 0
    for found in pattern.finditer(text):
        out += escape(text[last : found.start()]) + Markup("<mark>{}</mark>").format(found.group())
        last = found.end()
    return out + escape(text[last:])


def snippet(record: Record, query: str) -> Markup:
    """About `SHOWN` characters around the first match: in the author's own words, else in what is quoted."""
    own, pattern = own_words(record), matcher(query)
    text = own
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
    return marked(("… " if start else "") + text[start:end] + (" …" if end < len(text) else ""), query)


def own_words(record: Record) -> str:
    """The body without quotes and their attributions, on one line."""
    lines = record.text.split("\n")
    for span in record.spans:
        if span.cut or span.kind in ("quote", "attribution"):
            lines[span.start : span.end] = [""] * len(lines[span.start : span.end])
    return " ".join("\n".join(lines)[:SCANNED].split())


def matcher(query: str) -> re.Pattern[str] | None:
    found = sorted(set(words(query)), key=lambda word: (-len(word), word))
    if not found:
        return None
    # Words of scripts without spaces are found anywhere, as the index takes each of their characters for a word.
    parts = (rf"(?<!\w){re.escape(word)}\w*" if word[0] < "\u0e00" else re.escape(word) for word in found)
    return re.compile("|".join(parts), re.IGNORECASE)
