"""Talks to systemd: the sockets that it hands over, and sd_notify.

Both protocols are a few lines each, so there is no library: sd_listen_fds(3) and sd_notify(3).
"""

import os
import socket
from collections.abc import MutableMapping

FIRST_FD = 3  # SD_LISTEN_FDS_START


def inherited(environ: MutableMapping[str, str] = os.environ) -> dict[str, list[socket.socket]]:
    """The listening sockets that systemd handed to this process, by FileDescriptorName.

    The variables are taken out of `environ`, so that no child believes that they are meant for it.
    """
    pid, count, names = (environ.pop(f"LISTEN_{key}", "") for key in ("PID", "FDS", "FDNAMES"))
    if pid != str(os.getpid()) or not count.isdecimal():
        return {}
    named = names.split(":") if names else []
    found: dict[str, list[socket.socket]] = {}
    for number in range(int(count)):
        sock = socket.socket(fileno=FIRST_FD + number)
        sock.set_inheritable(False)
        sock.setblocking(False)
        name = named[number] if number < len(named) else "unknown"  # sd_listen_fds_with_names(3) says unknown, too
        found.setdefault(name, []).append(sock)
    return found


def notify(*states: str, environ: MutableMapping[str, str] = os.environ) -> bool:
    """Send 'READY=1', 'STATUS=…', 'STOPPING=1' or 'WATCHDOG=1'; False when nobody listens.

    A failure to tell is not ours to die of: systemd acts on silence by itself.
    """
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect("\0" + address[1:] if address[0] == "@" else address)
            sock.sendall("\n".join(states).encode())
        except OSError:
            return False
    return True


def watchdog(environ: MutableMapping[str, str] = os.environ) -> float | None:
    """Seconds after which systemd kills a silent daemon, or None: sd_watchdog_enabled(3)."""
    microseconds = environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdecimal() or environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(microseconds) / 1_000_000
