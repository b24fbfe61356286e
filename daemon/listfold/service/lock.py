"""The data directory's lock: one process at a time writes the stores."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from listfold.errors import DataBusy, ListfoldError


class DataLock:
    """flock on `lock` in the data directory, which is made if it is not there.

    The kernel lets go of a flock when its process dies, so there is no stale lock; the pid in the file is only for
    the message. The file stays: to remove it would let two processes lock two files of one name.
    """

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "lock"
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise DataBusy with the holder's pid; never waits."""
        try:
            self.path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as e:
            raise ListfoldError(f"{self.path}: {e.strerror}: is data_dir yours to write?") from e
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            pid = os.pread(fd, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(fd)
            raise DataBusy(f"{self.path.parent} is in use by process {pid}: stop it first") from e
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd

    def release(self) -> None:
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()
