"""Whose pages there are: one scope for each list that the archive knows, and one of all public lists together."""

from collections.abc import Collection, Mapping
from dataclasses import field, replace

from listfold.archive.reader import ListRow
from listfold.frozen import dataclass
from listfold.model import Person, Record, Sighting
from listfold.publish.article import short
from listfold.publish.mangle import clean, clean_line, public_line, public_text

ALL = "All lists"
RESERVED = frozenset({"index.html", "feeds.opml", "digests", "-"})  # what stands in public/ beside the lists' folders
MAX_COMMENT = 600  # characters of what somebody wrote above a copy


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose issue it is: a list, or with id "" all public ones; and what its pages need of it.

    `lists` gives the names of lists that may be named here, `posts` their posting addresses (lower case).
    """

    id: str
    name: str
    public: bool
    folder: str  # below public/ or private/, "" or with a slash at its end
    lists: dict[str, str]
    base_url: str
    posts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()  # addresses that need no mangling
    _called: dict[str, str] = field(default_factory=dict, compare=False, repr=False)  # names of lists as shown
    _others: dict[frozenset[str], "Scope"] = field(default_factory=dict, compare=False, repr=False)  # by their `keep`

    def about(self, record: Record) -> "Scope":
        """For a record's words: the posting address of its own list stays. That of another would depend on when that
        list became known."""
        keep = self.posts.get(record.list.id, frozenset())
        if keep == self.keep:
            return self
        if keep not in self._others:
            self._others[keep] = replace(self, keep=keep, _called={})
        return self._others[keep]

    @property
    def place(self) -> str:
        """The folder, below the data directory."""
        return f"{'public' if self.public else 'private'}/{self.folder}".rstrip("/")

    @property
    def url(self) -> str:
        """Where the folder is served; "" for a private list, which never is: its pages hold relative links only."""
        return self.base_url + self.folder if self.public else ""

    def record(self, id_: str) -> str:
        return f"{self.base_url}-/record/{id_}" if self.public else ""

    def thread(self, id_: str) -> str:
        return f"{self.base_url}-/thread/{id_}" if self.public else ""

    def line(self, text: str) -> str:
        return public_line(text, self.keep) if self.public else clean_line(text)

    def called(self, name: str) -> str:
        """A list's name among a record's words; there are as many as lists."""
        if name not in self._called:
            self._called[name] = self.line(name)
        return self._called[name]

    def comment(self, sighting: Sighting) -> str:
        """What was written above an enclosed text; few letters have it."""
        return short(self.shown(sighting.comment).strip(), MAX_COMMENT) if sighting.comment else ""

    def shown(self, text: str) -> str:
        return public_text(text, self.keep) if self.public else clean(text)

    def person(self, person: Person) -> str:
        return short(self.line(person.name or person.address) or "somebody", 80)


def scopes(rows: Collection[ListRow], base_url: str) -> dict[str, Scope]:
    """By list id; "" is that of all public lists."""
    public = [row for row in rows if row.visibility == "public"]
    posts = {row.id: frozenset({row.address.lower()}) for row in public if row.address}
    names = {row.id: short(public_line(row.name, posts.get(row.id, ())) or row.id, 80) for row in public}
    found = {"": Scope("", ALL, True, "", names, base_url, posts)}
    for row in rows:
        folder = f"{folder_of(row.id)}/"
        if row.visibility == "public":
            found[row.id] = Scope(row.id, names[row.id], True, folder, names, base_url, posts)
        else:
            name = short(clean_line(row.name) or row.id, 80)
            found[row.id] = Scope(row.id, name, False, folder, {row.id: name}, base_url)
    return found


def folder_of(list_id: str) -> str:
    """A list's folder below public/ or private/: its id, but for a name of all lists' pages. No id holds a `~`."""
    taken = list_id in RESERVED or list_id.startswith(".") or list_id.endswith((".atom", ".json", ".html", ".opml"))
    return f"~{list_id}" if taken else list_id
