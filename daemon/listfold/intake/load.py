"""What all sessions together use: connections, and bytes of letters that are not yet committed."""

import ipaddress
from types import TracebackType

from listfold import metrics
from listfold.errors import LettersFull
from listfold.intake.limits import Limits


class Load:
    """Counts for all sessions. Not for two threads: it lives in the loop."""

    def __init__(self, limits: Limits) -> None:
        self.sessions = 0
        self.bytes = 0
        self.closing = False  # nobody new is let in, and who is done has to leave
        self._limits = limits
        self._clients: dict[str, int] = {}

    def enter(self, client: str) -> bool:
        """Count a session of this client in, or say that there is no room. "" is a client that has no address."""
        here = self._clients.get(client, 0)
        if self.sessions >= self._limits.sessions:
            return False
        if here >= self._limits.per_address and client and client not in self._limits.unlimited:
            return False
        self._clients[client] = here + 1
        self.sessions += 1
        metrics.SESSIONS.inc()
        return True

    def leave(self, client: str) -> None:
        left = self._clients.pop(client) - 1
        if left:
            self._clients[client] = left
        self.sessions -= 1
        metrics.SESSIONS.dec()

    def room_for(self, size: int, own: int = 0) -> bool:
        """Whether a letter that has `own` bytes here may have `size` more. One that is small or alone always may."""
        limits = self._limits
        return own + size <= limits.small or self.bytes == own or self.bytes + size <= limits.in_flight

    def hold(self) -> "Held":
        return Held(self)


class Held:
    """One letter's share of the bytes in flight; given back when its `with` block ends."""

    __slots__ = ("_load", "_size")

    def __init__(self, load: Load) -> None:
        self._load = load
        self._size = 0

    def add(self, size: int) -> None:
        """Raises LettersFull when that is too much for all sessions together."""
        if not self._load.room_for(size, self._size):
            raise LettersFull("bytes in flight")
        self._load.bytes += size
        self._size += size

    def free(self) -> None:
        self._load.bytes -= self._size
        self._size = 0

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.free()


Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


def allowed(peer: object, networks: Networks) -> bool:
    """Whether a client may connect: anybody where no networks are named, and always over a UNIX socket."""
    if not networks or not isinstance(peer, tuple):
        return True
    address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in network for network in networks)


def client_of(host: str) -> str:
    """Whom an IP address is counted as: an IPv4 address itself, an IPv6 address its /64 (one customer's network)."""
    if ":" not in host:
        return host
    address = ipaddress.IPv6Address(host.partition("%")[0])
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    if address.is_loopback:
        return str(address)
    return str(ipaddress.IPv6Address(int(address) >> 64 << 64))
