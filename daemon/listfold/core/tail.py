"""Finds what providers, phones, scanners and companies put under a message."""

import re
from collections.abc import Sequence
from dataclasses import replace

from listfold.core.block import TAIL, dashes, joined, last, paragraph, quoted, ruler
from listfold.core.disclaimer_rules import BANNERS, FIRST_PERSON, HEADS, NOTICES, TAGS
from listfold.core.rule import Rule, plain
from listfold.core.tail_rules import AD_HOSTS, AD_NOT, ALTERED, SCRUBBED
from listfold.model import Span

# What a plain text in ASCII may hold of them.
_ASCII_NOTICES = tuple(
    replace(
        row,
        itself=tuple(filter(str.isascii, row.itself)),
        says=tuple(filter(str.isascii, row.says)),
        core=sum(map(str.isascii, row.says[: row.core])),
    )
    for row in NOTICES
)

_LINK = re.compile(r"https?://([\w.-]{4,80})\S{0,200}\s*$")

MOBILE_LENGTH = 100  # characters: "Sent from my …" is a line of its own, not the start of a sentence
MOBILE_SHORT = 50  # one that stands directly under the author's words
AD_LINES = 9  # a provider's advertisement; the longest of SourceForge's have eight
AD_SHORT = 5  # lines of one whose lines are set apart, or that is known by its link
AD_LINK = 300  # characters at the end of its last line that are looked at
AD_RULE = 32  # characters that are drawn over such a one at least
COMPANY_LINES = 4  # its name, street and town
LEGAL_FORMS = frozenset(
    {"gmbh", "ag", "se", "kg", "ug", "ltd", "ltd.", "limited", "plc", "inc", "inc.", "llc", "oy", "ab"}
)
HEADING = 50  # characters: a shorter line ends where it does, a longer one may go on in the next
NOTICE_OPENING = 160  # in which it has to begin to be one
NOTICE_DENSITY = 150  # characters for each thing that it says, at most; twice as many under a drawn line
NOTICE_LINES = 60  # of one with several paragraphs
NOTICE_CHARS = 6000  # of a legal notice that are read


def mobile(lines: Sequence[str], end: int, floor: int, rules: Sequence[Rule]) -> Span | None:
    """The last line, when a phone or program wrote it."""
    line = lines[end - 1]
    if len(line) > MOBILE_LENGTH or quoted(line) or end - 1 < floor:
        return None
    bare = plain(line)
    apart = end - 1 == floor or not lines[end - 2].strip() or len(lines[end - 2]) < 8
    for rule in rules:
        if rule.matches(bare) and (apart or len(line) <= MOBILE_SHORT):
            start = end - 1
            if start > floor and lines[start - 1].strip() in ("--", "---", "-"):
                start -= 1
            return Span("disclaimer", start, end, rule.name, 0.95)
    return None


def advertisement(lines: Sequence[str], end: int, floor: int, rules: Sequence[Rule]) -> Span | None:
    """As `_advertisement`; a company's with its name and address."""
    span = _advertisement(lines, end, floor, rules)
    if span is not None and span.rule.startswith(("scanner", "green")) and _personal(lines, span):
        return None
    span = span or _hosted(lines, end, floor)
    if span is not None and span.start > floor and ruler(lines[span.start]) and dashes(lines[span.start - 1]):
        return replace(span, start=span.start - 1)
    if span is None or not span.rule.startswith("company"):
        return span
    return replace(span, start=_company(lines, span.start, floor))


def _advertisement(lines: Sequence[str], end: int, floor: int, rules: Sequence[Rule]) -> Span | None:
    """The last paragraphs, or what stands under the last drawn line, when rules know every one of them.

    With nothing drawn above, it begins with the first line that a rule knows: the line above may be the author's.
    """
    if not rules:
        return None
    bottom = last(lines, end - 1, floor) if ruler(lines[end - 1]) else end
    best: Span | None = None
    proof = first = rows = seen = 0
    name, link, strange = "", False, False
    for at in range(bottom - 1, max(floor, bottom - 3 * AD_LINES) - 1, -1):
        line = lines[at]
        if dashes(line) and name.startswith("company"):
            return None  # the company's lines in a signature
        if ruler(line) or dashes(line) or line.strip() == "---":
            if strange:
                drawn = seen <= AD_SHORT and "://" in lines[bottom - 1] and opens(lines, at, bottom, rules)
                return Span("disclaimer", at, end, "ad-drawn", 0.9) if drawn else None
            return Span("disclaimer", at, end, name, 0.95) if proof >= 2 or (best and not rows) else best
        if not line.strip():
            if proof >= 3 and not strange:
                best = Span("disclaimer", first, end, name, 0.9)
            elif rows and not link:
                if best is not None:
                    return best
                strange = True
            if not link or proof:
                proof = 0
            rows, link = 0, False
            continue
        rows, seen = rows + 1, seen + 1
        if seen > AD_LINES or quoted(line):
            return best
        bare = plain(line)
        link = rows == 1 and bare.startswith(("http://", "https://", "www.")) and " " not in bare
        weight, who = max(((r.weight, r.name) for r in rules if r.matches(bare)), default=(0, ""))
        if weight:
            proof, name, first = proof + weight, who, at
    return Span("disclaimer", first, end, name, 0.9) if proof >= 3 and not strange else best


def _hosted(lines: Sequence[str], end: int, floor: int) -> Span | None:
    """The lines under a last drawn one, when they end with a link to a provider of free mail."""
    bottom = last(lines, end - 1, floor) if ruler(lines[end - 1]) else end
    line = lines[bottom - 1][-AD_LINK:] if bottom > floor else ""
    if "://" not in line or (found := _LINK.search(line)) is None:
        return None
    host = found[1].casefold()
    labels = host.split(".")
    known = AD_HOSTS & {"yahoo" if "yahoo" in labels else "", *[".".join(labels[-n:]) for n in (2, 3)]}
    if not known or any(word in found[0].casefold() for word in AD_NOT):
        return None
    rows = 0
    for at in range(bottom - 1, max(floor, bottom - 2 * AD_SHORT) - 1, -1):
        line = lines[at]
        if len(line.strip()) >= AD_RULE and ruler(line):
            return Span("disclaimer", at, end, "ad-host", 0.9)
        rows += bool(line.strip())
        if rows > AD_SHORT or quoted(line) or "@" in line or ruler(line) or dashes(line):
            break
    return None


def _personal(lines: Sequence[str], span: Span) -> bool:
    """Whether an author speaks: programs have no "I", and nothing of their own."""
    text = f" {joined(lines, span.start, span.end)} "
    language = span.rule.partition("-")[2] or "en"
    said = FIRST_PERSON.get(language)
    return (said is not None and said in text) or (language == "en" and " my " in text)


def _company(lines: Sequence[str], start: int, floor: int) -> int:
    """Where a company's data begin: its name and address stand above what the law asks for, in the same paragraph."""
    top = max(paragraph(lines, start, floor), floor)
    above = lines[top:start]
    if not 0 < len(above) <= COMPANY_LINES or max(map(len, above)) > HEADING:
        return start
    return top if set(plain(above[0]).replace(",", " ").split()) & LEGAL_FORMS else start


def opens(lines: Sequence[str], at: int, bottom: int, rules: Sequence[Rule]) -> bool:
    """Whether the first line under a drawn one is an advertisement's: some archives set every line apart."""
    first = next((plain(line) for line in lines[at + 1 : bottom] if line.strip()), "")
    return any(rule.weight > 2 and rule.name.startswith("ad-") and rule.matches(first) for rule in rules)


def notice(lines: Sequence[str], end: int, floor: int, beside: bool) -> Span | None:
    """The last paragraph, when it is a legal notice; rules drawn around it go with it. `beside`: the paragraph below
    was one."""
    bottom = end
    if ruler(lines[end - 1]):
        bottom = last(lines, end - 1, floor)
    start = paragraph(lines, bottom, floor)
    while start < bottom and ruler(lines[start]):
        start += 1
    # A rule line inside the paragraph: what is above it is something else.
    for at in range(bottom - 1, start - 1, -1):
        if ruler(lines[at]):
            start = at + 1
            break
    if start >= bottom or quoted(lines[start]):
        return None
    text = joined(lines, start, bottom)[:NOTICE_CHARS]
    if len(text) < 40:
        return None
    above = last(lines, start, floor)
    if above > floor and _heads(lines[above - 1]):
        start, above = above - 1, last(lines, above - 1, floor)
    ruled = above > floor and bool(ruler(lines[above - 1]))
    language = legal(text, ruled or beside)
    if not language:
        return None
    if ruled:
        return Span("disclaimer", above - 1, end, f"notice-{language}", 0.9)
    while start < bottom - 1 and len(lines[start]) < HEADING and not _speaks(lines[start], language):
        start += 1  # a sign-off with no blank line under it
    return Span("disclaimer", start, end, f"notice-{language}", 0.85)


def _heads(line: str) -> bool:
    """Whether a line of its own heads a notice: "E-mail disclaimer:"."""
    bare = plain(line)
    headed = bare.endswith(":") or line.isupper() or bare in HEADS
    return headed and len(bare) < HEADING and len(bare.split()) <= 5 and any(word in bare for word in HEADS)


def _speaks(line: str, language: str) -> bool:
    """Whether a line is of a notice: says something that notices say, or heads one."""
    bare = plain(line)
    words = next((*row.itself, *row.says) for row in NOTICES if row.language == language)
    return any(word in bare for word in (*words, *HEADS))


def boxed(lines: Sequence[str], end: int, floor: int) -> Span | None:
    """A legal notice of more than one paragraph between two equal lines."""
    edge = lines[end - 1].strip()
    if len(edge) < 20 or not ruler(edge):
        return None
    for at in range(end - 2, max(floor, end - TAIL) - 1, -1):
        line = lines[at]
        if quoted(line):
            return None
        if line.strip() == edge:
            language = legal(joined(lines, at + 1, end - 1)[:NOTICE_CHARS], True)
            start = at - 1 if at > floor and _heads(lines[at - 1]) else at
            return Span("disclaimer", start, end, f"notice-{language}", 0.9) if language else None
    return None


def headed(lines: Sequence[str], end: int, floor: int) -> Span | None:
    """A legal notice of more than one paragraph, the last of them included, under a line that heads it."""
    bottom = end
    if ruler(lines[end - 1]):
        bottom = last(lines, end - 1, floor)
    for at in range(bottom - 2, max(floor, bottom - NOTICE_LINES) - 1, -1):
        line = lines[at]
        if quoted(line) or dashes(line):
            return None
        if ruler(line):
            continue
        if at > floor and lines[at - 1].strip() and not ruler(lines[at - 1]):
            continue
        if not _heads(line):
            continue
        parts = _paragraphs(lines, at + 1, bottom)
        languages = {legal(part, True) for part in parts}
        whole = legal(" ".join(parts)[:NOTICE_CHARS], True)
        if not whole or not legal(parts[0], True) or len(languages - {""}) != 1:
            return None
        if not any(word in parts[-1] for word in next(row.says for row in NOTICES if row.language == whole)):
            return None  # somebody wrote on below it
        above = last(lines, at, floor)
        start = above - 1 if above > floor and ruler(lines[above - 1]) else at
        return Span("disclaimer", start, end, f"notice-{whole}", 0.9)
    return None


def _paragraphs(lines: Sequence[str], start: int, end: int) -> list[str]:
    """The paragraphs of a range, each as one plain line."""
    found: list[str] = []
    at = start
    while at < end:
        stop = at
        while stop < end and lines[stop].strip():
            stop += 1
        if stop > at:
            found.append(joined(lines, at, stop))
        at = stop + 1
    return found


def legal(text: str, ruled: bool = False) -> str:
    """The language of a legal notice, or "" when the plain text is none.

    A notice says little else, and begins to say it at once; of three things that it says one is what only notices
    say, or two of two. Under a drawn line or beside another notice less is enough; elsewhere nobody says "I" in it.
    """
    opening = text[:NOTICE_OPENING]
    for row in _ASCII_NOTICES if text.isascii() else NOTICES:
        core = sum([word in text for word in row.says[: row.core]])
        if not core:
            continue  # most languages
        says = core + sum([word in text for word in row.says[row.core :]])
        if says < 2 or says * NOTICE_DENSITY * (1 + ruled) < len(text):
            continue
        if says < 3 and core < 2 and not ruled:
            continue
        if not ruled and row.language in FIRST_PERSON and FIRST_PERSON[row.language] in f" {text}":
            continue
        itself = any(word in text for word in row.itself)
        if (itself or says >= 4) and any(word in opening for word in (*row.itself, *row.says)):
            return row.language
    return ""


def scrubbed(lines: Sequence[str], end: int, floor: int) -> Span | None:
    """Pipermail's notes in the place of parts that it took away. Those that name a file stay in the body."""
    at = end - 1
    top = max(floor, end - 12)
    lone = plain(lines[at])
    if lone in ALTERED:
        return Span("footer", at, end, "scrubbed", 0.9)
    while at >= top:
        if lines[at].startswith("-------------- next part"):
            note = joined(lines, at + 1, end)
            if not any(word in note for word in (*SCRUBBED, *ALTERED)):
                return None
            named = "html attachment was scrubbed" not in note and "application/pgp-signature" not in note
            return Span("footer", at, end, "scrubbed", 0.4 if named else 0.9)
        at -= 1
    return None


def banner(lines: Sequence[str]) -> Span | None:
    """A gateway's warning above the text."""
    at = 0
    while at < min(len(lines), 4) and not lines[at].strip():
        at += 1
    stop = min(len(lines), at + 6)
    end = at
    while end < stop and lines[end].strip() and not quoted(lines[end]):
        end += 1
    if end in (at, stop):
        return None
    text = joined(lines, at, end)
    if end == at + 1 and lines[at].strip()[0] in "[*" and text.strip("[] *") in TAGS:
        return Span("disclaimer", at, end, "banner", 0.8)
    if len(text) > 500 or True not in [phrase in text for phrase, _ in BANNERS]:
        return None
    return Span("disclaimer", at, end, "banner", 0.8)
