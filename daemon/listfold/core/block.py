"""Sees a text as lines: which are blank, quoted, rules drawn across the page, or never to be cut."""

import re
from collections.abc import Sequence

from listfold.core.forward_rules import openings
from listfold.core.rule import plain
from listfold.frozen import dataclass

TAIL = 80  # lines at the end of a text that are looked at for blocks: the longest disclaimers have about 60

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_ARMOUR = re.compile(r"-----BEGIN [A-Z0-9 ,]{3,40}-----\s*$")
_VERSION = re.compile(
    r"(?:git version |git-series )?v?\d{1,4}\.\d[\w.+~:()-]*(?: ?\([\w .-]+\))?\s*$|StGit|tg: \(", re.ASCII
)
_DIFF = (
    "diff --",
    "--- a/",
    "+++ b/",
    "--- /dev/null",
    "+++ /dev/null",
    "@@ -",
    "@@@ -",
    "Index: ",
    "index ",
    "GIT binary patch",
)
# A patch's first lines, its trailers, its statistics.
_CODE = re.compile(
    "|".join(map(re.escape, _DIFF))
    + r"|(?:[A-Z][A-Za-z]*(?:-[A-Za-z]+)*-[Bb]y|Fixes|Link|Closes|Change-Id|Cc|CC|BugLink|base-commit): ?\S"
    r"| \S.{0,200}? \| {1,8}(?:\d+|Bin)\b|.{1,80} \(\d+\):$| \d+ files? changed, | (?:create|delete|rename"
    r"|copy) (?:mode )?\S"
)
_RULES = "_-=*~#+—–─━═"


@dataclass(frozen=True, slots=True)
class View:
    """The lines of a text, the ranges in them that no rule may cut (diffs, armour), the lines at which a forwarded
    or quoted message may begin or end, and those that have a colon or a quote mark anywhere: asked once for all."""

    lines: Sequence[str]
    kept: tuple[tuple[int, int], ...]
    openings: Sequence[int]
    colons: Sequence[int]
    marks: Sequence[int]

    def floor(self, end: int) -> int:
        """The line above which nothing that ends at `end` may reach."""
        return max((min(stop, end) for start, stop in self.kept if start < end), default=0)


def view(text: str) -> View:
    lines = text.split("\n")
    colons = having(":", text, lines)
    if wide := having("：", text, lines):
        colons = sorted({*colons, *wide})
    return View(lines, tuple(_kept(lines, text)), openings(text, lines, colons), colons, having(">", text, lines))


def having(sign: str, text: str, lines: Sequence[str]) -> list[int]:
    """The lines of a text that have a sign."""
    return [n for n, line in enumerate(lines) if sign in line] if sign in text else []


def last(lines: Sequence[str], end: int, floor: int = 0) -> int:
    """The line after the last line before `end` that is not blank."""
    while end > floor and not lines[end - 1].strip():
        end -= 1
    return end


def framed(line: str) -> bool:
    """A footer's line between arrows, as KDE's lists have it: ">> Visit … to unsubscribe <<"."""
    return line.startswith(">> ") and line.endswith(" <<")


def quoted(line: str) -> bool:
    if line.startswith(">"):
        return not framed(line)
    return line[:1] in " |" and line.lstrip(" ").startswith((">", "| "))


def ruler(line: str) -> str:
    """The character of a rule drawn across the page ("____", "-=-=-=", "~~~~"), or ""."""
    bare = line.strip()
    if len(bare) < 4 or bare[0] not in _RULES or len(bare) > 200:
        return ""
    kinds = set(bare)
    if len(kinds) == 1:
        return bare[0]
    if (
        kinds <= set("-=")
        or kinds <= set("-~><—–")
        or kinds <= set("_.,")
        or kinds <= set("=^")
        or kinds <= set("=+")
        or kinds <= set("*-")
        or kinds <= set("_- ")
    ):
        return "="
    if kinds <= set(bare[0] + " "):
        return bare[0]
    return ""


def dashes(line: str) -> bool:
    """A signature separator, exact (RFC 3676 4.3: with its space) or with the space lost on the way."""
    return line in ("-- ", "--") or (
        line[:1] in "-—– " and len(line) < 8 and line.strip() in ("--", "- --", "-- -", "—", "–", "––", "—-")
    )


def version(line: str) -> bool:
    """What git and its like write under `-- `: their version."""
    return _VERSION.match(line.strip()) is not None


def code(line: str) -> bool:
    """A line that only a patch, its statistics or its trailers have."""
    return _CODE.match(line) is not None


def paragraph(lines: Sequence[str], end: int, floor: int) -> int:
    """The first line of the paragraph whose last line is end - 1."""
    start = end
    while start > floor and lines[start - 1].strip() and end - start < TAIL:
        start -= 1
    return start


def joined(lines: Sequence[str], start: int, end: int) -> str:
    """Lines as one plain line, so that wrapping does not matter."""
    return plain(" ".join(lines[start:end]))


def _kept(lines: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Diff hunks counted by their own numbers, and OpenPGP armour, with what it signs."""
    kept: list[tuple[int, int]] = []
    if "\n@@ -" in text or text.startswith("@@ -") or "\ndiff --" in text or "\n--- a/" in text:
        at = 0
        while at < len(lines):
            line = lines[at]
            if line.startswith("@@ -") and (match := _HUNK.match(line)):
                end = _hunk(lines, at + 1, int(match[1] or 1), int(match[2] or 1))
                kept.append((at, end))
                at = end
            elif line[:1] in "d-+@IiG" and line.startswith(_DIFF):
                kept.append((at, at + 1))
                at += 1
            else:
                at += 1
        _trailer(lines, kept)
    if "-----BEGIN " in text:
        kept += _armour(lines)
    return kept


def _hunk(lines: Sequence[str], at: int, old: int, new: int) -> int:
    """The line after a hunk: where its counts are used up, or where it stops to be one (pasted, wrapped, cut)."""
    broken, end, whole = 0, at, False
    while at < len(lines) and (old > 0 or new > 0):
        line = lines[at]
        mark = line[:1]
        at += 1
        if mark == "+":
            new -= 1
            end = at
        elif mark == " " or mark == "\t":
            old, new = old - 1, new - 1
        elif mark == "-":
            if not whole and dashes(line):
                if _ends(lines, at - 1, old, new):
                    at -= 1
                    break
                whole = True  # the rest of the hunk is as long as it says: asked once
            old -= 1
            end = at
        elif not mark:
            old, new = old - 1, new - 1
            end = at
        elif mark != "\\":
            broken += 1
            if broken > 2 or ruler(line):
                return end
            end = at if mark == "@" else end
    return at if old <= 0 and new <= 0 else end


def _ends(lines: Sequence[str], at: int, old: int, new: int) -> bool:
    """Whether a `--` inside a hunk is a separator after all: what follows does not use the counts up."""
    for line in lines[at : at + old + new]:
        mark = line[:1]
        if mark in (" ", "\t") or not line:
            old, new = old - 1, new - 1
        elif mark == "-":
            old -= 1
        elif mark == "+":
            new -= 1
        elif mark != "\\":
            return True
        if old <= 0 and new <= 0:
            return False
    return True


def _trailer(lines: Sequence[str], kept: list[tuple[int, int]]) -> None:
    """git's version trailer belongs to the patch."""
    if not kept:
        return
    end = kept[-1][1]
    stop = min(len(lines), end + 4)
    while end < stop and not lines[end].strip():
        end += 1
    if end + 1 < len(lines) and dashes(lines[end]) and version(lines[end + 1]):
        kept.append((end, end + 2))


def _armour(lines: Sequence[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start = None
    for at, line in enumerate(lines):
        if line.startswith("-----"):
            if start is None and _ARMOUR.match(line):
                start = at
            elif start is not None and line.startswith("-----END "):
                found.append((start, at + 1))
                start = None
    return found
