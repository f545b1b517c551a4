"""The ports of a server: 127.0.0.1 and ::1, and where it is asked for others as well; one port for each unit."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from ..errors import InputError, NetworkError
from ..models import shown

__all__ = ["PORT", "UNITS", "Listening", "listen"]

#: The gateway's; the others come after it.
PORT = 4000
UNITS = ("gateway", "uploader", "mu", "su", "cu", "ur")
#: Ports that browsers and Node's `fetch` refuse to ask, among those that anybody may listen on.
_REFUSED = {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080}


#: What a server can be called in a URL.
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z")
_LOOPBACK = (ip_address("127.0.0.1"), ip_address("::1"))


class Listening:
    """Open sockets, and which unit each port is.

    address
        Where it listens beside this machine's own loopback; None is nowhere.
    names
        What the server is called beside that; the first one stands in its URLs.
    """

    def __init__(self, address: IPv4Address | IPv6Address | None = None, names: Sequence[str] = ()) -> None:
        self.sockets: list[socket.socket] = []
        self.ports: dict[str, int] = {}
        self._address = address
        self._names = [*names]
        if address is not None and not address.is_unspecified:
            self._names.append(str(address) if address.version == 4 else f"[{address}]")

    @property
    def is_exposed(self) -> bool:
        """Whether other machines may reach it."""
        return self._address is not None

    @property
    def addresses(self) -> list[IPv4Address | IPv6Address]:
        """Where it listens: an address of all interfaces of a kind has that kind's own in it."""
        four, six = _LOOPBACK
        wanted = [one for one in (four, six) if one.version == 4 or _has_six()]
        if self._address is not None:
            if self._address.is_unspecified:
                wanted = [one for one in wanted if one.version != self._address.version]
            wanted.append(self._address)
        return wanted

    def close(self) -> None:
        """Close them."""
        for one in self.sockets:
            one.close()

    @property
    def urls(self) -> dict[str, str]:
        """Where each unit is."""
        return {
            unit: f"http://{self._names[0] if self._names else 'localhost'}:{port}" for unit, port in self.ports.items()
        }

    @property
    def hosts(self) -> frozenset[str]:
        """What a request's `Host` says, if it is meant for this server."""
        names = ("localhost", "127.0.0.1", "[::1]", *self._names)
        return frozenset(f"{name}:{port}" for name in names for port in self.ports.values())


def listen(
    port: int = PORT, units: Sequence[str] = UNITS, *, host: str | None = None, names: Sequence[str] = ()
) -> Listening:
    """Listen on this port for the first of the units, and for the others on those after it; with 0, on free ones.

    That is on 127.0.0.1 and ::1, and on the address `host` as well; `names` are what the server is called beside it.

    Raises `InputError` for a port that there is not, or that no client would ask; `NetworkError` for one that somebody
    else has.
    """
    if isinstance(port, bool) or not isinstance(port, int) or not (port == 0 or 1 <= port <= 65536 - len(units)):
        raise InputError(f"must be 0, or a port up to {65536 - len(units)}, found {port}", field="port")
    bad = [one for one in range(port, port + len(units)) if port and one in _REFUSED]
    if bad:
        raise InputError(f"browsers and Node refuse port {bad[0]}", field="port", advice="take another one")
    found = Listening(_address(host), [_named(name) for name in names])
    try:
        for index, unit in enumerate(units):
            found.ports[unit] = _listen(found, port + index if port else 0)
    except BaseException:
        found.close()
        raise
    return found


def _listen(listening: Listening, port: int) -> int:
    """Listen on all addresses; the port."""
    sockets, (first, *others) = listening.sockets, listening.addresses
    tries = 1 if port else 20
    for _ in range(tries):
        opened: list[socket.socket] = []
        try:
            opened.append(_open(first, port))
            chosen: int = opened[0].getsockname()[1]
            if chosen in _REFUSED and not port:
                raise OSError("is refused by clients")
            # One by one: those that are open are closed where the next one fails.
            for address in others:
                opened.append(_open(address, chosen))
        except OSError as error:
            for each in opened:
                each.close()
            problem = error
            continue
        sockets += opened
        return chosen
    raise NetworkError(
        f"port {port} cannot be listened on{_at(listening)}: {problem.strerror or problem}",
        advice="--port takes another one, and 0 any that are free",
    )


def _open(address: IPv4Address | IPv6Address, port: int) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    # The protocol is named: asyncio sends at once (TCP_NODELAY) only where it sees that this is TCP. Else an answer in
    # two pieces waits 40 ms for the client to acknowledge the first.
    one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: nobody else shall take the port as well
            one.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((str(address), port))
        one.listen(256)
        one.setblocking(False)
    except BaseException:
        one.close()
        raise
    return one


def _has_six() -> bool:
    """Whether this machine speaks IPv6 with itself."""
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


def _address(host: str | None) -> IPv4Address | IPv6Address | None:
    """The address beyond loopback. Raises `InputError` for what is none."""
    if host is None or host == "localhost":
        return None
    try:
        found = ip_address(host)
    except ValueError:
        raise InputError(
            f"must be an address of this machine, such as 192.168.1.5, or 0.0.0.0 for all, found {shown(host)}",
            field="host",
        ) from None
    return None if found.is_loopback else found


def _named(name: str) -> str:
    if not _NAME.match(name.lower()):
        raise InputError(f"must be a name such as town.example, found {shown(name)}", field="name")
    return name.lower()


def _at(listening: Listening) -> str:
    """Where, if that may be what is wrong."""
    return f" at {', '.join(map(str, listening.addresses))}" if listening.is_exposed else ""
