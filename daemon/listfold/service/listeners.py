"""Opens the sockets of listening addresses: host:port, [v6]:port, unix:PATH and systemd:NAME.

A UNIX socket's path may not pass 107 bytes (sun_path, unix(7)); a data directory may lie deeper. Such a path is
reached through its directory's descriptor: /proc/self/fd/N/name. No chdir, which would be seen by every thread.
"""

import os
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from listfold.errors import ListfoldError

SUN_PATH = 107  # bytes, unix(7): 108 with the NUL
BACKLOG = 256


class UnixListener(socket.socket):
    """A listening UNIX socket that knows its real path, whatever it was bound through."""

    path: Path


def bind(
    address: str, data_dir: Path, inherited: Mapping[str, list[socket.socket]], mode: int = 0o660
) -> socket.socket:
    """A listening, non-blocking socket; port 0 takes a free port.

    `mode` is of a UNIX socket's file. Each `systemd:NAME` takes the next socket of that name out of `inherited`.
    Raises ListfoldError with the address and what stands in the way.
    """
    scheme, _, rest = address.partition(":")
    try:
        if scheme == "systemd":
            return _handed_over(rest, inherited)
        if scheme == "unix":
            return _unix(data_dir / rest, mode)
        return _tcp(*address.rsplit(":", 1))
    except OSError as e:
        raise ListfoldError(f"cannot listen on {address}: {e.strerror or e}") from e


def connect(path: Path) -> socket.socket:
    """A blocking client's socket to a UNIX listener; raises OSError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as name:
            sock.connect(name)
    except OSError:
        sock.close()
        raise
    return sock


def address_of(sock: socket.socket) -> str:
    """Where a socket listens, in the words of the configuration: '127.0.0.1:8025', '[::1]:8025', 'unix:/path'."""
    if isinstance(sock, UnixListener):
        return f"unix:{sock.path}"
    name = sock.getsockname()
    if sock.family == socket.AF_UNIX:
        return f"unix:{os.fsdecode(name)}"
    return f"[{name[0]}]:{name[1]}" if sock.family == socket.AF_INET6 else f"{name[0]}:{name[1]}"


def _handed_over(name: str, inherited: Mapping[str, list[socket.socket]]) -> socket.socket:
    waiting = inherited.get(name)
    if not waiting:
        raise ListfoldError(
            f"systemd handed over no socket named '{name}': "
            f"the socket unit needs FileDescriptorName={name} and Service=listfold.service"
        )
    sock = waiting.pop(0)
    if not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise ListfoldError(f"the socket '{name}' of systemd does not listen: it needs ListenStream=")
    return sock


def _tcp(host: str, port: str) -> socket.socket:
    family, _, _, _, where = socket.getaddrinfo(
        host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(where)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _unix(path: Path, mode: int) -> socket.socket:
    path = Path.cwd() / path
    _clear(path)
    sock = UnixListener(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(sock.fileno(), mode & 0o600)  # Linux gives the file this mode: no moment with a wider one
        with _short(path) as name:
            sock.bind(name)
        path.chmod(mode)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    sock.path = path
    return sock


def _clear(path: Path) -> None:
    """Remove what a killed daemon left: a socket's file that nobody answers on. Anything else stays."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ListfoldError(f"cannot listen on unix:{path}: a file that is no socket is there")
        connect(path).close()
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
        return
    raise ListfoldError(f"cannot listen on unix:{path}: another process answers there")


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name for `path` that fits sun_path while the context is open."""
    if len(os.fsencode(path)) <= SUN_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
