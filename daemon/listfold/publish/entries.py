"""Makes feed entries, in both formats: of a letter that came over a list, of an issue that has closed."""

from listfold.archive.reader import Arrival
from listfold.frozen import dataclass
from listfold.publish.atom import atom_entry
from listfold.publish.digest import Digest, Laid, copies, counted, seen_on
from listfold.publish.feed import Entry, tag_uri
from listfold.publish.html import fragment, summary
from listfold.publish.issue import within
from listfold.publish.jsonfeed import json_item
from listfold.publish.linkify import escaped
from listfold.publish.mangle import clean
from listfold.publish.scopes import Scope
from listfold.publish.words import copy_text, flat, linked

MAX_ISSUE = 28 * 1024  # bytes of one issue in a feed: two weeks of days and their weeks fit on the head page


@dataclass(frozen=True, slots=True)
class Rendered:
    """An entry in both formats, and what places it."""

    id: str
    at: int
    live: bool
    atom: bytes
    json: bytes

    @property
    def size(self) -> int:
        """A page is cut where the larger one is full: both formats have the same pages."""
        return max(len(self.atom), len(self.json))

    @property
    def place(self) -> tuple[int, str]:
        return (self.at, self.id)


def rendered(entry: Entry) -> Rendered:
    return Rendered(entry.id, entry.at, entry.live, atom_entry(entry), json_item(entry))


def message_entry(arrival: Arrival, scope: Scope, tag: str, found: Laid, answered: str) -> Entry:
    """A letter's entry at its first sighting. `answered` is the id of the record that it answers, or ""."""
    record, shown = arrival.record, arrival.sighting
    moment = within(shown.arrived)
    # Only what came by the same moment is told: an entry does not change because of a later copy.
    told, _ = copies(record, shown, scope.about(record), moment + 1, {})
    html = flat(found.article, addresses=not scope.public)
    if found.article.rest:
        more = linked(scope.record(record.id), counted(found.article.rest, "more line"))
        html += f"\n<p>{more}</p>"
    if told:
        lines = "".join(f"<li>{escaped(copy_text(copy))}</li>" for copy in told)
        html += f"\n<ul>{lines}</ul>"
    return Entry(
        id=tag_uri(tag, "record", record.id),
        url=scope.record(record.id),
        title=found.subject,
        at=moment,
        published=moment,
        author=found.who,
        html=html,
        summary="",
        live=shown.live,
        lists=tuple(seen_on(record, scope, moment + 1)),
        answers=tag_uri(tag, "record", answered) if answered else "",
        answers_url=scope.record(answered) if answered else "",
    )


def issue_entry(digest: Digest, tag: str) -> Entry:
    """A closed issue's entry. It stands at the last second of its period, and so in that month's archive page."""
    scope, issue = digest.scope, digest.issue
    moment = issue.end - 1
    return Entry(
        id=tag_uri(tag, "digest", scope.id or "-", issue.name),
        url=f"{scope.url}digests/{issue.name}.html" if scope.public else "",
        title=clean(digest.title),
        at=moment,
        published=moment,
        author=scope.name,
        html=fragment(digest, MAX_ISSUE),
        summary=summary(digest),
        live=digest.live,
    )
