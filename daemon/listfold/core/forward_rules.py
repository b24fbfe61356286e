"""Tells where a forwarded or quoted message begins inside a text.

A separator alone, or a block of header labels alone, opens a message. Labels are looked up, never searched for,
so that a line costs the same whatever it holds.
"""

import re
from collections.abc import Iterable, Sequence

from listfold.core.forward_words import END_PHRASES, FORWARD_PHRASES, LABELS, ORIGINAL_PHRASES, OTHER

MAX_BLOCK = 40  # lines of a header block that are read: more is a list of names, not a header…
MAX_HEADER = 100  # …and lines of a whole header, those included that no label names
MAX_LINE = 1000  # characters of a line that are looked at (RFC 5322 2.1.1 allows 998)

FIELDS = ("from", "date", "to", "cc", "subject")
EITHER = frozenset({"reply", "outlook", "groupwise"})  # styles of replies and forwards alike
OPENING_FIELDS = frozenset({"from", "date", "subject"})  # by which a block begins


def _table() -> dict[str, str]:
    """Label to field. A word that is two fields in two languages ("a", "do") keeps the first that claims it."""
    table: dict[str, str] = {}
    for row in LABELS:
        columns = (row.sender, row.date, row.to, row.cc, row.subject)
        for name, words in zip(FIELDS, columns, strict=True):
            for word in words.split("|"):
                table.setdefault(word.casefold(), name)
    for word, name in OTHER.items():
        table.setdefault(word, name)
    return table


FIELD_OF = _table()
FORWARD = frozenset(phrase.casefold() for _, phrases in FORWARD_PHRASES for phrase in phrases)
ORIGINAL = frozenset(phrase.casefold() for _, phrases in ORIGINAL_PHRASES for phrase in phrases)
# Apple and others announce a forward by a sentence with a colon, without any rule around it.
_OPENERS = ("begin", "start", "début", "anfang", "inicio", "início", "inizio", "начало", "початок", "začátek",
            "začiatok", "početak", "početek", "początek", "început", "έναρξη", "bắt đầu", "下面", "以下", "開始",
            "inici", "begynd", "بداية", "תחילת")  # fmt: skip

_RULED = ("--", "==", "__", "**", "——", "──", "##", "~~", "‐‐")  # the last is Proton's

LABEL_LINE = re.compile(
    r"\s{0,8}[*_]{0,2}([^\W\d_][^:：\n*]{0,31}+)[*_]{0,2}[ \t\xa0]?[:：][*_]{0,2}[ \t\xa0]*(.*)", re.DOTALL
)
LABEL_ENDS = 46  # characters within which a label has its colon, by this pattern
QUOTE_MARK = re.compile(r"(?:[ \t]{0,4}[>|])+ ?")
DECORATION = "-‐_=*#~+—–―─━<>| \t\xa0\u200e\u200f\u202a\u202c"
_BEYOND = r"[^\x00-\x7f]"
_FIRST = sorted({re.sub(_BEYOND + ".*", lambda _: _BEYOND, words) for words in (*_OPENERS, "this")} - {_BEYOND})
_FIRST_BY_LETTER = [(c, [words[1:] for words in _FIRST if words[0] == c]) for c in sorted({w[0] for w in _FIRST})]
_SPACE = r" \t\x0b-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # \s but the line end
# How a line begins that announces a message and need not have a colon: drawn, beyond ASCII, or with an opener, of which
# what is ASCII is compared. The first letter is asked alone: most lines go no further.
_SIGN = re.compile(
    rf"[{_SPACE}]*+(?:--|==|__|\*\*|##|~~|_-|-_|[-_=*#~+<>|{_SPACE}]*+(?:{_BEYOND}"
    + "".join(rf"|[{c}{c.upper()}](?i:{'|'.join(words)})" for c, words in _FIRST_BY_LETTER)
    + "))"
)
ARROWS = ">>> "
UNQUOTED = (">From ", ARROWS)  # an mbox's, GroupWise's
_ARROWS_BELOW = f"\n{ARROWS}"
_ARROWED = re.compile(rf"\n{ARROWS}[^\n]*(?:>>>|wrote:)[ \t]*(?=\n)")
_SIGNS = re.compile(rf"\n(?!>){_SIGN.pattern}")  # the same below a line end, and not behind a quote mark
MUTT = re.compile(r"forwarded (?:message|mail|email) from (.{1,200})", re.IGNORECASE)
LOTUS = re.compile(
    r"(?:forwarded by|weitergeleitet von|transféré par|transmis par|reenviado por|inoltrato da|encaminhado por"
    r"|doorgestuurd door|vidarebefordrat av|videresendt af|przesłane przez)"
    r" (.{1,200}?) (?:on|am|le|el|il|em|op|den|w dniu) (.{6,60})",
    re.IGNORECASE,
)
GIT_FROM = re.compile(r"From [0-9a-f]{12,64} \w{3} \w{3} ")
THE_BAT = re.compile(r"={2,}8<?={3,}.{0,10}original message text.{0,10}={3,}", re.IGNORECASE)
# GroupWise names who is quoted, forwarded or answered between arrows, and marks nothing below.
_TIME = r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?:,| at)? \d{1,2}:\d\d ?(?:[AP]M)?"
GROUPWISE = re.compile(
    rf">>> (?:(?P<from>[^>]{{2,120}}(?:<[^<>\s]{{3,120}}>)?) (?P<date>{_TIME}) >>>"
    rf"|On (?P<on>{_TIME}), in message <[^<>]{{3,200}}>, (?P<by>.{{2,160}}) wrote:)\s*",
    re.IGNORECASE,
)
THE_BAT_ENDS = re.compile(r"={2,}8<?={3,}end of original message text={3,}", re.IGNORECASE)
FROM_LINE = re.compile(r">?From \S+\s+\w{3} \w{3} [ \d]\d \d\d:\d\d")  # of an mbox, above a header
ORANGE = re.compile(r"message du (\d{1,2}/\d{1,2}/\d{2,4} \d{1,2}:\d\d)\s*$", re.IGNORECASE)  # above its labels
SENDER = re.compile(r"\s*sender:", re.IGNORECASE)  # a From that the labels name again: who has sent it on
OTHER_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+:")  # of a whole header: "X-Mailer:"


def label_of(line: str) -> tuple[str, str] | None:
    """(field, value) of a header line as mail programs show it, "" as the field of one that nobody needs."""
    head, colon, _ = line[:LABEL_ENDS].replace("：", ":").partition(":")
    if not colon or " ".join(head.casefold().split()).strip("*_ ") not in FIELD_OF:
        return None  # most lines
    match = LABEL_LINE.match(line[:MAX_LINE])
    if match is None:
        return None
    field = FIELD_OF.get(" ".join(match[1].casefold().split()))
    return None if field is None else (field, match[2].strip(" \t*\xa0\u200e"))


def separator_of(line: str) -> tuple[str, dict[str, str]] | None:
    """(style, fields) when a line announces a message: "---------- Forwarded message ---------" and its like."""
    if len(line) > 300:
        return None
    if line.startswith(ARROWS):
        return arrowed(line)
    left = line.lstrip()
    ruled = left.startswith(_RULED)
    if not _SIGN.match(line) and not _ends_with_colon(line):
        return None  # most lines
    bare = line.strip(DECORATION)
    if not bare:
        return None
    phrase = " ".join(bare.rstrip(":：. ").casefold().split())
    if phrase in FORWARD:
        if ruled:
            dashes = len(left) - len(left.lstrip("-"))
            return {8: "thunderbird", 10: "gmail"}.get(dashes, "forward"), {}
        if bare.endswith((":", "：")) or phrase.startswith(_OPENERS):
            return "apple", {}
        return None
    if not ruled:
        if phrase == "this is a forwarded message":
            return "thebat", {}
        return None
    if phrase in ORIGINAL or (left.startswith("==") and THE_BAT.fullmatch(left.rstrip())):
        return "reply", {}
    if match := MUTT.fullmatch(bare):
        return "mutt", {"from": match[1].strip(" -:")}
    if match := LOTUS.fullmatch(bare):
        return "lotus", {"from": match[1].strip(), "date": match[2].strip(DECORATION)}
    return None


def arrowed(line: str) -> tuple[str, dict[str, str]] | None:
    """GroupWise's separator, which looks like a quote."""
    if not (line.startswith(ARROWS) and line.rstrip().endswith((">>>", ":"))):
        return None
    match = GROUPWISE.fullmatch(line)
    if match is None:
        return None
    return "groupwise", {"from": match["from"] or match["by"], "date": match["date"] or match["on"]}


def no_quote(line: str) -> bool:
    """Of a line that begins like UNQUOTED: whether it is none of a quote, for all its mark."""
    return line[1] == "F" or arrowed(line) is not None


def _ends_with_colon(line: str) -> bool:
    return line.rstrip(DECORATION).endswith((":", "："))


def _labels_one(line: str) -> bool:
    """Whether a line has one of the labels that a block begins with."""
    label = label_of(line)
    return label is not None and label[0] in OPENING_FIELDS


def openings(text: str, lines: Sequence[str], colons: Iterable[int]) -> list[int]:
    """The lines of a text without a quote mark at which forward_at or ends_forward may find something: all but a few
    are passed over here, once for all that ask. Signs are looked for in all of the text at once; `colons` are the
    lines that have one."""
    found: set[int] = set()
    text = f"\n{text}\n"
    n = at = 0
    for match in _SIGNS.finditer(text):
        line = text[match.start() + 1 : text.index("\n", match.end())]
        if _is_rule(line) or ends_forward(line) or separator_of(line) is not None:
            n += text.count("\n", at, at := match.start())
            found.add(n)
    if _ARROWS_BELOW in text:
        n = at = 0
        for match in _ARROWED.finditer(text):
            n += text.count("\n", at, at := match.start())
            found.add(n)
    for n in colons:
        line = lines[n]
        if line[:1] != ">" and (_labels_one(line) or (_ends_with_colon(line) and separator_of(line) is not None)):
            found.add(n)
    return sorted(found)


def ends_forward(line: str) -> bool:
    """Whether a line closes a forward: "----- End forwarded message -----"."""
    left = line.lstrip()
    return (
        len(line) < 200
        and left.startswith(("--", "==", "__"))
        and (
            " ".join(left.strip(DECORATION).casefold().split()) in END_PHRASES
            or (left.startswith("==") and THE_BAT_ENDS.fullmatch(left.rstrip()) is not None)
        )
    )


def forward_at(lines: Sequence[str], n: int) -> tuple[int, dict[str, str]] | None:
    """The header block of a forwarded or quoted message that begins at line n, or None.

    Gives the line after the block and the fields that it names, as written: any of from, date, subject, to, cc,
    message-id, in-reply-to, references, and always `style`: "gmail", "thunderbird", "apple", "mutt", "lotus",
    "thebat" or "forward" when a separator says forward; "reply" for "-----Original Message-----", which programs
    write for replies and forwards alike, "groupwise" for arrows; "outlook" for a block of labels with no separator
    (also either).
    The block's lines may stand behind one quote mark ("> From:") when the separator does not. Reads at most
    MAX_BLOCK lines, of a whole header MAX_HEADER.
    """
    first = lines[n]
    found = separator_of(first)
    at = n
    fields: dict[str, str] = {}
    if found is not None:
        style, fields = found
        if style == "groupwise":  # says all of it; what follows is the text
            return n + 1, {**fields, "style": style}
        at = _below_separator(lines, n, found)
    elif marked := ORANGE.match(first):
        style, fields, at = "reply", {"date": marked[1]}, n + 1
    elif _labels_one(first):
        style = "outlook"
    elif _is_rule(first):
        # Outlook for the web and on mobiles rules off a quote with ____ before its labels.
        at = _skip_blank(lines, n + 1, 1)
        style = "outlook"
    else:
        return None
    end, named = _labels(lines, at)
    if style == "outlook":
        # git format-patch writes a From_ line over its header: a patch that stands in a text, nobody's message.
        if n and GIT_FROM.match(lines[n - 1]):
            return None
        return (end, {**named, "style": style}) if _proves(named) else None
    end = n + 1 if end == at else _after_rule(lines, end)
    return end, {**fields, **named, "style": style}


def _proves(named: dict[str, str]) -> bool:
    """Labels without a separator need a sender with a value, and two more of the usual ones."""
    return bool(named.get("from")) and len({"date", "to", "subject"} & named.keys()) >= 2


def _is_rule(line: str) -> bool:
    bare = line.strip()
    return len(bare) >= 5 and bare.strip("_-") == ""


def headed(lines: Sequence[str], at: int) -> tuple[int, dict[str, str]] | None:
    """The header block that a quoted text begins with, whatever its first label is: as `forward_at` gives it."""
    end, named = _labels(lines, at)
    return (end, {**named, "style": "outlook"}) if _proves(named) else None


def _below_separator(lines: Sequence[str], n: int, found: tuple[str, dict[str, str]]) -> int:
    """The line at which the labels may begin: below blank ones, the same separator again, or an mbox's From_ line."""
    at = _skip_blank(lines, n + 1, 2)
    if at < len(lines) and separator_of(lines[at]) == found:
        at = _skip_blank(lines, at + 1, 2)
    if at < len(lines) and FROM_LINE.match(lines[at]):
        at += 1
    return at


def _after_rule(lines: Sequence[str], end: int) -> int:
    """The line after a separator that parts the labels from the text, as The Bat and Zoho draw one: no labels of its
    own follow it."""
    at = _skip_blank(lines, end, 1)
    if at < len(lines) and lines[at].startswith("==") and separator_of(lines[at]) is not None:
        below = _skip_blank(lines, at + 1, 2)
        if below == len(lines) or label_of(lines[below]) is None:
            return at + 1
    return end


def _skip_blank(lines: Sequence[str], at: int, most: int) -> int:
    stop = min(len(lines), at + most)
    while at < stop and not lines[at].strip():
        at += 1
    return at


def _labels(lines: Sequence[str], at: int) -> tuple[int, dict[str, str]]:
    """Header labels from line `at` on: (the line after them, the fields). Wrapped values are joined."""
    named: dict[str, str] = {}
    start = end = at
    last = ""
    stop, most = (min(len(lines), at + count) for count in (MAX_BLOCK, MAX_HEADER))
    marked = at < stop and QUOTE_MARK.match(lines[at]) is not None
    while at < stop:
        line = lines[at][:MAX_LINE]
        if marked:
            mark = QUOTE_MARK.match(line)
            if mark is None and line.strip():
                break
            line = line[mark.end() :] if mark else line
        found = label_of(line)
        if (found is None and OTHER_FIELD.match(line)) or ("from" in named and SENDER.match(line)):
            found = "", ""
            stop = min(stop + 1, most)
        if found:
            field, value = found
            # A second sender opens another message: the first line of a body, or the next forward.
            if field and field in named and field != "to":
                break
            if field:
                named.setdefault(field, value)
            last = field
            end = at + 1
        elif not line.strip():
            # HTML made text may set labels a blank line apart.
            following = lines[at + 1] if at + 1 < stop else ""
            if marked and (mark := QUOTE_MARK.match(following)):
                following = following[mark.end() :]
            if end == at and named and len(named) < 4 and (again := label_of(following)) and again[0] not in named:
                at += 1
                continue
            break
        elif end == at and (named or last == "") and _continues(lines, at, line):
            if last:
                named[last] = f"{named[last]} {line.strip()}".strip()
            else:
                stop = min(stop + 1, most)
            end = at + 1
        else:
            break
        at += 1
    return (end, named) if named else (start, named)


def _continues(lines: Sequence[str], at: int, line: str) -> bool:
    """A wrapped value: an indented line (RFC 5322 2.2.3), or more addresses after a comma."""
    before = lines[at - 1].rstrip() if at else ""
    return line[:1] in " \t" or (before.endswith((",", ";", "<")) and ("@" in line or ";" in line))
