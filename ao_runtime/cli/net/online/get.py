"""`ao-run net get --url URL`: a value of a process's state on a running network."""

from __future__ import annotations

import json
import re

import click

from ....errors import InputError, ProcessError
from ...text import document
from ..opening import json_option, process_argument
from .asking import asked_options, connected, find

__all__ = ["get", "lua_of"]

_STEP = re.compile(
    r"""(?:^|\.)(?P<bare>[^.\[\]"'\s]+)|\.?\[\s*(?:(?P<number>-?\d{1,15})|(?P<quote>["'])(?P<quoted>.*?)(?P=quote))\s*\]""",
    re.DOTALL,
)


@click.command("get", short_help="Show a value of a process's state on a running network.")
@process_argument
@click.argument("path", metavar="PATH")
@asked_options
@json_option
def get(process: str, path: str, url: str, mu: str | None, cu: str | None, as_json: bool) -> int:
    """Show the value at PATH in PROCESS (an id, or its tag Name) as JSON.

    The compute unit is asked by a dry run of an Eval as the process's owner: nothing of it stays, and no key is needed.

    \b
    ao-run net get --url http://localhost:4000 Points Balances
    """
    from ....models import to_json

    code = lua_of(path)
    with connected(url, mu, cu) as client:
        found = find(client, process)
        result = client.dryrun(found["id"], Owner=found["owner"], From=found["owner"], Action="Eval", Data=code)
    if not result.ok:
        raise ProcessError(f"{path} cannot be read: {result.error}")
    try:
        value = json.loads(result.text)
    except ValueError:
        raise InputError(
            "the process answered no JSON: its handlers, or a module that is not aos, take Eval themselves",
            field="PATH",
        ) from None
    if as_json:
        document(value)
    else:
        click.echo(to_json(value, indent=2).encode())
    return 0


def lua_of(path: str) -> str:
    """Lua that gives the value at a path as JSON; null where there is none. Raises `InputError` for what is no path."""
    steps: list[str] = []
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None or (step.end() == at):
            raise InputError(f"is no path: {path!r}", field="PATH", advice="such as Balances.alice or Inbox[1].Data")
        if step["number"] is not None:
            steps.append(step["number"])
        else:
            steps.append(_quoted(step["bare"] if step["bare"] is not None else step["quoted"]))
        at = step.end()
    if not steps:
        raise InputError("is empty", field="PATH", advice="such as Balances.alice")
    return (
        "local value = _G "
        f"for _, key in ipairs({{ {', '.join(steps)} }}) do "
        'if type(value) ~= "table" then value = nil break end value = value[key] end '
        'return require("json").encode(value)'
    )


def _quoted(text: str) -> str:
    """A string of Lua in which nothing has a meaning."""
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode("utf-8", "surrogateescape")) + '"'
