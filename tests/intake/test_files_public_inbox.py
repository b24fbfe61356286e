"""intake/public_inbox.py: repositories of public-inbox give every letter that was not taken back."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from listfold.intake import public_inbox
from listfold.intake.files import Unreadable, letters
from listfold.model import Letter

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")


def letter(n: int) -> bytes:
    return b"From: Anna <anna@example.org>\nSubject: %d\nMessage-ID: <%d@example.org>\n\nHello\n" % (n, n)


def repository(path: Path, *commits: dict[str, bytes | None]) -> Path:
    """A bare repository with one commit for each mapping of names to contents (None: removed)."""
    stream = bytearray()
    for commit in commits:
        stream += b"commit refs/heads/master\ncommitter A <a@example.org> 1448946113 +0000\ndata 0\n"
        for name, content in commit.items():
            if content is None:
                stream += b"D %s\n" % name.encode()
            else:
                stream += b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(content), content)
        stream += b"\n"
    git = ("git", "-c", "init.defaultBranch=master")
    environ = {"PATH": os.environ["PATH"], "HOME": str(path.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run([*git, "init", "-q", "--bare", str(path)], check=True, env=environ)
    if commits:
        subprocess.run(
            ["git", f"--git-dir={path}", "fast-import", "--quiet"], input=bytes(stream), check=True, env=environ
        )
    return path


def raws(path: Path) -> list[bytes]:
    found = list(letters([str(path)]))
    assert all(isinstance(one, Letter) for one in found), found
    return [one.raw for one in found if isinstance(one, Letter)]


def test_v2_is_read_over_all_epochs(tmp_path: Path) -> None:
    """Oldest first, epoch by epoch (10 after 2), bytes as they were."""
    repository(tmp_path / "git" / "0.git", {"m": letter(1)}, {"m": letter(2)})
    repository(tmp_path / "git" / "2.git", {"m": letter(3)})
    repository(tmp_path / "git" / "10.git", {"m": letter(4)})
    assert raws(tmp_path) == [letter(n) for n in (1, 2, 3, 4)]


def test_what_was_taken_back_stays_away(tmp_path: Path) -> None:
    """`d` names a letter of this epoch or of an older one."""
    repository(tmp_path / "git" / "0.git", {"m": letter(1)}, {"m": letter(2)}, {"m": letter(3)}, {"d": letter(2)})
    repository(tmp_path / "git" / "1.git", {"m": letter(4)}, {"d": letter(1)}, {"m": letter(5), "d": None})
    assert raws(tmp_path) == [letter(n) for n in (3, 4, 5)]


def test_one_epoch_alone(tmp_path: Path) -> None:
    """A clone of one epoch is read as well."""
    assert raws(repository(tmp_path / "0.git", {"m": letter(1)}, {"m": letter(2)})) == [letter(1), letter(2)]


def test_v1_is_its_tree(tmp_path: Path) -> None:
    """Each file at aa/bbbb… is a letter; what was removed from the tree is gone."""
    names = [f"{n:02x}/{n:038x}" for n in range(4)]
    path = repository(
        tmp_path / "old.git",
        {name: letter(n) for n, name in enumerate(names)},
        {names[2]: None, "README": b"hello"},
    )
    assert raws(path) == [letter(n) for n in (0, 1, 3)]


def test_another_repository_is_told(tmp_path: Path) -> None:
    """Somebody's program is no archive."""
    path = repository(tmp_path / "code.git", {"main.c": b"int main;"})
    assert list(letters([str(path)])) == [Unreadable(str(path), 0, None, "this git repository is no public-inbox")]


def test_an_empty_repository_is_told(tmp_path: Path) -> None:
    """No commit, no letters: git's own words say why."""
    (found,) = letters([str(repository(tmp_path / "empty.git"))])
    assert isinstance(found, Unreadable)
    assert "git failed: fatal: " in found.reason


def test_a_letter_above_the_limit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named by commit and Message-ID, and the next ones are read."""
    monkeypatch.setattr(public_inbox, "MAX_LETTER", 1000)
    big = letter(2) + b"x" * 5000
    found = list(letters([str(repository(tmp_path / "0.git", {"m": letter(1)}, {"m": big}, {"m": letter(3)}))]))
    assert [one.raw for one in found if isinstance(one, Letter)] == [letter(1), letter(3)]
    (told,) = [one for one in found if isinstance(one, Unreadable)]
    assert told.message_id == "<2@example.org>"
    assert told.file.startswith(f"{tmp_path / '0.git'}:")


def test_a_letter_that_is_lacking_is_told(tmp_path: Path) -> None:
    """A partial or broken clone says which letter it has not; nothing is fetched."""
    path = repository(tmp_path / "0.git", {"m": letter(1)}, {"m": letter(2)})
    oid = subprocess.run(
        ["git", f"--git-dir={path}", "rev-parse", "HEAD~:m"], capture_output=True, text=True, check=True
    ).stdout.strip()
    (path / "objects" / oid[:2] / oid[2:]).unlink()
    told, found = letters([str(path)])
    assert isinstance(told, Unreadable)
    assert told.reason == "the repository lacks this object"
    assert isinstance(found, Letter)
    assert found.raw == letter(2)


def test_a_commit_that_lacks_is_told(tmp_path: Path) -> None:
    """Where git itself cannot go on, its words are the reason."""
    path = repository(tmp_path / "0.git", {"m": letter(1)}, {"m": letter(2)})
    oid = subprocess.run(
        ["git", f"--git-dir={path}", "rev-parse", "HEAD~"], capture_output=True, text=True, check=True
    ).stdout.strip()
    (path / "objects" / oid[:2] / oid[2:]).unlink()
    *_, last = letters([str(path)])
    assert isinstance(last, Unreadable)
    assert last.reason.startswith("git failed: ")


def test_a_broken_repository_is_told(tmp_path: Path) -> None:
    """An object that is gone ends this repository's letters with a reason."""
    path = repository(tmp_path / "0.git", {"m": letter(1)})
    shutil.rmtree(path / "objects")
    (path / "objects").mkdir()
    (found,) = letters([str(path)])
    assert isinstance(found, Unreadable)


def test_a_repositorys_configuration_runs_nothing(tmp_path: Path) -> None:
    """A stranger's repository may name programs; none of them is started."""
    path = repository(tmp_path / "0.git", {"m": letter(1)})
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path / 'sprung'}\n")
    trap.chmod(0o755)
    with (path / "config").open("a") as config:
        config.write(
            f"[core]\n\tpager = {trap}\n\tfsmonitor = {trap}\n\tsshCommand = {trap}\n\talternateRefsCommand = {trap}\n"
            f"[log]\n\tshowSignature = true\n[gpg]\n\tprogram = {trap}\n"
            f'[diff "x"]\n\ttextconv = {trap}\n[filter "x"]\n\tsmudge = {trap}\n'
        )
    assert raws(path) == [letter(1)]
    assert not (tmp_path / "sprung").exists()
