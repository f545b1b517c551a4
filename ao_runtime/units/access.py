"""`Access`: who may have changed what nobody has signed for, where other machines reach the server."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field

from starlette.requests import Request

from ..errors import InputError
from .answers import Refusal

__all__ = ["Access", "read_token"]

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,512}\Z")


@dataclass(frozen=True)
class Access:
    """Whether other machines reach the server, and the token that lets them do more than send what is signed."""

    is_exposed: bool = False
    #: It stands in no log, and in no `repr`.
    token: str | None = field(default=None, repr=False)

    def check(self, request: Request, *, unless_local: bool = False) -> None:
        """Let through only who has the token, where there is one.

        `unless_local` is for what anybody on this machine may do, as long as nobody else reaches it. Raises a
        `Refusal`: 403 where other machines reach the server and there is no token, 401 for a wrong one and for none.
        """
        if unless_local and not self.is_exposed:
            return
        if self.token is None:
            if self.is_exposed:
                raise Refusal(403, "off, as other machines reach this server: it needs a token (ao-run serve --token)")
            return
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        # Always compared, and in constant time: how long it takes says nothing of the token.
        same = hmac.compare_digest(given.strip().encode("latin-1", "replace"), self.token.encode())
        if kind.lower() != "bearer" or not same:
            raise Refusal(401, "needs the token of this server: Authorization: Bearer TOKEN")


def read_token(text: str | None) -> str | None:
    """A token. Raises `InputError` for one that is too short or cannot stand in a header, without showing it."""
    if text is not None and not _TOKEN.match(text):
        raise InputError(
            "must be 16 to 512 letters, digits and ._~+/=-",
            field="token",
            advice="python3 -c 'import secrets; print(secrets.token_urlsafe())' makes one",
        )
    return text
