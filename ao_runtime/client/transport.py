"""Requests by httpx, for threads: what is sent again, redirects, and answers that are too long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from .exchange import Ask, Call, Reply
from .session import MOST_BYTES, Attempts, Session, advance, failure, library

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Self

__all__ = ["Transport"]

__tracebackhide__ = True

_T = TypeVar("_T")


class Transport:
    """Carries out calls. Close it, or use it as a context manager."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._made: httpx.Client | None = None

    def close(self) -> None:
        """Close all connections."""
        made, self._made = self._made, None
        if made is not None:
            made.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _run(self, call: Call[_T]) -> _T:
        ask, found = advance(call, None)
        while ask is not None:
            ask, found = advance(call, self._ask(ask))
        return found  # type: ignore[no-any-return]

    def _ask(self, ask: Ask) -> Reply:
        url = self._session.url(ask)
        attempts = Attempts(ask, self._session.retries)
        while True:
            attempts.sent += 1
            try:
                reply = self._once(ask, url)
            except (library().HTTPError, library().InvalidURL) as error:
                problem, arrived = failure(error, ask, url, self._session.timeout)
                wait = attempts.after_failure(arrived=arrived)
                if wait is None:
                    problem.uncertain = attempts.uncertain
                    raise problem from None
            else:
                wait = attempts.after_reply(reply.status)
                if wait is None:
                    reply.again = attempts.sent > 1
                    return reply
            time.sleep(wait)

    def _once(self, ask: Ask, url: str) -> Reply:
        most = MOST_BYTES if ask.most is None else ask.most
        for _ in range(5):
            headers = {"Accept": ask.accept} | ({} if ask.kind is None else {"Content-Type": ask.kind})
            request = self._http().build_request(ask.method, url, content=ask.content or None, headers=headers)
            response = self._http().send(request, stream=True)
            try:
                body = bytearray()
                for part in response.iter_bytes():
                    body += part
                    if len(body) > most:
                        raise Reply(ask.unit, url, response.status_code, b"").error("the answer is too long")
            finally:
                response.close()
            reply = Reply(ask.unit, url, response.status_code, bytes(body))
            if response.next_request is None:
                return reply
            url = str(response.next_request.url)
            if not self._session.is_known(url):
                raise reply.error(f"leads to a host that was not given: {url}")
        raise reply.error("leads round in circles")

    def _http(self) -> httpx.Client:
        if self._made is None:
            self._made = library().Client(timeout=self._session.timeout, trust_env=False, follow_redirects=False)
        return self._made
