"""Reads what somebody else claims of a message: the dates and attributions that mail programs write into a text."""

import re
from datetime import UTC, datetime, timedelta

from listfold.core.author import before_via
from listfold.core.headers import Headers, moment, people
from listfold.model import Person

MAX_VALUE = 300  # characters of a date or attribution that are looked at
YEARS = range(1970, 2100)

# Month names as mail programs write them, January first; an abbreviation is the first three letters.
MONTH_NAMES: tuple[str, ...] = (
    "january januar janvier enero gennaio janeiro januari styczeń stycznia января leden ledna"
    " ocak tammikuuta január ιανουαρίου січня ianuarie ינואר gener jaanuar",
    "february februar février febrero febbraio fevereiro februari luty lutego февраля únor února"
    " şubat helmikuuta február φεβρουαρίου лютого februarie פברואר febrer veebruar",
    "march märz mars marzo março maart marts marzec marca марта březen března"
    " mart maaliskuuta március μαρτίου березня martie מרץ març maret",
    "april avril abril aprile kwiecień kwietnia апреля duben dubna"
    " nisan huhtikuuta április απριλίου квітня aprilie אפריל",
    "may mai mayo maggio maio mei maj maja мая květen května mayıs toukokuuta május mája μαΐου травня מאי maig",
    "june juni juin junio giugno junho czerwiec czerwca июня červen června"
    " haziran kesäkuuta június júna ιουνίου червня iunie יוני juny juuni",
    "july juli juillet julio luglio julho lipiec lipca июля červenec července"
    " temmuz heinäkuuta július júla ιουλίου липня iulie יולי juliol juuli",
    "august août agosto augustus augusti sierpień sierpnia августа srpen srpna"
    " ağustos elokuuta augusztus αυγούστου серпня אוגוסט agost agustus",
    "september septembre septiembre settembre setembro wrzesień września сентября září"
    " eylül syyskuuta szeptember σεπτεμβρίου вересня septembrie ספטמבר setembre",
    "october oktober octobre octubre ottobre outubro październik października октября říjen října"
    " ekim lokakuuta október októbra οκτωβρίου жовтня octombrie אוקטובר oktoober",
    "november novembre noviembre novembro listopad listopada ноября listopadu"
    " kasım marraskuuta νοεμβρίου листопада noiembrie נובמבר",
    "december dezember décembre diciembre dicembre dezembro grudzień grudnia декабря prosinec prosince"
    " aralık joulukuuta δεκεμβρίου грудня decembrie דצמבר desember desembre detsember",
)


def _months() -> dict[str, int]:
    """Name or abbreviation to number; an abbreviation that two months share stays with the first."""
    table: dict[str, int] = {}
    for number, names in enumerate(MONTH_NAMES, 1):
        for name in names.split():
            table.setdefault(name, number)
    for number, names in enumerate(MONTH_NAMES, 1):
        for name in names.split():
            table.setdefault(name[:3], number)
            table.setdefault(name[:4], number)
    return table


MONTHS = _months()

RFC_DATE = re.compile(r"\b\d{1,2} [A-Z][a-z]{2} \d{4},? \d{1,2}:\d{2}(?::\d{2})? ?(?:[+-]\d{4}|[A-Z]{1,4}\b|$)")
CJK_DATE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
ISO_DATE = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
NUMBER_DATE = re.compile(r"\b(\d{1,2})([-/.])(\d{1,2})\2\s?(\d{4}|\d{2})\b")
DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|er|º)?(?:[.\s]\s*(?:de\s+)?|-)([^\W\d_]{3,12})\.?,?(?:\s+(?:de\s+)?|-)(\d{4})\b"
)
MONTH_DAY = re.compile(r"\b([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
YEAR_FIRST = re.compile(r"\b(\d{4})\.?\s+([^\W\d_]{3,12})\.?\s+(\d{1,2})\b")  # Hungarian
VIETNAMESE = re.compile(r"\b(\d{1,2}) tháng (\d{1,2}),? (?:năm )?(\d{4})\b", re.IGNORECASE)
TIME = re.compile(r"\b(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([AaPp]\.?[Mm]\b)?")
OFFSET = re.compile(r"(?:\b(?:UTC|GMT)\s?)?([+-])(\d{2}):?(\d{2})\b")
WROTE = re.compile(
    r"\b(?:wrote|writes|said|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|napisał\w*|пишет)\b.*",
    re.IGNORECASE,
)
# Verbs that stand before the name where the date comes first: "Am 7. Dezember 2015 um 13:22 schrieb Ann Onym".
BEHIND = re.compile(r"\b(?:schrieb|schreef|skrev|kirjoitti)\s+([^\d<>]*\S(?:\s*<[^<>\s]+>)?)$", re.IGNORECASE)
MAILTO = re.compile(r"\[(?:mailto|smtp):\s*([^\]\s]+)\s*\]", re.IGNORECASE)
# Outlook shows Sender before From: "garden-bounces@example.org On Behalf Of Ann Gardener".
BEHALF = re.compile(
    r"\s(?:on behalf of|im auftrag von|de la part de|en nombre de|em nome de|per conto di|namens|på vegne a[fv]"
    r"|för räkning|w imieniu|от имени|від імені|代表|の代理)\s+(?=\S)",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"<([^<>\s@]+@[^<>\s@]+)>")


def claimed_moment(value: str) -> tuple[int | None, str | None]:
    """(seconds, offset as "-0700") of a date as a forward shows it; without an offset it counts as UTC."""
    value = value[:MAX_VALUE]
    if not value.strip():
        return None, None
    if RFC_DATE.search(value):
        seconds, _, offset = moment(Headers((("Date", value),)))
        if seconds is not None:
            return seconds, offset
    day = day_of(value)
    if day is None:
        return None, None
    hour = minute = second = 0
    rest = DAY_MONTH.sub(" ", NUMBER_DATE.sub(" ", ISO_DATE.sub(" ", value)))
    if time := TIME.search(rest):
        hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
        if time[4]:
            hour = hour % 12 + (12 if time[4][0] in "Pp" else 0)
    shift = OFFSET.search(rest, time.end() if time else 0)
    try:
        written = datetime(*day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None, None
    if shift is None:
        return int(written.timestamp()), None
    ahead = timedelta(hours=int(shift[2]), minutes=int(shift[3]))
    exact = written - ahead if shift[1] == "+" else written + ahead
    return int(exact.timestamp()), f"{shift[1]}{shift[2]}{shift[3]}"


def day_of(value: str) -> tuple[int, int, int] | None:
    """(year, month, day), or None. 03/04/2021 is the American order beside AM or PM, and nobody's otherwise."""
    if found := CJK_DATE.search(value) or ISO_DATE.search(value):
        return checked(int(found[1]), int(found[2]), int(found[3]))
    if found := VIETNAMESE.search(value):
        return checked(int(found[3]), int(found[2]), int(found[1]))
    for pattern, year, month, day in ((DAY_MONTH, 3, 2, 1), (MONTH_DAY, 3, 1, 2), (YEAR_FIRST, 1, 2, 3)):
        for hit in pattern.finditer(value):
            number = month_of(hit[month])
            if number:
                return checked(int(hit[year]), number, int(hit[day]))
    if found := NUMBER_DATE.search(value):
        first, last = int(found[1]), int(found[3])
        year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
        american = found[2] == "/" and (last > 12 or (first <= 12 and re.search(r"[AP]M\b", value) is not None))
        return checked(year, first, last) if american else checked(year, last, first)
    return None


def month_of(word: str) -> int:
    """1 to 12, or 0."""
    folded = word.casefold()
    return MONTHS.get(folded) or MONTHS.get(folded[:4]) or MONTHS.get(folded[:3]) or 0


def checked(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    return (year, month, day) if year in YEARS and 1 <= month <= 12 and 1 <= day <= 31 else None


def claimed_author(value: str) -> Person:
    """The person in a From line as mail programs show it: "A B [mailto:a@b]", "A B <a@b>", "B, A", "A B/Unit/Org",
    "list@c On Behalf Of A B", "A B via list"."""
    value = MAILTO.sub(r"<\1>", value[: MAX_VALUE * 2])
    if behalf := BEHALF.search(value):
        value = value[behalf.end() :]
    found = people(value)
    if len(found) == 2 and not found[0].address and '"' not in value:
        return Person(f"{found[1].name} {found[0].name}".strip(), found[1].address)
    if found:
        name = before_via(found[0].name)
        return found[0] if name == found[0].name else Person(name)  # the list's address is not the author's
    return Person(name=value.split("/")[0].strip(" \"'*"))


def attribution_fields(text: str) -> tuple[tuple[str, str], ...]:
    """From and Date fields out of an attribution: "On 18 Aug 2002, Ann Onym <a@example.org> wrote:"."""
    line = " ".join(text.split())[:MAX_VALUE].rstrip(" :")
    fields: list[tuple[str, str]] = []
    seconds, _ = claimed_moment(line)
    if seconds is not None:
        fields.append(("Date", line))
    who = found[1] if (found := BEHIND.search(line)) else WROTE.sub("", line) or line
    if address := ADDRESS.search(who):
        who = who[: address.end()]  # a date may follow
    if "," in who and any(c.isdigit() for c in who.rsplit(",", 1)[0]):
        who = who.rsplit(",", 1)[1]  # what stands before the last comma is the date
    who = re.sub(
        r"^(?:on|am|le|el|il|em|op|den)\b.*\d{4}\s*(?:at\s+)?[\d:]*\s*(?:[AP]M)?", "", who.strip(), flags=re.IGNORECASE
    )
    who = re.sub(r"^from\s+|\s+on (?:another|the) .*$", "", who.strip(), flags=re.IGNORECASE).strip(" ,")
    if address and any(c.isdigit() for c in who.split("<")[0]):
        who = re.sub(r"^.*[\d:](?:\s*[AP]M\b)?", "", who.split("<")[0], flags=re.IGNORECASE).strip(" (,") + address[0]
    if who and not any(c.isdigit() for c in who.split("<")[0]):
        fields.append(("From", who))
    return tuple(fields)
