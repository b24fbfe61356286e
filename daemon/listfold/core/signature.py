"""Finds the author's signature at the end of a text: after a separator, or by the contact data that it holds."""

from collections.abc import Sequence

from listfold.core.block import code, dashes, last, paragraph, quoted, ruler, version
from listfold.core.rule import plain
from listfold.core.signature_lines import (
    ADDRESS,
    CLOCK,
    CODE,
    FOOTNOTE,
    FORM,
    LINE_LENGTH,
    REFERENCE,
    SETTING,
    SPEAKS,
    TITLE,
    URL,
    VISIT,
    announces,
    closing,
    named,
    namelike,
    names_of,
    postscript,
    programmed,
    prose,
    shortened,
    tells,
    tokens,
)
from listfold.model import Person, Span

SIGNATURE_LINES = 16  # that are not blank: RFC 3676 asks for four, companies write four times as many
SIGNATURE_REACH = 30
BARE_LINES = 12  # of a signature without a separator
NAME_LINES = 4  # a name, a title, a department, a company
NAME_PARAGRAPHS = 2


def signature(
    lines: Sequence[str], end: int, floor: int, author: Person, *, own: bool = True, gateway: bool = False
) -> Span | None:
    """The signature that ends at `end`, or None. `own` is False under a quoted message that has no quote marks:
    what stands there is the quoted author's unless it names the author. `gateway`: a forum's footer stands below,
    and forums draw a line of five dashes above the signature."""
    top = max(floor, end - SIGNATURE_REACH)
    names = names_of(author)
    rows = 0
    boxed = False
    bottom = end
    while bottom > top and (ruler(lines[bottom - 1]) or lines[bottom - 1].strip() == "-"):
        bottom = last(lines, bottom - 1, top)  # the lower edge of a box around it
    for at in range(bottom - 1, top - 1, -1):
        line = lines[at]
        if not line.strip():
            if boxed:
                break
            continue
        if code(line):
            return None
        if quoted(line) or postscript(line, names):
            break
        if dashes(line) and (line == "-- " or not boxed):
            found = _separated(lines, at, bottom, end, names)
            return found if found and (own or _mentions(lines, at, end, author)) else None
        if not boxed and (ruler(line) or line.strip() in ("---", "___", "__", "=-", "-=", "-")):
            found = _drawn(lines, at, bottom, end, author)
            if gateway and found is None and line.strip() == "-----" and rows <= 6:
                found = Span("signature", at, end, "ruled-gateway", 0.85)
            if found and (own or _mentions(lines, at, end, author)):
                return found
            if found is None and len(line.strip()) > 2:
                # What is drawn may stand in a signature, when all of it stands together.
                if any(not lines[n].strip() for n in range(at, bottom)):
                    break
                boxed = True
        rows += 1
        if rows > SIGNATURE_LINES:
            break
    if not own:
        return None
    if _sentence(lines[end - 1].strip()):
        return None  # most texts
    return (
        _dashed(lines, end, names)
        or _bare(lines, end, top, author.address.casefold(), names)
        or _titled(lines, end, top, names)
    )


def _dashed(lines: Sequence[str], end: int, names: tuple[str, ...]) -> Span | None:
    """A last line that is a whole signature: "    -- Anna Lind, anna@example.net". A name alone is a sign-off, and
    a change log tells the time, too."""
    line = lines[end - 1].strip()
    if not line.startswith(("-- ", "— ")) or CLOCK.search(line):
        return None
    for mark in ("-- ", "— "):
        rest = line.removeprefix(mark)
        if rest != line and len(line) <= LINE_LENGTH and tokens(rest) and named(ADDRESS.sub("", rest), names):
            return Span("signature", end - 1, end, "dashed-name", 0.8)
    return None


def _separated(lines: Sequence[str], at: int, bottom: int, end: int, names: tuple[str, ...]) -> Span | None:
    """What stands under `-- `: a signature unless it is something else."""
    inside = [line for line in lines[at + 1 : bottom] if line.strip()]
    if not inside or version(inside[0]):
        return None
    exact = lines[at] == "-- "
    if len(inside) > SIGNATURE_LINES or any(code(line) for line in inside[:4]):
        return None
    drawing = (
        exact and tokens(inside[0]) and names and names[0] in plain(inside[0])
    )  # a drawing beside it has slashes, too
    if not drawing and any(programmed(line) for line in inside[:4]):
        return None
    rule = "rfc3676" if exact else "dashes"
    if not last(lines, at):
        return Span("signature", at, end, rule, 0.4)  # there is nothing else: it is what the author wrote
    if lines[at].startswith(" ") and not inside[-1].startswith((" ", "\t")):
        return Span("signature", at, end, rule, 0.45)  # in a sample that is set in, and the text goes on below it
    wide = sum(len(shortened(line)) > 100 for line in inside)
    proof = sum(tokens(line) for line in inside) + 2 * any(named(line, names) for line in inside)
    if not proof and not exact and (first := _parts(lines, at)) is not None:
        return Span("signature", first, end, rule, 0.45)
    if not proof and (FOOTNOTE.match(inside[0]) or (not exact and _goes_on(lines[at + 1], inside[0]))):
        return Span("signature", at, end, rule, 0.45)
    below = lines[paragraph(lines, bottom, at + 1)]
    above = lines[last(lines, at) - 1].rstrip()
    if above[-1].isalnum() and below is not lines[at + 1] and below[:1].islower() and prose(below):
        return Span("signature", at, end, rule, 0.45)  # a sentence goes on that began above: it shows a signature
    if exact:
        at -= at > 0 and lines[at - 1] == "-- "  # Google Groups writes one of its own above a group's words
        return Span("signature", at, end, rule, 0.98 if len(inside) <= 8 or proof else 0.7)
    if proof or (len(inside) <= 5 and not wide) or closing(inside[0]):
        return Span("signature", at, end, rule, 0.9)
    return Span("signature", at, end, rule, 0.45)


def _goes_on(below: str, first: str) -> bool:
    """Whether `--` parts two topics or the items of a list: a sentence below a blank line, a numbered one, or one
    that tells who says it."""
    item = REFERENCE.match(first) or SPEAKS.match(first)
    return item is not None or (not below.strip() and prose(first) and not closing(first))


def _parts(lines: Sequence[str], at: int) -> int | None:
    """The first of the separators that part a text, when the one at `at` is not the first; a column's sum has one that
    is indented like its numbers."""
    mark = lines[at]
    above = range(max(0, at - SIGNATURE_REACH), at)
    if mark.startswith(" ") and lines[at + 1].startswith(" "):
        return at
    return next((n for n in above if lines[n] == mark), None)


def _drawn(lines: Sequence[str], at: int, bottom: int, end: int, author: Person) -> Span | None:
    """What stands under `---` or `____`: a signature only when it names the author or holds contact data."""
    inside = [shortened(line) for line in lines[at + 1 : bottom] if line.strip()]
    if not inside or len(inside) > SIGNATURE_LINES or any(len(line) > 160 for line in inside):
        return None
    mark = lines[at].strip()
    if mark in [line.strip() for line in lines[max(0, at - SIGNATURE_REACH) : at]]:
        return None  # the lower edge of a table or a box
    if any(code(line) or FORM.match(line) for line in inside) or (
        bottom == end and inside[0].lstrip().startswith(("[", "*", "1"))
    ):
        return None
    above = lines[at - 1].strip() if at else ""
    if above and len(mark) > 4 and (abs(len(above) - len(mark)) <= 3 or "|" in above):
        return None  # a heading, underlined, or a table's head
    names = names_of(author)
    contact = sum(tokens(line) for line in inside)
    if _afterwards(lines, at, bottom, names):
        return None
    person = any(tokens(URL.sub("", line)) for line in inside)
    address = author.address.casefold()
    speaks = SPEAKS.match(inside[0]) is not None and not tokens(inside[0])
    called = (named(inside[0], names) and not speaks) or (
        address and any(address in line.casefold() for line in inside)
    )
    if at and dashes(lines[at - 1]):
        at -= 1
    if (
        called
        and (contact or (len(inside) <= 6 and (mark[0] in "-_~—" or bottom < end)))
        and not any(prose(line) for line in inside[:1])
    ):
        return Span("signature", at, end, "ruled-name", 0.85)
    if person and contact >= 3 and contact * 2 >= len(inside) and sum(map(prose, inside)) * 2 <= len(inside):
        return Span("signature", at, end, "ruled-contact", 0.8)
    return None


def _afterwards(lines: Sequence[str], at: int, end: int, names: tuple[str, ...]) -> bool:
    """Whether the last paragraph goes on with something else, well below the signature."""
    start = end
    while start > at + 1 and lines[start - 1].strip():
        start -= 1
    gap = start > at + 2 and not lines[start - 2].strip()
    return gap and not any(tokens(line) or named(line, names) for line in lines[start:end])


def _bare(lines: Sequence[str], end: int, top: int, address: str, names: tuple[str, ...]) -> Span | None:
    """A signature with nothing drawn above it: a name, and contact data in every paragraph under it.

    The name is the author's, or what looks like one under a sign-off. Links alone are no contact data: people give
    them under their names too.
    """
    if not any(tells(line) for line in lines[paragraph(lines, end, top) : end]):
        return None
    start = end
    contact = personal = titles = rows = said = 0
    for at in range(end - 1, top - 1, -1):
        line = lines[at]
        bare = line.strip()
        if not bare:
            if not said:
                return None
            said = 0
            if address and rows >= 2 and lines[at - 1 : at] and any(address in x.casefold() for x in lines[start:end]):
                # The author's own address, in a paragraph of its own that is no sentence.
                if _introduced(lines, start, top) or announces(lines[start]) or _addresses(lines[start:end]):
                    return None
                start = _under_name(lines, start, top, names)
                return Span("signature", start, end, "own-address", 0.75)
            continue
        known = contact + titles >= 2 and personal and rows >= 1
        if closing(bare):
            if known and start - at <= 2 and namelike(lines[start]):
                return Span("signature", start, end, "contact", 0.8)
            return None
        if (
            _sentence(bare)
            or len(shortened(bare)) > LINE_LENGTH
            or quoted(line)
            or set(bare) <= set("-=_")
            or ruler(line)
            or CODE.search(line)
            or CLOCK.search(line)
            or bare.endswith("?")
            or SETTING.match(line)
            or FORM.match(line)
            or postscript(line, names)
        ):
            return None
        if known and named(bare, names):
            if _introduced(lines, at, top):
                return None
            return Span("signature", at, end, "contact", 0.85 if contact >= 2 else 0.6)
        rows += 1
        if rows > BARE_LINES:
            break
        start = at
        weight = tokens(line)
        contact += weight
        personal += weight and tokens(URL.sub("", line))
        title = not weight and TITLE.search(bare) is not None
        titles += title
        said += weight or title
    if contact >= 4 and personal and contact + titles >= rows >= 3:
        return Span("signature", start, end, "contact", 0.45)
    return None


def _sentence(line: str) -> bool:
    """Whether a line is of a sentence, and no signature has it."""
    return prose(line) and not TITLE.match(line) and not VISIT.match(line)


def _titled(lines: Sequence[str], end: int, top: int, names: tuple[str, ...]) -> Span | None:
    """A last paragraph that is the author's full name and, under it or behind a bar, what he is and where: no contact
    data. Under words that announce it, or with other people in it, it is no signature."""
    start = end
    while start > top and lines[start - 1].strip() and not closing(lines[start - 1]):
        start -= 1
        if end - start > NAME_LINES + 1:
            return None
    if start in (end, top) or len(lines[start]) > 2 * LINE_LENGTH:
        return None
    first, *rest = lines[start].split(" | ")
    if not rest and end - start < 2:
        return None
    words = plain(first).replace(",", " ").split()
    hits = sum(word in names or (len(word) < 3 and f" {word} " in f" {names[0]} ") for word in words) if names else 0
    if hits < 2 or len(words) > hits + 2 or _introduced(lines, start, top):
        return None
    titles = sum(TITLE.search(part) is not None or 2 * tokens(part) for part in rest)
    for line in lines[start + 1 : end]:
        if len(line) > LINE_LENGTH or ":" in line or quoted(line) or code(line) or ruler(line) or prose(line):
            return None
        head, _, place = line.strip().partition(", ")
        if place and namelike(head) and not TITLE.search(head):
            return None  # somebody else, and where he is
        titles += TITLE.search(line) is not None
    return Span("signature", start, end, "titled", 0.7) if titles >= (2 if end - start < 2 else 1) else None


def _addresses(lines: Sequence[str]) -> bool:
    """Whether each line is an address and nothing else: those of several people."""
    return all(ADDRESS.fullmatch(line.strip()) for line in lines if line.strip())


def _introduced(lines: Sequence[str], start: int, top: int) -> bool:
    """Whether the words above announce the contact data: "For the papers write to:"."""
    above = last(lines, start, top)
    return above > top and announces(lines[above - 1])


def _under_name(lines: Sequence[str], start: int, top: int, names: tuple[str, ...]) -> int:
    """Where a signature begins whose name and title are a paragraph above the contact data, or above the company's
    address there; else `start`."""
    above = start
    for _ in range(NAME_PARAGRAPHS):
        above = last(lines, above, top)
        for at in range(above - 1, max(top, above - NAME_LINES) - 1, -1):
            line = lines[at].strip()
            if not line:
                above = at
                break
            if len(line) > LINE_LENGTH or closing(line) or (prose(line) and not TITLE.match(line)):
                return start
            if named(line, names):
                return at
        else:
            return start
    return start


def _mentions(lines: Sequence[str], start: int, end: int, author: Person) -> bool:
    names = names_of(author)
    address = author.address.casefold()
    return any(named(line, names) or (address and address in line.casefold()) for line in lines[start:end])
