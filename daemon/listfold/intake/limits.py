"""Every limit of the SMTP and LMTP doors, with its origin.

Those that a site may want otherwise have a key under [smtp] (service/config.py, `Smtp.limits`); the others are of the
protocol or of our own machinery.
"""

from listfold.frozen import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts, bytes and seconds. Beyond each the client gets a reply that says so, or is cut off."""

    # Connections
    sessions: int = 500  # open at one time; x 320 KiB of unread input at worst stays below the unit's MemoryMax
    per_address: int = 50  # as Postfix: smtpd_client_connection_count_limit; an IPv6 /64 is one address
    unlimited: frozenset[str] = frozenset({"127.0.0.1", "::1"})  # as Postfix excepts $mynetworks from the line above
    backlog: int = 256  # connections that the kernel holds for us

    # One session; the first three since its last letter, so that who brings mail may stay
    commands: int = 5000  # of any kind: five times the recipients of one letter
    junk: int = 100  # NOOP, RSET, HELP, VRFY, what is unknown…: as Postfix, smtpd_junk_command_limit
    errors: int = 20  # 5xx replies: as Postfix, smtpd_hard_error_limit
    line: int = 2048  # bytes of a command: RFC 5321 4.5.3.1.4 asks for 512; as Postfix, line_length_limit
    session: float = 1800.0  # seconds until it has to connect anew; a NOOP every 299 s must not last for ever
    idle: float = 300.0  # seconds for one command: RFC 5321 4.5.3.2.7
    linger: float = 2.0  # seconds that a client has to read our last words before the connection is aborted

    # One letter
    recipients: int = 1000  # RFC 5321 4.5.3.1.8 asks for 100; as Postfix, smtpd_recipient_limit
    max_size: int = 25 * MIB  # bytes of DATA: what the large mail providers take at most
    drain: int = 225 * MIB  # bytes beyond max_size that are read and thrown away, to say 552 at the proper place
    hops: int = 50  # Received fields: as Postfix, hopcount_limit
    header: int = MIB  # bytes from the start in which Received fields are counted

    # Time for DATA
    data_idle: float = 180.0  # seconds without a byte: RFC 5321 4.5.3.2.5
    data_deadline: float = 600.0  # seconds in all: max_size at 43 KiB/s; a client waits as long: RFC 5321 4.5.3.2.6
    data_rate: float = 512.0  # bytes a second on average, below any modem…
    data_rate_after: float = 60.0  # …looked at from this many seconds on

    # All sessions together
    in_flight: int = 128 * MIB  # bytes of letters received and not yet committed: five of the largest
    small: int = 128 * 1024  # a letter up to this size always has room: slow large ones must not keep all others out
    buffer: int = 65536  # bytes after which one chunk of DATA is taken; twice as much pauses the client
