"""What lists there are: those of lists.d, with what was decided about lists by command laid over them."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from listfold.core import fold
from listfold.core.identify import list_id
from listfold.core.version import READING
from listfold.errors import NotFound, UsageError
from listfold.letters.decisions import Decision, latest
from listfold.model import ListRule, Rules
from listfold.service.config import Settings

TOKEN_BYTES = 10  # 80 bits: nobody guesses an address


def rules_of(settings: Settings, decisions: Iterable[Decision] = ()) -> Rules:
    """What core reads by. The version changes with the code's own and with the configuration; what was decided is not
    in it, since only the letters that a decision concerns are read again (`concerned`)."""
    smtp = settings.smtp
    basis = (settings.lists, settings.loopback, smtp.authserv_id, smtp.require_auth)
    mark = blake2b(repr(basis).encode(), digest_size=4).hexdigest()
    made = list(decisions)
    verdicts = latest(made, "release", "discard")
    return Rules(
        version=f"{READING}.{fold.VERSION}-{mark}",
        lists=tuple(lists_of(settings, made).values()),
        open=settings.loopback,
        released=frozenset(int(name) for name, verdict in verdicts.items() if verdict.kind == "release"),
        authserv=smtp.authserv_id,
        authenticated=smtp.require_auth,
    )


def lists_of(settings: Settings, decisions: Iterable[Decision]) -> dict[str, ListRule]:
    """Every described list by its id. The file says what a list is; commands add addresses and names to it."""
    found = {rule.id: rule for rule in settings.lists}
    for id, decision in latest(decisions, "list").items():
        said = _rule(id, decision.detail)
        file = found.get(id)
        found[id] = said if file is None else _joined(file, said)
    return found


def concerned(settings: Settings, decisions: Iterable[Decision], after: int) -> tuple[list[int], list[str]]:
    """Letters, and ids of lists, that decisions after the one with id `after` are about."""
    made = list(decisions)
    recent = [decision for decision in made if decision.id > after]
    letters = [int(d.subject) for d in recent if d.kind in ("release", "discard")]
    changed = {d.subject for d in recent if d.kind == "list"}
    rules = [_rule(d.subject, d.detail) for d in made if d.kind == "list" and d.subject in changed]
    rules += [rule for rule in settings.lists if rule.id in changed]
    names = {rule.id for rule in rules} | {list_id(n) for rule in rules for n in (*rule.aliases, rule.post) if n}
    return letters, sorted(names)


def discarded(decisions: Iterable[Decision]) -> set[int]:
    """Letters that a person wants to see no more among those that are held."""
    return {int(x) for x, verdict in latest(decisions, "release", "discard").items() if verdict.kind == "discard"}


def added(rules: Rules, settings: Settings, name: str, *, private: bool, address: str = "") -> ListRule:
    """A list as `lists add NAME` makes it: NAME is its posting address, its List-Id or a bare name; with an address
    to subscribe that nobody can guess. Raises UsageError."""
    id = list_id(name)
    if not id:
        raise UsageError(f"'{name}' is no name of a list: give its address, its List-Id or a short name")
    old = next((rule for rule in rules.lists if rule.id == id), ListRule(id))
    if private and old in rules.lists and old.visibility == "public":
        raise UsageError(f"{id} is a public list: take it down before it becomes private")
    if not private and old.addresses:
        raise UsageError(f"{id} is there; mail for it comes to {' '.join(old.addresses)}")
    address = address.lower() or f"{id.partition('.')[0][:20]}-{secrets.token_hex(TOKEN_BYTES)}@{domain_of(settings)}"
    owner = next((rule.id for rule in rules.lists if address in (*rule.addresses, *rule.retired)), id)
    if owner != id:
        raise UsageError(f"{address} is {owner}'s")
    return replace(
        old,
        addresses=(*old.addresses, address),
        visibility="private" if private else old.visibility,
        post=old.post or (name.strip() if "@" in name else ""),
    )


def aliased(rules: Rules, name: str, alias: str) -> ListRule:
    """The list with one more name: a List-Id, an address or a name in old archives. Raises NotFound, UsageError."""
    rule = known(rules, name)
    other = next(
        (r.id for r in rules.lists if r.id != rule.id and list_id(alias) in (r.id, *map(list_id, r.aliases))), ""
    )
    if other or not list_id(alias):
        raise UsageError(f"'{alias}' is {other}" if other else f"'{alias}' is no name")
    return replace(rule, aliases=tuple(dict.fromkeys((*rule.aliases, alias))))


def removed(rules: Rules, name: str) -> ListRule:
    """The list with no address: nothing more is taken for it, and what is archived stays. Raises NotFound."""
    rule = known(rules, name)
    return replace(rule, addresses=(), retired=tuple(dict.fromkeys((*rule.retired, *rule.addresses))))


def known(rules: Rules, name: str) -> ListRule:
    """The described list of that id, alias or address. Raises NotFound."""
    id = list_id(name)
    for rule in rules.lists:
        if id == rule.id or name.lower() in rule.addresses or id in map(list_id, (*rule.aliases, rule.post)):
            return rule
    raise NotFound(f"{name}: no such list was added; `listfold lists` names them")


def detail(rule: ListRule) -> dict[str, Any]:
    """A list as a decision keeps it."""
    keys = ("name", "addresses", "retired", "aliases", "visibility", "post")
    return {key: list(v) if isinstance(v := getattr(rule, key), tuple) else v for key in keys}


def domain_of(settings: Settings) -> str:
    """The domain of the addresses that we give out: the first whose mail is taken, else the greeting's."""
    named = (r.rpartition("@")[2] for r in settings.smtp.recipients if "@" in r)
    return next(named, "") or settings.smtp.hostname or "localhost"


def _rule(id: str, said: dict[str, Any]) -> ListRule:
    return ListRule(
        id,
        name=said.get("name", ""),
        addresses=tuple(said.get("addresses", ())),
        retired=tuple(said.get("retired", ())),
        aliases=tuple(said.get("aliases", ())),
        visibility=said.get("visibility", "public"),
        post=said.get("post", ""),
    )


def _joined(file: ListRule, said: ListRule) -> ListRule:
    retired = tuple(a for a in said.retired if a not in file.addresses)
    return replace(
        file,
        addresses=tuple(dict.fromkeys((*file.addresses, *said.addresses))),
        retired=retired,
        aliases=tuple(dict.fromkeys((*file.aliases, *said.aliases))),
        visibility="private" if "private" in (file.visibility, said.visibility) else "public",
        post=file.post or said.post,
    )
