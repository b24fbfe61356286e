"""Whose pages there are: one scope for each list that the archive knows, and one of all public lists together."""

from collections.abc import Collection

from listfold.archive.reader import ListRow
from listfold.publish.article import short
from listfold.publish.digest import Scope
from listfold.publish.mangle import clean_line, public_line

ALL = "All lists"
RESERVED = frozenset({"index.html", "feeds.opml", "digests", "-"})  # what stands in public/ beside the lists' folders


def scopes(rows: Collection[ListRow], base_url: str) -> dict[str, Scope]:
    """By list id; "" is that of all public lists."""
    public = [row for row in rows if row.visibility == "public"]
    posts = {row.id: frozenset({row.address.lower()}) for row in public if row.address}
    names = {row.id: short(public_line(row.name or row.id, posts.get(row.id, ())), 80) for row in public}
    found = {"": Scope("", ALL, True, "", names, base_url, posts)}
    for row in rows:
        folder = f"{folder_of(row.id)}/"
        if row.visibility == "public":
            found[row.id] = Scope(row.id, names[row.id], True, folder, names, base_url, posts)
        else:
            name = short(clean_line(row.name or row.id), 80)
            found[row.id] = Scope(row.id, name, False, folder, {row.id: name}, base_url)
    return found


def folder_of(list_id: str) -> str:
    """A list's folder below public/ or private/: its id, but for one that a page of all lists has."""
    taken = list_id in RESERVED or list_id.startswith(".") or list_id.endswith((".atom", ".json", ".html", ".opml"))
    return f"list-{list_id}" if taken else list_id
