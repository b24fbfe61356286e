"""Finds list footers: by what they say, and by what the message's own List-* fields say.

A block is judged by its content; the line drawn above it only says where it may begin. A footer ends with a
paragraph that shows itself to be one: what an author wrote under a quoted footer stays.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from listfold.core.block import code, dashes, framed, last, quoted, ruler, version
from listfold.core.rule import Rule, found, plain
from listfold.frozen import dataclass
from listfold.model import Span

FOOTER_LINES = 24  # that are not blank; the longest of list managers (Yahoo Groups) have about 20
FOOTER_REACH = 48  # lines with blank ones
MAX_LINE = 600  # characters: beyond, only the table is asked
SHORTEST_NEEDLE = 8  # of a List-* value: "a@b.org" is too little to know a line by
SHORT_RULES = ("---", "***", "===", "___")  # too short to be drawn anywhere but over a footer
DOUBLED = 4  # blank lines between two equal lines that are drawn over a footer
WRAPPED = 55  # characters: a longer line may go on in the next

_COMMAND = re.compile(
    r"[-+._](?:unsubscribe|unsub|leave|request|help|subscribe|off|signoff|owner|faq|digest|bounces)"
    r"(?:-[\w.=+-]{1,80})?(?:@| at )[\w.-]{3}"
    r"|\b(?:majordomo|listserv|sympa|mailman|listar|ecartis|minimalist|listproc|listmaster)(?:@| at )[\w.-]{3}"
)
_LINK = re.compile(r"(?:https?://|www\.|mailto:)\S{4}|\w(?:@| at )[\w-]{1,63}\.[\w.-]{2}")
_LIST_LINK = re.compile(
    r"://[^\s/]{1,253}\S{0,200}?"
    r"(?:listinfo|mailman|sympa|listserv|/wa\.exe|/unsub|/optout|/lists?/|/groups?/|/g/|/subscri|/archives?/"
    r"|/hyperkitty)"
)
# Words for leaving, in stems: beside a link or an address they tell what the link is for.
LEAVE = (
    "unsubscribe", "unsubscription", "opt out", "opt-out", "signoff", "sign off", "désinscri", "desinscri",
    "désabonn", "desabonn",
    "abmeld", "abbestell", "austragen", "abzubestellen", "darse de baja", "desuscri", "cancelar su", "cancelar la",
    "descadastr",
    "cancelar a", "sair da lista", "disiscri", "cancellarsi", "revocare", "uitschrij", "afmeld", "opzeggen",
    "avprenumer", "avsluta",
    "avmeld", "melde deg av", "frameld", "poistu", "wypisa", "rezygn", "odhlá", "odhlás", "leiratkoz", "dezabon",
    "отпис", "отказаться",
    "відпис", "отпиш", "διαγραφ", "απεγγραφ", "üyelikten", "abonelikten", "çıkmak", "退订", "取消订阅", "退出",
    "退訂", "取消訂閱",
    "退会", "配信停止", "購読解除", "登録解除", "구독 취소", "탈퇴", "수신거부", "hủy đăng ký",
    "berhenti berlangganan", "لإلغاء",
    "zur abmeldung", "abmeldung von", "abmeldung:", "leave the list", "leave this list", "to leave the group",
    "leave this group", "to stop receiving", "remove yourself", "be removed from this list", "be removed from the list",
    "quitter la liste", "quitter ce groupe", "dar de baja", "darte de baja", "borrarse", "abandonar la lista",
    "abandonar el grupo", "abandonar este grupo", "sair deste grupo", "sair do grupo", "remover-se",
    "annullare l'iscrizione", "cancellare l'iscrizione", "uscire dalla lista", "uscire dal gruppo", "uit te schrijven",
    "af te melden", "lämna listan", "gå ur listan", "melde seg av", "forlade listen", "eroa listalta", "peruuta tilaus",
    "wypisz", "opuścić list", "odhláš", "părăsi", "отказ от", "покинуть групп", "покинуть спис", "вийти з груп",
    "напуштање листе", "listeden ayrıl", "gruptan ayrıl", "üyeliğinizi", "購読を解除", "購読の解除", "脱退",
    "구독 해지", "수신 해지", "가입 취소", "rời khỏi", "keluar dari", "ออกจากกลุ่ม", "ยกเลิกการ", "إلغاء الاشتراك",
    "لغو عضویت", "יציאה מ", "सदस्यता समाप्त", "सदस्यता रद्द", "atsisaky", "atteikties", "listist lahku", "loobu",
    "одјав", "donar-vos de baixa", "darse de baixa", "harpidetza",
    "הסרה", "odjav", "odjava", "malabon", "donar-se de baixa", "baixa de la llista", "ملغاة",
)  # fmt: skip
_LEAVE_ASCII = tuple(word for word in LEAVE if word.isascii())
_REFERENCE = re.compile(r"\[\w{1,4}\]|\d{1,2}[.)] ")
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|day|evening)|hallo|liebe[rs]?|guten (?:tag|morgen)|moin|bonjour|bonsoir"
    r"|salut|cher|chère|hola|buen[oa]s (?:días|tardes)|estimad[oa]s?|olá|oi|caro|cara|ciao|salve|buongiorno|beste"
    r"|hej|hei|moi|cześć|witam|dzień dobry|dobrý den|ahoj|привет|здравствуйте|добрый (?:день|вечер)|вітаю|merhaba|selam"
    r"|你好|您好)\b.{0,40}"
    r"|(?!thanks|thank|thx|cheers|regards|best|bye|danke|merci|gracias|greetings)[\w.-]{2,20}(?: [\w.-]{2,20})?,"
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What a footer of this message's list would say: values of its List-* fields, the list's names, table rules."""

    needles: tuple[str, ...]
    names: tuple[str, ...]
    rules: tuple[Rule, ...]

    def weigh(self, line: str) -> tuple[int, str]:
        """How much a line speaks for a footer, as a rule's weight and 0 for nothing; and who says so."""
        bare = plain(line)
        best, who = 0, ""
        if _REFERENCE.match(bare):
            return 0, ""
        for rule in self.rules:
            if rule.weight > best and found(rule.phrase, bare):
                best, who = rule.weight, rule.name
        if best > 1 or len(bare) > MAX_LINE:
            return best, who
        if "@" in bare or "://" in bare or " at " in bare or "www." in bare:
            if any(needle in bare for needle in self.needles):
                return 2, "list-headers"
            if _COMMAND.search(bare):
                return 2, "list-command"
            if any(word in bare for word in (_LEAVE_ASCII if bare.isascii() else LEAVE)) and _LINK.search(bare):
                return 2, "leave-link"
            if _LIST_LINK.search(bare) or (len(bare) < 120 and _LINK.search(bare)):
                return 1, "list-link"
        return (best, who) if best else (int(any(name in bare for name in self.names)), "list-name")


@lru_cache(maxsize=16)  # letters of one list come together
def needles_of(urls: tuple[str, ...]) -> tuple[str, ...]:
    """List-* URLs and addresses as they can be found in a line: casefolded, no scheme, no query; both with and
    without the "at" of archives."""
    values: dict[str, None] = {}
    for url in urls:
        bare = url.strip("<> ").casefold().split("?")[0]
        for scheme in ("mailto:", "https://", "http://"):
            bare = bare.removeprefix(scheme)
        bare = bare.rstrip("/")
        if len(bare) < SHORTEST_NEEDLE or ("@" not in bare and "/" not in bare):
            continue
        values[bare] = None
        if "@" in bare:
            values[bare.replace("@", " at ")] = None
    return tuple(values)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a block that is not blank."""

    at: int
    weight: int
    who: str
    wrapped: bool  # it goes on what the line above began


def footer(
    lines: Sequence[str], end: int, floor: int, signs: Signs, seams: Sequence[int] = (), *, answered: bool = False
) -> Span | None:
    """The list footer that ends at `end` (the line after it), or None. A seam, where a MIME part begins, counts as a
    drawn line: Mailman adds its footer as a part of its own when the message is not plain text. `answered`: the
    message that the author answers stands below, and lists write at the end."""
    top = max(floor, end - FOOTER_REACH)
    if _hosts(lines[end - 1]) and (first := _hosts_first(lines, end, top)) is not None:
        return Span("footer", first, end, "host-drawn", 0.95)
    bottom = end
    while bottom > top and ruler(lines[bottom - 1]):
        bottom = last(lines, bottom - 1, top)
    rows: list[Row] = []
    for at in range(bottom - 1, top - 1, -1):
        line = lines[at]
        if at + 1 in seams and (verdict := _judge(lines, bottom, rows, False)):
            return Span("footer", at + 1, end, max(rows, key=lambda row: row.weight).who, verdict)
        if not line.strip():
            continue
        if quoted(line) or code(line):
            break
        separator = dashes(line) or line.strip() in SHORT_RULES
        if separator or ruler(line):
            if separator and rows and len(rows) <= 1 and version(lines[rows[-1].at]):
                break
            verdict = _judge(lines, bottom, rows, separator)
            if verdict and not _underlined(lines, at, top, rows):
                who = max(rows, key=lambda row: row.weight).who
                return Span("footer", _opening(lines, at, top), end, who, verdict)
            if line.strip() not in SHORT_RULES:
                continue
        weight, who = signs.weigh(line)
        if weight < 2 and rows and _leads(line, lines[rows[-1].at]):
            weight, who = 2, "leave-link"
        rows.append(Row(at, weight, who, at > top and len(lines[at - 1]) > WRAPPED and bool(lines[at - 1].strip())))
        if len(rows) > FOOTER_LINES:
            break
    return _open_end(lines, bottom, end, rows, answered)


def _hosts(line: str) -> bool:
    """Whether a line is drawn as only Yahoo Groups and Groups.io do: "__._,_.___"."""
    return "_,_" in line and set(line.strip()) == {"_", ".", ","}


def _hosts_first(lines: Sequence[str], end: int, top: int) -> int | None:
    """The first of two such lines: whatever stands between them is the host's."""
    for at in range(end - 2, top - 1, -1):
        if quoted(lines[at]):
            return None
        if _hosts(lines[at]):
            return at
    return None


def _leads(line: str, below: str) -> bool:
    """Whether a line says how to leave, and the next one where: an address or a link and nothing else."""
    if len(below.split(None, 1)) != 1 or not _LINK.search(plain(below)):
        return False
    bare = plain(line)
    return bare.endswith((":", "：")) and any(word in bare for word in LEAVE)


def _judge(lines: Sequence[str], bottom: int, rows: Sequence[Row], separator: bool) -> float:
    """How sure a block under a drawn line is a footer; 0 when it is not. `rows` from the last to the first."""
    weights = [row.weight for row in rows]
    if not weights or max(weights) < 2 or not _closed(lines, bottom, rows):
        return 0.0
    strong = sum(weight >= 2 for weight in weights)
    none = sum(not row.weight and not row.wrapped for row in rows)
    known = len(rows) - none
    proved = separator and weights[0] == 3  # under a separator it is a signature, or a footer that proves itself
    if separator and not weights[-1] and not proved:
        return 0.0
    if none > known + 1 or (none >= known and not weights[-1] and not proved):
        return 0.0
    return 0.99 if strong >= 2 else 0.9


def _closed(lines: Sequence[str], bottom: int, rows: Sequence[Row]) -> bool:
    """Whether the last paragraph is the footer's: it gives an address, a link or what only footers say. People who
    write below one speak of the list too."""
    silent = 0
    following = bottom
    for row in rows:
        if any(not lines[n].strip() for n in range(row.at + 1, following)) and following < bottom:
            return False
        if row.weight > 1 or (row.weight and _LINK.search(plain(lines[row.at]))):
            return silent <= 2
        silent += not row.weight and not row.wrapped
        following = row.at
    return False


def _underlined(lines: Sequence[str], at: int, top: int, rows: Sequence[Row]) -> bool:
    """Whether a drawn line underlines a heading: as long as the line above it, which stands apart. A sentence that
    only footers have tells more."""
    mark = lines[at].strip()
    if at <= top or len(mark) < 4 or mark[0] not in "-=~" or any(row.weight == 3 for row in rows):
        return False
    above = lines[at - 1].strip()
    return len(above) > 1 and abs(len(above) - len(mark)) <= 1 and (at < 2 or not lines[at - 2].strip())


def _opening(lines: Sequence[str], at: int, top: int) -> int:
    """Some footers have two lines drawn above them: one upon the other, the same once more, or one that nobody else
    draws."""
    above = last(lines, at, max(top, at - DOUBLED))
    if above == top:
        return at
    mark = lines[above - 1]
    again = above == at or mark.strip() == lines[at].strip()
    drawn = _hosts(mark) or (again and ruler(mark) and len(mark.strip()) >= 20)
    return above - 1 if drawn or dashes(mark) else at  # a signature of nothing


def _open_end(lines: Sequence[str], bottom: int, end: int, rows: Sequence[Row], answered: bool) -> Span | None:
    """A footer with nothing drawn above it: the lines at the end that say one thing after another of the list.

    It begins with a sentence that proves it; a line that authors write too does not begin one. Under nothing but a
    greeting, or words that announce it, it is the author's advice.
    """
    if not _closed(lines, bottom, rows):
        return None
    best: Row | None = None
    none = strong = 0
    following = bottom
    for row in rows:
        gap = any(not lines[n].strip() for n in range(row.at + 1, following)) and following < bottom
        following = row.at
        if row.weight == 0 and not row.wrapped:
            none += 1
            if none > 1 or gap:
                break
            continue
        strong += row.weight >= 2
        if row.weight == 3 and none < max(1, strong):
            best = row
    if best is None:
        return None
    drawn = best.at > 0 and lines[best.at - 1].strip() == "-"  # as FreeRADIUS and JIRA do
    above = last(lines, best.at - drawn)
    apart = above > 0 and (drawn or above < best.at) and not quoted(lines[above - 1])
    if apart and _advised(lines, above, best.at):
        return Span("footer", best.at, end, best.who, 0.4)
    if strong >= 2 or framed(lines[best.at]):
        return Span("footer", _first(lines, rows, best), end, best.who, 0.9)
    # One sentence alone is a footer when it stands apart under the author's words, and tells where to leave.
    apart = apart and not answered and not _vague(lines[best.at : bottom])
    return Span("footer", best.at - drawn, end, best.who, 0.75 if apart else 0.4)


def _vague(lines: Sequence[str]) -> bool:
    """Whether a sentence speaks of leaving and names no address or link for it."""
    text = plain(" ".join(lines))
    return any(word in text for word in LEAVE) and _LINK.search(text) is None


def _first(lines: Sequence[str], rows: Sequence[Row], best: Row) -> int:
    """Where the footer begins that `best` proves: its paragraph may give the list's other addresses above it."""
    start = best.at
    for row in rows:
        if row.at == start - 1 and row.weight == 2:
            start = row.at
    if start and lines[start - 1].strip() == "-":
        start -= 1  # as JIRA draws it
    return start


def _advised(lines: Sequence[str], above: int, at: int) -> bool:
    """Whether the words that end at `above` leave what follows to say: they only greet, or announce how to leave."""
    words = lines[above - 1].rstrip()
    if words.endswith((":", "：")):
        bare = plain(lines[at])
        return any(word in bare for word in LEAVE)
    return len(words) < 60 and not last(lines, above - 1) and _GREETING.fullmatch(plain(words)) is not None
