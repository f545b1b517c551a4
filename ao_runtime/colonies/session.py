"""What both clients have: where the server is, whose key signs, how long it is waited, and the settings for that."""

from __future__ import annotations

from typing import Any

from ..errors import InputError
from .address import Address
from .crypto import check_key
from .extra import library
from .failures import MAX_ANSWER, of_environment
from .methods import chosen
from .subscription import CLOSING

__all__ = ["Session"]

#: Seconds: more than any call may wait, and no more than a socket can.
_FOR_EVER = 1_000_000.0


class Session:
    """The base of `Colonies` and `AsyncColonies`."""

    def __init__(
        self, url: str = "http://localhost:50080/api", prvkey: str | None = None, timeout: float = 30.0
    ) -> None:
        self._prvkey = prvkey = chosen(prvkey, None)
        self._address = Address(url)
        if self._prvkey is not None:
            check_key(self._prvkey)
        if not isinstance(timeout, (int, float)) or not timeout > 0:
            raise InputError("must be seconds, more than 0", field="timeout")
        self._timeout = min(float(timeout), _FOR_EVER)
        self._context: Any = None

    @property
    def url(self) -> str:
        """Where calls go, without a password."""
        return self._address.shown

    @property
    def timeout(self) -> float:
        """Seconds to wait for a connection, and for an answer beyond what a call itself waits."""
        return self._timeout

    def __repr__(self) -> str:
        """Where it calls; never its key."""
        address = self.__dict__.get("_address")
        return f"{type(self).__name__}({address.shown if address else ''!r})"

    def _seconds(self, patience: float) -> float:
        return min(self._timeout + patience, _FOR_EVER)

    def _tls(self) -> Any:
        """The certificates that are trusted, the same for calls and for subscriptions."""
        if self._context is None and self._address.secure:
            try:
                self._context = library("httpx").create_ssl_context()
            except OSError as error:
                raise of_environment(error) from None
        return self._context

    def _opened(self, kind: str) -> Any:
        """A client of httpx; InputError if proxies or certificates of the environment are none."""
        httpx = library("httpx")
        try:
            return getattr(httpx, kind)(**self._http_settings(httpx))
        except (ValueError, ImportError, OSError) as error:
            raise of_environment(error) from None

    def _http_settings(self, httpx: Any) -> dict[str, Any]:
        settings: dict[str, Any] = {
            # Many threads may wait for work at once, each on a connection of its own.
            "limits": httpx.Limits(max_connections=None, max_keepalive_connections=20),
            "headers": {"Content-Type": "application/json", "Accept-Encoding": "identity"},
            "timeout": self._timeout,
            "trust_env": not self._address.is_local(),
        }
        if self._address.secure:
            settings["verify"] = self._tls()
        elif self._address.is_local():
            settings["verify"] = False  # there is no TLS on the way, and reading all certificates takes 30 ms
        return settings

    def _websocket_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "open_timeout": self._timeout,
            "close_timeout": CLOSING,
            "ping_interval": None,
            "max_size": MAX_ANSWER,
            "compression": None,
            "proxy": None if self._address.is_local() else True,
        }
        if self._address.secure:
            settings["ssl"] = self._tls()
        return settings
