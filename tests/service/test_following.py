"""import --follow: what a delivery or a fetch adds is taken in soon, and nothing is taken twice."""

import signal
import subprocess
import sys
from pathlib import Path

from listfold.intake.following import Following
from running import Running, until
from service.test_import import mail


def test_what_is_delivered_to_a_maildir_is_taken_in(tmp_path: Path) -> None:
    """What is there at the start, and what comes later; a flag that changes a name adds nothing; Ctrl-C ends it."""
    for name in ("tmp", "new", "cur"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box/new/1.a").write_bytes(mail(0))
    with Running(tmp_path) as daemon:
        words = ["import", "--follow", str(tmp_path / "box"), "--config", str(daemon.config)]
        process = subprocess.Popen([sys.executable, "-m", "listfold", *words], stderr=subprocess.DEVNULL)
        until(lambda: daemon.status()["letters"]["read"] == 1)
        (tmp_path / "box/tmp/2.b").write_bytes(mail(2))
        (tmp_path / "box/tmp/2.b").rename(tmp_path / "box/new/2.b")
        (tmp_path / "box/new/1.a").rename(tmp_path / "box/cur/1.a:2,S")
        until(lambda: daemon.status()["letters"]["read"] == 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert daemon.status()["letters"]["accepted"] == 2


def test_a_repository_is_new_when_a_ref_has_moved(tmp_path: Path) -> None:
    """And not when it was only looked at."""
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(tmp_path / "inbox"))
    subprocess.run(["git", "init", "-q", str(tmp_path / "inbox")], check=True)
    following = Following([str(tmp_path / "inbox")])
    assert len(following.news()) == 1
    assert following.news() == []
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    assert len(following.news()) == 1
    assert following.news() == []
