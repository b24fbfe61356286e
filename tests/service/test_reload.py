"""SIGHUP: a new certificate without a restart, and a bad one changes nothing."""

import os
import shutil
import signal
import socket
import ssl
from pathlib import Path

import pytest

from running import CONFIG, Running, until
from tools import self_signed

TLS = CONFIG.replace("[smtp]", '[smtp]\ntls_listen = ["127.0.0.1:0"]\ntls_cert = "tls-cert"\ntls_key = "tls-key"')


def presented(address: str) -> bytes:
    """The certificate that a client meets (DER)."""
    host, _, port = address.rpartition(":")
    trust = ssl._create_unverified_context()
    with socket.create_connection((host, int(port)), 10) as plain, trust.wrap_socket(plain) as secure:
        assert secure.recv(3) == b"220"
        return secure.getpeercert(binary_form=True) or b""


def test_sighup_takes_the_new_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files out of $CREDENTIALS_DIRECTORY; a broken file is told in the log, and the old certificate stays."""
    old, new = self_signed(tmp_path, "old.example.org"), self_signed(tmp_path, "new.example.org")
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))

    def install(pair: tuple[Path, Path]) -> None:
        for source, name in zip(pair, ("tls-cert", "tls-key"), strict=True):
            shutil.copy(source, folder / name)

    install(old)
    with Running(tmp_path, TLS) as daemon:
        address = daemon.addresses["smtps"][0]
        first = presented(address)
        install(new)
        os.kill(daemon.process.pid, signal.SIGHUP)
        until(lambda: presented(address) != first)
        second = presented(address)
        (folder / "tls-cert").write_text("nothing")
        os.kill(daemon.process.pid, signal.SIGHUP)
        until(lambda: "tls.kept" in daemon.log.read_text())
        assert presented(address) == second
        assert daemon.process.poll() is None


def test_sighup_without_a_certificate_ends_nothing(tmp_path: Path) -> None:
    """A reload of the unit is told in the log; mail is taken as before."""
    with Running(tmp_path) as daemon:
        os.kill(daemon.process.pid, signal.SIGHUP)
        until(lambda: "reload.nothing" in daemon.log.read_text())
        daemon.send(b"Subject: still here\r\n\r\nWords.\r\n")
        assert daemon.process.poll() is None
