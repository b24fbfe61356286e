"""Answers the reader's own pages under `/-/`: lists, one list, a thread, a record, search, and any id.

Each function is one page: it asks the archive's public reader and renders. Starlette runs them in its threads.
"""

from pathlib import Path

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from listfold.archive.reader import ListRow, Reader
from listfold.archive.search import MANY
from listfold.frozen import dataclass
from listfold.model import Person, Record
from listfold.publish.scopes import folder_of
from listfold.web import issues, links
from listfold.web.body import Body, lay_out
from listfold.web.pages import Pages, who
from listfold.web.readers import Readers
from listfold.web.safetext import line, safe
from listfold.web.snippet import matcher, snippet
from listfold.web.tree import Node, paged, tree

THREADS = 50  # a page of a list
NAMED = 3  # letters that are shown of those which name one that is missing
HITS = 20  # a page of a search
MAX_PAGE = 10_000  # a page number that only a robot asks for
MAX_QUERY = 500  # characters of a search
MAX_ID = 1000  # characters of an id: RFC 5322's longest line, where a Message-ID has to stand
THREAD_LETTER = 4000  # characters of one letter on its thread's page; the record has it whole
THREAD_PAGE = 56_000  # bytes of texts and their frames on one page of a thread…
THREAD_ROOM = 60_000  # …and of their HTML, when all of it has to be escaped: the page stays under 100 kB
FRAME = 900  # characters of HTML around a letter
OUTLINE = 40  # letters of its thread that a record's page names


@dataclass(frozen=True, slots=True)
class Site:
    """What every page needs of its installation."""

    data_dir: Path
    pages: Pages
    readers: Readers

    @property
    def public(self) -> Path:
        return self.data_dir / "public"


@dataclass(frozen=True, slots=True)
class Entry:
    """One letter of a thread's page; `record` and `body` are None at the place of one that is not here."""

    node: Node
    record: Record | None
    body: Body | None
    here: bool  # the letter that it answers is on the same page


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def lists(request: Request) -> Response:
    site = site_of(request)
    reader = site.readers.get()
    rows = [(row, reader.months(row.id)) for row in reader.lists()]
    return site.pages.render("lists.html", {"rows": rows})


def list_(request: Request) -> Response:
    site = site_of(request)
    reader = site.readers.get()
    row = list_row(reader, request.path_params["id"])
    page = page_of(request)
    rows, total = reader.threads(row.id, (page - 1) * THREADS, THREADS)
    if page > 1 and not rows:
        raise HTTPException(404)
    months = {name: letters for name, letters in reader.months(row.id).items() if issues.bounds(name)}
    month = request.query_params.get("month") or max(months, default="")
    shown = None
    if month:
        between = issues.bounds(month)
        if between is None or month not in months:
            raise HTTPException(404)
        shown = issues.laid_out(month, reader.days(row.id, *between), site.public / folder_of(row.id) / "digests")
    values = {
        "row": row,
        "threads": rows,
        "total": total,
        "months": months,
        "month": shown,
        "title": issues.title,
        "missing": reader.missing(row.id, limit=0)[1],
        "page": page,
        "pages": -(-total // THREADS),
    }
    return site.pages.render("list.html", values)


def missing(request: Request) -> Response:
    """The letters of a list that others name and nobody has brought, with those that name them."""
    site = site_of(request)
    reader = site.readers.get()
    row = list_row(reader, request.path_params["id"])
    page = page_of(request)
    gaps, total = reader.missing(row.id, (page - 1) * THREADS, THREADS, NAMED)
    if page > 1 and not gaps:
        raise HTTPException(404)
    records = reader.records([name for gap in gaps for name in gap.records])
    named = [(gap, [records[name] for name in gap.records if name in records]) for gap in gaps]
    values = {"row": row, "gaps": named, "total": total, "page": page, "pages": -(-total // THREADS)}
    return site.pages.render("missing.html", values)


def thread(request: Request) -> Response:
    site = site_of(request)
    reader = site.readers.get()
    asked = checked(request.path_params["id"])
    frame = request.query_params.get("list") or None
    row = list_row(reader, frame) if frame else None
    headings = reader.thread(asked, row.id if row else None)
    if not headings:
        return elsewhere(reader, site, asked, "thread")
    nodes = tree(headings)
    weights = [FRAME + (min(node.record.size, THREAD_LETTER) if node.record else 0) for node in nodes]
    ranges = paged(weights, THREAD_PAGE)
    page = page_of(request)
    if page > len(ranges):
        raise HTTPException(404)
    shown = [nodes[n] for n in ranges[page - 1]]
    records = reader.records([node.record.id for node in shown if node.record])
    entries: list[Entry] = []
    room = THREAD_ROOM
    for node in shown:
        found = records.get(node.record.id) if node.record else None
        body = lay_out(found, min(THREAD_LETTER, room)) if found else None
        room -= sum(len(block.html) for block in body.blocks) if body else 0
        entries.append(Entry(node, found, body, node.parent is not None and node.parent.id in records))
    names = {row.id: row for row in reader.lists()}
    values = {
        "id": asked,
        "first": headings[0],
        "thread": next((found.thread for found in records.values()), asked),
        "entries": entries,
        "total": len(headings),
        "people": len({heading.author.name or heading.author.address for heading in headings}),
        "on": sorted({name for heading in headings for name in heading.lists if name in names}),
        "names": names,
        "row": row,
        "addresses": {name: found.address for name, found in names.items()},
        "page": page,
        "pages": len(ranges),
    }
    return site.pages.render("thread.html", values)


def record(request: Request) -> Response:
    site = site_of(request)
    reader = site.readers.get()
    asked = checked(request.path_params["id"])
    found = reader.record(asked)
    if found is None:
        return elsewhere(reader, site, asked, "record")
    nodes = tree(reader.thread(found.id))
    at = next((n for n, node in enumerate(nodes) if node.record and node.record.id == found.id), 0)
    start = max(0, min(at - OUTLINE // 2, len(nodes) - OUTLINE))
    answers = [node.record for node in nodes if node.record]
    place = next((n for n, other in enumerate(answers) if other.id == found.id), None)
    names = {row.id: row for row in reader.lists()}
    forwards = [other for other in map(reader.record, found.forwards) if other]
    values = {
        "record": found,
        "body": lay_out(found),
        "names": names,
        "address": found.list.address or (names[found.list.id].address if found.list.id in names else ""),
        "outline": nodes[start : start + OUTLINE],
        "outlined": len(nodes),
        "previous": answers[place - 1] if place else None,
        "next": answers[place + 1] if place is not None and place + 1 < len(answers) else None,
        "forwards": forwards,
    }
    return site.pages.render("record.html", values)


def text(request: Request) -> Response:
    """A record's body as plain text, with the few headers that a person wants."""
    site = site_of(request)
    reader = site.readers.get()
    found = reader.record(checked(request.path_params["id"]))
    if found is None:
        raise HTTPException(404)
    head = {
        "Subject": line(found.subject_original or found.subject),
        "From": named(found.author),
        "Date": (found.as_json()["date"] or "unknown"),
        "List": ", ".join(found.lists),
    }
    lines = [f"{name}: {safe(value)}" for name, value in head.items()]
    lines.append(f"Archived-At: <{site.pages.site}{links.path('record', found.id)}>")
    return PlainTextResponse("\n".join(lines) + f"\n\n{safe(found.body)}\n")


def named(person: Person) -> str:
    return line(f"{person.name} <{person.address}>" if person.name and person.address else who(person))


def search(request: Request) -> Response:
    site = site_of(request)
    reader = site.readers.get()
    query = line(request.query_params.get("q", ""), MAX_QUERY)
    within = request.query_params.get("list") or None
    row = list_row(reader, within) if within else None
    newest = request.query_params.get("sort") == "newest"
    page = page_of(request)
    found: list[tuple[Record, Markup]] = []
    pattern, total, more, ranked = matcher(query), 0, False, False
    if query:
        hits = reader.search(
            query, list_id=row.id if row else None, offset=(page - 1) * HITS, limit=HITS, newest=newest
        )
        found, total = [(hit, snippet(hit, pattern)) for hit in hits.records], hits.total
        more, ranked = hits.more, hits.ranked
    values = {
        "query": query,
        "pattern": pattern,
        "row": row,
        "newest": newest,
        "hits": found,
        "total": total,
        "lists": (rows := reader.lists()),
        "names": {other.id: other.name or other.id for other in rows},
        "page": page,
        "pages": -(-total // HITS),
        "per_page": HITS,
        "many": MANY,
        "more": more,
        "ranked": ranked,
    }
    return site.pages.render("search.html", values)


def any_id(request: Request) -> Response:
    """Any id of a message that we have, to its record: ours, or a Message-ID with or without its brackets."""
    site = site_of(request)
    return elsewhere(site.readers.get(), site, checked(request.path_params["id"]), "record")


def elsewhere(reader: Reader, site: Site, asked: str, kind: str) -> Response:
    """Every message id resolves forever (DESIGN.md, Ids): 301, a page of choices, 410 when purged, or 404."""
    ids = reader.resolve(asked)
    if len(ids) == 1:
        if ids[0] == asked:  # it is here, and in no thread of that frame
            return RedirectResponse(site.pages.root + links.path("record", asked), 302)
        return RedirectResponse(site.pages.root + links.path(kind, ids[0]), 301)
    if ids:
        choices = [found for found in map(reader.record, ids) if found]
        if choices:
            return site.pages.render("choices.html", {"records": choices}, 300)
    raise HTTPException(410 if reader.purged(asked) else 404)


def list_row(reader: Reader, list_id: str) -> ListRow:
    """The list, or 404: the same whether it is private or was never there."""
    row = reader.list(list_id)
    if row is None:
        raise HTTPException(404)
    return row


def checked(asked: str) -> str:
    if not asked or len(asked) > MAX_ID or not asked.isprintable():
        raise HTTPException(404)
    return asked


def page_of(request: Request) -> int:
    """The `page` asked for, from 1; 404 for what is no page."""
    asked = request.query_params.get("page", "1")
    if not (asked.isascii() and asked.isdigit() and 1 <= len(asked) <= 5 and 1 <= int(asked) <= MAX_PAGE):
        raise HTTPException(404)
    return int(asked)
