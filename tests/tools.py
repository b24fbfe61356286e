"""Programs of the system that some tests need: missing ones skip a test outside CI and fail it there."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def needs(name: str) -> str:
    """The path of a program; skips (or in CI fails) the test that asks when there is none."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed, and CI has to have it")
        pytest.skip(f"{name} is not installed")
    return path


def self_signed(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for a name, and its key; made once in a folder."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    if not cert.exists():
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
        command = [needs("openssl"), "req", "-x509", *new, *names, "-keyout", str(key), "-out", str(cert)]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
    return cert, key
