"""Starts what takes mail on a loopback port: our daemon, and the peers that are found here."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from running import CONFIG, Running

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
CLIENTS = 20
STOCK = """
import asyncio
from aiosmtpd.smtp import SMTP
class Nothing:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Nothing(), hostname="x"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
mydestination =
relay_domains = example.org
relay_transport = discard:
default_transport = discard:
mynetworks = 127.0.0.0/8
smtpd_client_connection_count_limit = 0
maillog_file = {home}/maillog
maillog_file_prefixes = {home}
"""
MASTER_CF = """\
127.0.0.1:{port} inet n - n - 100 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
discard unix - - n - - discard
error unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


def source(port: int, letters: int, size: int = 4096, clients: int = CLIENTS) -> float:
    """Seconds that smtp-source takes to deliver, with a new connection for each letter."""
    began = time.monotonic()
    program = shutil.which("smtp-source", path=PATH) or "smtp-source"
    words = [
        "-s",
        str(clients),
        "-m",
        str(letters),
        "-l",
        str(size),
        "-f",
        "a@example.org",
        "-t",
        "gardeners@example.org",
    ]
    subprocess.run(
        [program, *words, f"127.0.0.1:{port}"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.monotonic() - began


@contextmanager
def ours(folder: Path) -> Iterator[int]:
    """The daemon as it is run, its pipeline reading what comes."""
    with Running(folder, CONFIG.replace("max_sessions = 500", "max_sessions = 500\nmax_size = 60000000")) as daemon:
        yield daemon.smtp[1]


@contextmanager
def stock(folder: Path) -> Iterator[int]:
    """aiosmtpd as it comes, which stores nothing."""
    with subprocess.Popen([sys.executable, "-c", STOCK], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


@contextmanager
def postfix(folder: Path) -> Iterator[int]:
    """Postfix with a queue of its own, whose mail is discarded once it was accepted. Needs root."""
    home = Path("/var/tmp") / f"bench-postfix-{os.getpid()}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        for name in ("conf", "queue", "data"):
            (home / name).mkdir(parents=True)
        (home / "conf/main.cf").write_text(MAIN_CF.format(home=home))
        (home / "conf/master.cf").write_text(MASTER_CF.format(port=port))
        shutil.chown(home / "data", "postfix")
        run = [shutil.which("postfix", path=PATH) or "postfix", "-c", str(home / "conf")]
        subprocess.run([*run, "start"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _until_open(port)
            yield port
        finally:
            subprocess.run([*run, "stop"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def sink(folder: Path) -> Iterator[int]:
    """Postfix's smtp-sink, in C, which stores nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = shutil.which("smtp-sink", path=PATH) or "smtp-sink"
    user = ["-u", "postfix"] if os.geteuid() == 0 else []
    with subprocess.Popen([program, *user, f"127.0.0.1:{port}", "200"], stderr=subprocess.DEVNULL) as server:
        try:
            _until_open(port)
            yield port
        finally:
            server.kill()


def _until_open(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)


Door = Callable[[Path], AbstractContextManager[int]]
DOORS: dict[str, Door] = {
    "listfold": ours,
    "stock aiosmtpd, storing nothing": stock,
    "Postfix": postfix,
    "smtp-sink, storing nothing": sink,
}


def missing() -> dict[str, str]:
    """Doors that cannot be had here, and why."""
    out = {}
    if shutil.which("smtp-sink", path=PATH) is None:
        out["smtp-sink, storing nothing"] = "no smtp-sink (postfix)"
    if shutil.which("postfix", path=PATH) is None or os.geteuid() != 0:
        out["Postfix"] = "no postfix, or not root"
    return out
