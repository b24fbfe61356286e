"""Where pages go: onto disk, atomically and only where bytes differ; or into a comparison with what stands there."""

import os
import re
from pathlib import Path
from typing import Protocol

# All names that listfold writes in a folder of its own; whatever else is there is the operator's.
OURS = re.compile(
    r"index\.html|feeds\.opml|(digest|messages)(-\d{4}-\d\d(-imported)?(-\d+)?)?\.(atom|json)|"
    r"\d{4}(-W\d\d|-\d\d(-\d\d)?)?\.html|\d{4}(-W\d\d|-\d\d(-\d\d)?)\.(txt|eml|json)"
)


OTHERS = 64 << 20  # bytes of pages that a check keeps: of more, what is linked anew is compared with itself


class Sink(Protocol):
    """Takes pages by their path below the data directory."""

    def put(self, path: str, content: bytes) -> None: ...
    def drop(self, path: str) -> None: ...
    def get(self, path: str) -> bytes:
        """A page as it stands; b"" when it is not there."""
        ...

    def names(self, folder: str) -> set[str]:
        """Our own files in a folder (its path without a slash at the end)."""
        ...


class Disk:
    """Writes pages beside their place and renames them into it: a reader sees the old bytes or the new ones.

    Nothing is synced: all of it can be made again from the archive. `writer` tells processes apart that write at the
    same time: a file of one name may then be written by both, and both write the same bytes."""

    def __init__(self, root: Path, writer: int = 0) -> None:
        self._root = root
        self._ending = f"new{writer or ''}"
        self.written = 0

    def put(self, path: str, content: bytes) -> None:
        place = os.path.join(self._root, path)  # noqa: PTH118 - thousands of files: Path costs more than the system
        if _same(place, content):
            return
        folder, _, name = place.rpartition("/")
        beside = f"{folder}/.{name}.{self._ending}"
        try:
            _write(beside, content)
        except FileNotFoundError:  # a new folder, or one that another process has just taken away
            Path(folder).mkdir(parents=True, exist_ok=True)
            _write(beside, content)
        os.rename(beside, place)  # noqa: PTH104
        self.written += 1

    def drop(self, path: str) -> None:
        try:
            (self._root / path).unlink()
        except FileNotFoundError:
            return
        self.written += 1
        folder = path.rpartition("/")[0]
        while "/" in folder:  # a list that went leaves no name behind; public/ and private/ stay
            try:
                (self._root / folder).rmdir()
            except OSError:
                break
            folder = folder.rpartition("/")[0]

    def get(self, path: str) -> bytes:
        return _read(self._root / path)

    def names(self, folder: str) -> set[str]:
        try:
            return {entry.name for entry in os.scandir(self._root / folder) if OURS.fullmatch(entry.name)}
        except FileNotFoundError:
            return set()


def _same(place: str, content: bytes) -> bool:
    try:
        with open(place, "rb", buffering=0) as file:  # noqa: PTH123
            return os.fstat(file.fileno()).st_size == len(content) and file.read() == content
    except FileNotFoundError:
        return False


def _write(place: str, content: bytes) -> None:
    with open(place, "wb", buffering=0) as file:  # noqa: PTH123
        file.write(content)


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return b""


class Fresh:
    """A sink in front of another one that begins with nothing, and remembers what was put: all pages anew.

    `leftovers` are our files on disk that no page of this run replaced."""

    def __init__(self, root: Path, behind: Sink) -> None:
        self._root = root
        self._behind = behind
        self._names: dict[str, set[str]] = {}

    def put(self, path: str, content: bytes) -> None:
        folder, _, name = path.rpartition("/")
        self._names.setdefault(folder, set()).add(name)
        self._behind.put(path, content)

    def drop(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        self._names.get(folder, set()).discard(name)

    def get(self, path: str) -> bytes:
        return self._behind.get(path)

    def names(self, folder: str) -> set[str]:
        return set(self._names.get(folder, ()))

    def leftovers(self) -> list[str]:
        found = []
        for top in ("public", "private"):
            for folder, _, names in os.walk(self._root / top):
                place = Path(folder).relative_to(self._root).as_posix()
                held = self._names.get(place, set())
                found += [f"{place}/{name}" for name in names if OURS.fullmatch(name) and name not in held]
        return sorted(found)


class Compare:
    """Writes nothing: a finding for each page that is missing or has other bytes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._found: dict[str, str] = {}
        self._other: dict[str, bytes] = {}  # feed pages as they should be, where they are not: another link may follow…
        self._room = OTHERS  # …as long as there is room

    @property
    def findings(self) -> list[str]:
        return [f"{path}: {what}: run `listfold publish`" for path, what in self._found.items()]

    def put(self, path: str, content: bytes) -> None:
        there = _read(self._root / path)
        self._found.pop(path, None)  # a page may be put once more, with another link
        self._room += len(self._other.pop(path, b""))
        if there != content:
            self._found[path] = "differs from the archive" if there else "missing"
            if "/digests/" not in path and len(content) <= self._room:
                self._other[path] = content
                self._room -= len(content)

    def drop(self, path: str) -> None:
        self._found[path] = "should not be there"

    def get(self, path: str) -> bytes:
        return self._other.get(path) or _read(self._root / path)

    def names(self, folder: str) -> set[str]:
        return set()
