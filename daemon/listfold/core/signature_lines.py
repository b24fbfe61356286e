"""What one line of a signature tells: a name, a title, a contact, a closing; and what is none."""

import re

from listfold.core.rule import plain
from listfold.model import Person

LINE_LENGTH = 90  # a signature's lines are short; a paragraph's are not

_PHONE = re.compile(r"(?<![\w.])(?:\+|00|\(?0)?\(?\d[\d ().\u2011/-]{6,22}\d(?![\w.])")
_CONTACT = re.compile(r"[\d@:：=|/]|\.\w|\bat\b")  # what every contact has
_LABEL = re.compile(
    r"^\W{0,4}(?:tel|telephone|phone|ph|fax|mobile|mob|cell|handy|gsm|voice|office|direct|desk|home|work"
    r"|email|e-mail|mail|web|website"
    r"|homepage|home page|url|www|skype|icq|aim|msn|yim|jabber|xmpp|irc|matrix|mastodon|twitter|linkedin"
    r"|github|blog|facebook|telegram"
    r"|whatsapp|pgp|gpg|openpgp|key id|keyid|fingerprint|key fingerprint|telefon|telefono|teléfono|téléphone"
    r"|tél|telefax|móvil|celular"
    r"|cel|telefone|tlf|mobil|puh|puhelin|тел|телефон|моб|факс|почта|tlf|adresse|address|t|m|f|p|e|w|c|d|o|h"
    r"|电话|手机|邮箱|電話|携帯|전화"
    r"|pobox|p\.?o\.? box)\b\.?\s{0,3}(?:\([\w /]{1,12}\)|no\.?|number|#)?\s{0,3}[:：=.|/]\s?\S"
    r"|^(?:[TMFP]|Tel|tel|tfno|Tfno|puh)\.? {1,3}\+?\(?0?\d[\d ()./-]{6,22}\d$",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\]| at )\s?[\w-]{1,63}(?:\.| dot )[\w.-]{2,}", re.IGNORECASE)
URL = re.compile(r"(?:https?://|www\.)[\w-][^\s<>]*", re.IGNORECASE)
REFERENCE = re.compile(r"\s*(?:\[\w{1,4}\]|\d{1,2}[.)]|[*-] )")
_KEY = re.compile(
    r"\b(?:0x)?[0-9A-F]{4}(?:[ :]{1,3}[0-9A-F]{4}){1,9}\b|\b0x[0-9A-Fa-f]{8,40}\b|\b\d{4}[RDg]/[0-9A-Fa-f]{8}\b"
)
TITLE = re.compile(
    r"\b(?:engineer|developer|manager|director|professor|prof\.|ph\.?d|dr\.|scientist|consultant|architect"
    r"|administrator|sysadmin|clerk|principal|teacher|chair(?:man|woman|person)?|secretary|treasurer|pastor|mayor"
    r"|councill?or|planner|attorney|associate"
    r"|president|officer|founder|ceo|cto|cio|lead|head of|department|dept|institute|laborator\w*"
    r"|lecturer|librarian|postdoc\w*|coordinator|curator|technician|editor|school of|cent(?:er|re) for|library|museum"
    r"|dipartimento|dept\.|departamento|facult\w*|fakult\w*|lehrstuhl|bibliothek|bibliothèque|biblioteca"
    r"|ayuntamiento|comune di|câmara municipal|doctorant\w*|maître de conférences|doktorand\w*|urząd|wydział"
    r"|uniwersytet|universit\w*|katedra|docent"
    r"|college|faculty|inc\.?|ltd\.?|gmbh"
    r"|llc|corp\.?|corporation|company|s\.a\.|s\.r\.l|b\.v\.|a/s|foundation|technologies|solutions|systems"
    r"|software"
    r"|ingenieur|ingénieur|entwickler|geschäftsführer|abteilung|institut|instituto"
    r"|инженер|отдел|университет\w*|доцент|профессор|преподаватель|научный|заведующ\w*"
    r"|responsable|directeur|directrice|direction|technicien|chercheu\w*|chef d\w*|ingénieure|jefe|jefa"
    r"|gerente|coordinador|investigador|profesor|analista|leiter|leitung|wissenschaftlich\w*|mitarbeiter"
    r"|referent|coordenador|pesquisador|diretor|responsabile|direttore|ricercat\w*|ufficio|\w*(?:medewerker|beheerder)"
    r"|gemeente|kommun|mairie"
    r"|onderzoeker|kierownik|dyrektor|vedoucí|ředitel|инженер|начальник|руководител|директор|кафедр|завод|müdür|yönetici|uzman"
    r"|разработчик|工程师|公司|大学|株式会社|部|specialist|analyst|team|support)\b",
    re.IGNORECASE,
)
CODE = re.compile(
    r"^\s*(?:[$#>%] |[{}]|//|/\*|#include|def |import |return\b|if \(|for \(|[\w.]+\([^)]*\);?$)|;\s*$|[{}]\s*$"
)
_POSTSCRIPT = re.compile(
    r"\s*(?:(?:p\.?\s?){1,3}s\.?\s?[:–-]|(?:p\.?\s?){1,3}s\.(?:\s+\S+){3}|(?:p\.?d|n\.?b|з\.?ы|п\.?с)\.?\s?:|追伸|附言)",
    re.IGNORECASE,
)
FORM = re.compile(
    r"\s*(?:(?:full|first|last|family|given|user)[ _-]?name|(?:sur|vor|nach)?name|nom|prénom|nombre|nome|cognome|naam"
    r"|namn|navn|имя|姓名|名前|氏名|registrant|maintainer|speaker|author|date)\s?[:=：]\s?\S",
    re.IGNORECASE,
)
VISIT = re.compile(
    r"\s*(?:visit|check out|follow)(?: \w+){0,4}:? (?:at:? )?<?(?:https?://|www\.)\S+\s*$", re.IGNORECASE
)
_STREET = re.compile(
    r"\s*\d{1,4}(?: ?bis| ?ter)?,? (?:rue|place|avenue|allées?|chemin|quai|route|impasse|cours|boulevard|bd|av)\b"
    r".{0,50}$",
    re.IGNORECASE,
)
SPEAKS = re.compile(r"\s*\w+[:：]\s+\S")  # "Anna: beans", in minutes and agendas
FOOTNOTE = re.compile(r"\s*\[\d{1,2}\]:?\s")
CLOCK = re.compile(r"\b\d\d:\d\d:\d\d\b")
SETTING = re.compile(r"\s*(?:[\w.-]{1,60} = \S|\[[\w. -]{1,60}\]\s*$)")  # of a configuration file
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


def tokens(line: str) -> int:
    """How much of a contact a line holds: a labelled number or address tells more than a bare one."""
    if not tells(line) or REFERENCE.match(line):
        return 0  # most lines
    line = shortened(line)
    if len(line) > 250:
        return 0
    short = len(line) <= LINE_LENGTH
    found = 0
    if _LABEL.search(line):
        found += 2
    if short and ADDRESS.search(line):
        found += 1
    if URL.search(line):
        found += 1
    if short and any(sum(c.isdigit() for c in m.group()) >= 7 for m in _PHONE.finditer(line)):
        found += 1
    if _KEY.search(line):
        found += 1
    return min(found, 2)


def tells(line: str) -> bool:
    """Whether a line may hold a contact: a look that costs little."""
    return _CONTACT.search(line) is not None


def shortened(line: str) -> str:
    """A line with its links shortened: rewritten ones run to hundreds of characters."""
    return URL.sub("www.x", line[:4000]) if len(line) > 60 else line


def postscript(line: str, names: tuple[str, ...]) -> bool:
    """Whether a line begins what an author added below the signature. Initials look like it: "P.S. Lind"."""
    return line.lstrip()[:1] in _POSTSCRIPTS and _POSTSCRIPT.match(line) is not None and not named(line, names)


def programmed(line: str) -> bool:
    """Whether a line is of a program. Sayings end lines with a semicolon too, and shout less than SQL."""
    if not CODE.search(line):
        return False
    words = line.split()
    said = len(words) >= 4 and line.rstrip().endswith(";") and not set("=(){}<>") & set(line) and not words[0].isupper()
    return not said


def namelike(line: str) -> bool:
    """Two to four capitalised words and nothing else."""
    words = line.split()
    return 2 <= len(words) <= 4 and all(w[0].isupper() and w.strip(".,").replace("-", "").isalpha() for w in words)


def prose(line: str) -> bool:
    """A line of a sentence: small words more than names and numbers. Columns are no sentence, and a street none."""
    if "   " in line or "\t" in line:
        return False
    words = [word for word in line.split() if "@" not in word and "/" not in word]
    small = sum(word[:1].islower() for word in words)
    return small >= 3 and small * 2 > len(words) and not _STREET.match(line)


def closing(line: str) -> bool:
    return plain(line).strip(" ,.!-;:") in _CLOSINGS


def announces(line: str) -> bool:
    return line.rstrip().endswith((":", "：")) and not closing(line)


def names_of(author: Person) -> tuple[str, ...]:
    """The author's names as a signature's first line has them: full, and each part of three letters or more."""
    name = plain(author.name).replace(",", " ").replace('"', " ")
    parts = [part.strip("().'") for part in name.split() if "@" not in part]
    return tuple(dict.fromkeys([" ".join(parts), *(part for part in parts if len(part) >= 3)])) if parts else ()


def named(line: str, names: tuple[str, ...]) -> bool:
    """Whether a line is little more than the author's name."""
    if not names or len(line) > 70:
        return False
    bare = plain(line)
    words = [word for part in bare.split() if (word := part.strip(".,;:()[]<>*~-|/"))]
    hits = sum(word in names for word in words)
    return hits > 0 and (hits * 2 >= len(words) or (hits >= 2 and len(words) <= 8))
