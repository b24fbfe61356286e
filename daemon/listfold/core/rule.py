"""One cleaning rule: a phrase to find in one line, and the example that proves it."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from listfold.frozen import dataclass
from listfold.model import OwnRule

STEM = 4  # letters: few texts hold those of any key, and many keys have the same

RuleKind = Literal["footer", "disclaimer"]

_PLAIN = str.maketrans({"\xa0": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "\u200e": "", "\u200f": "", "\ufeff": ""})


@dataclass(frozen=True, slots=True)
class Rule:
    """`phrase` is found in one line in any case, with any white space; `*` stands for anything, `^` and `$` for the
    ends of the line. No regular expression: whatever an operator writes, a line costs what its length costs.

    `weight` 3: such a line proves its block by itself; 2: under a drawn line or beside another such line; 1: it
    only adds to what others prove.
    """

    name: str
    kind: RuleKind
    phrase: str
    example: str
    weight: Literal[1, 2, 3] = 3

    @property
    def key(self) -> str:
        """The longest fixed part: a text without it holds no such line."""
        return max(self.phrase.strip("^$").casefold().split("*"), key=len)

    def matches(self, line: str) -> bool:
        return found(self.phrase, plain(line))


def plain(line: str) -> str:
    """A line as rules see it: casefolded, white space single, quotes plain, emphasis marks off its ends."""
    if not line.isascii():
        line = line.translate(_PLAIN)
    return " ".join(line.casefold().split()).strip("*_ ")


@lru_cache(maxsize=4096)
def _parts(phrase: str) -> tuple[tuple[str, ...], bool, bool]:
    head, tail = phrase.startswith("^"), phrase.endswith("$")
    return tuple(phrase[head : len(phrase) - tail].casefold().split("*")), head, tail


def found(phrase: str, line: str) -> bool:
    """Whether a plain line holds the phrase. Linear: the parts are looked for one after another, leftmost first."""
    parts, head, tail = _parts(phrase)
    if head and not line.startswith(parts[0]):
        return False
    at = 0
    for part in parts:
        at = line.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return not tail or line.endswith(parts[-1])


@dataclass(frozen=True, slots=True)
class Table:
    """Rules with their keys made ready once. A key is only looked for in a text that has its sign, or its stem."""

    rules: tuple[Rule, ...]
    signed: dict[str, tuple[tuple[int, str], ...]]  # sign to keys, each with the place of its rule
    stems: dict[str, tuple[tuple[int, str], ...]]  # of the keys without a sign

    def active(self, text: str) -> tuple[Rule, ...]:
        """The rules whose key occurs in a plain text at all: most messages leave few."""
        signs = set(text.split(" "))
        if not text.isascii():
            signs.update(*[word for word in signs if not word.isascii()])
        found: list[int] = []
        for keys in (
            *[self.signed[sign] for sign in self.signed.keys() & signs],
            *[keys for stem, keys in self.stems.items() if stem in text],
        ):
            found += [n for n, key in keys if key in text]
        return tuple([self.rules[n] for n in sorted(found)])


def table(rules: Iterable[Rule]) -> Table:
    made = tuple(rules)
    signed: dict[str, tuple[tuple[int, str], ...]] = {}
    for n, rule in enumerate(made):
        sign = _sign(rule.key)
        signed[sign] = (*signed.get(sign, ()), (n, rule.key))
    unsigned = signed.pop("", ())
    often = Counter(stem for _, key in unsigned for stem in _stems(key))
    stems: dict[str, tuple[tuple[int, str], ...]] = {}
    for n, key in unsigned:
        stem = max(_stems(key), key=lambda s: (often[s], s))
        stems[stem] = (*stems.get(stem, ()), (n, key))
    return Table(made, signed, stems)


def _sign(key: str) -> str:
    """What a plain text that holds a key has too: a whole word, or a letter beyond ASCII; "" for a key with neither."""
    word = max(key.split(" ")[1:-1], key=len, default="")  # the first and the last may be parts of the text's words
    return word or max(key, default="") * (not key.isascii())


def _stems(key: str) -> set[str]:
    """What a key may share with others, so that one look serves them all: its pieces of a few letters."""
    return {key[at : at + STEM] for at in range(max(len(key) - STEM, 0) + 1)}


@lru_cache(maxsize=256)
def own_rules(rules: tuple[OwnRule, ...]) -> tuple[Rule, ...]:
    """The operator's rules of one list."""
    return tuple(Rule(rule.name, rule.kind, rule.phrase, rule.example, rule.weight) for rule in rules)


def failing(rules: Iterable[Rule]) -> tuple[str, ...]:
    """The names of rules that do not match their own example: what `status --check` prints."""
    return tuple(r.name for r in rules if not any(r.matches(line) for line in r.example.split("\n")))
