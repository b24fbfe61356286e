"""service/systemd.py and the unit file: what listfold and systemd say to one another."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from listfold.service.config import Settings
from listfold.service.heart import STALL, beat
from listfold.service.house import open_house
from listfold.service.listeners import connect
from listfold.service.systemd import inherited, notify, watchdog
from running import Running, until
from tools import needs

UNITS = Path(__file__).parents[2] / "systemd"

# The parent's part of socket activation: descriptors from 3 on, and the variables.
ACTIVATE = """
import os, socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
for n, sock in enumerate(sockets):
    os.dup2(sock.fileno(), 20 + n)
for n in range(3):
    os.dup2(20 + n, 3 + n, inheritable=True)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "3", "LISTEN_FDNAMES": "smtp:web:smtp"}
os.execv(sys.executable, [sys.executable, "-c", sys.argv[1]])
"""
CHILD = """
import os
from listfold.service.config import Settings
from listfold.service.heart import STALL, beat
from listfold.service.house import open_house
from listfold.service.systemd import inherited
found = inherited()
print({name: [s.getsockname()[0] for s in sockets] for name, sockets in found.items()})
print([s.get_inheritable() for s in found["smtp"]], [n for n in os.environ if n.startswith("LISTEN_")])
"""


def test_sockets_come_by_name() -> None:
    """LISTEN_FDNAMES gives each descriptor its name; neither they nor the variables go on to children."""
    said = subprocess.run(
        [sys.executable, "-c", ACTIVATE, CHILD], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    assert said.splitlines() == [
        "{'smtp': ['127.0.0.1', '127.0.0.1'], 'web': ['127.0.0.1']}",
        "[False, False] []",
    ]


def test_sockets_of_another_process_are_not_taken() -> None:
    """LISTEN_PID says whom they are for."""
    environ = {"LISTEN_PID": str(os.getpid() + 1), "LISTEN_FDS": "3"}
    assert inherited(environ) == {}
    assert environ == {}


@pytest.mark.parametrize("abstract", [False, True])
def test_notify_sends_one_datagram(tmp_path: Path, abstract: bool) -> None:
    """The states are its lines; an address with @ is in the abstract namespace."""
    name = f"@listfold-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if abstract else name)
        assert notify("READY=1", "STATUS=3 letters", environ={"NOTIFY_SOCKET": name})
        assert manager.recv(1000) == b"READY=1\nSTATUS=3 letters"


def test_nobody_to_notify(tmp_path: Path) -> None:
    """Without systemd, or when it went away, nothing happens."""
    assert not notify("READY=1", environ={})
    assert not notify("READY=1", environ={"NOTIFY_SOCKET": str(tmp_path / "none")})


def test_watchdog_is_told_in_seconds() -> None:
    """WATCHDOG_USEC counts for the process that WATCHDOG_PID names."""
    assert watchdog({"WATCHDOG_USEC": "60000000"}) == 60.0
    assert watchdog({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}) == 60.0
    assert watchdog({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}) is None
    assert watchdog({}) is None


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("no systemd-analyze here")
    return subprocess.run([tool, *words], capture_output=True, text=True, timeout=60)


def installed(folder: Path) -> Path:
    """The units as `make install` puts them, with a program that is there."""
    make = needs("make")
    done = subprocess.run(
        [make, "install", f"DESTDIR={folder}"], cwd=UNITS.parent, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    units = folder / "usr/lib/systemd/system"
    for path in units.glob("*.service"):
        path.write_text(path.read_text().replace("/opt/listfold/bin/listfold", sys.executable))
    return units


def test_install_puts_everything_in_place(tmp_path: Path) -> None:
    """Under DESTDIR; a configuration that is there is not touched."""
    units = installed(tmp_path)
    assert {path.name for path in units.glob("listfold*")} >= {path.name for path in UNITS.glob("listfold*")}
    config = tmp_path / "etc/listfold/listfold.toml"
    config.write_text("mine")
    installed(tmp_path)
    assert config.read_text() == "mine"
    assert (tmp_path / "usr/lib/sysusers.d/listfold.conf").exists()
    assert (tmp_path / "usr/lib/tmpfiles.d/listfold.conf").exists()


def test_the_units_are_sound(tmp_path: Path) -> None:
    """systemd-analyze verify has nothing to say of any unit, nor of the drop-ins."""
    units = installed(tmp_path)
    for example in (units / "listfold.service.d").glob("*.example"):
        example.rename(example.with_suffix(""))
    done = analyze("verify", "--man=no", *map(str, (*units.glob("*.service"), *units.glob("*.socket"))))
    said = [line for line in done.stderr.splitlines() if "listfold" in line]
    assert said == []


@pytest.mark.parametrize(
    ("unit", "drop_in", "threshold"),
    [
        ("listfold.service", "", 11),
        ("listfold.service", "public-mx.conf", 12),
        ("listfold.service", "lmtp-only.conf", 5),
        ("listfold-web.service", "", 5),
    ],
)
def test_the_unit_is_shut_tight(tmp_path: Path, unit: str, drop_in: str, threshold: int) -> None:
    """Exposure in tenths of a point of 10 (other mail daemons have 3 to 10). Drop-ins are read beside an offline unit
    by joining the files: later settings win, as systemd does it."""
    text = (UNITS / unit).read_text()
    if drop_in:
        more = (UNITS / "listfold.service.d" / f"{drop_in}.example").read_text()
        text = text.replace("[Install]", f"{more}\n[Install]")
    path = tmp_path / unit
    path.write_text(text)
    done = analyze("security", "--offline=true", f"--threshold={threshold}", str(path))
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@pytest.mark.asyncio
async def test_the_watchdog_is_fed_only_while_the_writer_makes_progress(tmp_path: Path) -> None:
    """A commit that hangs: the loop is alive, and systemd hears what is wrong instead of WATCHDOG=1."""
    async with open_house(Settings(data_dir=tmp_path)) as house:
        assert beat(house)[0] == "WATCHDOG=1"
        house.letters._since = time.monotonic() - STALL - 1
        (said,) = beat(house)
        assert "hung in a commit" in said
        house.letters._since = 0.0


def listens(path: Path) -> bool:
    """Whether connecting works: a UNIX socket's file is there a moment before anyone listens on it."""
    try:
        connect(path).close()
    except OSError:
        return False
    return True


def test_the_reader_alone_reads_and_writes_nothing(tmp_path: Path) -> None:
    """`listfold web` beside a daemon without a web door: the same pages, from a process that may only read."""
    with Running(tmp_path) as daemon:
        daemon.send(b"Subject: Frost\r\nMessage-ID: <a@x>\r\nFrom: a@example.org\r\n\r\nCover the roses.\r\n")
        daemon.settled()
        until((daemon.data / "public/index.html").exists)
        other = tmp_path / "web.toml"
        other.write_text(f'data_dir = "{daemon.data}"\n[web]\nlisten = ["unix:web.sock"]\n')
        before = {path.name for path in daemon.data.iterdir()}
        with subprocess.Popen([sys.executable, "-m", "listfold", "web", "--config", str(other)]) as reader:
            try:
                until(lambda: listens(daemon.data / "web.sock"))
                with connect(daemon.data / "web.sock") as client:
                    client.sendall(b"GET /-/search?q=roses HTTP/1.0\r\nHost: x\r\n\r\n")
                    said = b"".join(iter(lambda: client.recv(65536), b""))
                assert {path.name for path in daemon.data.iterdir()} == {*before, "web.sock"}
            finally:
                reader.terminate()
            assert reader.wait(20) == 0
    assert b"Frost" in said
