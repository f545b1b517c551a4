"""`ao-run net init`: a new network in a folder."""

from __future__ import annotations

from typing import Any

import click

from ..configured import ProjectOption
from ..options import limit_options, limits_of
from ..text import document, echo, harmless
from .opening import folder_argument, json_option

__all__ = ["init"]


@click.command("init", short_help="Make a new network in a folder.")
@folder_argument
@click.option("--wallet", "wallets", metavar="NAME", multiple=True, help="A wallet to begin with; may be repeated.")
@click.option("--seed", metavar="TEXT", help="Goes into every address and id; another one, another network.")
@click.option("--signed", is_flag=True, help="Really sign items and assignments.")
@click.option(
    "--keys",
    type=click.Choice(["ed25519", "rsa"]),
    help="With --signed: keys of scheduler and messenger. rsa takes some seconds. [ed25519]",
)
@click.option(
    "--dialect",
    cls=ProjectOption,
    key="dialect",
    metavar="NAME",
    help="Generation: 2.0.6, 2.0.3, 2.0.1, 1 or 0.2.0. [2.0.6]",
)
@click.option("--real-clock", is_flag=True, help="The machine's clock, in place of one that stands still.")
@limit_options
@json_option
def init(
    folder: str,
    wallets: tuple[str, ...],
    seed: str | None,
    signed: bool,
    keys: str | None,
    dialect: str | None,
    real_clock: bool,
    as_json: bool,
    limit_instructions: int | None,
    limit_memory: int | None,
    limit_seconds: float | None,
) -> int:
    """Make a new network in FOLDER, and show the addresses of its wallets.

    Other wallets come to be when somebody is called so. With --json: {"folder", "seed", "signed", "wallets", "now",
    "height"}, where "wallets" are addresses by name.

    \b
    ao-run net init town --wallet alice --wallet bob
    ao-run net init town --signed --real-clock --limit-seconds 5
    """
    from ...network import Network, RealClock

    if keys is not None and not signed:
        raise click.UsageError("--keys is for --signed: nobody signs else")
    limits = limits_of(limit_instructions, limit_memory, limit_seconds)
    options: dict[str, Any] = {"seed": seed, "dialect": dialect, "limits": limits, "keys": keys}
    options = {name: value for name, value in options.items() if value is not None}
    if real_clock:
        options["clock"] = RealClock()
    with Network.open(folder, create=True, signed=signed, **options) as network:
        made = {name: network.wallet(name).address for name in wallets}
        if as_json:
            clock = {"now": network.clock.now, "height": network.clock.height}
            document({"folder": folder, "seed": network.seed, "signed": signed, "wallets": made, **clock})
        else:
            echo(harmless(f"{folder}: a new network"))
            wide = max(map(len, made), default=0)
            for name, address in made.items():
                echo(harmless(f"wallet {name:{wide}}  {address}"))
    return 0
