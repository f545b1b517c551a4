"""`ao-run publish`: the project's process onto a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError, ProcessError
from . import show
from .configured import ProjectOption, configuration
from .text import document, echo, emphasis, harmless, plain, style

if TYPE_CHECKING:
    from ..projects import NetworkSettings, Plan, Published

__all__ = ["publish"]


@click.command("publish", short_help="Put the project's process onto a network.")
@click.option("--network", cls=ProjectOption, key="network", metavar="NAME", help="Which of the project's. [local]")
@click.option("--url", metavar="URL", help="A network that serves all under one address, as ao-run serve does.")
@click.option("-w", "--wallet", metavar="FILE", help="The wallet that signs. [the network's]")
@click.option("--process", metavar="ID", help="Evaluate the bundle in this one. [the one published there]")
@click.option("--new", is_flag=True, help="Spawn another process, though there is one.")
@click.option("--force", is_flag=True, help="Evaluate it once more, though the same is there.")
@click.option("-y", "--yes", is_flag=True, help="Do it. Without it, it is said what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else.")
def publish(
    network: str | None,
    url: str | None,
    wallet: str | None,
    process: str | None,
    new: bool,
    force: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Bundle the project, and put it onto a network: spawn a process with it, or evaluate it in the one that is there.

    Says what it would do, and does it with --yes: what is sent is signed by the wallet, whose address owns the process,
    and stays on the network. The result is looked at; errors name the files that were written, and the exit code is 1
    then. The process's id is kept in the project, in ao-published.json. With --json: {"network", "action", "process",
    "message", "done", "error", "failure", "sha256", "size", "tags", "owner"}.

    \b
    ao-run publish
    ao-run publish --yes
    ao-run publish --url http://localhost:4000 --wallet wallet.json --new --yes
    """
    from ..projects import plan_of
    from ..projects import publish as put
    from .wallet import open_wallet

    found = configuration()
    settings = _settings(network, url, wallet)
    asked = plan_of(found, settings, process=process, new=new)
    if settings.wallet is None:
        raise InputError(
            "nobody signs", field="wallet", advice="--wallet FILE, or wallet = FILE in the network's table"
        )
    who = open_wallet(str(settings.wallet))
    told: dict[str, Any] = {
        "network": settings.name,
        **asked.places,
        "action": "spawn" if asked.process is None else "eval",
        "process": asked.process,
        "message": None,
        "done": False,
        "error": None,
        "failure": None,
        "sha256": asked.built.digest,
        "size": len(asked.built.code),
        "tags": [{"name": name, "value": value} for name, value in asked.tags],
        "owner": who.ao_address,
    }
    if not as_json:
        for warning in asked.built.warnings:
            show.warn(warning)
        _say(asked, who.ao_address)
    idle = asked.is_there and not force
    if idle and not as_json:
        echo("the same is there already (--force evaluates it once more)")
    if idle or not yes:
        if as_json:
            document(told)
        elif not idle:
            echo("nothing is done: --yes does it")
        return 0
    done = put(asked, who)
    code = 0 if done.failure is None else ProcessError.exit_code
    if as_json:
        failure = None if done.failure is None else done.failure.to_dict()
        more = {"process": done.process, "message": done.message, "error": done.result.error}
        document({**told, **more, "done": failure is None, "failure": failure})
    else:
        _show(done)
    return code


def _settings(network: str | None, url: str | None, wallet: str | None) -> NetworkSettings:
    from dataclasses import replace
    from pathlib import Path

    settings = configuration().network(network)
    if url is not None:
        settings = replace(settings, url=url, mu=None, cu=None, gateway=None)
    return settings if wallet is None else replace(settings, wallet=Path(wallet))


def _say(asked: Plan, owner: str) -> None:
    """What would be done."""
    places = ", ".join(f"{name} {value}" if name != "url" else value for name, value in asked.places.items())
    many = "module" if len(asked.built.names) == 1 else "modules"
    size = f"{len(asked.built.code)} bytes, {len(asked.built.names)} {many}, sha256 {asked.built.digest[:12]}…"
    what = "spawn a process" if asked.process is None else f"evaluate it in {asked.process}"
    rows = [("network", f"{asked.network.name} ({places})"), ("bundle", size), ("action", what), ("signed by", owner)]
    if asked.process is None:
        rows += [("tag", f"{name} = {value}") for name, value in asked.tags]
    for name, text in rows:
        echo(f"{style(f'{name:9}', dim=True)}  {harmless(text)}")


def _show(done: Published) -> None:
    from ..models import explain

    echo(f"process    {done.process}")
    if done.message != done.process:
        echo(f"message    {done.message}")
    if done.failure is not None:
        show.complain(plain(done.failure.message))
        for line in explain(done.failure, None, emphasis):
            echo(line, err=True)
    else:
        text = done.result.text
        if text:
            echo(harmless(text))
        echo(style("done", fg="green"))
