"""Reads the letters of a public-inbox repository through git's plumbing, one object at a time.

v2: each commit of each epoch puts one letter at `m`, or names one that is taken back at `d`.  v1: the tree holds
every letter at aa/bbbb…, the sha1 of its Message-ID.  (public-inbox-v2-format(5), public-inbox-v1-format(5))

The repository is a stranger's: only plumbing runs that starts no pager, filter, hook or signature check of its
configuration, and no transport may be opened for an object that is not there.
"""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BufferedReader, FileIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from listfold.frozen import dataclass
from listfold.intake.folder import epochs
from listfold.intake.piece import MAX_LETTER, Damaged

V1_PATH = re.compile(r"[0-9a-f]{2}/[0-9a-f]{38}")
COPY = 1024 * 1024  # bytes read at a time of an object that is passed over

# No configuration but the repository's own, and no way to fetch.
ENVIRON = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
SAFE = ("-c", "protocol.allow=never", "-c", "core.fsmonitor=false")


@dataclass(frozen=True, slots=True)
class Blob:
    """One letter's object: the repository, its name there as git takes it ("COMMIT:m"), its bytes or a fault."""

    repository: Path
    name: str
    oid: bytes
    raw: bytes = b""
    fault: str = ""


def blobs(path: Path) -> Iterator[Blob]:
    """Every letter that was not taken back; of v2, oldest first.

    Raises Damaged when this is no public-inbox, or git cannot go on.
    """
    repositories = epochs(path) or [path if (path / "HEAD").is_file() else path / ".git"]
    names = {blob.name.partition(":")[2] for repository in repositories for blob in islice(_tree(repository), 2)}
    if names & {"m", "d"}:
        # An epoch may take back a letter of an older one, so all that is taken back is gathered first.
        taken_back = {blob.oid for repository in repositories for blob in _commits(repository, "d")}
        for repository in repositories:
            yield from _filled(repository, (b for b in _commits(repository, "m") if b.oid not in taken_back))
    elif any(V1_PATH.match(name) for name in names):
        for repository in repositories:
            yield from _filled(repository, (b for b in _tree(repository) if V1_PATH.match(b.name.partition(":")[2])))
    else:
        raise Damaged("this git repository is no public-inbox")


def _tree(repository: Path) -> Iterator[Blob]:
    """What HEAD holds, without the bytes."""
    with _git(repository, "ls-tree", "-r", "-z", "HEAD") as git:
        for line in _items(git, b"\0"):
            about, _, name = line.partition(b"\t")
            yield Blob(repository, f"HEAD:{name.decode('utf-8', 'replace')}", about.split()[2])


def _commits(repository: Path, path: str) -> Iterator[Blob]:
    """What each commit put at `path`, oldest first, without the bytes."""
    with (
        _git(repository, "rev-list", "--reverse", "HEAD") as commits,
        _git(repository, "diff-tree", "--stdin", "--root", "-r", "--no-renames", stdin=commits.stdout) as git,
    ):
        commit = ""
        for line in _items(git, b"\n"):
            if not line.startswith(b":"):
                commit = line.decode("ascii", "replace")
                continue
            about, _, name = line.partition(b"\t")
            *_, oid, status = about.split()
            if name.decode("utf-8", "replace") == path and status != b"D":
                yield Blob(repository, f"{commit}:{path}", oid)
        _check(commits)


def _filled(repository: Path, asked: Iterable[Blob]) -> Iterator[Blob]:
    """Each blob with its bytes."""
    with _git(repository, "cat-file", "--batch", stdin=subprocess.PIPE) as git:
        assert git.process.stdin is not None
        for blob in asked:
            try:
                git.process.stdin.write(blob.oid + b"\n")
            except BrokenPipeError as e:
                raise Damaged(f"git failed: {git.last_words()}") from e
            head = git.stdout.readline().split()
            if len(head) == 2:  # OID missing
                yield replace(blob, fault="the repository lacks this object")
                continue
            if len(head) != 3:
                raise Damaged(f"git failed: {git.last_words()}")
            size = int(head[2])
            raw = _bytes(git.stdout, size + 1)
            if size > MAX_LETTER:
                yield replace(blob, raw=raw, fault=f"larger than {MAX_LETTER} bytes")
            else:
                yield replace(blob, raw=raw[:-1])


def _items(git: "_Git", end: bytes) -> Iterator[bytes]:
    """What a git command prints, item by item, with the end taken off."""
    rest = b""
    while data := git.stdout.read1(COPY):
        *items, rest = (rest + data).split(end)
        yield from items
    _check(git)


def _check(git: "_Git") -> None:
    """git has closed its output: did it end well?"""
    if git.process.wait() != 0:
        raise Damaged(f"git failed: {git.last_words()}")


def _bytes(stream: IO[bytes], size: int) -> bytes:
    """The next `size` bytes; of more than a letter may have, only the first, and the rest is read past."""
    raw = stream.read(size if size <= MAX_LETTER + 1 else min(size, COPY))
    left = size - len(raw)
    while left and (passed := stream.read(min(left, COPY))):
        left -= len(passed)
    if left:
        raise Damaged("git cat-file went away")
    return raw


@dataclass(frozen=True, slots=True)
class _Git:
    process: "subprocess.Popen[bytes]"
    stdout: "BufferedReader[FileIO]"
    stderr: IO[bytes]  # a file: nobody reads it meanwhile, and a full pipe would stop git

    def last_words(self) -> str:
        self.stderr.seek(0)
        return self.stderr.read(1000).decode("utf-8", "replace").strip().replace("\n", "; ")


@contextmanager
def _git(repository: Path, *words: str, stdin: "int | BufferedReader[FileIO]" = subprocess.DEVNULL) -> Iterator[_Git]:
    """A running git; at the end of the context it is gone."""
    with TemporaryFile() as stderr:
        try:
            process = subprocess.Popen(
                ("git", *SAFE, f"--git-dir={repository}", *words),
                bufsize=0,  # nothing is left to be written when git has gone
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={"PATH": os.environ.get("PATH", os.defpath), **ENVIRON},
            )
        except FileNotFoundError as e:
            raise Damaged("git is not installed") from e
        assert isinstance(process.stdout, FileIO)
        with process, BufferedReader(process.stdout, COPY) as stdout:
            try:
                yield _Git(process, stdout, stderr)
            finally:
                process.kill()
