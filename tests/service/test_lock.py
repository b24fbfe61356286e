"""service/lock.py: one process at a time writes a data directory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from listfold.errors import DataBusy, ListfoldError
from listfold.service.lock import DataLock

HOLD = """
import sys, time
from pathlib import Path
from listfold.service.lock import DataLock
DataLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    """DataBusy names the directory and the holder's pid."""
    with DataLock(tmp_path), pytest.raises(DataBusy, match=f"{tmp_path} is in use by process {os.getpid()}"):
        DataLock(tmp_path).acquire()


def test_released_it_can_be_had_again(tmp_path: Path) -> None:
    """The file stays, the lock does not."""
    with DataLock(tmp_path):
        pass
    with DataLock(tmp_path) as lock:
        assert lock.path.read_text() == f"{os.getpid()}\n"


def test_the_data_directory_is_made(tmp_path: Path) -> None:
    """The first start needs no mkdir; strangers do not get in."""
    with DataLock(tmp_path / "var" / "listfold"):
        assert (tmp_path / "var" / "listfold").stat().st_mode & 0o007 == 0


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    """The kernel lets go of what a dead process held."""
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DataBusy, match=f"process {holder.pid}"):
            DataLock(tmp_path).acquire()
        holder.kill()
    with DataLock(tmp_path):
        pass


def test_a_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """A file stands where the directory should be."""
    (tmp_path / "var").write_text("")
    with pytest.raises(ListfoldError, match="is data_dir yours to write"):
        DataLock(tmp_path / "var").acquire()
