"""Tells what is new below some paths since the last look: what `import --follow` takes in next.

By polling, so that it works on every file system: a look costs one stat a file. A git repository (a public-inbox clone
that something fetches into) is new when one of its refs has moved.
"""

from pathlib import Path

from listfold.intake.folder import Place, epochs, places

Mark = tuple[tuple[int, int, int], ...]


class Following:
    """Remembers each file by its inode, size and time of change."""

    def __init__(self, paths: list[str]) -> None:
        self._paths = paths
        self._seen: dict[Path, Mark] = {}

    def news(self) -> list[str]:
        """Files and repositories that were not there at the last look, or have changed."""
        found: dict[Path, Mark] = {}
        for path in self._paths:
            for place in places(Path(path)):
                if place.kind not in ("fault", "beside"):  # what is beside a Maildir's folders is its server's
                    found[place.path] = _mark(place)
        fresh = [str(path) for path, mark in found.items() if self._seen.get(path) != mark]
        self._seen = found
        return fresh


def _mark(place: Place) -> Mark:
    if place.kind != "git":
        return (_stat(place.path),)
    repositories = epochs(place.path) or [place.path if (place.path / "HEAD").is_file() else place.path / ".git"]
    return tuple(
        _stat(file)
        for repository in repositories
        for file in (repository / "HEAD", repository / "packed-refs", *sorted((repository / "refs").rglob("*")))
    )


def _stat(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_size, found.st_mtime_ns
