"""Walks what an operator names: files, folders of letters, Maildirs and repositories, in a fixed order."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from listfold.frozen import dataclass

DIGITS = re.compile(r"([0-9]{1,18})")
MAILDIR = ("cur", "new")  # tmp holds deliveries that are not finished: maildir(5)


@dataclass(frozen=True, slots=True)
class Place:
    """A file to read, a repository to ask, or (with a `fault`) something that cannot be looked into.

    maildir: a file of cur or new, which is a letter by its place; beside: a file next to these folders, which may as
    well be the mail server's own.
    """

    path: Path
    kind: Literal["file", "maildir", "beside", "git", "fault"]
    fault: str = ""


def places(path: Path) -> Iterator[Place]:
    """Every place below `path`, sorted as people count (2 before 10), hidden names and links to folders passed over.

    A Maildir gives cur and new, and its open subfolders; MH folders and trees of .eml files are just folders.
    """
    stack = [path]
    while stack:
        here = stack.pop()
        try:
            if not here.is_dir():
                yield Place(here, "file") if here.exists() else Place(here, "fault", "there is no such file")
                continue
            if is_repository(here) or is_repository(here / ".git"):
                yield Place(here, "git")
                continue
            entries = sorted(os.scandir(here), key=lambda entry: _natural(entry.name))
            names = {entry.name for entry in entries if entry.is_dir()}
        except OSError as e:
            yield Place(here, "fault", e.strerror or str(e))
            continue
        maildir = not names.isdisjoint(MAILDIR)
        folders: list[Path] = []
        for entry in entries:
            inside = Path(entry.path)
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if not (maildir and entry.name == "tmp"):
                    folders.append(inside)
            elif entry.is_dir():
                continue  # a link to a folder may lead in a circle
            elif entry.is_file():
                yield Place(inside, "beside" if maildir else "maildir" if here.name in MAILDIR else "file")
            elif not maildir:
                yield Place(inside, "fault", "this is no regular file")
        stack += reversed(folders)


def is_repository(path: Path) -> bool:
    """A bare git repository, or public-inbox v2: gitrepository-layout(5), public-inbox-v2-format(5)."""
    bare = (path / "HEAD").is_file() and (path / "objects").is_dir()
    return bare or bool(epochs(path))


def epochs(path: Path) -> list[Path]:
    """The epochs of a public-inbox v2 repository, oldest first: git/0.git, git/1.git, …"""
    found = [p for p in (path / "git").glob("*.git") if p.stem.isdecimal() and (p / "objects").is_dir()]
    return sorted(found, key=lambda p: int(p.stem))


def _natural(name: str) -> list[tuple[int, str]]:
    """Runs of digits by their number, and everything else by its letters."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in DIGITS.split(name)]
