"""Turns a session's plain connection into a TLS one, so that nothing sent before the handshake is ever obeyed.

Strategy: reading is paused before the client is told to begin, what it had sent ahead ends the session, and the
streams go on over the new transport with an empty buffer (STARTTLS injection, CVE-2021-38371 and its kind).
On a listener for TLS from the first byte the loop does the handshake, and the session begins after it.
"""

import asyncio
import ssl
from pathlib import Path

from listfold.errors import ListfoldError

HANDSHAKE = 10.0  # seconds for three round trips; who is in one on a TLS listener is not counted as a session yet


def context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server offers: TLS 1.2 and later, this certificate. Raises ListfoldError."""
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        why = error.strerror if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else error
        raise ListfoldError(f"tls_cert {certificate}, tls_key {key}: {why}") from error
    return made


def renew(used: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Let the next handshakes of a context show another certificate. Raises ListfoldError and then changes nothing."""
    context(certificate, key)
    used.load_cert_chain(certificate, key)


async def upgrade(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ready: bytes, offered: ssl.SSLContext
) -> asyncio.Transport:
    """Send `ready`, do the handshake, give the new transport. Nothing may be in the reader, and reading be paused.

    Raises OSError (an ssl.SSLError is one) when the client does not do its part."""
    writer.write(ready)
    await writer.start_tls(offered, ssl_handshake_timeout=HANDSHAKE)
    transport: asyncio.Transport = writer.transport  # type: ignore[assignment]
    reader._transport = transport  # type: ignore[attr-defined]  # start_tls of 3.11 leaves the old one to be paused
    return transport
