"""What several functions read of a job: published modules, and messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...errors import InputError, JournalError
from ...models import from_json, read_message, to_json
from ...store import Store
from ..data import Reference, read_reference
from ..fields import Fields
from ..job import Job

__all__ = ["digest_of_messages", "module_of", "opened", "read_messages"]

#: Messages of one job.
_MOST = 1_000_000


@contextmanager
def opened(job: Job, reference: Reference) -> Iterator[Store]:
    """A journal for reading. Raises `InputError` where it is none, or is damaged, also in the middle."""
    path = job.data.file(reference)
    try:
        with Store.open(path, write=False, create=False) as store:
            if store.genesis is None:
                raise InputError("has not begun: no process is in it", field=reference.field)
            yield store
    except JournalError as error:
        raise InputError(f"{reference.ref}: {error.problem}", advice=error.advice, field=reference.field) from None


def module_of(job: Job, fields: Fields, genesis: Mapping[str, Any] | None) -> Path | None:
    """The published module of a job: the one that it names, or the one that its process was started with.

    What a stranger's journal or snapshot names is read only where the job could have named it. Raises `InputError`.
    """
    if "module" in fields:
        path = job.data.file(fields.reference("module"))
        if path.suffix != ".wasm" or not path.is_file():
            raise InputError("must be a published module, a file that ends in .wasm", field="module")
        return path
    if genesis is None or genesis.get("engine") != "wasm":
        return None
    told = genesis.get("wasm")
    if not isinstance(told, Mapping) or not isinstance(told.get("path"), str):
        raise InputError("is damaged: it names no module", field="module")
    return job.data.file(Reference(told["path"], None, "module"))


def read_messages(job: Job, fields: Fields) -> list[dict[str, Any]]:
    """The messages of a job, at least one, in the network's form. Raises `InputError` for what is none."""
    given = fields.value("messages")
    if isinstance(given, Mapping):
        lines = job.data.read(read_reference(given, "messages")).splitlines()
        if given.get("count") not in (None, len(lines)):
            raise InputError(f"holds {len(lines)} messages, not {given['count']}", field="messages")
        given = lines
    if not isinstance(given, list) or not given:
        raise InputError("must be a list of messages", field="messages", advice="at least one")
    if len(given) > _MOST:
        raise InputError(f"are {len(given)}, more than {_MOST}", field="messages", advice="cut it into several jobs")
    return [_message(value, f"messages[{number}]") for number, value in enumerate(given)]


def _message(value: Any, field: str) -> dict[str, Any]:
    try:
        if isinstance(value, (str, bytes)):
            value = from_json(value)
        if not isinstance(value, dict):
            raise InputError("is no message", advice='{"From": "bob", "Action": "Ping"}')
        wire: dict[str, Any] = read_message(value)
    except InputError as error:
        raise error.within(field) from None
    return wire


def digest_of_messages(messages: list[dict[str, Any]]) -> str:
    """The SHA-256 by which a job is known again: of what it brings."""
    digest = sha256()
    for message in messages:
        digest.update(to_json(message).encode() + b"\n")
    return digest.hexdigest()
