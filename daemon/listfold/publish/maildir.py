"""Drops each closed issue into a Maildir as a letter, exactly once, also when the process dies at any point of it.

1. the letter is written to tmp/ and synced          died here: the file is removed, and all is done again
2. its name goes into the journal, and is synced     died here: the file in tmp/ shows that step 3 is left to do
3. it is renamed into new/                           a mail program may move it from here: the journal knows it
"""

import os
from hashlib import sha256
from pathlib import Path

ENDING = ".listfold"  # of our names: what else is in tmp/ is not ours


class Maildir:
    """One mailbox, and the journal of what was put into it. One writer process."""

    def __init__(self, folder: Path, journal: Path) -> None:
        self._folder = folder
        self._journal = journal
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._done = set(journal.read_text("utf-8").split()) if journal.exists() else set()
        for left in sorted((folder / "tmp").glob(f"*{ENDING}")):
            if left.name in self._done:
                self._hand_over(left.name)
            else:
                left.unlink()

    def deliver(self, key: str, closed: int, content: bytes) -> bool:
        """Put a letter in, if none with this key was; `closed` is the second it goes by. True if it was put in."""
        # maildir(5): a unique name without / and :, the time first
        name = f"{closed}.{sha256(key.encode()).hexdigest()[:24]}{ENDING}"
        if name in self._done:
            return False
        place = self._folder / "tmp" / name
        with place.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _sync(place.parent)
        with self._journal.open("a", encoding="utf-8") as journal:
            journal.write(f"{name}\n")
            journal.flush()
            os.fsync(journal.fileno())
        _sync(self._journal.parent)
        self._done.add(name)
        self._hand_over(name)
        return True

    def _hand_over(self, name: str) -> None:
        (self._folder / "tmp" / name).rename(self._folder / "new" / name)
        _sync(self._folder / "new")


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
