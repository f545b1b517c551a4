"""What clients for threads and for asyncio have in common: where the units are, and what is sent again when."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from ..errors import HttpError, InputError
from ..models import shown
from .exchange import Ask, Call, Reply

if TYPE_CHECKING:
    from ..items import Wallet

__all__ = ["MOST_BYTES", "Attempts", "Session", "advance", "failure", "library"]

_T = TypeVar("_T")
#: Bytes of an answer.
MOST_BYTES = 100 << 20
#: Statuses at which a unit, or what stands before it, may answer better in a moment.
_LATER = {408, 425, 429, 502, 503, 504}
_UNITS = ("gateway", "mu", "cu")


@dataclass
class Session:
    """Where the units are, who signs, how long is waited for an answer, and how often a request is sent again."""

    urls: dict[str, str]
    wallet: Wallet | None
    timeout: float
    retries: int

    @classmethod
    def of(
        cls,
        url: str | None,
        units: dict[str, str | None],
        wallet: Wallet | None,
        timeout: float,
        retries: int,
    ) -> Session:
        """Raises `InputError` for what makes no sense."""
        urls = {}
        for unit in _UNITS:
            given = units[unit]
            if given is None and url is not None:
                given = url.rstrip("/") + ("" if unit == "gateway" else f"/{unit}")
            if given is not None:
                urls[unit] = _url(given, unit)
        if not urls:
            raise InputError("says nowhere to connect to", field="connect", advice='connect("http://localhost:4000")')
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not timeout > 0:
            raise InputError(f"must be a number of seconds, found {shown(timeout)}", field="timeout")
        if isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries <= 100:
            raise InputError(f"must be a number, 0 to 100, found {shown(retries)}", field="retries")
        return cls(urls, wallet, timeout, retries)

    def url(self, ask: Ask) -> str:
        """The URL of a request. Raises `InputError` where its unit was not given."""
        base = self.urls.get(ask.unit)
        if base is None:
            raise InputError("was not given", field=ask.unit, advice=f"connect({ask.unit}=…)")
        return base + ask.path + (f"?{urlencode(ask.query)}" if ask.query else "")

    def signer(self, wallet: Wallet | None) -> Wallet:
        """Who signs. Raises `InputError` where nobody does."""
        found = wallet or self.wallet
        if found is None:
            raise InputError("is needed to sign", field="wallet", advice="connect(…, wallet=Wallet.load(file))")
        return found

    def is_known(self, url: str) -> bool:
        """Whether a unit that was configured is at that host: no other one is ever asked."""
        return urlsplit(url)[:2] in {urlsplit(one)[:2] for one in self.urls.values()}


class Attempts:
    """How a request is sent, and again where that is safe: both clients follow it.

    `next` says how many seconds to wait before it is sent once more; None is enough.
    """

    def __init__(self, ask: Ask, retries: int) -> None:
        self._ask = ask
        self._left = retries
        self._wait = 0.2
        self.sent = 0
        #: Whether one of them may have been carried out, though no answer came to it.
        self.uncertain = False

    def after_reply(self, status: int) -> float | None:
        """After an answer."""
        return self._next() if self._ask.safe and status in _LATER else None

    def after_failure(self, *, arrived: bool) -> float | None:
        """After no answer; `arrived` is whether the request may have been carried out."""
        self.uncertain = self.uncertain or arrived
        return self._next() if self._ask.safe or not arrived else None

    def _next(self) -> float | None:
        if not self._left:
            return None
        self._left -= 1
        wait, self._wait = self._wait, min(self._wait * 2, 10.0)
        return wait * random.uniform(0.75, 1.25)


def advance(call: Call[_T], reply: Reply | None) -> tuple[Ask | None, Any]:
    """The next request of a call, or what it returns."""
    try:
        return (next(call) if reply is None else call.send(reply)), None
    except StopIteration as end:
        return None, end.value


def library() -> Any:
    """httpx. Raises `InputError` where it is not installed."""
    try:
        import httpx
    except ImportError:
        raise InputError("a client needs httpx, which is not installed", advice="pip install httpx") from None
    return httpx


def failure(error: Exception, ask: Ask, url: str, timeout: float) -> tuple[HttpError, bool]:
    """What httpx raised, as ours; and whether the request may have arrived."""
    httpx = library()
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        return HttpError(f"cannot be reached: {str(error) or 'no connection'}", unit=ask.unit, url=url), False
    if isinstance(error, httpx.TimeoutException):
        return HttpError(f"did not answer within {timeout:g} seconds", unit=ask.unit, url=url), True
    return HttpError(f"did not answer: {str(error) or type(error).__name__}", unit=ask.unit, url=url), True


def _url(given: Any, field: str) -> str:
    parts = urlsplit(given) if isinstance(given, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InputError(f"must be an http or https URL, found {shown(given)}", field=field)
    return str(given).rstrip("/")
