"""intake/tls.py: mail over TLS, and nothing that was sent before the handshake is obeyed after it."""

import asyncio
import gc
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from intake.door import Client, Door, open_door
from listfold.errors import ListfoldError
from listfold.intake.load import allowed
from listfold.intake.tls import context, renew
from tools import self_signed

MAIL = b"Subject: x\r\n\r\nbody\r\n"


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """TLS transports die in cycles; CPython 3.11 fails to compile if the collector ends them meanwhile (gh-106905)."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path]]:
    """Makes a self-signed certificate for a name, once each."""
    folder = tmp_path_factory.mktemp("tls")
    return lambda name: self_signed(folder, name)


Certificate = Callable[[str], tuple[Path, Path]]


def trusting(cert: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(cert))


def deliver(address: tuple[str, int], trust: ssl.SSLContext, *, wrapped: bool) -> list[str]:
    """What smtplib sees offered before and after TLS; one letter is delivered."""
    with smtplib.SMTP(timeout=10) as client:
        if wrapped:
            client._get_socket = _wrapped(trust)  # type: ignore[attr-defined]
        client.connect(*address)
        client.ehlo()
        offered = sorted(client.esmtp_features)
        if not wrapped:
            client._host = "mx.example.org"  # type: ignore[attr-defined]  # whom the certificate has to name
            client.starttls(context=trust)
            client.ehlo()
        client.sendmail("ann@example.net", ["garden@lists.example.org"], MAIL)
        return [*offered, *sorted(client.esmtp_features)]


def _wrapped(trust: ssl.SSLContext) -> Callable[..., ssl.SSLSocket]:
    return lambda host, port, timeout: trust.wrap_socket(
        socket.create_connection((host, port), timeout), server_hostname="mx.example.org"
    )


@pytest.mark.asyncio
@pytest.mark.parametrize("wrapped", [False, True])
async def test_a_letter_over_tls(certificate: Certificate, wrapped: bool) -> None:
    """STARTTLS, or TLS from the first byte; smtplib verifies the certificate; AUTH is never offered."""
    cert, key = certificate("mx.example.org")
    async with open_door("smtps" if wrapped else "smtp", tls=context(cert, key)) as door:
        assert isinstance(door.address, tuple)
        offered = await asyncio.to_thread(deliver, door.address, trusting(cert), wrapped=wrapped)
        assert [letter.raw for letter in door.kept] == [MAIL]
    assert offered.count("starttls") == (0 if wrapped else 1)
    assert "auth" not in offered


async def secured(door: Door, client: Client, cert: Path) -> None:
    await client.writer.start_tls(trusting(cert), server_hostname="mx.example.org")
    client.reader._transport = client.writer.transport  # type: ignore[attr-defined]


INJECTED = [
    "NOOP\r\n",
    "RSET\r\nMAIL FROM:<x@example.net>\r\n",
    "EHLO evil\r\n",
    "\r\n",
    "\n",
    "DATA\r\n",
    "\x16\x03\x01",
]


@pytest.mark.asyncio
@pytest.mark.parametrize("more", INJECTED)
@pytest.mark.parametrize("end", ["\r\n", "\n"])
async def test_what_is_sent_ahead_of_the_handshake_is_never_obeyed(
    certificate: Certificate, more: str, end: str
) -> None:
    """STARTTLS injection: whatever follows in the same packet ends the session, without a handshake."""
    cert, key = certificate("mx.example.org")
    async with open_door(tls=context(cert, key)) as door:
        client = await door.connect()
        await client.ask("EHLO client.example.net")
        client.writer.write(f"STARTTLS{end}{more}".encode())
        assert (await client.reply()).startswith("554 5.5.0")
        assert await client.closed()
        assert door.kept == []


@pytest.mark.asyncio
async def test_what_was_said_in_the_clear_is_forgotten(certificate: Certificate) -> None:
    """RFC 3207 4.2: after the handshake a client has to greet again; a second STARTTLS is refused."""
    cert, key = certificate("mx.example.org")
    async with open_door(tls=context(cert, key)) as door:
        client = await door.connect()
        assert (await client.ask("STARTTLS")).startswith("503")
        assert (await client.ask("EHLO x", "STARTTLS now")).startswith("501")
        assert (await client.ask("MAIL FROM:<a@example.net>", "STARTTLS")).startswith("503")
        assert (await client.ask("RSET", "STARTTLS")).startswith("220")
        await secured(door, client, cert)
        assert (await client.ask("MAIL FROM:<a@example.net>")).startswith("503")
        assert "STARTTLS" not in await client.ask("EHLO x")
        assert (await client.ask("STARTTLS")).startswith("503 5.5.1 TLS is on")


@pytest.mark.asyncio
@pytest.mark.parametrize("wrapped", [False, True])
async def test_who_does_no_handshake_is_cut(certificate: Certificate, wrapped: bool) -> None:
    """Garbage instead of a handshake ends the connection; after STARTTLS it counts as a session until then."""
    async with open_door("smtps" if wrapped else "smtp", tls=context(*certificate("mx.example.org"))) as door:
        client = await door.dial()
        if not wrapped:
            await client.reply()
            await client.ask("EHLO x", "STARTTLS")
            await door.settled(1)
        client.send("EHLO in the clear")
        await client.closed()
        await door.settled(0)
        assert door.kept == []


@pytest.mark.asyncio
async def test_without_a_certificate_there_is_no_starttls() -> None:
    """Not offered, not known."""
    async with open_door() as door:
        client = await door.connect()
        assert "STARTTLS" not in await client.ask("EHLO x")
        assert (await client.ask("STARTTLS")).startswith("500")


@pytest.mark.asyncio
async def test_a_new_certificate_needs_no_restart(certificate: Certificate) -> None:
    """The next handshake uses it; an open session goes on."""
    first, second = certificate("mx.example.org"), certificate("new.example.org")
    async with open_door(tls=context(*first)) as door:
        open_one = await door.connect()
        await open_one.ask("EHLO x", "STARTTLS")
        await secured(door, open_one, first[0])
        assert door.intake.tls is not None
        renew(door.intake.tls, *second)
        client = await door.connect()
        await client.ask("EHLO x", "STARTTLS")
        await client.writer.start_tls(trusting(second[0]), server_hostname="new.example.org")
        assert (await open_one.ask("EHLO x", "NOOP")).startswith("250")


def test_a_bad_certificate_is_named(tmp_path: Path) -> None:
    """One line with both files, as an operator meets it at start or after SIGHUP."""
    with pytest.raises(ListfoldError, match=r"tls_cert .*none\.pem.*No such file"):
        context(tmp_path / "none.pem", tmp_path / "none.key")
    (tmp_path / "bad.pem").write_text("no certificate")
    with pytest.raises(ListfoldError, match=r"tls_cert .*bad\.pem"):
        context(tmp_path / "bad.pem", tmp_path / "bad.pem")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("networks", "said"), [(("127.0.0.0/8",), "220"), (("192.0.2.0/24", "2001:db8::/32"), "421 4.7.1")]
)
async def test_only_named_networks_may_connect(networks: tuple[str, ...], said: str) -> None:
    """Others are told to try again: an address that the operator forgot must not cost a subscription."""
    async with open_door(clients=tuple(ip_network(x) for x in networks)) as door:
        client = await door.dial()
        assert (await client.reply()).startswith(said)


def test_unix_clients_have_no_network() -> None:
    """Who may open the socket's file is the file's business."""
    assert allowed("", (ip_network("192.0.2.0/24"),))
    assert allowed(("::ffff:192.0.2.7", 1), (ip_network("192.0.2.0/24"),))
    assert not allowed(("192.0.3.7", 1), (ip_network("192.0.2.0/24"),))
