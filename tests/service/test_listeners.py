"""service/listeners.py: addresses become listening sockets."""

import socket
import stat
from pathlib import Path

import pytest

from listfold.errors import ListfoldError
from listfold.service.listeners import address_of, bind, connect


def deep(folder: Path) -> Path:
    """A directory whose name alone is longer than a socket's path may be."""
    inside = folder / ("d" * 100) / ("e" * 100)
    inside.mkdir(parents=True)
    return inside


def test_port_0_takes_a_free_port(tmp_path: Path) -> None:
    """address_of tells which one it was, and a client gets in there."""
    with bind("127.0.0.1:0", tmp_path, {}) as sock:
        host, _, port = address_of(sock).rpartition(":")
        assert host == "127.0.0.1"
        socket.create_connection((host, int(port)), timeout=5).close()


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_v6_addresses_wear_brackets(tmp_path: Path) -> None:
    """An IPv6 address is told as it is configured."""
    try:
        sock = bind("[::1]:0", tmp_path, {})
    except ListfoldError:
        pytest.skip("no IPv6 loopback here")
    with sock:
        assert address_of(sock).startswith("[::1]:")


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    """The error names the address and the reason."""
    with bind("127.0.0.1:0", tmp_path, {}) as sock:
        address = address_of(sock)
        with pytest.raises(ListfoldError, match=f"cannot listen on {address}: Address already in use"):
            bind(address, tmp_path, {})


def test_a_relative_unix_socket_lies_in_the_data_directory(tmp_path: Path) -> None:
    """Its file has the mode asked for: the mail server's group may write to it."""
    with bind("unix:lmtp.sock", tmp_path, {}, 0o660) as sock:
        assert address_of(sock) == f"unix:{tmp_path / 'lmtp.sock'}"
        assert stat.S_IMODE((tmp_path / "lmtp.sock").stat().st_mode) == 0o660
        connect(tmp_path / "lmtp.sock").close()


def test_a_deep_directory_is_no_obstacle(tmp_path: Path) -> None:
    """A path beyond sun_path's 107 bytes is bound, told and reached all the same."""
    folder = deep(tmp_path)
    with bind("unix:lmtp.sock", folder, {}) as sock:
        assert address_of(sock) == f"unix:{folder / 'lmtp.sock'}"
        connect(folder / "lmtp.sock").close()


def test_a_stale_socket_is_taken_over(tmp_path: Path) -> None:
    """A killed daemon leaves its socket's file behind: nobody answers there, so it goes."""
    bind("unix:lmtp.sock", deep(tmp_path), {}).close()
    with bind("unix:lmtp.sock", next(next(tmp_path.iterdir()).iterdir()), {}):
        pass


def test_a_socket_in_use_stays(tmp_path: Path) -> None:
    """Where another process answers, nothing is removed."""
    with bind("unix:lmtp.sock", tmp_path, {}):
        with pytest.raises(ListfoldError, match="another process answers"):
            bind("unix:lmtp.sock", tmp_path, {})
        connect(tmp_path / "lmtp.sock").close()


def test_a_file_that_is_no_socket_stays(tmp_path: Path) -> None:
    """A slip in the configuration removes nobody's file."""
    (tmp_path / "letters.db").write_text("precious")
    with pytest.raises(ListfoldError, match="no socket"):
        bind("unix:letters.db", tmp_path, {})
    assert (tmp_path / "letters.db").read_text() == "precious"


def test_sockets_of_systemd_are_taken_by_name(tmp_path: Path) -> None:
    """Each mention of a name takes the next socket of that name; one too many is told."""
    first, second = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    inherited = {"smtp": [first, second]}
    with first, second:
        assert bind("systemd:smtp", tmp_path, inherited) is first
        assert bind("systemd:smtp", tmp_path, inherited) is second
        with pytest.raises(ListfoldError, match="no socket named 'smtp'"):
            bind("systemd:smtp", tmp_path, inherited)


def test_a_socket_of_systemd_has_to_listen(tmp_path: Path) -> None:
    """A datagram socket, or one of Accept=yes, is a slip in the socket unit."""
    one, other = socket.socketpair()
    with one, other, pytest.raises(ListfoldError, match="does not listen"):
        bind("systemd:smtp", tmp_path, {"smtp": [one]})


def test_no_descriptor_is_left_behind(tmp_path: Path) -> None:
    """The directory that a deep path is reached through is closed again."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    bind("unix:lmtp.sock", deep(tmp_path), {}).close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
