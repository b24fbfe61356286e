"""Takes a plain-text digest apart into its letters (RFC 1153, and as Mailman writes it)."""

import re
from collections.abc import Sequence

from listfold.core.headers import Headers
from listfold.core.unwrap import MAX_SIBLINGS, Inline

DIGEST_RULE = "-" * 70  # RFC 1153 2: preamble and messages are parted by 70 hyphens
MEMBER_RULE = "-" * 30  # and messages from one another by 30
DIGEST_END = re.compile(r"\s*(?:End of .{1,200}(?:Digest|digest|issue|Issue)|Subject: Digest Footer)")
FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]*(.*)")


def digest_members(text: str, subject: str) -> tuple[Inline, ...]:
    """The letters of a plain-text digest (RFC 1153, and as Mailman writes it); none when the text is no digest."""
    if DIGEST_RULE not in text:
        return ()
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if line.rstrip() == DIGEST_RULE), None)
    if first is None:
        return ()
    rules = [first, *(n for n in range(first + 1, len(lines)) if lines[n].rstrip() == MEMBER_RULE)]
    members: list[tuple[int, int, int, tuple[tuple[str, str], ...]]] = []
    for at, n in enumerate(rules[:MAX_SIBLINGS]):
        end = rules[at + 1] if at + 1 < len(rules) else len(lines)
        start = n + 1
        while start < end and not lines[start].strip():
            start += 1
        if start == end or DIGEST_END.match(lines[start]):
            break
        body, fields = member_fields(lines, start, end)
        names = {name.lower() for name, _ in fields}
        if "from" in names and names & {"date", "subject"}:
            members.append((start, body, end, fields))
        elif members:  # a rule inside of a letter: what follows is still that letter's
            members[-1] = (*members[-1][:2], end, members[-1][3])
        else:
            return ()
    if len(rules) < 2 and "digest" not in subject.casefold():
        return ()
    return tuple(
        Inline(start, body, end, end, Headers(fields), "\n".join(lines[body:end]))
        for start, body, end, fields in members
    )


def member_fields(lines: Sequence[str], start: int, end: int) -> tuple[int, tuple[tuple[str, str], ...]]:
    """The header of a digest's member: (the line where its body begins, its fields unfolded)."""
    fields: list[tuple[str, str]] = []
    n = start
    while n < end and lines[n].strip():
        match = FIELD.fullmatch(lines[n])
        if match:
            fields.append((match[1], match[2].strip()))
        elif lines[n][:1] in " \t" and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {lines[n].strip()}")
        else:
            break
        n += 1
    while n < end and not lines[n].strip():
        n += 1
    return n, tuple(fields)
