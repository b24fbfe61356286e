"""Puts results into words for people at a terminal."""

import json
import sys
import textwrap
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from listfold.archive.gaps import Gap
from listfold.archive.reader import Hits, ListRow
from listfold.core.control import ALARMS
from listfold.model import ListRule, Record, Span, iso
from listfold.publish.mangle import clean
from listfold.service.config import Settings

if TYPE_CHECKING:  # what answers questions reads letters, too, and an import prints its report without
    from listfold.service.asking import Held

WIDTH = 78
MOST = 5  # lists that a line of `status` names
BAR = 20
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
COLOURS = {
    "quote": "36", "attribution": "36;2", "signature": "33", "footer": "31", "disclaimer": "35", "forward_header": "34",
    "forwarded": "34;2",
}  # fmt: skip


class Meter:
    """One line of progress on a terminal, rewritten; a line every ten seconds elsewhere."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._told = self._began
        self._terminal = sys.stderr.isatty()

    def show(self, numbers: dict[str, Any]) -> None:
        now = time.monotonic()
        if now - self._told < (0.1 if self._terminal else 10.0):
            return
        self._told = now
        count = numbers.get("found", numbers.get("read", 0))
        rate = count / max(now - self._began, 0.001)
        part = float(numbers.get("part") or numbers.get("read", 0) / (numbers.get("of") or 1))
        told = "  ".join(f"{name} {value}" for name, value in numbers.items() if name != "part")
        text = f"{rate:.0f} {self._what}/s  {told}"
        if part:
            left = (now - self._began) * (1 - part) / part
            bar = "#" * int(part * BAR) + "." * (BAR - int(part * BAR))
            text = f"[{bar}] {part:4.0%}  {int(left) // 60}:{int(left) % 60:02} left  {text}"
        sys.stderr.write(f"\r\033[K{text}" if self._terminal else text + "\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self._terminal and self._told > self._began:
            sys.stderr.write("\r\033[K")


def dumped(value: Any) -> str:
    """A value as one line of JSON."""
    return json.dumps(value, ensure_ascii=False)


def welcome(settings: Settings, addresses: dict[str, list[str]]) -> str:
    """What a person who has just started the daemon wants to know."""
    lines = [f"listfold is ready. Letters and pages are kept in {settings.data_dir}"]
    doors = (("smtp", "SMTP"), ("lmtp", "LMTP"))
    lines += [f"  {name:<5} {' '.join(addresses[door])}" for door, name in doors if addresses[door]]
    if addresses["web"]:
        lines.append(f"  read  {settings.base_url}")
    tcp = next((a for a in addresses["smtp"] if not a.startswith("unix:")), None)
    if "*" not in settings.smtp.recipients:
        lines.append("Add a list, and get the address to subscribe:")
        lines.append("  listfold lists add gardeners@lists.example.org")
    elif tcp:
        host, _, port = tcp.rpartition(":")
        letter = r"From: You <you@example.org>\nSubject: First frost\n\nIt came early.\n"
        lines.append("Send a first letter:")
        lines.append(
            f"""  python3 -c 'import smtplib; smtplib.SMTP("{host.strip("[]")}", {port}).sendmail("""
            f""""you@example.org", "gardeners@example.org", "{letter}")'"""
        )
    return "\n".join(lines)


def import_report(report: dict[str, Any]) -> str:
    lines = [f"{_file(x)}: byte {x['offset']}: {x['reason']}" for x in report["unreadable"]]
    for state in ("held", "failed"):
        lines += [f"{_file(x)}: byte {x['offset']}: {state}: {x['reason']}" for x in report[f"{state}_letters"]]
    folded = {name: n for name, n in report["sightings"].items() if name != "original"}
    lines.append(
        f"{report['found']} found: {report['new']} new, {report['again']} again, "
        f"{len(report['unreadable'])} unreadable; {report['held']} held, {report['failed']} failed"
        + (f"; {report['purged']} purged once and not taken again" if report["purged"] else "")
    )
    lines.append(f"{report['records']} records" + "".join(f", {n} {name}" for name, n in folded.items()))
    return "\n".join(lines)


def _file(told: dict[str, Any]) -> str:
    """A file's name, what a terminal would obey written out."""
    return "".join(c if ord(c) > 0x9F or c.isprintable() else f"\\x{ord(c):02x}" for c in told["file"])


def purged(report: dict[str, Any], *, dry_run: bool) -> str:
    verb = "would go" if dry_run else "purged"
    lines = [f"{len(report['letters'])} letters {verb}: {' '.join(map(str, report['letters']))}"]
    lines += [f"record {id_} {verb}" for id_ in report["records"]]
    lines += [f"record {id_} {verb} with them: it stood in no other letter" for id_ in report["also"]]
    lines += [f"record {id_} quotes from it and stays: purge it too?" for id_ in report["quoted"]]
    return "\n".join(lines)


def rebuilt(report: dict[str, Any]) -> str:
    """What a rebuild has changed, or would change, with samples."""
    lines = [f"{report['messages']} messages, {report['same']} as they were"]
    for kind, count in report.items():
        if kind in ("messages", "same", "samples", "resumed", "pages") or not count:
            continue
        lines.append(f"{count} {kind.replace('_', ' ')}")
        for told in report["samples"].get(kind, ()):
            lines.append(
                f"    {told['record']}  {told['subject']}" + (f"  before {told['before']}" if "before" in told else "")
            )
            lines += [f"      {line}" for line in told.get("lines", ())]
            lines += [
                f"      {name}: {x[0]!r} is now {x[1]!r}"
                for name, x in told.items()
                if isinstance(x, list) and name != "lines"
            ]
    return "\n".join(lines)


def status(found: dict[str, Any], settings: Settings) -> str:
    letters = found["letters"]
    lines = [
        f"letters   {letters['accepted']} accepted: "
        + ", ".join(f"{letters[name]} {name}" for name in ("read", "pending", "held", "failed", "purged")),
        f"again     {found['again']}",
        f"messages  {found['messages']} in {found['records']} records on {found['lists']} lists",
        "sightings " + ", ".join(f"{n} {name}" for name, n in found["sightings"].items()),
        f"settling  {found['settling']}",
        f"data      {settings.data_dir}, SQLite {found['sqlite']}, listfold {found['version']}",
    ]
    if letters["failed"]:
        lines.append("some letters failed: `listfold verify` names them, `listfold retry` reads them again")
    if found["waiting"]:
        told = ", ".join(f"{count} {why}" for why, count in found["waiting"].items())
        lines.append(f"wait for you: {told}; see `listfold held`")
    if found["missing"]:
        most = sorted(found["missing"].items(), key=lambda item: -item[1])
        told = ", ".join(f"{count} on {name}" for name, count in most[:MOST]) + (", …" if most[MOST:] else "")
        lines.append(
            f"missing   letters that answers name and nobody has brought: {told}; see `listfold lists missing`"
        )
    lines += [
        f"ALARM: {name} loses letters: see why mail does not come, then import the list's own archive"
        for name in found["losing"]
    ]
    for name, seconds in found["silent"].items():
        lines.append(f"ALARM: {name} has been silent for {seconds // 86400} days: is the address still subscribed?")
    if ALARMS & set(found["waiting"]):
        lines.append("ALARM: a list has disabled our membership, or probes it: `listfold held` shows the letter")
    return "\n".join(lines)


def lists(found: list[ListRow], rules: dict[str, ListRule]) -> str:
    rows = []
    for row in found:
        private = "" if row.visibility == "public" else " (private)"
        rows.append(f"{row.id:<40} {row.records:>8} records  {iso(row.last) or '-':<20}  {plain(row.name)}{private}")
        if row.id in rules:
            rows += [f"    subscribe {address}" for address in rules[row.id].addresses]
    return "\n".join(rows) or "no lists yet: `listfold lists add NAME` gives you the address to subscribe"


def missing(found: list[Gap]) -> str:
    """A line for each letter that is missing, by its Message-ID, with the records that name it."""
    rows = [f"{iso(gap.first)}  {plain(gap.name)}  named by {' '.join(gap.records)}" for gap in found]
    return "\n".join(rows) or "no letter is known to be missing"


def lists_json(found: list[ListRow], rules: dict[str, ListRule]) -> str:
    addresses = {id: list(rule.addresses) for id, rule in rules.items()}
    return dumped([asdict(row) | {"addresses": addresses.get(row.id, [])} for row in found])


def added(result: dict[str, Any]) -> str:
    """What `lists` did, the address to subscribe on a line of its own, for a script to take."""
    if not result["addresses"]:
        return f"{result['id']} has no address any more: mail for it is refused; what is archived stays"
    return "\n".join(result["addresses"])


def held(found: "list[Held]") -> str:
    rows = []
    for item in found:
        letter = item.letter
        to = " ".join(letter.recipients) or letter.list_hint or "import"
        rows.append(f"{letter.id:>8}  {item.why:<14} {iso(letter.received)}  {_short(item.author)} -> {_short(to)}")
        rows.append(f"{'':10}{_short(item.subject)}")
        if item.answer is not None:
            rows += [f"{'':10}{line}" for line in _answer(item)]
    return "\n".join(rows) or "nothing is held"


def held_letter(item: "Held") -> str:
    """One held letter: who, why, what has to be answered, and its text."""
    letter = item.letter
    head = [
        f"Letter   {letter.id}, held: {item.why}",
        f"From     {item.author}  (envelope {letter.sender or '<>'})",
        f"To       {' '.join(letter.recipients)}",
        f"Received {iso(letter.received)}",
        f"Subject  {item.subject}",
    ]
    return "\n".join([plain(line) for line in [*head, *_answer(item)]] + ["", plain(item.text, keep="\n\t")])


def _answer(item: "Held") -> list[str]:
    """The mail that confirms; the same from wherever the operator sends mail, if its From is the subscribed address."""
    asked = item.answer
    if asked is None:
        return []
    lines = [f"to confirm: mail {asked.to}, From {' '.join(item.letter.recipients)}, Subject: {asked.subject}"]
    if asked.body:
        lines.append(f"            with this line as its text: {asked.body}")
    lines += [f"            or look yourself: {link}" for link in asked.links]
    return lines


def plain(text: str, keep: str = "") -> str:
    """A stranger's words for a terminal: no control characters, no bidirectional ones."""
    return "".join(c for c in text if c in keep or (c.isprintable() and c not in BIDI))


def _short(text: str) -> str:
    return textwrap.shorten(plain(text), WIDTH, placeholder="…")


def hits(found: Hits) -> str:
    out = [f"{found.total} record{'' if found.total == 1 else 's'}{' or more' if found.more else ''}"]
    for record in found.records:
        out.append(f"{record.id}  {(iso(record.date) or '-')[:10]}  {record.author.name or record.author.address}")
        out.append(f"    {record.subject}  [{', '.join(record.lists)}]")
    return "\n".join(out)


def record(shown: Record) -> str:
    """A record to read: heading, body, and each sighting with why it is one."""
    head = [
        f"Record   {shown.id}   thread {shown.thread}",
        f"From     {shown.author.name} <{shown.author.address}>",
        f"Date     {iso(shown.date) or 'unknown'} ({shown.date_source})",
        f"Lists    {', '.join(shown.lists)}",
        f"Subject  {shown.subject}",
    ]
    why = ["", f"{len(shown.sightings)} sighting{'s' if len(shown.sightings) > 1 else ''}:"]
    for s in shown.sightings:
        place = f" part {s.path}" if s.path else ""
        why.append(
            f"  letter {s.letter}{place}  {s.relation} by {s.method} ({s.score:.2f})  {s.list}  "
            f"{iso(s.arrived)}  {s.author.name or s.author.address}"
        )
        if s.comment:
            why += textwrap.wrap(s.comment, WIDTH, initial_indent="    | ", subsequent_indent="    | ")
    return clean("\n".join([*head, "", shown.body, *why]))


def explain(shown: Record) -> str:
    """Each line of a record's text with what it is; the rule and its confidence stand where a span begins."""
    colour = sys.stdout.isatty()
    at: dict[int, Span] = {}
    for span in shown.spans:
        at |= dict.fromkeys(range(span.start, span.end), span)
    out = [f"{shown.id}  {shown.subject}  [{shown.list.id}]" + (f"  {', '.join(shown.notes)}" if shown.notes else "")]
    for number, line in enumerate(plain(shown.text, keep="\n\t").split("\n")):
        known = at.get(number)
        if known is None:
            out.append(f"{number:>5}   {line}")
            continue
        text = f"{number:>5} {'-' if known.cut else '>'} {line}"
        if known.start == number:
            text += f"   [{known.kind} {known.rule} {known.confidence:.2f}]"
        out.append(f"\033[{COLOURS.get(known.kind, '0')}m{text}\033[0m" if colour else text)
    return "\n".join(out)
