"""Tells whose letter this is: the list it came over, its author behind a rewritten From, mail that must be held."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from listfold.core.authentication import notes_of, proved
from listfold.core.author import author_of
from listfold.core.control import control, no_archive, posted
from listfold.core.headers import Headers, people, tags
from listfold.frozen import dataclass
from listfold.model import Letter, ListName, ListRule, Person, Rules

MAX_ID = 100  # characters: an id is a folder's name, and part of URLs
MAX_NAME = 200
UNSORTED = "unsorted"

# Names that stand beside the folders of lists under public/: no list can have them.
RESERVED = frozenset(
    ("index.html", "digest.atom", "digest.json", "messages.atom", "messages.json", "robots.txt", "favicon.ico")
)

_ANGLE = re.compile(r"<([^<>]*)>")
_ADDRESS = re.compile(r"[^\s<>,;:\"'()|]+@[^\s<>,;:\"'()|]+")
_UNSAFE = re.compile(r"[^a-z0-9._-]+")
_MAILTO = re.compile(r"mailto:([^\s<>,?]+@[^\s<>,?]+)", re.IGNORECASE)
_PIPERMAIL = re.compile(
    r"https?://([\w.-]{1,200})/(?:pipermail|mailman/private|archives?/list)/([\w.+-]{1,100})", re.IGNORECASE
)
_OWNER = re.compile(
    r"owner-([^@]+)(@.+)|(.+?)-(?:owner|bounces?|admin|request|return|errors)(?:[-+][^@]*)?(@.+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Origin:
    list: ListName
    author: Person
    held: str = ""  # why it waits for a person: a reason of core.control, "no-archive", or one of `_stranger`
    notes: tuple[str, ...] = ()


def identify(letter: Letter, headers: Headers, rules: Rules) -> Origin:
    """The list in DESIGN.md's order, and the author with From munging undone (note `from_munged`)."""
    name, rule, bound = _list_of(letter, headers, rules)
    author, munged = author_of(headers, name)
    held = control(headers)
    if not held and no_archive(headers, letter.raw, rule.no_archive if rule else "auto"):
        held = "no-archive"
    if not held and letter.live:
        held = _stranger(headers, rule, bound, rules)
    notes = notes_of(headers, rules.authserv)
    return Origin(name, author, held, ("from_munged", *notes) if munged else notes)


def _stranger(headers: Headers, rule: ListRule | None, bound: bool, rules: Rules) -> str:
    """Why a live letter may not be its list's: whoever knows an address can write to it, and write any header."""
    said = _list_id_field(headers.get("list-id"))[1]
    if bound and rule is not None and said and not _means(rule, said):
        return "mismatch"  # an address is subscribed to one list, and another one's mail came
    if not rules.open:
        if rule is None:
            return "unknown-list"
        if (rule.addresses or rule.retired) and not bound:
            return "wrong-address"  # anybody can write a List-Id; the list's own address is not known to anybody
        if not (said or posted(headers) or any(_from_fields(headers)) or _addressed(headers, rule)):
            return "not-list-mail"
    return "unauthenticated" if rules.authenticated and not proved(headers, rules.authserv) else ""


def _means(rule: ListRule, said: str) -> bool:
    """Whether a List-Id is a list's: its id, a name of it, or for a bare name any List-Id that begins with it."""
    id = list_id(said)
    known = {rule.id, *(list_id(name) for name in (*rule.aliases, rule.post) if name)}
    return id in known or id.partition(".")[0] in known


def _addressed(headers: Headers, rule: ListRule) -> bool:
    """Whether To or Cc name the list: a plain alias adds no field of its own."""
    names = {name.lower() for name in (rule.post, *rule.aliases) if "@" in name}
    return any(p.address.lower() in names for field in ("to", "cc") for p in people(headers.get(field)[:4096]))


@lru_cache(maxsize=16)  # letters of one list come together
def list_id(text: str) -> str:
    """An id of a list out of its name, address or List-Id: lower case, [a-z0-9._-], "" for an empty one."""
    folded = unicodedata.normalize("NFKD", text.strip()[: 4 * MAX_ID].replace("@", ".")).lower()
    safe = _UNSAFE.sub("-", folded.encode("ascii", "ignore").decode("ascii")).strip("-.")[:MAX_ID].rstrip("-.")
    if not safe and text.strip():
        safe = "list-" + hashlib.sha256(text.strip().encode("utf-8", "replace")).hexdigest()[:8]
    return f"{safe}-list" if safe in RESERVED else safe


def _list_of(letter: Letter, headers: Headers, rules: Rules) -> tuple[ListName, ListRule | None, bool]:
    """The list, its description, and whether an address bound to it says so."""
    said = headers.get("list-id")
    phrase, inner = _list_id_field(said)
    bound = next((rule for r in letter.recipients if (rule := _bound(r, rules)) is not None), None)
    if bound is not None:
        return _named(bound.id, bound, phrase, headers, inner), bound, True
    for candidate in _candidates(letter, headers, inner):
        id = list_id(candidate)
        if id:
            rule = _known(candidate, id, rules)
            return _named(rule.id if rule else id, rule, phrase, headers, candidate), rule, False
    return ListName(UNSORTED), None, False


def _candidates(letter: Letter, headers: Headers, inner: str) -> Iterator[str]:
    """Names and addresses of the list, the most trusted first."""
    yield inner
    yield from _from_fields(headers)
    if letter.live:
        yield from (_without_extension(recipient) for recipient in letter.recipients)
    yield letter.list_hint
    for field in ("to", "cc"):
        yield from (person.address for person in people(headers.get(field)[:4096])[:1])


def _from_fields(headers: Headers) -> Iterator[str]:
    """The list's address out of what list software writes beside List-Id."""
    yield _first(_ADDRESS, headers.get("x-beenthere"))
    yield _post_address(headers)
    yield _first(_ADDRESS, headers.get("x-mailing-list"))  # smartlist, vger
    mailing = headers.get("mailing-list")  # ezmlm, Yahoo, Google
    yield _first(_ADDRESS, mailing.partition("list ")[2]) if "list " in mailing else ""
    for value in headers.all("delivered-to"):  # ezmlm
        if value.lower().startswith("mailing list "):
            yield _first(_ADDRESS, value)
    if headers.get("precedence").lower() in ("list", "bulk"):
        yield _first(_ADDRESS, headers.get("x-loop"))
    for field in ("sender", "return-path", "errors-to"):
        match = _OWNER.fullmatch(_first(_ADDRESS, headers.get(field)[:500]))
        if match is not None:
            yield (match[1] or match[3]) + (match[2] or match[4])
    archive = _PIPERMAIL.search(headers.get("list-archive")[:500])
    yield f"{archive[2]}.{archive[1]}" if archive else ""


def _list_id_field(value: str) -> tuple[str, str]:
    """The phrase and the identifier of a List-Id (RFC 2919), also where quotes or brackets are missing."""
    value = value[:1000]
    angles = _ANGLE.findall(value)
    inner = angles[-1].strip() if angles else value.strip().strip("<>\"'")
    phrase = value.rpartition("<")[0].strip().strip("\"'").strip() if angles else ""
    if not angles:
        phrase = inner if "." not in inner else ""
    return phrase.replace("\\", "")[:MAX_NAME], inner


def _bound(recipient: str, rules: Rules) -> ListRule | None:
    """The list that an envelope recipient is bound to, with and without its +extension, in any case."""
    forms = {recipient.lower().strip("<> "), _without_extension(recipient).lower()}
    return next(
        (r for r in rules.lists if any(a.lower() in forms for a in (*r.addresses, *r.retired, r.post) if a)), None
    )


def _known(candidate: str, id: str, rules: Rules) -> ListRule | None:
    """The described list that a name, address or id belongs to."""
    small = candidate.lower().strip()
    for rule in rules.lists:
        names = {rule.id, rule.post.lower(), *(a.lower() for a in rule.aliases), *(a.lower() for a in rule.addresses)}
        if id == rule.id or small in names or any(list_id(alias) == id for alias in rule.aliases):
            return rule
    return None


def _named(id: str, rule: ListRule | None, phrase: str, headers: Headers, candidate: str) -> ListName:
    address = (rule.post if rule else "") or _address(headers, id, candidate)
    name = (rule.name if rule else "") or phrase
    if not name:
        local = (
            (address or candidate).partition("@")[0] if "@" in (address or candidate) else candidate.partition(".")[0]
        )
        like = _letters(local or id)
        name = next((tag for tag in tags(headers.get("subject")) if _letters(tag) == like), local or id)
    return ListName(id, name[:MAX_NAME], address)


def _letters(name: str) -> str:
    """What stays the same of a list's name in its address and in its subject tag."""
    return "".join(filter(str.isalnum, name.lower()))


def _address(headers: Headers, id: str, candidate: str) -> str:
    """Where members post to: said by List-Post or X-BeenThere, or the recipient whose name fits the id."""
    said = _post_address(headers) or _first(_ADDRESS, headers.get("x-beenthere"))
    said = said or _first(_ADDRESS, headers.get("x-mailing-list"))
    if said or "@" in candidate:
        return said or candidate
    for field in ("to", "cc"):
        for person in people(headers.get(field)[:4096]):
            small = person.address.lower()
            if list_id(small) == id or list_id(small.partition("@")[0]) in (id, id.partition(".")[0]):
                return person.address
    return ""


def _post_address(headers: Headers) -> str:
    return _first(_MAILTO, headers.get("list-post")[:2000]).removeprefix("mailto:")


def _first(pattern: re.Pattern[str], value: str) -> str:
    match = pattern.search(value[:2000]) if value else None
    return (match[1] if pattern.groups else match[0]) if match else ""


def _without_extension(address: str) -> str:
    local, at, domain = address.strip("<> ").rpartition("@")
    return local.partition("+")[0] + at + domain if local else address.strip("<> ")
