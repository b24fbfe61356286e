"""Makes feed entries: of a letter that came over a list, of an issue that has closed."""

from markupsafe import Markup

from listfold.archive.reader import Arrival
from listfold.publish.article import Article
from listfold.publish.digest import Digest, Scope, copies, counted, short
from listfold.publish.feed import Entry, tag_uri
from listfold.publish.html import copy_text, flat, fragment, linked, summary
from listfold.publish.issue import within
from listfold.publish.mangle import clean

MAX_ISSUE = 28 * 1024  # bytes of one issue in a feed: two weeks of days and their weeks fit on the head page
MAX_TITLE = 200


def message_entry(arrival: Arrival, scope: Scope, tag: str, found: Article, answered: str) -> Entry:
    """A letter's entry at its first sighting. `answered` is the id of the record that it answers, or ""."""
    record, shown = arrival.record, arrival.sighting
    moment = within(shown.arrived)
    # Only what came by the same moment is told: an entry does not change because of a later copy.
    told, _ = copies(record, shown, scope, moment + 1, {})
    html = flat(found, addresses=not scope.public)
    if found.rest:
        html += Markup("\n<p>{}</p>").format(linked(scope.record(record.id), counted(found.rest, "more line")))
    if told:
        lines = Markup("").join(Markup("<li>{}</li>").format(copy_text(copy)) for copy in told)
        html += Markup("\n<ul>{}</ul>").format(lines)
    return Entry(
        id=tag_uri(tag, "record", record.id),
        url=scope.record(record.id),
        title=short(scope.line(record.subject) or "(no subject)", MAX_TITLE),
        at=moment,
        published=moment,
        author=scope.person(record.author),
        html=str(html),
        summary="",
        live=shown.live,
        lists=tuple(scope.lists[id_] for id_ in record.lists if id_ in scope.lists),
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
