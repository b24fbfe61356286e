"""Keeps one public reader of the archive per thread, and opens it again when the archive has been switched.

`archive.db` is a symlink to `archive-N.db` (DESIGN.md, Two stores). Where the link points, which file lies there, and
whether a daemon writes it (a file that nobody writes is opened as immutable) is compared on each request: a few system
calls, no lock, and no reader is ever used by two threads.
"""

import threading
from pathlib import Path

from listfold.archive.reader import Reader
from listfold.errors import ListfoldError, NotFound


class Readers:
    """Hands the calling thread its reader. The reader hides private lists: nothing in this room sees them."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._local = threading.local()

    def get(self) -> Reader:
        """This thread's reader, on the archive that the link names now. Raises NotFound before there is one."""
        try:
            found = self._link.stat()
        except OSError as error:
            raise NotFound("there is no archive yet") from error
        path = self._link.resolve()
        file = (found.st_dev, found.st_ino, path.with_name(f"{path.name}-wal").exists())
        reader: Reader | None = getattr(self._local, "reader", None)
        if reader is not None and self._local.file == file:
            return reader
        if reader is not None:
            reader.close()
            self._local.reader = None
        try:
            reader = Reader(path, public=True)
        except (ListfoldError, OSError) as error:
            raise NotFound("the archive cannot be opened yet") from error
        self._local.reader, self._local.file = reader, file
        return reader

    def close(self) -> None:
        """Close the calling thread's reader; other threads' readers go with their threads."""
        reader: Reader | None = getattr(self._local, "reader", None)
        if reader is not None:
            reader.close()
            self._local.reader = None
