"""Where a server of ColonyOS is: the URL of its calls, and that of its subscriptions."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from ..errors import InputError

__all__ = ["Address"]

_ADVICE = "such as http://localhost:50080/api"


class Address:
    """`http(s)://HOST[:PORT]/api` for calls, `ws(s)://HOST[:PORT]/pubsub` for subscriptions.

    The path may be left out, or have more before it (a proxy's). Raises InputError if the URL is none of that kind.
    """

    def __init__(self, url: str) -> None:
        parts = _split(url)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError("is no URL of a server", field="url", advice=_ADVICE)
        if parts.query or parts.fragment:
            raise InputError("must end with the path", field="url", advice=_ADVICE)
        path = parts.path.rstrip("/")
        before = path.removesuffix("/api")
        self.secure = parts.scheme == "https"
        self.host = parts.hostname
        self.api = parts._replace(path=f"{before}/api").geturl()
        self.pubsub = parts._replace(scheme="wss" if self.secure else "ws", path=f"{before}/pubsub").geturl()
        #: Without the password that a URL may hold.
        self.shown = parts._replace(netloc=parts.netloc.rpartition("@")[2], path=f"{before}/api").geturl()

    def is_local(self) -> bool:
        """Whether it is this machine, to which no proxy leads."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises if it is no number
    except (ValueError, AttributeError, TypeError):
        return None
    return parts if isinstance(url, str) else None
