"""Turns people's decisions about folding into what placing has to hold: who stands with whom, apart from whom, alone.

A message is named by its id and its letter's key, which no rule, no rebuild and no order of arrival changes. A
decision about messages that are not there is kept and holds when they come.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from itertools import product

from listfold.frozen import dataclass
from listfold.model import Known

Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One decision. `fold`: the first of these and the first of those are one text, the others are the messages that
    stood with them. Not `fold`: these leave those, the first of which was the canonical one."""

    number: int
    fold: bool
    these: tuple[str, ...]
    those: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bonds:
    """What holds after all decisions up to `number`; names of messages throughout."""

    number: int = 0
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name -> all that are joined, itself too
    apart: Mapping[str, frozenset[str]] = field(default_factory=dict)  # name -> with whom it never stands
    alone: frozenset[str] = frozenset()  # no evidence folds them: they left their record
    named: Mapping[int, frozenset[str]] = field(default_factory=dict)  # decision -> whom it is about


def name_of(message: Known) -> str:
    return f"{message.order[2]} {message.order[3].partition(' ')[0]}"


def bonds_of(judgements: Iterable[Judgement]) -> Bonds:
    """Later decisions stand in front of earlier ones about the same messages."""
    links: set[Pair] = set()
    left: set[tuple[str, str]] = set()  # (who left, whom)
    named: dict[int, frozenset[str]] = {}
    for judged in judgements:
        these, those = judged.these, judged.those
        named[judged.number] = frozenset((*these, *those))
        if judged.fold:
            met = set(product(these, those)) | set(product(those, these))
            back = {leaver for leaver, other in left if (leaver, other) in met}
            left = {(leaver, other) for leaver, other in left if leaver not in back}
            if these[0] != those[0]:
                links.add(frozenset((these[0], those[0])))
            continue
        cut = {link for link in links if link & set(these)}
        links -= cut
        partners = sorted({name for link in cut for name in link} - set(these))
        links |= {frozenset((partners[0], other)) for other in partners[1:]}  # these leave; the others stay together
        left |= set(product(these, (*partners, those[0]) if cut else those))
    groups = _groups(links)
    apart: dict[str, set[str]] = {}
    alone: set[str] = set()
    for leaver, other in left:
        leavers, others = groups.get(leaver, (leaver,)), groups.get(other, (other,))
        alone.update(leavers)
        for a, b in product(leavers, others):
            apart.setdefault(a, set()).add(b)
            apart.setdefault(b, set()).add(a)
    closed = {name: frozenset(others) for name, others in apart.items()}
    return Bonds(max(named, default=0), groups, closed, frozenset(alone), named)


def _groups(links: set[Pair]) -> dict[str, tuple[str, ...]]:
    group: dict[str, set[str]] = {}
    for link in links:
        joined = {name for end in link for name in group.get(end, {end})}
        for name in joined:
            group[name] = joined
    return {name: tuple(sorted(names)) for name, names in group.items()}
