"""Which process the messages go to: made from the options, or the one that the first message is of."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import InputError
from ..process import Process
from ..spawning import Start
from .documents import read_env
from .moment import moment
from .options import Options

__all__ = ["Started", "is_kept", "start"]


class Started(NamedTuple):
    """A process that is ready for the messages."""

    process: Process
    own: dict[str, Any] | None
    """Its own message, if that is the first of the messages that were given: still to be handled."""


def start(options: Options, first: dict[str, Any] | None) -> Started:
    """The process that the options ask for. Unless `first` is its own message, it has seen one already."""
    tags = [{"name": name, "value": value} for name, value in options.tag]
    environment = read_env(options.env) if options.env else {}
    described = environment.get("Process", {})
    id_ = options.id or described.get("Id")
    own = first if first is not None and _is_own(first, id_) else None
    if options.dry_run and is_kept(options):
        _not_again(options, own)
        asked = Start.of(
            options.process,
            code=None,
            owner=options.owner or "",
            id=id_,
            tags=tags,
            environment=environment or None,
            modules=None,
        )
        known: dict[str, Any] = {"limits": options.given_limits, "module": options.module, "dialect": options.dialect}
        return Started(moment(str(options.state), start=asked, **known), None)
    kept = None if options.dry_run else options.state
    common: dict[str, Any] = {"limits": options.given_limits}
    common |= {"dialect": options.dialect, "module": options.module}
    if own is None:
        spawned = Process.spawn(
            options.process,
            id=id_,
            owner=options.owner or "",
            tags=tags,
            environment=environment or None,
            state=kept,
            **common,
        )
        return Started(spawned, None)
    described = dict(described)
    described.setdefault("Owner", own.get("Owner") or own.get("From") or "")
    described.setdefault("Tags", own["Tags"])
    id_ = own["Id"]
    given = {"Id": id_, "Owner": options.owner}
    described |= {name: value for name, value in given.items() if value}
    described["Tags"] = [*described.get("Tags", []), *tags]
    environment["Process"] = described
    if options.process:
        common["modules"] = Path(options.process).resolve().parent
        common["boot_file"] = options.process
    own = _with_code(own, options.process)
    if kept is not None:
        process = Process.open(kept, environment, **common)
        if process.count:
            process.close()
            _not_again(options, own)
        return Started(process, own)
    return Started(Process(environment, **{**common, "dialect": options.dialect or "2.0.6"}), own)


def is_kept(options: Options) -> bool:
    """Whether the process is in the file of `--state` already."""
    return options.state is not None and os.path.exists(options.state)


def _not_again(options: Options, own: dict[str, Any] | None) -> None:
    if own is not None:
        raise InputError(
            f"the first message is the process's own, and {options.state} has it already",
            advice="leave it out, or give --state another file",
            field="Id",
        )


def _is_own(first: dict[str, Any], id_: str | None) -> bool:
    """Whether a message is the process's own: it has its id, or says that it is a process where none is named."""
    if id_ is not None:
        return first.get("Id") == id_
    is_process = any(tag["name"] == "Type" and tag["value"] == "Process" for tag in first["Tags"])
    return is_process and "Id" in first and first.get("Target", first["Id"]) == first["Id"]


def _with_code(own: dict[str, Any], file: str | None) -> dict[str, Any]:
    """A process's own message with a file's code as its Data."""
    if file is None:
        return own
    if own.get("Data"):
        raise InputError(
            "the first message is the process's own and has code in its Data",
            advice=f"leave out its Data, or -p {file}",
            field="Data",
        )
    try:
        code = Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=file) from None
    names = {tag["name"] for tag in own["Tags"]}
    needed = {"Type": "Process", "On-Boot": "Data"}
    more = [{"name": name, "value": value} for name, value in needed.items() if name not in names]
    return {**own, "Data": code, "Tags": [*own["Tags"], *more]}
