"""Which process the messages go to: made from the options, or the one that the first message is of."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, NamedTuple

from ..errors import InputError, LoadError
from ..process import Process, Start, evaluation_of, folder_of, read_code
from ..state import Options, bundled, has_boot, is_wasm
from .documents import read_env
from .moment import moment
from .options import Asked

__all__ = ["Started", "beside", "is_kept", "load_file", "start"]


class Started(NamedTuple):
    """A process that is ready for the messages."""

    process: Process
    own: dict[str, Any] | None
    """Its own message, if that is the first of the messages that were given: still to be handled."""
    code: dict[str, Any] | None = None
    """The Eval that brings the code of -p right after that, where the own message cannot: before aos 2."""


def start(asked: Asked, first: dict[str, Any] | None) -> Started:
    """The process that is asked for. Unless `first` is its own message, it has seen one already."""
    tags = [{"name": name, "value": value} for name, value in asked.tag]
    environment = read_env(asked.env) if asked.env else dict(asked.environment or {})
    described = environment.get("Process", {})
    id_ = asked.id or described.get("Id")
    own = first if first is not None and _is_own(first, id_) else None
    process: dict[str, Any] = {"id": id_, "owner": asked.owner or "", "tags": tags, "environment": environment or None}
    if asked.dry_run and is_kept(asked):
        _not_again(asked, own)
        known = Start.of(asked.process, asked.options, **process)
        return Started(moment(str(asked.state), known.options, start=known), None)
    kept = None if asked.dry_run else asked.state
    if asked.reload and is_kept(asked) and asked.process is not None:
        # The process is what it was started with; the new code comes after it.
        beside = folder_of(asked.process)
        return Started(Process.spawn(None, **process, state=kept, **replace(asked.options, sources=beside).given), None)
    options = asked.options
    if own is None:
        return Started(Process.spawn(asked.process, **process, state=kept, **options.given), None)
    described = dict(described)
    described.setdefault("Owner", own.get("Owner") or own.get("From") or "")
    described.setdefault("Tags", own["Tags"])
    id_ = own["Id"]
    given = {"Id": id_, "Owner": asked.owner}
    described |= {name: value for name, value in given.items() if value}
    described["Tags"] = [*described.get("Tags", []), *tags]
    environment["Process"] = described
    if asked.process:
        options = replace(options, sources=folder_of(asked.process), boot_file=asked.process)
    own, code = _with_code(own, asked.process, options, described)
    if kept is None:
        return Started(Process(environment, **options.given), own, code)
    opened = Process.open(kept, environment, **options.given)
    if opened.count:
        opened.close()
        _not_again(asked, own)
    return Started(opened, own, code)


def load_file(process: Process, file: str) -> None:
    """Evaluate another file of -p in a process that has begun. Raises `LoadError` where it fails."""
    result = process.eval_file(file)
    if result.failure is not None:
        raise LoadError.of(result.failure)


def is_kept(asked: Asked) -> bool:
    """Whether the process is in the file of `--state` already."""
    return asked.state is not None and os.path.exists(asked.state)


def beside(asked: Asked, first: dict[str, Any]) -> Asked:
    """What is asked for, without what the project says where the first message says it: it is the process's own."""
    if not asked.of_project or not _is_own(first, None if "id" in asked.of_project else asked.id):
        return asked
    asked = asked.without_project("id", "owner", "tag")
    return asked.without_project("processes") if (first.get("Data") or b"").strip() else asked


def _not_again(asked: Asked, own: dict[str, Any] | None) -> None:
    if own is not None:
        raise InputError(
            f"the first message is the process's own, and {asked.state} has it already",
            advice="leave it out, or give --state another file",
            field="Id",
        )


def _is_own(first: dict[str, Any], id_: str | None) -> bool:
    """Whether a message is the process's own: it has its id, or says that it is a process where none is named."""
    if id_ is not None:
        return first.get("Id") == id_
    is_process = any(tag["name"] == "Type" and tag["value"] == "Process" for tag in first["Tags"])
    return is_process and "Id" in first and first.get("Target", first["Id"]) == first["Id"]


def _with_code(
    own: dict[str, Any], file: str | None, options: Options, described: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A process's own message with a file's code as its Data, or the Eval that brings it."""
    if file is None:
        return own, None
    data = own.get("Data") or b""
    if data.strip():  # a data item without data has a blank one
        raise InputError(
            "the first message is the process's own and has code in its Data",
            advice=f"leave out its Data, or -p {file}",
            field="Data",
        )
    code = read_code(file)
    if options.module is not None and is_wasm(options.module):
        code = bundled(code, options.sources, options.replace)
    if not has_boot(options):
        return own, evaluation_of(own["Id"], described.get("Owner") or "", described["Tags"], code)
    names = {tag["name"] for tag in own["Tags"]}
    needed = {"Type": "Process", "On-Boot": "Data"}
    more = [{"name": name, "value": value} for name, value in needed.items() if name not in names]
    return {**own, "Data": code, "Tags": [*own["Tags"], *more]}, None
