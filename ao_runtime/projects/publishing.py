"""The project's bundle on a network: a process that is spawned with it, or one that evaluates it."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..client import connect
from ..errors import HttpError, InputError
from ..models import SourceMap, shown
from ..state import Options, has_boot
from .building import Built, build
from .configuration import Configuration, NetworkSettings
from .finding import read_file
from .writing import write_file

if TYPE_CHECKING:
    from ..client import Client
    from ..items import Wallet
    from ..models import Failure, Result

__all__ = ["PUBLISHED", "Plan", "Published", "plan_of", "publish", "published"]

__tracebackhide__ = True

#: Where the project keeps what is where.
PUBLISHED = "ao-published.json"
_ID = re.compile(r"[\w-]{43}\Z", re.ASCII)
_LONGEST = 1 << 20


@dataclass(frozen=True)
class Plan:
    """What publishing would do."""

    network: NetworkSettings
    process: str | None
    """The process that is to evaluate the bundle; None where one is spawned with it."""
    built: Built
    output: Path
    tags: tuple[tuple[str, str], ...]
    boots: bool
    """Whether the network's module evaluates a process's own Data; else an Eval brings it."""
    is_there: bool
    """Whether these very bytes are what that process has evaluated last, as far as the project knows."""
    folder: Path

    @property
    def places(self) -> dict[str, str]:
        """Where the network is."""
        names = ("url", "mu", "cu", "gateway")
        return {name: value for name in names if (value := getattr(self.network, name)) is not None}


@dataclass(frozen=True)
class Published:
    """What came of it."""

    process: str
    message: str
    """The id of the Eval, or of the process where that was spawned with the bundle."""
    result: Result
    failure: Failure | None
    """Why it failed, with the file and line that were written."""


def published(folder: Path) -> dict[str, dict[str, str]]:
    """What the project knows to be on networks: by their names `process`, `sha256`, `message`.

    Raises `InputError` where the file of it is damaged.
    """
    path = folder / PUBLISHED
    if not path.exists():
        return {}
    try:
        known = json.loads(read_file(path, _LONGEST))
    except (ValueError, RecursionError):
        raise InputError("is no JSON", file=str(path)) from None
    if not isinstance(known, dict) or not all(_is_record(one) for one in known.values()):
        raise InputError("is not what ao-run publish has written", file=str(path))
    return known


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) and _ID.match(value[name]) for name in ("process", "message")
    )


def plan_of(found: Configuration, network: NetworkSettings, *, process: str | None = None, new: bool = False) -> Plan:
    """What publishing a project would do: nothing is asked, and nothing sent.

    network
        Where to.
    process
        The process that evaluates the bundle; if it is not given, the one that the project has published there.
    new
        Spawn another one in any case.

    Raises `InputError` where that makes no sense, and as `build` does.
    """
    if process is not None and not _ID.match(process):
        raise InputError(f"{shown(process)} is no id", field="process", advice="43 letters")
    if process is not None and new:
        raise InputError("a new process has no id yet", field="process", advice="leave out one of both")
    known = published(found.folder).get(network.name, {})
    there = process or (None if new else known.get("process"))
    made = build(found)
    module = found.module
    boots = has_boot(Options(dialect=found.dialect, module=module))
    same = there is not None and known.get("process") == there and known.get("sha256") == made.digest
    return Plan(network, there, made, found.output, tuple(found.tags), boots, same, found.folder)


def publish(asked: Plan, wallet: Wallet, *, seconds: float = 60.0) -> Published:
    """Do it, and look at the result; the id is kept in the project's `ao-published.json`.

    `seconds` is how long a compute unit may take to know of what was sent.

    Raises `HttpError` for what a unit refuses and where none answers, `InputError` where the project cannot be written.
    """
    asked.built.write(asked.output)
    network = asked.network
    with connect(network.url, mu=network.mu, cu=network.cu, gateway=network.gateway, wallet=wallet) as client:
        process = asked.process
        message = ""
        if process is not None:
            _check_owner(client, process, wallet)
        else:
            tags = [{"name": name, "value": value} for name, value in asked.tags]
            data = asked.built.code if asked.boots else None
            if asked.boots:
                tags.append({"name": "On-Boot", "value": "Data"})
            process = client.spawn(
                data,
                module=network.module,
                scheduler=network.scheduler,
                authority=network.authority,
                tags=tags,
            )
            message = process
            # Before anything else can go wrong: it is there, and has cost something.
            _keep(asked.folder, network.name, process, message, None)
        if not message or not asked.boots:
            # The same bundle may come again, and be another message.
            anchor = secrets.token_hex(16)
            message = client.message(process, Action="Eval", Data=asked.built.code, Anchor=anchor)
        result: Result = _result(client, process, message, seconds)
    failure = None
    if result.error is not None:
        document = json.loads(asked.built.map_for(asked.output))
        failure = SourceMap.of(document, asked.output.parent).failure_in(result.error)
    if failure is None:
        _keep(asked.folder, network.name, process, message, asked.built.digest)
    return Published(process, message, result, failure)


def _result(client: Client, process: str, message: str, seconds: float) -> Result:
    """The result of a message, which a compute unit may not know of for a moment."""
    end = time.monotonic() + seconds
    wait = 0.5
    while True:
        try:
            found: Result = client.result(process, message)
            return found
        except HttpError as error:
            if error.status != 404 or time.monotonic() + wait > end:
                raise
        time.sleep(wait)
        wait = min(wait * 2, 5.0)


def _check_owner(client: Client, process: str, wallet: Wallet) -> None:
    """Raises `InputError` where a process does not evaluate what a wallet sends: others' Evals are mere messages."""
    word = f"ao-run {secrets.token_hex(8)}"
    answer = client.dryrun(process, Action="Eval", Data=f'return "{word}"')
    if word not in json.dumps(answer.to_dict().get("Output")) or answer.error is not None:
        raise InputError(
            f"is not {wallet.ao_address}'s: it does not evaluate what that wallet sends", field=f"process {process}"
        )


def _keep(folder: Path, network: str, process: str, message: str, digest: str | None) -> None:
    known = published(folder)
    record = {"process": process, "message": message}
    if digest is not None:
        record["sha256"] = digest
    path = folder / PUBLISHED
    text = json.dumps({**known, network: record}, indent=2, sort_keys=True) + "\n"
    write_file(path, text.encode(), advice=f"the process is {process}: note it down")
