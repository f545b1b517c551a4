"""The envelope in which every call and every answer travels.

A call is JSON `{"payloadtype", "payload": base64 of JSON, "signature"}`; the signature is over the payload's base64
text. It holds no time and no number used once: whoever reads a call on its way can send it again. So use TLS beyond
your own machine. The private key is in no envelope.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from ..errors import InputError, RPCError
from .crypto import PrivateKey, gen_signature

__all__ = ["seal", "unseal"]

_SHOWN = 200


def seal(payloadtype: str, fields: Mapping[str, Any], prvkey: PrivateKey) -> str:
    """The signed call as text.

    Raises InputError if the fields are no JSON.
    """
    try:
        text = json.dumps({**fields, "msgtype": payloadtype}, allow_nan=False, separators=(",", ":"))
    except RecursionError:
        raise InputError("is nested too deeply to be sent", field=payloadtype) from None
    except (TypeError, ValueError) as error:
        raise InputError(f"cannot be sent: {error}", field=payloadtype) from None
    payload = base64.b64encode(text.encode()).decode()
    return json.dumps({"payloadtype": payloadtype, "payload": payload, "signature": gen_signature(payload, prvkey)})


def unseal(body: str | bytes, status: int | None = None) -> Any:
    """The payload of a server's answer.

    Raises RPCError if it is a refusal, or no answer of a server of ColonyOS at all; `status` is that of HTTP.
    """
    envelope = _json(body)
    payload = None
    if isinstance(envelope, dict) and isinstance(envelope.get("payload"), str):
        payload = _decoded(envelope["payload"])
    if not isinstance(envelope, dict) or payload is None:
        raise RPCError(_not_understood(body, status), status=status)
    value = _json(payload)
    if envelope.get("error") or (status is not None and status >= 400):
        raise _refusal(value, status)
    if value is _NOTHING:
        raise RPCError("the payload of the server's answer is no JSON", status=status)
    return value


class _Nothing:
    """What there is where there is no JSON: `null` is a value."""


_NOTHING = _Nothing()


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING


def _decoded(payload: str) -> bytes | None:
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        return None


def _refusal(value: Any, status: int | None) -> RPCError:
    message = value.get("message") if isinstance(value, dict) else None
    said = value.get("status") if isinstance(value, dict) else None
    if isinstance(said, int) and not isinstance(said, bool):
        status = said
    return RPCError(str(message) if message else "the server refused, and did not say why", status=status)


def _not_understood(body: str | bytes, status: int | None) -> str:
    text = (body.decode(errors="replace") if isinstance(body, bytes) else body).strip()
    answered = "the server answered" + (f" {status}" if status is not None else "")
    if not text:
        return f"{answered} without a word, as servers do where a key is not allowed to ask"
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"{answered}, but not as a server of ColonyOS does: {shown}"
