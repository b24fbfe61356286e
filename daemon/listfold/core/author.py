"""Finds who wrote a message when its list has put itself into From (DMARC: "Jo via Gardeners")."""

import re

from listfold.core.headers import Headers, people
from listfold.model import ListName, Person

LOOKED_AT = 4096  # characters of an address field
INVALID = ".invalid"  # what some ezmlm hosts add to the domain of an author whose DMARC policy is to reject

_VIA = re.compile(r"\s+(?:via|durch|por meio de|через|\(via)\s+\S", re.IGNORECASE)
# RFC 6377 and after: the address of the author as local part of one that the list answers for.
_WRAPPED = re.compile(r"([^@=]+)=(?:40)?([^@=]+\.[^@=]+)@.+")

_DMARC = "@dmarc."  # of the hosts that answer for nothing else: the IETF's lists write "anna=40example.org" there


def author_of(headers: Headers, over: ListName) -> tuple[Person, bool]:
    """The author, and whether From had been rewritten."""
    written = people(headers.get("from")[:LOOKED_AT]) or people(headers.get("sender")[:LOOKED_AT])
    if not written:
        return Person(), False
    shown = written[0]
    if shown.address.lower().endswith(INVALID) and "." in shown.address[: -len(INVALID)].rpartition("@")[2]:
        return Person(shown.name, shown.address[: -len(INVALID)]), True
    undone = _WRAPPED.fullmatch(shown.address)
    if undone and _DMARC in shown.address.lower():
        return Person(shown.name, f"{undone[1]}@{undone[2]}"), True
    name = before_via(shown.name)
    own = _belongs(shown.address, over)
    original = [
        *people(headers.get("x-original-from")[:LOOKED_AT]),
        *people(headers.get("x-original-sender")[:LOOKED_AT]),
    ]
    original = [person for person in original if person.address and not _belongs(person.address, over)]
    if original and (own or name != shown.name):
        return _named(original[0], name), True
    wrapped = undone if name != shown.name or own else None
    if not own and wrapped is None:
        return shown, False
    answer = [p for p in people(headers.get("reply-to")[:LOOKED_AT]) if p.address and not _belongs(p.address, over)]
    copied = [p for p in people(headers.get("cc")[:LOOKED_AT]) if p.name and p.name.lower() == name.lower()]
    if answer and (name != shown.name or len(answer) == 1):
        best = next((p for p in answer if p.name.lower() == name.lower()), answer[0])
        return _named(best, name), True
    if copied:
        return copied[0], True
    if wrapped is not None:
        return Person(name, f"{wrapped[1]}@{wrapped[2]}"), True
    if name != shown.name:
        # The list's address is not the author's.
        return (Person("", name) if "@" in name and " " not in name else Person(name, "")), True
    return shown, False


def before_via(name: str) -> str:
    """A name without the list that shows it: "Jo" of "Jo via Gardeners"."""
    match = _VIA.search(name)
    return name[: match.start()].strip().strip("'\"").strip() if match else name


def _named(person: Person, name: str) -> Person:
    return person if person.name and not _VIA.search(person.name) else Person(name, person.address)


def _belongs(address: str, over: ListName) -> bool:
    """Whether an address is the list's own: the one that it posts to, or one of its role addresses."""
    address = address.lower()
    if not over.id or not address:
        return False
    local, _, domain = address.partition("@")
    mine = over.address.lower()
    if mine and (
        address == mine or (domain == mine.partition("@")[2] and local.startswith(mine.partition("@")[0] + "-"))
    ):
        return True
    return f"{local}.{domain}" == over.id or f"{local.rpartition('-')[0]}.{domain}" == over.id
