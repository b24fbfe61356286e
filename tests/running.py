"""A listfold daemon of its own for a test: started as a process, on free ports, in a folder that is thrown away."""

import json
import os
import signal
import smtplib
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from listfold.archive.counts import Counts
from listfold.archive.store import LINK
from listfold.service import asking
from listfold.service.config import load

CONFIG = """
data_dir = "{data}"
base_url = "http://127.0.0.1/"
[smtp]
listen = ["127.0.0.1:0"]
max_sessions_per_client = 500
max_sessions = 500
min_free_disk = 0
[web]
listen = ["127.0.0.1:0"]
[pipeline]
workers = 1
"""


class Running:
    """`with Running(tmp_path) as daemon`: ready when entered, stopped by SIGTERM when left."""

    def __init__(self, folder: Path, config: str = CONFIG) -> None:
        self.data = folder / "data"
        self.config = folder / "listfold.toml"
        self.config.write_text(config.format(data=self.data))
        self.log = folder / "daemon.log"
        self.process: subprocess.Popen[bytes]
        self.addresses: dict[str, Any] = {}

    def __enter__(self) -> "Running":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def start(self) -> None:
        (self.data / "run.json").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "listfold", "run", "--config", str(self.config)]
            self.process = subprocess.Popen(command, stderr=log, stdout=log)
        until(lambda: (self.data / "run.json").exists() or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()
        self.addresses = json.loads((self.data / "run.json").read_text())

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    @property
    def smtp(self) -> tuple[str, int]:
        host, _, port = self.addresses["smtp"][0].rpartition(":")
        return host, int(port)

    @property
    def web(self) -> str:
        return f"http://{self.addresses['web'][0]}"

    def send(self, raw: bytes, recipient: str = "gardeners@example.org") -> None:
        with smtplib.SMTP(*self.smtp, timeout=20) as client:
            client.sendmail("anna@example.org", [recipient], raw)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.web + path, timeout=20) as answer:
            return str(answer.read().decode())

    def command(self, *words: str, code: int | None = 0, stdin: bytes = b"") -> str:
        return command(*words, "--config", str(self.config), code=code, stdin=stdin)

    def status(self) -> dict[str, Any]:
        """What `listfold status --json` tells; read here, for a process is slow to start where many wait."""
        return asking.status(load(self.config))

    def settled(self) -> None:
        """Wait until all letters are read and their pages written."""
        until(lambda: self.status()["letters"]["pending"] == 0)
        with closing(Counts(self.data / LINK)) as counts:
            until(lambda: counts.touched() == 0)


def command(*words: str, code: int | None = 0, stdin: bytes = b"", cwd: Path | None = None) -> str:
    """Run `listfold` with these words; gives stdout, and checks the exit status (None: any)."""
    done = run(*words, stdin=stdin, cwd=cwd)
    assert code is None or done.returncode == code, done.stderr.decode()
    return done.stdout.decode()


def run(*words: str, stdin: bytes = b"", cwd: Path | None = None) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "listfold", *words], input=stdin, capture_output=True, timeout=100, cwd=cwd, check=False
    )


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds; fails after a while."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)
