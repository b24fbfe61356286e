"""Parts patches and logs from an author's own words."""

import re
from collections.abc import Iterator
from typing import Literal

Kind = Literal["prose", "patch", "log"]

MIN_LOG = 6  # lines: a shorter run is an example in the text, and reads well in place
MIN_PATCH = 4

_PATCH = re.compile(r"diff --git |diff -|Index: |commit [0-9a-f]{40}|--- \S|@@ -\d")
_PATCH_SIGNS = ("d", "I", "c", "-", "@", " ")  # how _PATCH and _STAT begin
_PATCH_LINES = "-+ @\t"  # how nearly all lines of one begin
_PATCH_BODY = re.compile(
    rf"[{_PATCH_LINES}]|diff |index |Index: |new file|deleted file|similarity|rename|copy |old mode|new mode|"
    r"Binary files|GIT binary|={20}"
)
_STAT = re.compile(r" \S.{0,200} \| +(\d+ ?[-+]*|Bin .*)$| \d+ files? changed|---$")
_VERSION = re.compile(r"\d+\.\d+[\w.-]*$")
_LOG = re.compile(
    r"[^\w\n]{0,3}(?:\d{4}-\d\d-\d\d[T ]|\d\d?:\d\d:\d\d|\[ *\d+\.\d+\]|\w{3} [ \d]\d \d\d:\d\d|#\d+ +0x|"
    r"[^\S\n]+at [\w.$]+\(|  File \"|(?:ERROR|WARN|WARNING|INFO|DEBUG|FATAL|TRACE)\b|[EIWN]: |\[(?:INFO|ERROR|WARN))"
)
# The same in a whole text: one that holds no patch and few such lines, as most do, is not looked through line by line.
_PATCHES = re.compile(rf"\n(?:{_PATCH.pattern})")
_LOGS = re.compile(rf"\n(?:{_LOG.pattern})")


def parted(lines: list[str]) -> Iterator[tuple[Kind, list[str], str]]:
    """Runs of own lines, each with its kind and the files that a patch touches."""
    text = "\n" + "\n".join(lines)
    start = at = stat = 0
    if not _PATCHES.search(text) and len(_LOGS.findall(text)) < MIN_LOG:
        at = len(lines)
    while at + MIN_PATCH <= len(lines):  # less is neither
        kind, end = "patch", at
        if lines[at].startswith(_PATCH_SIGNS):
            stat = stat if at < stat else _stat_end(lines, at)  # the same for each line of a diffstat
            end = _patch_end(lines, at, stat)
        if end - at < MIN_PATCH:
            kind, end = "log", _log_end(lines, at)
        if (kind == "patch" and end - at >= MIN_PATCH) or end - at >= MIN_LOG:
            if any(line.strip() for line in lines[start:at]):
                yield "prose", lines[start:at], ""
            run = trimmed(lines[at:end])
            yield ("patch", run, _files(run)) if kind == "patch" else ("log", run, "")
            start = at = end
        else:
            at = max(at + 1, end)
    if any(line.strip() for line in lines[start:]):
        yield "prose", lines[start:], ""


def _stat_end(lines: list[str], at: int) -> int:
    while at < len(lines) and _STAT.match(lines[at]):
        at += 1
    return at


def _patch_end(lines: list[str], at: int, end: int) -> int:
    """The end of a patch that begins here, with the diffstat above it, which ends at `end`, and git's version trailer
    below; else `at`."""
    if end > at:
        while end < len(lines) and not lines[end].strip():
            end += 1
    if end == len(lines) or not _PATCH.match(lines[end]):
        return at
    if lines[end].startswith("--- ") and not (end + 1 < len(lines) and lines[end + 1].startswith("+++ ")):
        return at
    while end < len(lines):
        line = lines[end]
        if not line:
            if not (end + 1 < len(lines) and lines[end + 1] and _PATCH_BODY.match(lines[end + 1])):
                break
        elif line[0] not in _PATCH_LINES and not _PATCH_BODY.match(line) and not _PATCH.match(line):
            break
        end += 1
    return end + 1 if end < len(lines) and lines[end - 1] == "-- " and _VERSION.match(lines[end]) else end


def _log_end(lines: list[str], at: int) -> int:
    end = at
    while end < len(lines) and _LOG.match(lines[end], 0, 80):
        end += 1
    return end


def _files(lines: list[str]) -> str:
    """The files that a patch touches, and how much: "3 files, +10 −2"."""
    text = "\n" + "\n".join(lines)
    heads = text.split("\n+++ ")[1:]
    names = {head.split("\n", 1)[0].split("\t", 1)[0] for head in heads}
    plus = text.count("\n+") - len(heads)
    minus = text.count("\n-") - text.count("\n--- ") - text.count("\n-- ") - lines.count("--") - lines.count("---")
    name = next(iter(names)).removeprefix("b/") if len(names) == 1 else f"{len(names)} files" if names else ""
    return f"{name}, +{plus} −{minus}" if name else f"+{plus} −{minus}"


def trimmed(lines: list[str]) -> list[str]:
    """Without blank lines at both ends."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]
