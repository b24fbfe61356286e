"""Imports a mailbox: ours, and the peers that are found here, each into an empty folder."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mail import write_maildir
from sampler import Sampler

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Imported:
    """Seconds, bytes on disk beside the mail, and of memory in all processes at the peak (PSS, once a second)."""

    seconds: float
    size: int
    memory: int


def run(*words: str, env: dict[str, str] | None = None) -> tuple[float, int]:
    """Seconds and bytes of memory that a command takes; it has to succeed."""
    began = time.monotonic()
    with subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        sampler = Sampler(process.pid)
        sampler.start()
    seconds = time.monotonic() - began
    sampler.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return seconds, sampler.peak


def size(*paths: Path) -> int:
    files = [f for path in paths for f in ([path] if path.is_file() else path.rglob("*"))]
    return sum(f.stat().st_size for f in files if f.is_file() and not f.is_symlink())


def ours(mbox: Path, folder: Path) -> Imported:
    """Both stores, search and fold index; pages are counted by `pages`, for the peers' tables do not hold them."""
    seconds, memory = run(sys.executable, "-m", "listfold", "import", "--data", str(folder), str(mbox))
    return Imported(seconds, size(*folder.glob("*.db")), memory)


def public_inbox(mbox: Path, folder: Path) -> Imported:
    home = folder / "home"
    home.mkdir()
    env = {**os.environ, "HOME": str(home), "PI_CONFIG": str(home / "config")}
    run("public-inbox-init", "-V2", "bench", str(folder / "inbox"), "http://example.org/", "l@example.org", env=env)
    seconds, memory = run("perl", str(HERE / "public_inbox.pl"), str(mbox), env=env)
    return Imported(seconds, size(folder / "inbox"), memory)


def notmuch(mbox: Path, folder: Path) -> Imported:
    write_maildir(mbox, folder / "mail")
    config = folder / "config"
    config.write_text(f"[database]\npath={folder / 'mail'}\n[user]\nname=x\nprimary_email=x@example.org\n")
    seconds, memory = run("notmuch", "new", "--no-hooks", env={**os.environ, "NOTMUCH_CONFIG": str(config)})
    return Imported(seconds, size(folder / "mail/.notmuch"), memory)


def mhonarc(mbox: Path, folder: Path) -> Imported:
    seconds, memory = run("mhonarc", "-quiet", "-outdir", str(folder), str(mbox))
    return Imported(seconds, size(folder), memory)


CONTENDERS: dict[str, tuple[str, Callable[[Path, Path], Imported]]] = {
    "listfold": ("", ours),
    "public-inbox": ("public-inbox-init", public_inbox),
    "notmuch": ("notmuch", notmuch),
    "MHonArc": ("mhonarc", mhonarc),
}


def found() -> dict[str, Callable[[Path, Path], Imported]]:
    """Those that can be had here."""
    return {name: work for name, (program, work) in CONTENDERS.items() if not program or shutil.which(program)}
