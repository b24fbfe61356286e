"""Finds the author's signature at the end of a text: after a separator, or by the contact data that it holds."""

import re
from collections.abc import Sequence

from listfold.core.block import code, dashes, last, quoted, ruler, version
from listfold.core.rule import plain
from listfold.model import Person, Span

SIGNATURE_LINES = 16  # that are not blank: RFC 3676 asks for four, companies write four times as many
SIGNATURE_REACH = 30
BARE_LINES = 12  # of a signature without a separator
NAME_LINES = 4  # a name, a title, a department, a company
NAME_PARAGRAPHS = 2
LINE_LENGTH = 90  # a signature's lines are short; a paragraph's are not

_PHONE = re.compile(r"(?<![\w.])(?:\+|00|\(?0)?\(?\d[\d ().\u2011/-]{6,22}\d(?![\w.])")
_LABEL = re.compile(
    r"^\W{0,4}(?:tel|telephone|phone|ph|fax|mobile|mob|cell|handy|gsm|voice|office|direct|desk|home|work"
    r"|email|e-mail|mail|web|website"
    r"|homepage|home page|url|www|skype|icq|aim|msn|yim|jabber|xmpp|irc|matrix|mastodon|twitter|linkedin"
    r"|github|blog|facebook|telegram"
    r"|whatsapp|pgp|gpg|openpgp|key id|keyid|fingerprint|key fingerprint|telefon|telefono|teléfono|téléphone"
    r"|tél|telefax|móvil|celular"
    r"|cel|telefone|tlf|mobil|puh|puhelin|тел|телефон|моб|факс|почта|tlf|adresse|address|t|m|f|p|e|w|c|d|o|h"
    r"|电话|手机|邮箱|電話|携帯|전화"
    r"|pobox|p\.?o\.? box)\b\.?\s{0,3}(?:\([\w /]{1,12}\)|no\.?|number|#)?\s{0,3}[:：=.|/]\s?\S",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\]| at )\s?[\w-]{1,63}(?:\.| dot )[\w.-]{2,}", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)[\w-][^\s<>]*", re.IGNORECASE)
_REFERENCE = re.compile(r"\s*(?:\[\w{1,4}\]|\d{1,2}[.)]|[*-] )")
_KEY = re.compile(
    r"\b(?:0x)?[0-9A-F]{4}(?:[ :]{1,3}[0-9A-F]{4}){1,9}\b|\b0x[0-9A-Fa-f]{8,40}\b|\b\d{4}[RDg]/[0-9A-Fa-f]{8}\b"
)
_TITLE = re.compile(
    r"\b(?:engineer|developer|manager|director|professor|prof\.|ph\.?d|dr\.|scientist|consultant|architect"
    r"|administrator|sysadmin"
    r"|president|officer|founder|ceo|cto|cio|lead|head of|department|dept|university|institute|laborator"
    r"|college|faculty|inc\.?|ltd\.?|gmbh"
    r"|llc|corp\.?|corporation|company|s\.a\.|s\.r\.l|b\.v\.|a/s|foundation|technologies|solutions|systems"
    r"|software|universität|universidad"
    r"|université|università|ingenieur|ingénieur|entwickler|geschäftsführer|abteilung|institut|instituto"
    r"|инженер|отдел|университет"
    r"|responsable|directeur|directrice|direction|technicien|chercheu\w*|chef d\w*|ingénieure|jefe|jefa"
    r"|gerente|coordinador|investigador|profesor|analista|leiter|leitung|wissenschaftlich\w*|mitarbeiter"
    r"|referent|coordenador|pesquisador|diretor|responsabile|direttore|ricercat\w*|ufficio|medewerker|\w*beheerder"
    r"|onderzoeker|kierownik|dyrektor|vedoucí|ředitel|инженер|начальник|руководител|директор|кафедр|завод|müdür|yönetici|uzman"
    r"|разработчик|工程师|公司|大学|株式会社|部|specialist|analyst|team|support)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"^\s*(?:[$#>%] |[{}]|//|/\*|#include|def |import |return\b|if \(|for \(|[\w.]+\([^)]*\);?$)|;\s*$|[{}]\s*$"
)
_POSTSCRIPT = re.compile(
    r"\s*(?:(?:p\.?\s?){1,3}s\.?\s?[:–-]|(?:p\.?\s?){1,3}s\.(?:\s+\S+){3}|(?:p\.?d|n\.?b|з\.?ы|п\.?с)\.?\s?:|追伸|附言)",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"\s*(?:(?:full|first|last|family|given|user)[ _-]?name|(?:sur|vor|nach)?name|nom|prénom|nombre|nome|cognome|naam"
    r"|namn|navn|имя|姓名|名前|氏名|registrant|maintainer|speaker|author|date)\s?[:=：]\s?\S",
    re.IGNORECASE,
)
_SPEAKS = re.compile(r"\s*\w+[:：]\s+\S")  # "Anna: beans", in minutes and agendas
_FOOTNOTE = re.compile(r"\s*\[\d{1,2}\]:?\s")
_CLOCK = re.compile(r"\b\d\d:\d\d:\d\d\b")
_SETTING = re.compile(r"\s*(?:[\w.-]{1,60} = \S|\[[\w. -]{1,60}\]\s*$)")  # of a configuration file
_CLOSING = (
    "best", "best regards", "regards", "kind regards", "thanks", "thank you", "cheers", "greetings", "sincerely",
    "yours",
    "with kind regards", "best wishes", "many thanks", "thanks in advance", "mit freundlichen grüßen", "mfg", "gruß",
    "viele grüße", "cordialement", "salutations", "saludos", "un saludo", "atentamente", "atenciosamente", "abraços",
    "obrigado",
    "saluti", "cordiali saluti", "ciao", "groeten", "met vriendelijke groet", "hälsningar", "mvh",
    "med vänliga hälsningar",
    "med venlig hilsen", "hilsen", "terveisin", "pozdrawiam", "s pozdravem", "üdvözlettel", "с уважением",
    "з повагою",
    "saygılarımla", "此致", "谢谢", "よろしく", "thx", "rgds", "br", "kr", "hth", "vg", "lg", "/", "warm regards",
    "love", "peace",
)  # fmt: skip
_POSTSCRIPTS = frozenset("pPnNзЗпП追附")  # what one begins with
_CLOSINGS = frozenset(words.casefold() for words in _CLOSING)


def signature(
    lines: Sequence[str], end: int, floor: int, author: Person, *, own: bool = True, gateway: bool = False
) -> Span | None:
    """The signature that ends at `end`, or None. `own` is False under a quoted message that has no quote marks:
    what stands there is the quoted author's unless it names the author. `gateway`: a forum's footer stands below,
    and forums draw a line of five dashes above the signature."""
    top = max(floor, end - SIGNATURE_REACH)
    names = _names(author)
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
        if quoted(line) or code(line):
            return None
        if _postscript(line, names):
            break
        if dashes(line) and (line == "-- " or not boxed):
            found = _separated(lines, at, bottom, end, names)
            return found if found and (own or _mentions(lines, at, end, author)) else None
        if not boxed and (ruler(line) or line.strip() in ("---", "___", "=-", "-=", "-")):
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
    return _dashed(lines, end, names) or _bare(lines, end, top, author)


def _postscript(line: str, names: tuple[str, ...]) -> bool:
    """Whether a line begins what an author added below the signature. Initials look like it: "P.S. Lind"."""
    return line.lstrip()[:1] in _POSTSCRIPTS and _POSTSCRIPT.match(line) is not None and not _named(line, names)


def _dashed(lines: Sequence[str], end: int, names: tuple[str, ...]) -> Span | None:
    """A last line that is a whole signature: "    -- Anna Lind, anna@example.net". A name alone is a sign-off, and
    a change log tells the time, too."""
    line = lines[end - 1].strip()
    if _CLOCK.search(line):
        return None
    for mark in ("-- ", "— "):
        rest = line.removeprefix(mark)
        if rest != line and len(line) <= LINE_LENGTH and tokens(rest) and _named(_ADDRESS.sub("", rest), names):
            return Span("signature", end - 1, end, "dashed-name", 0.8)
    return None


def tokens(line: str) -> int:
    """How much of a contact a line holds: a labelled number or address tells more than a bare one."""
    if _REFERENCE.match(line):
        return 0
    line = _short(line)
    if len(line) > 250:
        return 0
    short = len(line) <= LINE_LENGTH
    found = 0
    if _LABEL.search(line):
        found += 2
    if short and _ADDRESS.search(line):
        found += 1
    if _URL.search(line):
        found += 1
    if short and any(sum(c.isdigit() for c in m.group()) >= 7 for m in _PHONE.finditer(line)):
        found += 1
    if _KEY.search(line):
        found += 1
    return min(found, 2)


def _short(line: str) -> str:
    """A line with its links shortened: rewritten ones run to hundreds of characters."""
    return _URL.sub("www.x", line[:4000]) if len(line) > 60 else line


def _separated(lines: Sequence[str], at: int, bottom: int, end: int, names: tuple[str, ...]) -> Span | None:
    """What stands under `-- `: a signature unless it is something else."""
    inside = [line for line in lines[at + 1 : bottom] if line.strip()]
    if not inside or version(inside[0]):
        return None
    exact = lines[at] == "-- "
    if len(inside) > SIGNATURE_LINES or any(code(line) or _programmed(line) for line in inside[:4]):
        return None
    rule = "rfc3676" if exact else "dashes"
    if not last(lines, at):
        return Span("signature", at, end, rule, 0.4)  # there is nothing else: it is what the author wrote
    wide = sum(len(_short(line)) > 100 for line in inside)
    proof = sum(tokens(line) for line in inside) + 2 * any(_named(line, names) for line in inside)
    if not proof and (_FOOTNOTE.match(inside[0]) or (not exact and _goes_on(lines[at + 1], inside[0]))):
        return Span("signature", at, end, rule, 0.45)
    if exact:
        return Span("signature", at, end, rule, 0.98 if len(inside) <= 8 or proof else 0.7)
    if proof or (len(inside) <= 5 and not wide) or _closing(inside[0]):
        return Span("signature", at, end, rule, 0.9)
    return Span("signature", at, end, rule, 0.45)


def _goes_on(below: str, first: str) -> bool:
    """Whether `--` parts two topics or the items of a list: a sentence below a blank line, or a numbered one."""
    return _REFERENCE.match(first) is not None or (not below.strip() and _prose(first) and not _closing(first))


def _programmed(line: str) -> bool:
    """Whether a line is of a program. Sayings end lines with a semicolon too, and shout less than SQL."""
    if not _CODE.search(line):
        return False
    words = line.split()
    said = len(words) >= 4 and line.rstrip().endswith(";") and not set("=(){}<>") & set(line) and not words[0].isupper()
    return not said


def _drawn(lines: Sequence[str], at: int, bottom: int, end: int, author: Person) -> Span | None:
    """What stands under `---` or `____`: a signature only when it names the author or holds contact data."""
    inside = [_short(line) for line in lines[at + 1 : bottom] if line.strip()]
    if not inside or len(inside) > SIGNATURE_LINES or any(len(line) > 160 for line in inside):
        return None
    mark = lines[at].strip()
    if mark in [line.strip() for line in lines[max(0, at - SIGNATURE_REACH) : at]]:
        return None  # the lower edge of a table or a box
    if any(code(line) or _FORM.match(line) for line in inside) or (
        bottom == end and inside[0].lstrip().startswith(("[", "*", "1"))
    ):
        return None
    above = lines[at - 1].strip() if at else ""
    if above and len(mark) > 4 and abs(len(above) - len(mark)) <= 3:
        return None  # a heading, underlined
    names = _names(author)
    contact = sum(tokens(line) for line in inside)
    if _afterwards(lines, at, bottom, names):
        return None
    person = any(tokens(_URL.sub("", line)) for line in inside)
    address = author.address.casefold()
    speaks = _SPEAKS.match(inside[0]) is not None and not tokens(inside[0])
    named = (_named(inside[0], names) and not speaks) or (
        address and any(address in line.casefold() for line in inside)
    )
    if at and dashes(lines[at - 1]):
        at -= 1
    if (
        named
        and (contact or (len(inside) <= 6 and (mark[0] in "-_~—" or bottom < end)))
        and not any(_prose(line) for line in inside[:1])
    ):
        return Span("signature", at, end, "ruled-name", 0.85)
    if person and contact >= 3 and contact * 2 >= len(inside):
        return Span("signature", at, end, "ruled-contact", 0.8)
    return None


def _afterwards(lines: Sequence[str], at: int, end: int, names: tuple[str, ...]) -> bool:
    """Whether the last paragraph goes on with something else, well below the signature."""
    start = end
    while start > at + 1 and lines[start - 1].strip():
        start -= 1
    gap = start > at + 2 and not lines[start - 2].strip()
    return gap and not any(tokens(line) or _named(line, names) for line in lines[start:end])


def _bare(lines: Sequence[str], end: int, top: int, author: Person) -> Span | None:
    """A signature with nothing drawn above it: a name, and contact data in every paragraph under it.

    The name is the author's, or what looks like one under a sign-off. Links alone are no contact data: people give
    them under their names too.
    """
    names = _names(author)
    address = author.address.casefold()
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
                if _introduced(lines, start, top) or _announces(lines[start]) or _addresses(lines[start:end]):
                    return None
                start = _under_name(lines, start, top, names)
                return Span("signature", start, end, "own-address", 0.75)
            continue
        known = contact + titles >= 2 and personal and rows >= 1
        if _closing(bare):
            if known and start - at <= 2 and _namelike(lines[start]):
                return Span("signature", start, end, "contact", 0.8)
            return None
        if (
            len(_short(bare)) > LINE_LENGTH
            or quoted(line)
            or set(bare) <= set("-=_")
            or ruler(line)
            or _CODE.search(line)
            or _SETTING.match(line)
            or _FORM.match(line)
            or _postscript(line, names)
            or (_prose(bare) and not _TITLE.match(bare))
        ):
            return None
        if known and _named(bare, names):
            if _introduced(lines, at, top):
                return None
            return Span("signature", at, end, "contact", 0.85 if contact >= 2 else 0.6)
        rows += 1
        if rows > BARE_LINES:
            break
        start = at
        weight = tokens(line)
        contact += weight
        personal += weight and tokens(_URL.sub("", line))
        titles += weight == 0 and _TITLE.search(bare) is not None
        said += weight or _TITLE.search(bare) is not None
    if contact >= 4 and personal and contact + titles >= rows >= 3:
        return Span("signature", start, end, "contact", 0.45)
    return None


def _addresses(lines: Sequence[str]) -> bool:
    """Whether each line is an address and nothing else: those of several people."""
    return all(_ADDRESS.fullmatch(line.strip()) for line in lines if line.strip())


def _introduced(lines: Sequence[str], start: int, top: int) -> bool:
    """Whether the words above announce the contact data: "For the papers write to:"."""
    above = last(lines, start, top)
    return above > top and _announces(lines[above - 1])


def _announces(line: str) -> bool:
    return line.rstrip().endswith((":", "：")) and not _closing(line)


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
            if len(line) > LINE_LENGTH or _closing(line) or (_prose(line) and not _TITLE.match(line)):
                return start
            if _named(line, names):
                return at
        else:
            return start
    return start


def _namelike(line: str) -> bool:
    """Two to four capitalised words and nothing else."""
    words = line.split()
    return 2 <= len(words) <= 4 and all(w[0].isupper() and w.strip(".,").replace("-", "").isalpha() for w in words)


def _prose(line: str) -> bool:
    """A line of a sentence: small words more than names and numbers. Columns are no sentence."""
    if "   " in line or "\t" in line:
        return False
    words = [word for word in line.split() if "@" not in word and "/" not in word]
    small = sum(word[:1].islower() for word in words)
    return small >= 3 and small * 2 > len(words)


def _closing(line: str) -> bool:
    return plain(line).strip(" ,.!-;:") in _CLOSINGS


def _names(author: Person) -> tuple[str, ...]:
    """The author's names as a signature's first line has them: full, and each part of three letters or more."""
    name = plain(author.name).replace(",", " ").replace('"', " ")
    parts = [part.strip("().'") for part in name.split() if "@" not in part]
    return tuple(dict.fromkeys([" ".join(parts), *(part for part in parts if len(part) >= 3)])) if parts else ()


def _named(line: str, names: tuple[str, ...]) -> bool:
    """Whether a line is little more than the author's name."""
    if not names or len(line) > 70:
        return False
    bare = plain(line)
    words = [word for part in bare.split() if (word := part.strip(".,;:()[]<>*~-|/"))]
    hits = sum(word in names for word in words)
    return hits > 0 and (hits * 2 >= len(words) or (hits >= 2 and len(words) <= 8))


def _mentions(lines: Sequence[str], start: int, end: int, author: Person) -> bool:
    names = _names(author)
    address = author.address.casefold()
    return any(_named(line, names) or (address and address in line.casefold()) for line in lines[start:end])
