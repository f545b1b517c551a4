"""The ports of a server: 127.0.0.1 and ::1, one port for each unit."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from ..errors import InputError, NetworkError

__all__ = ["PORT", "UNITS", "Listening", "listen"]

#: The gateway's; the others come after it.
PORT = 4000
UNITS = ("gateway", "uploader", "mu", "su", "cu", "ur")
#: Ports that browsers and Node's `fetch` refuse to ask, among those that anybody may listen on.
_REFUSED = {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080}


class Listening:
    """Open sockets, and which unit each port is."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        self.ports: dict[str, int] = {}

    def close(self) -> None:
        """Close them."""
        for one in self.sockets:
            one.close()

    @property
    def urls(self) -> dict[str, str]:
        """Where each unit is."""
        return {unit: f"http://localhost:{port}" for unit, port in self.ports.items()}

    @property
    def hosts(self) -> frozenset[str]:
        """What a request's `Host` says, if it is meant for this server."""
        names = ("localhost", "127.0.0.1", "[::1]")
        return frozenset(f"{name}:{port}" for name in names for port in self.ports.values())


def listen(port: int = PORT, units: Sequence[str] = UNITS) -> Listening:
    """Listen on this port for the first of the units, and for the others on those after it; with 0, on free ones.

    Raises `InputError` for a port that there is not, or that no client would ask; `NetworkError` for one that somebody
    else has.
    """
    if isinstance(port, bool) or not isinstance(port, int) or not (port == 0 or 1 <= port <= 65536 - len(units)):
        raise InputError(f"must be 0, or a port up to {65536 - len(units)}, found {port}", field="port")
    bad = [one for one in range(port, port + len(units)) if port and one in _REFUSED]
    if bad:
        raise InputError(f"browsers and Node refuse port {bad[0]}", field="port", advice="take another one")
    found = Listening()
    try:
        for index, unit in enumerate(units):
            found.ports[unit] = _listen(found.sockets, port + index if port else 0)
    except BaseException:
        found.close()
        raise
    return found


def _listen(sockets: list[socket.socket], port: int) -> int:
    """Listen on both addresses; the port."""
    tries = 1 if port else 20
    for _ in range(tries):
        opened: list[socket.socket] = []
        try:
            opened.append(_open(socket.AF_INET, "127.0.0.1", port))
            chosen: int = opened[0].getsockname()[1]
            if chosen in _REFUSED and not port:
                raise OSError("is refused by clients")
            if _has_six():
                opened.append(_open(socket.AF_INET6, "::1", chosen))
        except OSError as error:
            for one in opened:
                one.close()
            problem = error
            continue
        sockets += opened
        return chosen
    raise NetworkError(
        f"port {port} cannot be listened on: {problem.strerror or problem}",
        advice="--port takes another one, and 0 any that are free",
    )


def _open(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
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
        one.bind((address, port))
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
